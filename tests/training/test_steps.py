"""Derivations step by step: every rule is SymPy's, and every step equals the derivative."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from each import each
from examples import examples
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.errors import RenderError
from tracer.explain import forms
from tracer.explain.derivation import DerivationStep
from tracer.explain.rules import EXAMPLES, Slope
from tracer.explain.slopes import activation_slopes, fused_steps, loss_slopes, softmax_slope
from tracer.explain.steps import derive, rule, same_value
from tracer.formula import A, Z

SMOOTH = [name for name, entry in ACTIVATIONS.items() if not entry.vector]
X = sp.Symbol("x", real=True)


def closed(expression, names=None):
    """The value of an expression in which slopes may stand open."""
    worked = expression.replace(Slope, lambda f, x, _partial: sp.diff(f, x))
    return worked.subs(names or {})


@each("key", EXAMPLES)
def test_a_rule_is_sympys(key):
    found = rule(key)
    assert found.rules == (key,)
    difference = closed(found.result) - sp.diff(found.function, found.variable)
    assert sp.simplify(difference) == 0


def test_there_is_no_other_rule():
    with pytest.raises(KeyError):
        rule("luck")


@pytest.mark.parametrize("name", SMOOTH)
def test_the_slope_of_an_activation_is_worked_out_to_the_form_that_pages_print(name):
    entry = ACTIVATIONS[name]
    branches = activation_slopes(name)
    for branch in branches:
        derivation = branch.derivation
        wanted = sp.diff(derivation.function, Z)
        for step in derivation.steps:
            assert step.rules
            assert same_value(closed(step.expression, {A: derivation.function}), wanted)
        assert not derivation.result.has(Slope)
    if len(branches) == 1:
        shown = {str(form.expression) for form in entry.slope_written}
        assert str(branches[0].derivation.result) in shown | {str(sp.diff(entry.definition, Z))}


@each("name", SMOOTH)
def test_the_worked_slope_is_the_kernels(name):
    entry = ACTIVATIONS[name]
    for value in (-2.0, -0.5, 0.25, 3.0):
        z = np.array([value])
        a = entry.kernel(z)
        branches = [
            b for b in activation_slopes(name) if b.is_everywhere or b.condition.subs(Z, value)
        ]
        (branch,) = branches
        worked = branch.derivation.result.subs({Z: value, A: float(a[0])})
        assert float(worked) == pytest.approx(float(entry.slope(z, a)[0]), rel=1e-12)


@pytest.mark.parametrize(("unit", "by"), [(0, 0), (0, 1), (2, 1)])
def test_the_slopes_of_softmax_are_shares(unit, by):
    shares = forms.symbols("a", 3)
    own = shares[unit] * (1 - shares[unit]) if unit == by else -shares[unit] * shares[by]
    assert sp.expand(softmax_slope(3, unit, by).result - own) == 0


@pytest.mark.parametrize("units", [1, 3])
@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_of_a_loss_is_worked_out_for_every_output(name, units):
    y, h = forms.symbols("y", units), forms.symbols("h", units)
    for unit in range(units):
        (branch,) = loss_slopes(name, units, unit)
        found = branch.derivation
        wanted = sp.diff(LOSSES[name].definition(y, h), h[unit])
        assert len(found.steps) > 1
        for step in found.steps:
            assert same_value(closed(step.expression), wanted)


@pytest.mark.parametrize("name", LOSSES)
def test_the_output_error_comes_down_to_a_difference_where_the_loss_says_so(name):
    y, h = forms.symbols("y", 3), forms.symbols("h", 3)
    steps = fused_steps(name, 3, 1)
    assert bool(steps) == LOSSES[name].fused
    if steps:
        assert sp.expand(steps[-1] - (h[1] - y[1])) == 0
        assert len(steps) > 1


def test_a_wrong_ending_is_refused():
    with pytest.raises(RenderError, match="is not the derivative"):
        derive(X**2, X, (DerivationStep(3 * X, ("rewrite",)),))


def test_a_function_without_a_rule_is_refused():
    with pytest.raises(RenderError, match="no rule"):
        derive(sp.Max(X, 1), X)


LEAVES = st.sampled_from([X, sp.Integer(2), sp.Rational(1, 3), sp.Symbol("c", positive=True)])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(sp.Add, inner, inner),
        st.builds(sp.Mul, inner, inner),
        st.builds(lambda a: sp.exp(-a), inner),
        st.builds(lambda a: sp.log(2 + a**2), inner),
        st.builds(lambda a: 1 / (1 + a**2), inner),
        st.builds(lambda a: a**3, inner),
    ),
    max_leaves=5,
)


@examples(60)
@given(TREES)
def test_any_function_of_the_rules_is_differentiated_rightly(function):
    found = derive(function, X)
    assert same_value(found.result, sp.diff(function, X))
    for step in found.steps:
        assert set(step.rules) <= {*EXAMPLES, "chain", "tidy"}
