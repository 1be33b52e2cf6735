"""What is made ahead for many lines is what each would ask for by itself."""

from __future__ import annotations

import pickle

from hypothesis import example, given
from hypothesis import strategies as st

from examples import examples
from tracer.explain import forms
from tracer.notation import Notation
from tracer.numerals import soon_steps
from tracer.refs import Batch, Before, Ref, Visit
from tracer.typeset import Bound, Line, Operand, Typesetter
from tracer.typeset.ahead import FEW, rounded_at_once
from tracer.typeset.links import Links
from tracer.typeset.printed import Numbers

DIGITS = st.integers(1, 10)
VALUES = st.one_of(
    st.floats(),
    st.floats(-3, 3),
    st.floats(1e-8, 1e-2),
    st.decimals(-9, 9, places=5).map(float),
    st.sampled_from([0.01, 0.0099999999, 0.04324950001, 0.12345, 1e-6, 9e5, 1e6, -0.0]),
)


@given(st.lists(VALUES, min_size=1, max_size=20), DIGITS, st.integers(0, 3))
def test_numbers_rounded_at_once_are_those_rounded_one_by_one(
    values: list[float], decimals: int, extra: int
) -> None:
    for value, size, near, digits in rounded_at_once(values, decimals, extra):
        steps = soon_steps(abs(value), decimals, extra)
        assert steps is not None
        assert (size, digits) == (abs(value), steps[1])
        assert abs(near) == steps[0] / 10.0**digits
        assert (near < 0) == (value < 0)


@examples(20)
@given(st.lists(VALUES, min_size=FEW, max_size=FEW + 8, unique=True), DIGITS)
def test_numbers_made_ahead_are_those_that_are_asked_for(
    values: list[float], decimals: int
) -> None:
    ahead, asked = Numbers(decimals), Numbers(decimals)
    ahead.ready(set(values), set(values), set(values))
    for value in values:
        for one, other in zip(ahead.more[:2], asked.more[:2], strict=True):
            assert repr(one[value]) == repr(other[value])
        assert repr(ahead.exact[value]) == repr(asked.exact[value])
        if not asked.results[value].quantum:
            assert repr(ahead.goals[value]) == repr(asked.goals[value])


MOMENTS = st.sampled_from([Visit(0), Visit(1), Before(1), Before(2), Batch(0)])
REFS = st.builds(
    Ref,
    st.sampled_from(["a", "W", "batch_loss"]),
    st.integers(0, 2),
    st.lists(st.integers(1, 3), max_size=2).map(tuple),
    MOMENTS,
    st.booleans(),
)


def address(ref: Ref) -> str:
    """As the pages have it: weights before an update stand where the one before made them."""
    if isinstance(ref.moment, Before):
        return f"made-{ref.moment.update}#{ref.marked(after=ref.moment.update > 1).anchor}"
    if isinstance(ref.moment, Batch):
        return f"{'epoch' if ref.name == 'batch_loss' else 'batch'}#{ref.anchor}"
    return f"#{ref.anchor}" if ref.moment == Visit(0) else "table"


@given(st.lists(REFS, max_size=12))
@example([Ref("a", 1, (1,), Visit(0)), Ref("a", 1, (1,), Visit(0), after=True)])
def test_an_address_made_of_its_page_is_the_one_that_is_asked_for(refs: list[Ref]) -> None:
    links = Links(address)
    assert [links[ref.moment][ref.spot] for ref in refs] == [address(ref) for ref in refs]


def lines(values: list[float]) -> list[Line]:
    """Products of each number and the next; the last of one with many digits."""
    pairs = zip(values, [*values[1:], 1 / 3], strict=True)
    return [
        Line(
            Ref("z", 1, (k,), Visit(0)),
            one * two,
            (Bound(forms.product(), (operand(k, one), operand(k + 1, two))),),
        )
        for k, (one, two) in enumerate(pairs, 1)
    ]


def operand(number: int, value: float) -> Operand:
    return Operand(Ref("a", 1, (number,), Visit(0)), value, exact=number % 3 == 0)


@examples(15)
@given(st.lists(VALUES, min_size=1, max_size=8), st.booleans())
def test_many_lines_are_set_as_each_is_by_itself(values: list[float], column: bool) -> None:
    notation = Notation(2, convention="column" if column else "row")
    many, one = (Typesetter(4, notation, lambda ref: f"#{ref.anchor}") for _ in range(2))
    given = lines(values)
    for together, alone in zip(many.lines(given), map(one.line, given), strict=True):
        assert (together.parts, together.links) == (alone.parts, alone.links)
        assert (together.result, together.kept) == (alone.result, alone.kept)
        assert together.latex == alone.latex


def test_a_line_is_the_same_in_another_process() -> None:
    given = operand(2, 0.5)
    kept = pickle.dumps(given)
    assert pickle.loads(kept) == given
    assert b"place" not in kept  # places are numbers of this process
    assert b"spot" not in kept
