"""What a row states and what follows from its definition, for those who do not ask its name."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from examples import compared
from outside_rows import HARD_TANH, HUBER, MISH, RELU6
from tracer.catalog.activations import ACTIVATIONS, LAYER
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.formula import Form, Z, in_pieces
from tracer.writing.templating import environment

ROWS = [row for table in (ACTIVATIONS, LOSSES, OPTIMIZERS) for row in table.values()]


#: What is known of rows that stand here; a new row says by itself what follows from it.
KNOWN = ("identity", "relu", "leaky_relu", "elu", "softplus", "sigmoid", "tanh", "silu", "gelu")


def test_what_follows_from_a_definition() -> None:
    rows = (*(ACTIVATIONS[name] for name in KNOWN), HARD_TANH, RELU6, MISH)
    assert {row.name for row in rows if row.switches_off} == {"relu", "hard_tanh", "relu_six"}
    assert {row.name for row in rows if not row.flattens} == {"identity", "leaky_relu"}
    breaks = {row.name: row.breaks for row in rows if row.breaks}
    at_0 = dict.fromkeys(("relu", "leaky_relu", "elu"), (0.0,))
    assert breaks == {**at_0, "hard_tanh": (-1.0, 1.0), "relu_six": (0.0, 6.0)}
    assert [row.name for row in rows if row.is_identity] == ["identity"]
    plain = [name for name in ("sgd", "momentum", "adam") if OPTIMIZERS[name].is_plain]
    assert plain == ["sgd"]


@pytest.mark.parametrize("row", [r for r in ACTIVATIONS.values() if r.gives == "probability"])
def test_a_probability_is_one_half_where_its_logit_is_0(row) -> None:
    assert row.definition.subs(Z, 0) == sp.Rational(1, 2)
    found = row.kernel(np.linspace(-30.0, 30.0, 61))
    assert (np.diff(found) > 0).all()
    assert found.min() > 0
    assert found.max() < 1


@pytest.mark.parametrize("row", [r for r in ACTIVATIONS.values() if r.gives == "shares"])
def test_shares_are_what_the_definition_of_a_layer_says(row) -> None:
    z = np.array([0.3, -2.0, 1.5])
    values = dict(zip(LAYER, map(sp.Float, z), strict=True))
    written = [row.vector_definition(LAYER, unit) for unit in range(3)]
    assert row.definition == written[0]
    assert sp.simplify(sum(written)) == 1
    np.testing.assert_allclose(
        row.kernel(z), [float(one.subs(values)) for one in written], rtol=1e-14
    )
    own = float(row.derivative.subs(values))
    np.testing.assert_allclose(row.slope(z, row.kernel(z))[0], own, rtol=1e-14)


def test_every_activation_says_what_it_does_in_words_of_the_templates() -> None:
    words = vars(environment().get_template("words/activations.j2").module)["says"]
    assert {row.says for row in ACTIVATIONS.values()} - {""} == set(words)


def test_no_other_name_stands_for_two_things() -> None:
    names = Counter(name for row in ROWS for name in (row.name, *row.aliases, *row.near))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("units", [1, 3])
def test_a_derived_loss_is_its_definition_and_its_slope_the_difference_quotient(units) -> None:
    rng = np.random.default_rng(1)
    y, y_hat = rng.normal(size=(5, units)), 3 * rng.normal(size=(5, units))
    apart = np.abs(y_hat - y)
    wanted = np.where(apart <= 1, apart**2 / 2, apart - 0.5).sum(axis=-1)
    np.testing.assert_allclose(HUBER.kernel(y, y_hat, y_hat), wanted, rtol=1e-14)
    for unit in range(units):
        step = np.eye(units)[unit] * 1e-6
        ends = [HUBER.kernel(y, y_hat + s, y_hat) for s in (step, -step)]
        quotient = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(HUBER.slope(y, y_hat, y_hat)[:, unit], quotient, atol=1e-6)


def test_nan_is_not_lost_in_the_pieces_of_a_loss() -> None:
    y = np.zeros((2, 2))
    y_hat = np.array([[np.nan, 1.0], [0.5, 0.5]])
    assert np.isnan(HUBER.kernel(y, y_hat, y_hat)).tolist() == [True, False]
    assert np.isnan(HUBER.slope(y, y_hat, y_hat)).any(axis=-1).tolist() == [True, False]


X, Y = sp.symbols("x y", real=True)
TREES = st.recursive(
    st.sampled_from([X, Y, sp.Integer(1), sp.Rational(-1, 2)]),
    lambda inner: st.one_of(
        st.builds(compared(sp.Max), inner, inner),
        st.builds(compared(sp.Min), inner, inner),
        st.builds(lambda a, b: sp.Add(a, b, evaluate=False), inner, inner),
        st.builds(lambda a: sp.Mul(2, a, evaluate=False), inner),
    ),
    max_leaves=6,
)
EIGHTHS = st.integers(-24, 24).map(lambda k: sp.Rational(k, 8))


@given(tree=TREES, x=EIGHTHS, y=EIGHTHS)
def test_the_pieces_of_max_and_min_are_the_same_function(tree, x, y) -> None:
    form, at = Form(in_pieces(tree), (X, Y)), {X: x, Y: y}
    chosen = form.choose(lambda condition: condition.subs(at) == sp.true)
    assert chosen is not None
    expression, condition = form.branch(chosen)
    assert condition.subs(at) == sp.true
    assert not expression.has(sp.Max, sp.Min, sp.Piecewise)
    assert expression.subs(at).doit() == tree.subs(at).doit()  # of eighths, so exact
