"""References: what an anchor says is read back, and every moment has a home."""

from __future__ import annotations

import pickle
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from rendering import PLANE, drawn, layers, training
from single import made
from tracer.notation import QUANTITIES, Notation
from tracer.pages import PageKind, kinds
from tracer.pages.addresses import Address, Addresses
from tracer.refs import (
    Batch,
    Before,
    Datum,
    Here,
    Known,
    Memory,
    Moment,
    Ref,
    Setting,
    TableRow,
    Visit,
    WholeEpoch,
)
from tracer.training import run

REFS = st.builds(
    Ref,
    st.sampled_from(sorted(QUANTITIES)),
    st.integers(1, 12),
    st.lists(st.integers(0, 30), max_size=3).map(tuple),
    after=st.booleans(),
)
TEXTS = st.text(st.sampled_from("aW_z-12 #é"), max_size=8)


@given(REFS)
def test_an_anchor_is_read_back(ref: Ref) -> None:
    assert Ref.at(ref.anchor) == ref
    assert Ref.of(ref.traced, ref.layer, ref.index) == ref


@given(TEXTS)
def test_any_other_text_is_no_anchor(text: str) -> None:
    found = Ref.at(text)
    assert found is None or found.anchor == text


@given(REFS)
def test_the_symbol_after_the_update_is_marked_and_else_the_same(ref: Ref) -> None:
    note = Notation(12)
    before, after = (note.symbol_of(ref.marked(after=is_after)) for is_after in (False, True))
    marked = any(mark in QUANTITIES[note.quantity(ref.name, ref.layer)].latex for mark in "+^")
    assert after.replace("^{+}", "").replace("]+", "]") == before
    assert (before != after) or not marked or "{^" not in QUANTITIES[ref.name].latex


SMALL = {
    "data": PLANE,
    "layers": layers((2, "relu"), (1, "sigmoid")),
    **drawn(),
    **training(epochs=2),
}
HOMES = (
    (Known(), None),
    (Setting(), Address("", "W")),
    (Here(), Address("here", "W-1-1-1")),
    (Datum(2), Address("task", "W-3-1-1")),
    (TableRow(3), Address("predictions/row-4", "W-1-1-1")),
    (TableRow(2), None),
    (WholeEpoch(1), Address("epoch-1", "W-1-1-1")),
    (WholeEpoch(2), None),
    (Visit(1), Address("epoch-1/row-2", "W-1-1-1")),
    (Visit(4), None),
    (Batch(1), Address("epoch-1/row-2", "W-1-1-1")),
    (Before(0), Address("start", "W-1-1-1")),
    (Before(1), Address("epoch-1/row-1", "W_after-1-1-1")),
    (Before(6), Address("trained", "W-1-1-1")),
    (Memory(0), Address("epoch-1/row-1", "W-1-1-1")),
    (Memory(1), Address("epoch-1/row-1", "W_after-1-1-1")),
)


@each(("moment", "home"), HOMES)
def test_a_moment_knows_its_home(moment: Moment, home: Address | None) -> None:
    trace = run(made(SMALL))
    assert trace.updates == 6
    places = Addresses(trace, epochs=(1,), rows=(3,), slug=addresses_of)
    assert places.home(Ref("W", 1, (1, 1), moment), "here") == home


def addresses_of(name: str, **values: int) -> str:
    return kind_of(name).slug.format(**values)


def kind_of(name: str) -> PageKind:
    return next(kind for kind in kinds() if kind.name == name)


def test_every_kind_of_moment_is_tried() -> None:
    assert {type(moment) for moment, _ in HOMES} == set(get_args(Moment))


def test_a_moment_is_one_object_and_a_reference_is_the_same_in_another_process() -> None:
    assert Visit(3) is Visit(3)
    assert len({Visit(3), Batch(3), Visit(4)}) == 3
    assert Visit(3).number == 3
    ref = Ref("W", 1, (2, 1), Before(4), after=True)
    again = pickle.loads(pickle.dumps(ref))
    assert (again, again.moment, again.spot) == (ref, ref.moment, ref.spot)
    assert again.moment is ref.moment
    assert Ref("W", 1, (2, 1), Before(5), after=True) != ref
    with pytest.raises(ValueError, match="zip"):
        Visit(1, 2)
