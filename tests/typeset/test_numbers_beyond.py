"""What is told of a line that leaves float64 is so: overflow, a step on the way, division by 0."""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from networks import experiment
from printed_numbers import assert_holds, line, read
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.explain import forms
from tracer.explain.cycle import explain_cycle
from tracer.explain.paths import paths_to
from tracer.refs import Ref, Visit
from tracer.training import run
from tracer.typeset import Bound, Line, Operand
from tracer.typeset.truth import settle

NONE: frozenset[str] = frozenset()


def settled(form, values, value, decimals=4):
    return settle(line(form, values, value), decimals)


@pytest.mark.parametrize(
    ("form", "values", "value", "printed", "remarks"),
    [
        (forms.product(), [1e200, -1e200], -math.inf, "≈ −∞", {"overflow"}),
        (forms.product(), [math.inf, -2.0], -math.inf, "= −∞", NONE),
        (forms.product(), [math.inf, 0.0], 0.0, "= 0", {"absorbed"}),
        (forms.product(), [math.nan, 0.0], 0.0, "= 0", {"absorbed"}),
        (forms.product(), [math.inf, 0.0], math.nan, "= nan", NONE),
        (forms.product(), [1e-200, 1e-200], 0.0, "≈ 0", {"underflow"}),
        (forms.difference(), [math.inf, math.inf], math.nan, "= nan", NONE),
        (forms.loss("half_squared_error", 1), [0.0, 1.5e154], math.inf, "≈ ∞", {"step"}),
        (
            forms.weighted_sum(2),
            [1e200, -1e200, 1e200, 1e200, 0.0],
            math.nan,
            "= nan",
            NONE,
        ),
        (
            forms.loss_slope("binary_cross_entropy", 1, 0),
            [1.0, 0.0],
            -math.inf,
            "≈ −∞",
            {"division"},
        ),
        (forms.loss("binary_cross_entropy", 1), [1.0, 1.0], 0.0, "= 0", {"absorbed"}),
    ],
)
def test_what_is_told_is_so(form, values, value, printed, remarks):
    found = settled(form, values, value)
    assert (f"{found.relation} {found.result.text}", found.remarks) == (printed, remarks)


BIG = st.builds(
    lambda sign, digits, power: sign * digits * 10.0**power,
    st.sampled_from([1.0, -1.0]),
    st.floats(1.0, 9.9),
    st.integers(100, 307),
)


@given(st.lists(BIG, min_size=2, max_size=2))
@examples(100)
def test_beyond_float64_is_said_of_nothing_that_it_can_hold(values):
    with np.errstate(all="ignore"):
        product = float(np.float64(values[0]) * np.float64(values[1]))
        square = float(
            LOSSES["half_squared_error"].kernel(np.zeros(1), np.array(values[:1]), values)
        )
    for form, operands, value in (
        (forms.product(), values, product),
        (forms.loss("half_squared_error", 1), [0.0, values[0]], square),
    ):
        found = settled(form, operands, value)
        first, second = (read(text.text).value for text in found.operands)
        exact = first * second if form is forms.product() else (second - first) ** 2 / 2
        assert ("overflow" in found.remarks) == (
            math.isinf(value) and abs(exact) > Fraction(sys.float_info.max)
        )
        assert ("step" in found.remarks) == (math.isinf(value) and "overflow" not in found.remarks)
        if math.isfinite(value):
            assert_holds(found)


def test_a_form_with_infinities_is_not_taken_for_a_finite_value():
    """The logits are used where ŷ has no digits left, and ŷ where the logits are not finite."""
    y, h, z = (
        Operand(Ref(n, 1, (1,), Visit(0)), v) for n, v in (("y", 1.0), ("a", 1.0), ("z", math.inf))
    )
    from_logits = forms.loss_from_logits("binary_cross_entropy", 1)
    assert from_logits is not None
    ways = (
        Bound(forms.loss("binary_cross_entropy", 1), (y, h)),
        Bound(from_logits, (y, z)),
    )
    found = settle(Line(Ref("loss", moment=Visit(0)), 0.0, ways), 4)
    assert (found.relation, found.result.text, found.remarks) == ("=", "0", frozenset(["absorbed"]))


def _is_far_out(found):
    """Whether it takes more digits than a test can have to tell the value from a round one."""
    far = any(abs(operand.value) > 700 for operand in found.bound.operands)
    return far and found.branch.expression.has(sp.exp, sp.erf)


@pytest.mark.parametrize("rate", [1e30, 1e150])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "gelu"])
def test_every_line_of_a_run_that_diverges_is_told_rightly(rate, activation):
    trace = run(
        experiment((2, 3, 1), (activation, "identity"), learning_rate=rate, epochs=4, rows=2)
    )
    for epoch in (1, 2, 4):
        for each in explain_cycle(trace.cycle(epoch, 1)).lines:
            found = settle(each, 4)
            finite = all(math.isfinite(o.value) for o in found.bound.operands)
            if math.isfinite(each.value):
                assert not found.remarks & {"overflow", "step", "division"}
            if finite and math.isfinite(each.value) and not _is_far_out(found):
                assert_holds(found)
            if found.remarks & {"overflow", "step", "division"}:
                assert finite
                assert found.result.text in ("∞", "−∞")


def test_a_path_through_a_slope_of_exactly_0_has_no_share():
    made = {
        "title": "Closed paths",
        "data": {"columns": ["x", "t"], "rows": [[1, 0]], "task": "regression"},
        "layers": [
            {"units": 1, "activation": "relu"},
            {"units": 2, "activation": "relu"},
            {"units": 1, "activation": "identity"},
        ],
        "init": {"scheme": "given", "weights": [[[1e100]], [[1e100, -1.0]], [[1e200], [1e200]]]},
        "training": {"epochs": 1},
    }
    found = paths_to(run(Experiment.from_mapping(made)).cycle(1, 1), (1, 1))
    open_path, closed = (path.line for path in found.paths)
    assert (open_path.value, closed.value) == (math.inf, 0.0)
    assert settle(closed, 4).remarks == {"absorbed"}
