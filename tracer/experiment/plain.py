"""Values that are plainly right for a type: looked at here, without a library for it.

What is right in a file is nearly always plain: a number that is a number, a list of them, one of a
few words. Whatever is not plainly right is left to :mod:`tracer.experiment.strict`, which knows all
rules, accepts what is unusual and says where a wrong value stands. So this may refuse what that one
takes, and never takes what that one refuses, or as something else.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

REFUSED: Any = object()
"""What a look gives for a value that is not plainly right."""
EXACT = 2**53
"""Whole numbers up to here are floats without a loss."""
Look = Callable[[Any], Any]
"""Gives the value as the section holds it, or :data:`REFUSED`."""


def look_for(hint: Any) -> Look:
    """What looks at values for a type, with all that is said beside it."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _held(look_for(inside[0]), inside[1:])
    if origin in (Union, UnionType):
        return _any_of([look_for(one) for one in inside])
    if origin is tuple:
        return _items(None if inside[0] is Any else look_for(inside[0]))
    if origin is dict:
        return _table(look_for(inside[1]))
    if origin is Literal:
        return lambda value: value if type(value) is str and value in inside else REFUSED
    return _LOOKS[hint] if hint in _LOOKS else _section(hint)


def _held(look: Look, said: tuple[Any, ...]) -> Look:
    """The same where each thing that is said of the values holds too."""
    wholes = tuple(one.whole for one in said if hasattr(one, "whole"))
    holds = tuple(one.holds for one in said if hasattr(one, "holds"))
    if not holds and not wholes:
        return look

    def held(value: Any) -> Any:
        if wholes and isinstance(value, wholes):
            return value
        found = look(value)
        right = found is not REFUSED and all(hold(found) for hold in holds)
        return found if right else REFUSED

    return held


def _any_of(looks: list[Look]) -> Look:
    def any_of(value: Any) -> Any:
        found = (look(value) for look in looks)
        return next((one for one in found if one is not REFUSED), REFUSED)

    return any_of


def _items(look: Look | None) -> Look:
    """A tuple of any length, each item of which is right."""

    def items(value: Any) -> Any:
        if type(value) is not tuple:
            return REFUSED
        if look is None:
            return value
        found = tuple(map(look, value))
        return REFUSED if any(one is REFUSED for one in found) else found

    return items


def _table(look: Look) -> Look:
    """A table of any keys, each value of which is right."""

    def table(value: Any) -> Any:
        if type(value) is not dict or any(_text(key) is REFUSED for key in value):
            return REFUSED
        found = {key: look(one) for key, one in value.items()}
        return REFUSED if any(one is REFUSED for one in found.values()) else found

    return table


def _section(kind: Any) -> Look:
    """A table with keys of its own: see :class:`tracer.experiment.section.Section`."""
    return lambda value: kind.of_plain(value) if type(value) is dict else REFUSED


def _text(value: Any) -> Any:
    if type(value) is not str:
        return REFUSED
    try:
        value.encode()
    except UnicodeEncodeError:  # half a pair of surrogates
        return REFUSED
    return value


def _number(value: Any) -> Any:
    if type(value) is float:
        return value if math.isfinite(value) else REFUSED
    return float(value) if type(value) is int and abs(value) <= EXACT else REFUSED


def _just(kind: type) -> Look:
    return lambda value: value if type(value) is kind else REFUSED


_LOOKS: dict[Any, Look] = {
    Any: lambda value: value,
    str: _text,
    float: _number,
    int: _just(int),
    bool: _just(bool),
    NoneType: _just(NoneType),
}
