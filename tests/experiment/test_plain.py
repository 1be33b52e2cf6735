"""What is plainly right is taken without pydantic, and just as pydantic would take it."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from examples import examples
from tracer.experiment.fields import WrongValueError
from tracer.experiment.model import Init, Layer, Stop, Training
from tracer.experiment.plain import REFUSED
from tracer.experiment.section import Section
from tracer.experiment.sections import TABLES
from tracer.experiment.strict import validated

SECTIONS: list[type[Section]] = [*TABLES.values(), Stop]
LAYER: dict[str, Any] = {"units": 1, "activation": "relu"}
WORDS = [
    *("", "all", "same", "zeros", "relu", "adam", "uniform", "row", "ln", "loss", "mean", "binary"),
    *(
        "partial",
        "constant",
        "squared_error",
        "first 10",
        "1-3",
        "3-1",
        "largest 2",
        "hardest",
        "pt_BR",
        "en",
        "en\n",
        "x",
        "\ud800",
    ),
]


class Word(str):
    """A text that is not just a text."""

    __slots__ = ()


ODD: list[Any] = [True, False, None, Word("all"), b"all", [1], object]
NUMBERS: list[Any] = [
    *(0, 1, 2, -1, 10_000, 10_001, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 10**400),
    *(0.0, -0.0, 0.5, 1e-4, 1e300, 1e301, float("nan"), float("inf")),
]
ITEMS = st.sampled_from([*WORDS, *NUMBERS, *ODD])
LISTS = st.recursive(ITEMS, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
KEYS = st.sampled_from([*WORDS, "patience", "tolerance", "measure"]) | st.just(1)
VALUES = LISTS | st.dictionaries(KEYS, LISTS, max_size=2)


def strict(section: type[Section], values: dict[str, Any]) -> Any:
    """What pydantic makes of the values; REFUSED where it finds something wrong."""
    try:
        return validated(section, values)
    except WrongValueError:
        return REFUSED


def told(section: Section) -> tuple[Any, ...]:
    """All that a section holds, its types too: 1 is not 1.0, nor True."""
    return repr(section), section.model_fields_set, type(section)


def check(section: type[Section], values: dict[str, Any]) -> None:
    taken = section.of_plain(values)
    if taken is not REFUSED:
        assert told(taken) == told(strict(section, values))
        assert told(pickle.loads(pickle.dumps(taken))) == told(taken)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_each_value_for_each_key(section: type[Section]) -> None:
    for name in section.model_fields:
        for value in [*WORDS, *NUMBERS, *ODD]:
            for whole in (value, (value,), ((value, 1),), (((value,),),), {"patience": value}):
                check(section, {**(LAYER if section is Layer else {}), name: whole})


@st.composite
def tables(draw: st.DrawFn) -> tuple[type[Section], dict[str, Any]]:
    """A section and what a file says in it, which is mostly one key and mostly wrong."""
    section = draw(st.sampled_from(SECTIONS))
    values = draw(st.dictionaries(st.sampled_from([*section.model_fields]), VALUES, max_size=2))
    return section, {**(LAYER if section is Layer else {}), **values}


@examples(400)
@given(tables())
@example((Training, {"stop": {"patience": 3, "tolerance": 1}}))
@example((Training, {"unknown": 1}))
@example((Layer, {"units": 3}))
@example((Init, {"weights": (((1, 2.0),),), "biases": ((1,),)}))
def test_what_is_taken_at_once_is_what_pydantic_takes(
    table: tuple[type[Section], dict[str, Any]],
) -> None:
    check(*table)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_key_has_a_value_that_is_plainly_right(section: type[Section]) -> None:
    """So that no key leads to pydantic whatever stands there."""
    lists = [(), ("x",), ((1,),), (1,), (((1.0,),),)]
    tried = [*WORDS, *NUMBERS, *lists, {}, {"patience": 3}, {"x": "y"}, True]
    needed = LAYER if section is Layer else {}
    for name in section.model_fields:
        assert any(section.of_plain({**needed, name: value}) is not REFUSED for value in tried)


def test_a_changed_section_is_one_of_its_own() -> None:
    before = Stop(patience=3)
    after = before.model_copy(update={"tolerance": 1.0})
    assert (before.tolerance, after.tolerance, after.patience) == (1e-4, 1.0, 3)
    assert before.model_fields_set == {"patience"}
    assert after.model_fields_set == {"patience", "tolerance"}
    assert before != after
    assert hash(before) == hash(Stop(patience=3))
    with pytest.raises(FrozenInstanceError):
        del before.patience
    with pytest.raises(WrongValueError):
        Stop(patience=0)
    with pytest.raises(WrongValueError):
        Layer(units=1)  # type: ignore[call-arg]
