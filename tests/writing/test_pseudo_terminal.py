"""What stands on no page is in the catalog, too: the terminal, the notebook, the checks, errors.

All is said in the language of `messages.Pseudo`, in which no English letter is left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from house import MARKUP, PROSE, modules, part_of
from messages import Pseudo, english, extracted
from rendering import DEFAULT, studies_of, trace_of
from sites import ROOT
from test_pseudo_language import EXPERIMENTS, NAMES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.check.proof import Proof, absent, skipped
from tracer.check.spot import Spot
from tracer.cli.wording import worded
from tracer.errors import TracerError
from tracer.experiment import Experiment
from tracer.experiment.save import toml_text
from tracer.files.manifest import MANIFEST, read_manifest, unsafe
from tracer.messages import gettext, ngettext, speaking, spoken
from tracer.pages import kinds
from tracer.refs import Ref
from tracer.reread.reason import because
from tracer.teaching import MEASURES
from tracer.teaching.measures import Finding, Lost
from tracer.teaching.readings import Reading
from tracer.training import run
from tracer.writing.language import Language, language_of, read_catalog
from tracer.writing.notebook import to_html
from tracer.writing.project import find_project
from tracer.writing.site import build_pages, page_renderer
from tracer.writing.starting import start_project

#: Keys of an experiment file, names of its choices, options and commands: no language has its own.
KEYS = frozenset(
    [
        *("relu", "sigmoid", "tanh", "softmax", "elu", "identity", "sgd", "adam", "momentum"),
        *("binary_cross_entropy", "cross_entropy", "half_squared_error", "step", "given"),
        *("corrected", "gradient", "every", "factor", "nan", "inf", "lint", "title"),
        *(name for row in OPTIMIZERS.values() for name in (*row.variables, *row.options)),
        *(measure.name for measure in MEASURES),
    ]
)
#: What an error passes on: what others said, and names that are not ours.
OF_OTHERS = re.compile(r"\([^)]*\)|\[Errno.*|locale/\S+|: '.*|\"xx\"")
ROOMS = ("writing", "pages", "files", "typeset", "explain", "pictures", "html", "serving")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which we are."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(text: str) -> list[str]:
    """The English words of a text but for keys and names."""
    return english(text, NAMES | KEYS)


@pytest.fixture
def pseudo() -> Iterator[Pseudo]:
    """Everybody speaks the made language, and says nothing but what stands in the catalog."""
    made = Pseudo()
    language = Language("xx", made)
    homes = ("language", "site", "notebook")
    patches = [patch(f"tracer.writing.{home}.language_of", lambda _: language) for home in homes]
    for one in patches:
        one.start()
    with speaking(made):
        yield made
    for one in patches:
        one.stop()
    assert made.asked <= extracted().keys()


def _findings() -> Iterator[tuple[Finding, str, str, str]]:
    for measure in MEASURES:
        for scheme in ("uniform", "given", "zeros"):
            places: list[dict[str, Any]] = [
                {"units": ((1, 2), (2, 1))},
                {"epochs": (3, 4)},
                {"lost": Lost("z", 1, 2)},
                {},
            ]
            for place in places:
                for layer in (0, 1):
                    one = Reading(0.5, layer=layer)
                    yield Finding(measure, (one,), scheme=scheme, **place), "0.5", "0.4", "0.1"
        yield Finding(measure, (Reading(0.5),)), "0.5", "", "0.1"


def test_lint_has_no_english_word(pseudo: Pseudo) -> None:
    found = list(_findings())
    text = worded("lint", name="ж", measures=len(MEASURES), findings=found)
    assert left(text) == []
    assert left(worded("lint", name="ж", measures=len(MEASURES), findings=[])) == []
    assert len(text.splitlines()) > 5 * len(found)
    assert len(pseudo.asked) > 3 * len(MEASURES)


@pytest.mark.parametrize("command", ["lint", "trace", "check", "seeds"])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_table_of_the_terminal_has_no_english_word(
    pseudo: Pseudo, name: str, command: str, folder: Path, call_main: Any
) -> None:
    # A table counts pages: it says the same of a few.
    pages = {**EXPERIMENTS[name].get("pages", {}), "epochs": [1], "rows": [1], "explore": []}
    told = toml_text({**EXPERIMENTS[name], "pages": pages})
    (folder / "ж.toml").write_text(told, encoding="utf-8")
    more = ["--count", "4"] if command == "seeds" else []
    status, out, err = call_main(command, "ж.toml", *more)
    assert status in (0, 1), err
    assert pseudo.asked
    assert left(out + err) == []


def test_the_headings_of_the_list_of_examples_are_messages(
    pseudo: Pseudo, monkeypatch: Any, call_main: Any
) -> None:
    monkeypatch.setattr("tracer.examples.examples", list)
    status, out, _ = call_main("examples")
    assert (status, left(out)) == (0, [])
    assert pseudo.gettext("name") in out


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_table_of_a_notebook_has_no_english_word(pseudo: Pseudo, name: str) -> None:
    text = to_html(run(Experiment.from_mapping(EXPERIMENTS[name])))
    assert left(text) == []
    assert pseudo.gettext("go on with") in text


def _proofs() -> tuple[Proof, ...]:
    wrong = because("no_rounding", result="0.39", value="0.4")
    over = [because("passed_over", count=count) for count in (1, 3)]
    line, nowhere = Spot.on_page("epoch-1/row-1", "z-1-1"), Spot()
    after = Spot.after_epoch(5, Ref("W", 1, (1, 1)))
    return (
        Proof("forward_pass", 2, 0.5, line, 1e-9),
        Proof("sklearn", 1, 0.0, nowhere, 1e-9),
        Proof("updates", 12, 1e-12, after, 1e-9, reasons=tuple(over)),
        Proof("printed_lines", 9, 1, line, 0, "wrong_lines", (wrong,)),
        Proof("linked_numbers", 9, 2, line, 0, "wrong_links", (wrong, wrong)),
        Proof("printed_lines", 9, 0, nowhere, 0, "wrong_lines"),
        skipped("finite_differences", 1e-3, because("left_out", count=2)),
        absent("one_expression", 1e-3, because("followed", epochs=1, ran=1)),
    )


def test_the_page_of_checks_has_no_english_word(pseudo: Pseudo) -> None:
    trace = trace_of(DEFAULT)
    render = page_renderer(trace.experiment)
    built = build_pages(trace, studies_of(DEFAULT))
    (page,) = (page for kind, page in built if kind.proves)
    text = render(replace(page, context={**page.context, "proofs": _proofs()}))
    said, _, _ = text.partition('<p class="tr-next">')
    assert left(said) == []
    assert any(kind.proves for kind in kinds())


def _damaged_manifest() -> None:
    Path(MANIFEST).write_text("ж", encoding="utf-8")
    read_manifest(Path())


def _project(text: str) -> None:
    Path("mkdocs.yml").write_text(text, encoding="utf-8")
    find_project(Path())


def _missing_language() -> None:
    experiment = Experiment.from_mapping({**EXPERIMENTS["binary"], "pages": {"language": "xx"}})
    language_of(experiment)


def _started_twice() -> None:
    Path("mkdocs.yml").write_text("", encoding="utf-8")
    start_project(Path())


ERRORS = {
    "a damaged manifest": _damaged_manifest,
    "a project of a list": lambda: _project("- ж"),
    "a project without a folder": lambda: _project("docs_dir: 3"),
    "no catalog": _missing_language,
    "no readable catalog": lambda: read_catalog(Path("ж.po"), "xx"),
    "a project that is there": _started_twice,
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_says_what_is_wrong_in_the_language(name: str, folder: Path) -> None:
    assert not list(folder.iterdir())
    made = Pseudo()
    with speaking(made), pytest.raises(TracerError) as caught:
        ERRORS[name]()
    assert made.asked
    assert made.asked <= extracted().keys()
    for problem in caught.value.problems:
        assert not english(OF_OTHERS.sub("", problem.message))
        assert not english(re.sub(r"\S*[./]\S*|\"en\"", "", problem.hint or ""))


def test_a_path_that_is_refused_is_refused_in_the_language() -> None:
    with speaking(Pseudo()):
        assert [english(str(unsafe(path))) for path in ("/", "..", "\0", MANIFEST)] == [[]] * 4


def _welded(tree: ast.AST) -> Iterator[str]:
    """The prose that errors are made of without asking the catalog."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        if call.func.id in ("Problem", "RenderError", "BuildError"):
            asked = {
                inner
                for node in ast.walk(call)
                if isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in ("gettext", "ngettext")
                for inner in ast.walk(node)
            }
            for node in set(ast.walk(call)) - asked:
                said = node.value if isinstance(node, ast.Constant) else None
                if isinstance(said, str) and PROSE.search(MARKUP.sub("", said)):
                    yield f"{call.lineno}: {said}"


@pytest.mark.parametrize("room", ROOMS)
def test_the_errors_of_the_rendering_side_are_messages(room: str) -> None:
    found = {name: modules(ROOT)[name] for name in modules(ROOT) if part_of(name) == room}
    assert found
    assert {name: said for name, tree in found.items() if (said := list(_welded(tree)))} == {}


def test_an_error_that_is_welded_would_be_found() -> None:
    assert list(_welded(ast.parse('raise RenderError(Problem("is not there", file=path))')))
    assert not list(_welded(ast.parse('raise RenderError(Problem(gettext("is not there")))')))


def test_a_language_is_spoken_for_a_while() -> None:
    before = spoken()
    with speaking(Pseudo()):
        assert gettext("%(name)s is here", name="Ж") == "Ж ис хере"
        assert ngettext("%(num)s row", "%(num)s rows", 1) == "1 рош"
        assert ngettext("%(num)s row", "%(num)s rows", 2) == "2 рошс"
    assert spoken() is before
    assert gettext("%(name)s is here", name="x") == "x is here"
    assert ngettext("%(num)s row", "%(num)s rows", 2) == "2 rows"
