"""What is decided soon is what many digits decide, for every kind of formula and of number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import isfinite
from unittest.mock import patch

import pytest
import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from tracer import numerals
from tracer.explain import forms
from tracer.formula import Form
from tracer.numerals import Numeral, exact_numeral, numeral
from tracer.refs import Ref
from tracer.typeset import Bound, Line, Operand, truth
from tracer.typeset.bounded import UNDECIDED, is_usual
from tracer.typeset.compiled import branch_at
from tracer.typeset.settled import Settled
from tracer.typeset.soon import FAR, LARGE, settle_entries_soon
from tracer.typeset.values import evaluate, may_be_noise, noise_limit, quick_relation
from tracer.unevaluated import added, less, over, times

P, Q, R = forms.symbols("p", 3)
FORMS = {
    "sum of products": forms.weighted_sum(2),
    "product": forms.product(),
    "difference": forms.difference(),
    "square": Form(times(sp.Rational(1, 2), less(P, Q) ** 2), (P, Q)),
    "third": Form(times(sp.Rational(1, 3), added(P, Q)), (P, Q)),
    "quotient": Form(over(less(P, Q), R), (P, Q, R)),
    "powers": Form(added(P**3, times(Q, R**-2)), (P, Q, R)),
    "roots": Form(over(P, added(sp.sqrt(Q), R)), (P, Q, R)),
    "sigmoid": forms.activation("sigmoid")[0],
    "tanh": forms.activation("tanh")[0],
    "relu": forms.activation("relu")[0],
    "gelu": forms.activation("gelu")[0],
    "softplus": forms.activation("softplus")[0],
    "elu": forms.activation("elu")[0],
    "softmax": forms.softmax(3, 1),
    "softmax error": forms.softmax_error(2, 0),
    "cross entropy": forms.loss("cross_entropy", 2),
    "binary cross entropy": forms.loss("binary_cross_entropy", 1),
}
short = st.decimals(-20, 20, places=2).map(float)
NUMBERS = st.one_of(
    short,
    st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.5e-7, 1e-12, -3e9, 1e300, 5e-324, 0.125, 700.0]),
    st.floats(-50, 50),
    st.floats(1e-9, 1e-3),
    st.floats(allow_nan=False, allow_infinity=False),
)
NAMES = st.sampled_from(sorted(FORMS))


def bound(name: str, values: list[float]) -> Bound:
    """A form with operands; those of an entropy are shares, as they are in a network."""
    form = FORMS[name]
    if "entropy" in name:
        values = [abs(value) / (1 + abs(value)) for value in values]
        values = [min(max(value, 1e-9), 0.999) for value in values]
    if name == "roots":
        values = [abs(value) for value in values]
    pairs = enumerate(values[: len(form.symbols)])
    return Bound(form, tuple(Operand(Ref("p", 1, (k + 1,)), v) for k, v in pairs))


def texts(of: Bound, decimals: int, *, exact: bool) -> tuple[Numeral, ...]:
    values = [operand.value for operand in of.operands]
    return tuple(exact_numeral(v) if exact else numeral(v, decimals) for v in values)


@given(
    NAMES, st.lists(NUMBERS, min_size=5, max_size=5), st.integers(2, 12), st.booleans(), st.data()
)
def test_what_is_decided_soon_is_what_many_digits_decide(
    name: str, values: list[float], decimals: int, exact: bool, data: st.DataObject
) -> None:
    of = bound(name, values)
    operands = texts(of, 4, exact=exact)
    found = evaluate(of, operands)
    if found is None or abs(found.decimal()) > Decimal("1e300"):
        return
    shown = numeral(float(found.decimal()), decimals)
    assert shown.value is not None
    steps = data.draw(st.sampled_from([0, 0, 0, 1, -1, 2]))
    goal = shown.value + steps * shown.quantum
    quick = quick_relation(of, operands, goal, shown.quantum)
    assert quick is not None
    branch, verdict = quick
    assert branch is found.branch
    if verdict.decided:
        assert verdict.relation == found.relation(goal, shown.quantum)


@given(NAMES, st.lists(NUMBERS, min_size=5, max_size=5))
def test_what_a_sum_may_lose_is_less_than_the_size_of_its_operands_says(
    name: str, values: list[float]
) -> None:
    of = bound(name, values)
    operands = [operand.value for operand in of.operands]
    branch = branch_at(of.form, [Fraction(repr(value)) for value in operands])
    largest = max(1.0, *map(abs, operands))
    if branch is None or branch.noise is None or branch.noise_reach is None or largest >= LARGE:
        return
    if not all(map(is_usual, operands)):
        return  # of what it may lose then, nothing is known
    scale, degree = branch.noise_reach
    assert branch.noise_bound(*operands) < scale * largest**degree + FAR


def shown(settled: Settled) -> tuple[object, ...]:
    """What is printed of a branch: its formula with numbers, and its condition."""
    return settled.branch.numeric, settled.branch.condition


def slowly(line: Line, decimals: int) -> Settled:
    """The line as it is settled without any way that is sooner."""
    with (
        patch.object(truth, "quick_relation", lambda *_: None),
        patch.object(truth, "may_be_noise", lambda *_: True),
    ):
        return truth.settle_slowly(line, decimals)


@given(NAMES, st.lists(NUMBERS, min_size=5, max_size=5), NUMBERS, st.integers(1, 6))
@example("product", [0.5, 0.25, 0.0, 0.0, 0.0], 0.125, 2)
@example("difference", [0.3, 0.1 + 0.2, 0.0, 0.0, 0.0], 0.3 - (0.1 + 0.2), 4)
def test_lines_are_settled_as_they_are_without_it(
    name: str, values: list[float], other: float, decimals: int
) -> None:
    of = bound(name, values)
    found = evaluate(of, texts(of, 17, exact=True))
    own = None if found is None else float(found.decimal())
    for value in {other} if own is None else {own, other}:
        line = Line(Ref("z", 1, (1,)), value, (of,))
        fast, slow = truth.settle(line, decimals), slowly(line, decimals)
        assert (fast.relation, fast.result, fast.operands) == (
            slow.relation,
            slow.result,
            slow.operands,
        )
        assert (shown(fast), fast.remarks) == (shown(slow), slow.remarks)


@given(
    st.lists(st.tuples(NAMES, st.lists(NUMBERS, min_size=5, max_size=5)), min_size=1, max_size=3)
)
def test_entries_of_a_matrix_are_settled_as_they_are_without_it(
    entries: list[tuple[str, list[float]]],
) -> None:
    found = [(of := bound(*each), evaluate(of, texts(of, 17, exact=True))) for each in entries]
    pairs = [(of, float(value.decimal())) for of, value in found if value is not None]
    soon = settle_entries_soon(pairs, 4) if pairs else None
    if soon is None:
        return
    lines = [Line(Ref("z", 1, (1,)), value, (of,)) for of, value in pairs]
    digits, slow = truth._settle_all(lines, 4)
    assert (digits.extra, digits.binary) == (soon[0], False)
    for one, other in zip(soon[1], slow, strict=True):
        assert (one.relation, one.result, one.operands) == (
            other.relation,
            other.result,
            other.operands,
        )
        assert (shown(one), one.remarks) == (shown(other), other.remarks)


@given(NUMBERS, st.integers(0, 8), st.integers(0, 6), st.integers(-9, 9))
@example(0.43249, 3, 1, 0)
@example(0.12345, 4, 0, 0)
@example(0.0099999999, 4, 0, 0)
@example(999999.96, 1, 0, 0)
def test_a_number_is_written_soon_as_it_is_slowly(
    value: float, decimals: int, extra: int, size: int
) -> None:
    value = value * 10.0**size
    soon = numerals._soon(value, decimals, extra)
    if soon is not None:
        slow = numerals._slowly(value, decimals, extra, binary=False)
        assert (soon, str(soon.value)) == (slow, str(slow.value))
    if isfinite(value):
        assert numerals.exact_text(value) == exact_numeral(value).text


@given(NAMES, st.lists(NUMBERS, min_size=5, max_size=5))
def test_what_is_no_noise_soon_is_none(name: str, values: list[float]) -> None:
    of = bound(name, values)
    found = evaluate(of, texts(of, 17, exact=True))
    if found is None:
        return
    limit = noise_limit(found.branch, found.operands)
    if 0 < limit < 1e300:
        assert may_be_noise(of, float(limit) * (1 - 1e-12))
    assert may_be_noise(of, 0.0) or not limit


@pytest.mark.parametrize(
    ("name", "values", "shown"),
    [
        ("sigmoid", [0.0], "0.5"),  # exactly so
        ("quotient", [1.0, 0.0, 8.0], "0.13"),  # a tie
        ("third", [1.0, 2.0], "1"),
        ("roots", [1.0, 4.0, 0.0], "0.50"),
        ("sigmoid", [40.0], "1.00"),  # nearer to 1 than float64 can tell
        ("quotient", [1.0, 0.0, 0.0], "1.0"),  # no number
    ],
)
def test_what_is_in_doubt_is_left_to_many_digits(
    name: str, values: list[float], shown: str
) -> None:
    of, goal = bound(name, values), Decimal(shown)
    quick = quick_relation(of, texts(of, 4, exact=True), goal, Decimal("0.01"))
    assert quick is not None
    assert quick[1] == UNDECIDED
    line = Line(Ref("z", 1, (1,)), float(goal), (of,))
    with patch.object(truth, "evaluate", wraps=evaluate) as many_digits:
        truth.settle(line, 2)
    assert many_digits.called


def test_most_lines_of_a_lesson_are_decided_soon() -> None:
    values = [0.123456, -1.98661, 0.777777, 0.4142135, -0.31830988]
    for name in FORMS:
        of = bound(name, values)
        operands = texts(of, 4, exact=False)
        found = evaluate(of, operands)
        if found is None or name == "roots":
            continue
        goal = numeral(float(found.decimal()), 4)
        assert goal.value is not None
        quick = quick_relation(of, operands, goal.value, goal.quantum)
        assert quick is not None, name
        assert quick[1].decided, name
