"""Every proof and every reason has its words in the templates, and no words are left over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, nodes

from each import each
from rendering import studies_of, trace_of, walkthrough
from tracer.check.proof import NOWHERE, Proof, absent
from tracer.check.proofs import PROOFS, prove
from tracer.check.spot import Spot
from tracer.cli.wording import worded, words
from tracer.reread.reason import because
from tracer.writing.site import render_pages
from tracer.writing.templating import environment

ROOT = Path(__file__).resolve().parents[2]
#: An experiment whose pages are soon proved.
SMALL = "l2 a batch"


def calls() -> Iterator[tuple[str, frozenset[str]]]:
    """(key, names of its values) of every reason that a proof can give."""
    folders = (ROOT / "tracer" / room for room in ("check", "reread"))
    for path in sorted(path for folder in folders for path in folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "because":
                (key,) = node.args
                assert isinstance(key, ast.Constant), f"{path.name}:{node.lineno}: no plain key"
                yield str(key.value), frozenset(str(keyword.arg) for keyword in node.keywords)


def macros() -> Iterator[tuple[str, frozenset[str]]]:
    """(name, arguments) of every macro of words."""
    source = (ROOT / "templates" / "words" / "reasons.j2").read_text(encoding="utf-8")
    reader = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for macro in reader.parse(source).find_all(nodes.Macro):
        yield macro.name, frozenset(argument.name for argument in macro.args)


def test_every_reason_has_words_for_its_values_and_none_is_left_over() -> None:
    assert len(dict(macros())) == len(list(macros()))
    assert set(calls()) == set(macros())


@each(("key", "values"), sorted(macros()))
def test_a_reason_names_its_values_and_is_a_part_of_a_sentence(
    key: str, values: frozenset[str]
) -> None:
    said = getattr(words("reasons"), key)(**dict.fromkeys(values, "<7>"))
    assert said.count("<7>") >= len(values)
    assert said == said.strip() != ""
    assert "\n" not in said
    assert not said.endswith(".")


@pytest.fixture(scope="module")
def found() -> tuple[Proof, ...]:
    return prove(trace_of(SMALL), walkthrough(SMALL))


def test_every_proof_has_a_key_of_its_own_and_its_words(found: tuple[Proof, ...]) -> None:
    wording = words("proofs")
    assert {proof.key for proof in found} == set(wording.proofs)
    assert len(found) == len(wording.proofs) == len(PROOFS)
    assert {proof.unit for proof in found} == set(wording.units)
    assert all(proof.verdict in wording.verdicts for proof in found)
    for about in wording.proofs.values():
        assert set(about) == {"name", "question", "against", "how"}
        assert about["question"].endswith("?")
        assert about["how"].endswith(".")


@pytest.mark.parametrize("count", [0, 1, 2])
def test_one_is_told_from_many(count: int) -> None:
    proof = Proof("printed_lines", count, count, NOWHERE, 0, unit="wrong_lines")
    assert words("proofs").compared(proof) == f"{count} line{'s' * (count != 1)}"
    assert words("proofs").largest(proof, count) == f"{count} wrong line{'s' * (count != 1)}"


def test_a_key_without_words_is_an_error() -> None:
    proof = absent("forward_pass", 0, because("no_such_reason"))
    with pytest.raises(UndefinedError, match="no_such_reason"):
        words("proofs").why(proof)
    with pytest.raises(UndefinedError, match="no_such_proof"):
        worded("check", rows=[(absent("no_such_proof", 0, because("no_links")), "0", "0")])


def test_text_of_a_page_in_a_reason_stays_text() -> None:
    reason = because("formula_without_numbers", formula="[b]<i>")
    proof = Proof(
        "printed_lines", 3, 1, Spot.on_page("epoch-1/row-1", "z"), 0, "wrong_lines", (reason,)
    )
    assert "[b]<i>" in worded("check", rows=[(proof, "1", "0")])
    html = vars(environment().get_template("words/proofs.j2").module)["why"](proof)
    assert str(html).endswith("[b]&lt;i&gt;")


def test_where_a_proof_points_to_a_page_there_is_the_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = []
    monkeypatch.setattr("tracer.check.proof.Tally.add", lambda _, where, *__: places.append(where))
    for name in ("batch of 4 of 10, l2", "l2, one sample", "adam, uncorrected"):
        prove(trace_of(name), walkthrough(name))
        pages = walkthrough(name)
        for spot in places:
            page = pages.get(f"{spot.page}/index.md")
            assert page is None or f'id="{spot.anchor}"' in page, (name, str(spot))
        assert {spot.page for spot in places} & {path.removesuffix("/index.md") for path in pages}
        places.clear()


def test_the_page_of_checks_says_what_was_found() -> None:
    wrong = because("no_rounding", result="0.39", value="0.4")
    proofs = (
        Proof("forward_pass", 2, 0.5, Spot.on_page("epoch-1/row-1", "z-1-1"), 1e-9),
        Proof("sklearn", 1, 0.0, NOWHERE, 1e-9),
        Proof(
            "printed_lines",
            9,
            1,
            Spot.on_page("epoch-1/row-1", "z-1-1"),
            0,
            "wrong_lines",
            (wrong,),
        ),
        absent("torch", 1e-9, because("not_installed", library="PyTorch")),
    )
    pages = render_pages(trace_of(SMALL), studies_of(SMALL), math="latex", prove=lambda *_: proofs)
    page = unescape(pages["checks/index.md"]).replace("\\", "")
    link = "[epoch 1, row 1, z₁ of layer 1](../epoch-1/row-1/index.md#z-1-1)"
    assert f"The largest difference was 0.5, at {link}. That is too much" in page
    assert "It compared 1 number. The largest difference was 0. No more" in page
    assert f"It found 1 wrong line. The first is at {link}: 0.39 is no rounding of 0.4." in page
    assert "PyTorch" not in page
