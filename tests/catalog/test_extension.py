"""A row is enough: an optimizer of this file is known everywhere, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from tracer.catalog.limits import NOT_NEGATIVE, Limit
from tracer.catalog.optimizers import Assignment, Optimizer, Program, Symbol
from tracer.check.proofs import prove
from tracer.errors import CatalogError, ExperimentError
from tracer.experiment import Experiment, experiment_schema
from tracer.notation import QUANTITIES
from tracer.registry import register, registered
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import render_pages

W, G, ETA, M, C, BETA1, BETA2 = sp.symbols("w g eta m mixed beta1 beta2", real=True)
PULL = sp.Symbol("pull", real=True)


def _mean(share: sp.Expr) -> sp.Expr:
    rest = sp.Mul(sp.Add(1, -share, evaluate=False), G, evaluate=False)
    return sp.Add(share * M, rest, evaluate=False)


#: Lion without its sign, so that its lines are those of sums and products.
LIONESS = Optimizer(
    name="lioness",
    title="Lioness",
    programs={
        "": Program(
            (
                Assignment("mixed", _mean(BETA1)),
                Assignment("m", _mean(BETA2)),
                Assignment("w", sp.Add(W, -ETA * C, -ETA * PULL * W, evaluate=False)),
            )
        )
    },
    source="after Chen and others, 2023",
    options={"beta1": 0.9, "beta2": 0.99, "pull": 0.1},
    limits={"pull": NOT_NEGATIVE},
    symbols={
        "pull": Symbol(r"\kappa", meaning="which share of each weight goes"),
        "mixed": Symbol("c", label="mixture of slopes", meaning="the mixture of slopes"),
    },
    keeps={"m": "mean"},
)


def mapping(**training: object) -> dict[str, object]:
    return {
        "title": "Rows",
        "data": {"columns": ["p", "q", "y"], "rows": [[0, 1, 1], [1, 0, 0], [1, 1, 1]]},
        "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "init": {"seed": 3, "decimals": 2},
        "training": {"optimizer": "lioness", "epochs": 2, **training},
    }


@pytest.fixture(scope="module", autouse=True)
def rows() -> Iterator[None]:
    with registered(LIONESS):
        yield


def test_it_trains_as_its_recurrence_says() -> None:
    trace = run(Experiment.from_mapping(mapping()))
    w, m = trace.W[0][0], np.zeros_like(trace.W[0][0])
    for update, g in enumerate(trace.grad_W[0]):
        mixed, m = 0.9 * m + (1 - 0.9) * g, 0.99 * m + (1 - 0.99) * g
        w = w - 0.1 * mixed - 0.1 * 0.1 * w
        np.testing.assert_allclose(trace.W[0][update + 1], w, rtol=1e-12)


@pytest.mark.parametrize(("convention", "math"), [("row", "mathml"), ("column", "latex")])
def test_its_pages_are_proved(convention: str, math: str) -> None:
    given = mapping() | {"notation": {"convention": convention}}
    trace = run(Experiment.from_mapping(given))
    pages = render_pages(trace, study(trace), math=math)
    text = "\n".join(pages.values())
    assert "mixture of slopes" in text
    assert "which share of each weight goes" in text
    proofs = prove(trace, pages)
    assert "updates" in {proof.key for proof in proofs if proof.verdict == "passed"}
    assert [proof.key for proof in proofs if proof.verdict == "failed"] == []


def test_its_options_have_its_limits() -> None:
    with pytest.raises(ExperimentError, match=r"pull: expected a number of at least 0, found -1"):
        Experiment.from_mapping(mapping(pull=-1))
    properties = str(experiment_schema())
    assert "pull" in properties
    assert "lioness" in properties


def test_a_trace_and_an_experiment_are_kept_and_read_again(tmp_path: Path) -> None:
    trace = run(Experiment.from_mapping(mapping()))
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    assert loaded.experiment == trace.experiment
    np.testing.assert_array_equal(loaded.state["mixed"]["W"][0], trace.state["mixed"]["W"][0])
    assert Experiment.from_mapping(trace.experiment.to_mapping()) == trace.experiment


def test_a_row_is_gone_after_the_block() -> None:
    other = Optimizer(name="cub", title="Cub", programs=LIONESS.programs, source="here")
    with registered(other):
        assert "cub" in str(experiment_schema())
    assert "cub" not in str(experiment_schema())
    assert "mixed_W" in QUANTITIES


def test_a_name_stands_for_one_row() -> None:
    with pytest.raises(CatalogError, match="sgd is taken"):
        register(Optimizer(name="sgd", title="x", programs=LIONESS.programs, source="here"))
    with pytest.raises(CatalogError, match="of the type Limit"):
        register(Limit())  # type: ignore[arg-type]
    with pytest.raises(CatalogError, match="no name for a row"):
        register(Optimizer(name="a b", title="x", programs=LIONESS.programs, source="here"))
