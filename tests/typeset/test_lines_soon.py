"""Lines and matrices that are set in one go are as they are with all ways tried."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from unittest.mock import patch

import sympy as sp
from hypothesis import example, given
from hypothesis import strategies as st

from tracer.explain import forms
from tracer.formula import Form
from tracer.notation import Notation
from tracer.numerals import exact_numeral
from tracer.refs import Before, Ref, Visit
from tracer.typeset import Bound, Line, MatrixLine, MatrixTerm, Operand, SetLine, Typesetter
from tracer.typeset.grids import GridSetter
from tracer.typeset.sooner import LineSetter
from tracer.typeset.values import FLOAT_LARGEST, evaluate
from tracer.unevaluated import added, less, over, times

P, Q, R = forms.symbols("p", 3)
FORMS = {
    "sum": forms.weighted_sum(1),
    "itself": forms.itself(),
    "step": Form(less(P, times(Q, R)), (P, Q, R)),
    "squares": Form(added(P**2, Q**2, R**2), (P, Q, R)),
    "third": Form(times(sp.Rational(1, 3), added(P, Q)), (P, Q)),
    "quotient": Form(over(less(P, Q), R), (P, Q, R)),
    "share": Form(over(P, R), (P, R)),
    "slope of relu": Form(sp.Piecewise((1, P > 0), (0, True)), (P,)),
    "relu": forms.activation("relu")[0],
    "sigmoid": forms.activation("sigmoid")[0],
    "softmax error": forms.softmax_error(1, 0),
}
NAMES = st.sampled_from(sorted(FORMS))
USUAL = st.one_of(
    st.floats(-3, 3),
    st.decimals(-9, 9, places=2).map(float),
    st.decimals(-2, 2, places=5).map(float),
    st.floats(1e-7, 1e-2),
)
ODD = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 1e-7, 2.5e-12, -3e9, 1e150, 5e-324, 0.125, 700.0]),
    st.sampled_from([float("inf"), float("-inf"), float("nan")]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SELDOM = st.integers(0, 9).map(lambda found: found == 0)
NUMBERS = SELDOM.flatmap(lambda is_odd: ODD if is_odd else USUAL)
Given = list[tuple[float, bool]]
THREE: st.SearchStrategy[Given] = st.lists(
    st.tuples(NUMBERS, st.booleans()), min_size=3, max_size=3
)
#: Where numbers stand, by their quantity: on this page, on another, nowhere, and where & is.
HREFS = {"a": "#a", "z": "../a/index.html#z", "b": "", "dL_dz": '?a&b="#e'}
QUANTITIES = dict(zip("azbe", HREFS, strict=True))
PLACES = SELDOM.flatmap(lambda is_odd: st.text("aze" if is_odd else "azb", min_size=3, max_size=3))
VALUE = SELDOM.flatmap(lambda is_odd: NUMBERS if is_odd else st.none())


@cache
def setter(decimals: int, *, column: bool = False) -> Typesetter:
    notation = Notation(2, convention="column" if column else "row")
    return Typesetter(decimals, notation, lambda ref: HREFS[ref.name])


def slowly(made: Typesetter) -> Typesetter:
    """The same, which knows nothing yet."""
    return replace(made, known={})


def operand(place: str, number: int, given: tuple[float, bool]) -> Operand:
    value, exact = given
    return Operand(Ref(QUANTITIES[place], 1, (number,), Before(number % 2)), value, exact=exact)


def bound(name: str, values: Given, places: str) -> Bound:
    operands = [operand(*each) for each in zip(places, range(1, 4), values, strict=True)]
    return Bound(FORMS[name], tuple(operands[: len(FORMS[name].symbols)]))


def seen(line: SetLine) -> tuple[object, ...]:
    """All that can be asked of a line."""
    parts = [(name, str(html), type(html)) for name, html in line.parts]
    numbers = line.links, line.quantities, line.result, repr(line.value), line.kept
    return line.ref, line.anchor, parts, line.latex, numbers, line.home, line.flags


def reckoned(of: Bound) -> float | None:
    """What the operands give; None where they give nothing that float64 holds."""
    found = evaluate(of, [exact_numeral(operand.value) for operand in of.operands])
    return None if found is None or abs(found.decimal()) > FLOAT_LARGEST else float(found.decimal())


TIE: Given = [(0.17, True), (0.1, True), (-0.4435, False)]


@given(NAMES, THREE, VALUE, st.integers(1, 6), st.tuples(PLACES, st.booleans()))
@example("step", TIE, None, 4, ("aaa", False))
@example("step", TIE, 0.21436, 4, ("aaa", False))  # not what they give
@example("itself", TIE, None, 4, ("aaa", True))
@example("share", [(0.0, True), (0.13, False), (1.0, True)], 0.0, 4, ("aaa", False))
@example("share", [(0.0, True), (0.0, True), (1.0, True)], 0.0, 4, ("aaa", False))
@example("share", [(0.0, True), (1e150, False), (1.0, True)], -0.0, 4, ("aaa", False))
@example("share", [(0.0, True), (1e-320, False), (1.0, True)], 0.0, 4, ("aaa", False))
@example("squares", [(1e-160, False), (0.0, False), (0.0, False)], 0.0, 4, ("aaa", True))
def test_a_line_is_set_as_it_is_with_all_ways_tried(
    name: str, values: Given, other: float | None, decimals: int, form: tuple[str, bool]
) -> None:
    places, is_other = form
    of = bound(name, values, places)
    value = reckoned(of) if other is None else other
    if value is None:
        return
    line = Line(Ref("z", 2, (1,), Visit(3)), value, (of,))
    made = setter(decimals, column=is_other)
    soon = made.line(line, quoted=is_other)
    with patch.object(LineSetter, "line", lambda *_: None):
        slow = slowly(made).line(line, quoted=is_other)
    assert seen(soon) == seen(slow)


def matrix(name: str, rows: list[Given], places: str) -> MatrixLine | None:
    """Results below each other, each of operands that stand beside each other."""
    entries = tuple(bound(name, values, places) for values in rows)
    values = [reckoned(entry) for entry in entries]
    if None in values:
        return None
    results = tuple(
        (Operand(Ref("z", 2, (1,), Visit(3)), float(v)),) for v in values if v is not None
    )
    grids = (
        MatrixTerm(((entries[0].operands[0],),), sign="-", scalar=True),
        MatrixTerm(tuple(entry.operands for entry in entries), sign="+", name=r"\sigma"),
        MatrixTerm(results),
        MatrixTerm(results, sign=r"\odot"),
    )
    return MatrixLine(Ref("z", 2), (Ref("a", 1), "+", Ref("b", 1)), grids, results, entries)


@given(NAMES, st.lists(THREE, min_size=1, max_size=3), st.integers(1, 6), PLACES, st.booleans())
@example("step", [TIE, [(0.5, True), (0.1, True), (0.4, False)]], 4, "aza", False)
def test_a_matrix_is_set_as_it_is_with_all_ways_tried(
    name: str, rows: list[Given], decimals: int, places: str, column: bool
) -> None:
    line = matrix(name, rows, places)
    if line is None:
        return
    made = setter(decimals, column=column)
    soon = made.matrix(line)
    with patch.object(GridSetter, "matrix", lambda *_: None):
        slow = slowly(made).matrix(line)
    assert seen(soon) == seen(slow)


def test_most_lines_of_a_lesson_are_set_soon() -> None:
    values: Given = [(0.123956, False), (-1.98661, False), (0.25, True)]
    made = setter(4)
    for name in FORMS:
        of = bound(name, values, "azb")
        value = reckoned(of)
        assert value is not None
        with patch.object(Typesetter, "closely", side_effect=AssertionError(name)):
            made.line(Line(Ref("z", 2, (1,), Visit(3)), value, (of,)))
        line = matrix(name, [values], "azb")
        assert line is not None
        with patch("tracer.typeset.typesetter.settle_matrix", side_effect=AssertionError(name)):
            made.matrix(line)


def test_a_quotient_of_0_is_0_soon() -> None:
    label: Given = [(0.0, True), (0.1306749, False), (1.0, True)]
    line = Line(Ref("z", 2, (1,), Visit(3)), -0.0, (bound("share", label, "zab"),))
    with patch.object(Typesetter, "closely", side_effect=AssertionError):
        assert setter(4).line(line).result == "0"
