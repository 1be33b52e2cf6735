"""Where the slope is exactly 0 the error is 0, also behind an overflow."""

from __future__ import annotations

import numpy as np

from each import each
from tracer.catalog.activations import ACTIVATIONS
from tracer.experiment import Experiment
from tracer.explain.cycle import explain_cycle
from tracer.teaching.many import lessons, with_seed
from tracer.training import run
from tracer.typeset.truth import settle, settle_matrix

SCALAR = [row for row in ACTIVATIONS.values() if not row.vector]
FAR = np.array([-1e300, -1000.0, -1.0, -0.0, 0.0, 1.0, 1000.0, 1e300])


def experiment(activation: str = "relu", seed: bool = False) -> Experiment:
    weights = [[[1e160, -1.0]], [[1e160], [1e160]]]
    given = {"scheme": "given", "weights": weights}
    return Experiment.from_mapping(
        {
            "title": "A dead unit behind an overflow",
            "data": {"columns": ["x", "t"], "rows": [[1, 0], [-1, 0]], "task": "regression"},
            "layers": [
                {"units": 2, "activation": activation},
                {"units": 1, "activation": "identity"},
            ],
            "init": {"scheme": "uniform", "low": -1e200, "high": 1e200} if seed else given,
            "training": {"epochs": 2, "learning_rate": 1e-300},
        }
    )


@each("row", SCALAR)
@each("arriving", [np.inf, -np.inf, np.nan, 1e308, -2.0])
def test_nothing_passes_a_slope_of_exactly_0(row, arriving):
    with np.errstate(all="ignore"):
        a = row.kernel(FAR)
        slope, error = row.slope(FAR, a), row.backward(FAR, a, np.full_like(FAR, arriving))
        product = arriving * slope
    flat = slope == 0.0
    assert (error[flat] == 0.0).all()
    np.testing.assert_array_equal(error[~flat], product[~flat])


def test_a_dead_unit_keeps_its_weight_behind_an_overflow():
    trace = run(experiment())
    assert trace.dL_da[0][0].tolist() == [np.inf, np.inf]
    assert trace.dL_dz[0][0].tolist() == [np.inf, 0.0]
    assert trace.W[0][1].tolist() == [[-np.inf, -1.0]]


def test_its_line_says_why():
    explained = explain_cycle(run(experiment()).cycle(1, 1))
    hidden = explained.backward[1]
    live, dead = (settle(line, 4) for line in hidden.dL_dz)
    assert (live.result.text, live.remarks) == ("∞", frozenset())
    assert [text.text for text in dead.operands] == ["∞", "0"]
    assert (dead.relation, dead.result.text, dead.remarks) == ("=", "0", frozenset(["absorbed"]))
    assert hidden.dL_dz_matrix is not None
    assert settle_matrix(hidden.dL_dz_matrix, 4).remarks == {"absorbed"}


def test_many_at_once_do_the_same():
    made = experiment(seed=True)
    for seed, lesson in lessons(made, range(6)).items():
        trace = run(with_seed(made, seed))
        grads = np.concatenate([g[0].ravel() for g in (*trace.grad_W, *trace.grad_b)])
        np.testing.assert_array_equal(lesson.first.gradients[0], grads)
        assert (trace.dL_dz[0][0] == 0.0).any() == (trace.z[0][0] <= 0.0).any()
