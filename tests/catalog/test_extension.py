"""A row is enough: those of ``outside_rows.py`` are known everywhere, and nothing is touched."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from outside_rows import HARD_TANH, HINGE, HUBER, LION, MISH, RELU6, TOLERANT
from sharing import shared
from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.limits import Limit
from tracer.catalog.optimizer import Optimizer
from tracer.check.proofs import constants, definitions, prove
from tracer.check.torch import by_torch
from tracer.errors import CatalogError, ExperimentError
from tracer.experiment import Experiment, experiment_schema, load_experiment
from tracer.explain.slopes import loss_slopes
from tracer.notation import QUANTITIES
from tracer.registry import outside, register, registered
from tracer.reread import check_pages
from tracer.studies.run import study
from tracer.teaching import findings, lesson_of
from tracer.teaching.search import search
from tracer.trace import Trace
from tracer.trace.json import write_json
from tracer.training import run
from tracer.writing.site import render_pages

ONE = {"columns": ["p", "q", "y"], "rows": [[0, 1, -2], [1, 0, 1], [1, 1, 0.5]]}
TWO = {"columns": ["p", "q", "y", "u"], "rows": [[0, 1, 4, -4], [1, 0, -4, 4], [1, 1, 4, 4]]}


def mapping(*, pieces: bool = False, **training: object) -> dict[str, object]:
    """An experiment of smooth rows with one output, or of rows of pieces with two."""
    names = ("relu_six", "hard_tanh", "hinge") if pieces else ("mish", "mish", "huber")
    hidden, output, loss = names
    data = {**TWO, "target": ["y", "u"]} if pieces else ONE
    return {
        "title": "Rows",
        "data": {**data, "task": "regression"},
        "layers": [
            {"units": 2, "activation": hidden},
            {"units": 2 if pieces else 1, "activation": output},
        ],
        "init": {"seed": 3, "low": -2.0, "high": 2.0, "decimals": 2},
        "training": {"loss": loss, "optimizer": "lion", "epochs": 2, **training},
    }


@pytest.fixture(scope="module", autouse=True)
def rows() -> Iterator[None]:
    with registered(MISH, HARD_TANH, RELU6, HUBER, HINGE, TOLERANT, LION):
        yield


def with_peer(row: Activation) -> Activation:
    """The row with a counterpart in PyTorch."""
    return replace(row, torch=lambda torch, z: torch.nn.functional.mish(z))


@cache
def walkthrough(convention: str, math: str, pieces: bool) -> tuple[Trace, dict[str, str]]:
    chosen = {"epochs": [1]} | ({"explore": []} if convention == "column" else {})
    given = mapping(pieces=pieces) | {"notation": {"convention": convention}, "pages": chosen}
    trace = run(Experiment.from_mapping(given))
    key = f"rows from outside, {convention} {math} {pieces}"
    pages: dict[str, str] = shared(key, lambda: render_pages(trace, study(trace), math=math))
    return trace, pages


KINDS = [("row", "mathml", False), ("column", "latex", False), ("column", "mathml", True)]


def test_it_trains_as_the_rows_say() -> None:
    trace = run(Experiment.from_mapping(mapping()))
    w, m = trace.W[0][0], np.zeros_like(trace.W[0][0])
    for update, g in enumerate(trace.grad_W[0]):
        mixed, m = 0.9 * m + (1 - 0.9) * g, 0.99 * m + (1 - 0.99) * g
        w = w - 0.1 * np.sign(mixed) - 0.1 * 0.1 * w
        np.testing.assert_allclose(trace.W[0][update + 1], w, rtol=1e-12)
    z, apart = trace.z[0], trace.a[-1][:, 0] - trace.y[trace.row][:, 0]
    np.testing.assert_allclose(trace.a[0], z * np.tanh(np.log1p(np.exp(z))), rtol=1e-14)
    size = np.abs(apart)
    np.testing.assert_allclose(trace.loss, np.where(size <= 1, apart**2 / 2, size - 0.5))
    np.testing.assert_allclose(trace.dL_da[-1][:, 0], np.clip(apart, -1, 1))
    assert (size <= 1).any()
    assert (size > 1).any()


@pytest.mark.parametrize("kind", KINDS)
def test_its_pages_are_proved(kind: tuple[str, str, bool]) -> None:
    trace, pages = walkthrough(*kind)
    proofs = {proof.key: proof.verdict for proof in prove(trace, pages)}
    assert [key for key, verdict in proofs.items() if verdict == "failed"] == []
    derived = ("forward_pass", "finite_differences", "one_expression", "updates")
    printed = ("printed_lines", "linked_numbers")
    assert {key for key, verdict in proofs.items() if verdict == "passed"} == {*derived, *printed}


def test_its_words_are_on_the_pages() -> None:
    _, pages = walkthrough(*KINDS[0])
    text = "\n".join(pages.values())
    assert "mixture of slopes" in text
    assert "which share of each weight goes" in text
    assert "Mish** keeps large numbers as they are" in text


def test_a_page_has_the_branch_of_a_piece_and_no_word_of_another_language() -> None:
    _, pages = walkthrough(*KINDS[0])
    cycles = [text for path, text in pages.items() if path.startswith("epoch-1/row-")]
    assert any('class="tr-branch"' in text and "|" in text for text in cycles)
    assert "otherwise" not in pages["tools/derivatives/index.md"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("Mish", [("z", "")]), ("hardtanh", [("z", ""), ("0", "z > 5")])],
)
def test_another_definition_of_a_name_is_noticed(name: str, wrong: list[tuple[str, str]]) -> None:
    trace, pages = walkthrough(*KINDS[2 if name == "hardtanh" else 0])
    text = {path: page for path, page in pages.items() if path.endswith(".md")}
    known = definitions(trace)
    assert set(known) == ({"Mish"} if name == "Mish" else {"hardtanh", "ReLU6"})
    for defined, is_right in ((known, True), ({**known, name: wrong}, False)):
        checked = check_pages(text, 4, defined, constants(trace))
        assert all(line.ok for lines in checked.values() for line in lines) == is_right


def test_a_constant_that_a_loss_never_is_is_noticed() -> None:
    trace, pages = walkthrough(*KINDS[2])
    text = {path: page for path, page in pages.items() if path.startswith("epoch-1/row-")}
    assert constants(trace) == {"loss": {"0"}, "dL_da": {"0"}}
    checked = check_pages(text, 4, definitions(trace), {"loss": {"1"}, "dL_da": {"1"}})
    reasons = [
        reason.key for lines in checked.values() for line in lines for reason in line.reasons
    ]
    assert set(reasons) == {"other_constant"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [(MISH, "torch_lacks_activation"), (with_peer(MISH), "torch_lacks_loss")],
)
def test_pytorch_is_asked_only_where_the_rows_have_a_counterpart(
    monkeypatch: pytest.MonkeyPatch, row: Activation, reason: str
) -> None:
    monkeypatch.setattr("tracer.check.torch.find_spec", lambda _name: object())
    trace = run(Experiment.from_mapping(mapping()))
    monkeypatch.setitem(ACTIVATIONS._rows, "mish", row)  # type: ignore[attr-defined]
    assert [each.key for each in by_torch(trace, {}).reasons] == [reason]


@pytest.mark.parametrize("library", ["keras", "torch"])
def test_importers_know_the_names_that_a_row_has_elsewhere(library: str) -> None:
    known = import_module(f"tracer.interop.{library}").activations
    other = replace(MISH, name=f"mish_{library}", keras=("mish",), module=("Mish", {}))
    assert "mish" not in {name.lower() for name in known()}
    with registered(other):
        assert "mish" in {name.lower() for name in known()}


def test_a_loss_by_max_has_the_slopes_of_its_pieces() -> None:
    y, y_hat = np.array([[0.0, 1.0], [1.0, -1.0]]), np.array([[0.125, -1.0], [2.0, -1.25]])
    np.testing.assert_allclose(TOLERANT.kernel(y, y_hat, y_hat), [1.75, 0.75])
    np.testing.assert_allclose(TOLERANT.slope(y, y_hat, y_hat), [[0, -1], [1, 0]])
    branches = loss_slopes("tolerant", 2, 1)
    assert len(branches) > 1
    assert {str(branch.derivation.result) for branch in branches} > {"0"}


def test_it_is_judged_as_a_lesson() -> None:
    trace = run(Experiment.from_mapping(mapping(pieces=True)))
    assert all(finding.measure.name for finding in findings(lesson_of(trace)))
    assert HARD_TANH.switches_off
    assert HARD_TANH.breaks == (-1.0, 1.0)
    assert MISH.flattens
    assert not MISH.breaks


def test_seeds_are_searched_with_it_also_by_several_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_module("tracer.teaching.search"), "WORTH_PROCESSES", 0)
    experiment = Experiment.from_mapping(mapping())
    alone, together = (search(experiment, range(6), top=2, jobs=jobs) for jobs in (1, 2))
    assert alone == together
    assert len(alone.best) == 2


def test_its_options_have_its_limits() -> None:
    with pytest.raises(ExperimentError, match=r"pull: expected a number of at least 0, found -1"):
        Experiment.from_mapping(mapping(pull=-1))
    properties = str(experiment_schema())
    assert all(name in properties for name in ("pull", "lion", "mish", "huber"))


def test_a_trace_and_an_experiment_are_kept_and_read_again(tmp_path: Path) -> None:
    trace = run(Experiment.from_mapping(mapping()))
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    assert loaded.experiment == trace.experiment
    np.testing.assert_array_equal(loaded.state["mixed"]["W"][0], trace.state["mixed"]["W"][0])
    trace.experiment.save(tmp_path / "rows.toml")
    again = run(load_experiment(tmp_path / "rows.toml"))
    np.testing.assert_array_equal(again.W[-1], trace.W[-1])
    assert Experiment.from_mapping(trace.experiment.to_mapping()) == trace.experiment


def test_it_is_exported() -> None:
    trace = run(Experiment.from_mapping(mapping()))
    out = io.StringIO()
    write_json(trace, out)
    document = json.loads(out.getvalue())
    assert document["activations"] == ["mish", "mish"]
    assert set(document["updates"][0]["state"]) == {"mixed", "m"}
    assert math.isfinite(document["updates"][-1]["loss"])


def test_a_row_says_what_another_name_means() -> None:
    other = replace(MISH, name="mish_too", aliases=("smooth",), near={"smoother": "a smooth one"})
    for name, hint in (("smooth", 'Did you mean "mish_too"'), ("smoother", "is a smooth one")):
        given = mapping()
        given["layers"] = [{"units": 1, "activation": name}]
        with registered(other), pytest.raises(ExperimentError) as found:
            Experiment.from_mapping(given)
        assert hint in str(found.value)


def test_a_row_is_gone_after_the_block() -> None:
    other = Optimizer(name="cub", title="Cub", programs=LION.programs, source="here")
    with registered(other):
        assert "cub" in str(experiment_schema())
        assert "cub" in outside()
    assert "cub" not in str(experiment_schema())
    assert "cub" not in outside()
    assert "mixed_W" in QUANTITIES


def test_a_name_stands_for_one_row() -> None:
    with pytest.raises(CatalogError, match="sgd is taken"):
        register(Optimizer(name="sgd", title="x", programs=LION.programs, source="here"))
    with pytest.raises(CatalogError, match="of the type Limit"):
        register(Limit())  # type: ignore[arg-type]
    with pytest.raises(CatalogError, match="no name for a row"):
        register(Optimizer(name="a b", title="x", programs=LION.programs, source="here"))
