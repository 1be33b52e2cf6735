"""Single numbers as terms: constants, names, and operations on them, each made once.

What is decided while a term is made (a product with 1, a choice between constants) saves time in
every update of the code that is written of it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any


class NoScalarForm(Exception):  # noqa: N818 - no error: the arrays do it
    """A kernel does something that is not written out as scalars."""


@dataclass(frozen=True, eq=False)
class Term:
    """A number: a constant, a name, or an operation on other terms.

    The same one is made only once by its :class:`Notes`, so terms are compared by identity.
    """

    operation: str
    parts: tuple[Term, ...] = ()
    value: float = 0.0
    name: str = ""


class Notes:
    """All terms that were made, each once, with what can be decided while they are made."""

    def __init__(self) -> None:
        self._terms: dict[Any, Term] = {}

    def constant(self, value: float) -> Term:
        """A number that is known."""
        value = float(value)
        return self._once(("constant", repr(value)), Term("constant", value=value))

    def name(self, name: str) -> Term:
        """A number that has a name in the code."""
        return self._once(("name", name), Term("name", name=name))

    def make(self, operation: str, *parts: Term) -> Term:
        """An operation, or what is the same with less work.

        An operation on a choice between constants (a slope that is 1 or 0) is made on each of them,
        so the choice stands once and outside.
        """
        found = _shorter(operation, parts)
        if found is not None:
            return found if isinstance(found, Term) else self.constant(found)
        choice = next((part for part in parts if _is_of_constants(part)), None)
        if choice is not None and not (operation == "where" and choice is not parts[0]):
            condition = choice.parts[0]
            yes, no = ([_chosen(part, condition, side) for part in parts] for side in (1, 2))
            return self.make(
                "where", condition, self.make(operation, *yes), self.make(operation, *no)
            )
        key = (operation, *map(id, parts))
        return self._once(key, Term(operation, parts))

    def _once(self, key: Any, term: Term) -> Term:
        return self._terms.setdefault(key, term)


def _is_of_constants(term: Term) -> bool:
    return term.operation == "where" and any(p.operation == "constant" for p in term.parts[1:])


def _chosen(term: Term, condition: Term, side: int) -> Term:
    """What a term is where a condition holds (1) or does not (2)."""
    while term.operation == "where" and term.parts[0] is condition:
        term = term.parts[side]
    return term


_KNOWN: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "neg": operator.neg,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _shorter(operation: str, parts: Sequence[Term]) -> Term | float | None:
    first = parts[0]
    if operation == "where":
        if first.operation == "constant":
            return parts[1] if first.value else parts[2]
        return parts[1] if parts[1] is parts[2] else None
    if all(part.operation == "constant" for part in parts) and operation in _KNOWN:
        return _KNOWN[operation](*(part.value for part in parts))
    if operation == "*":
        ones = [
            k for k, part in enumerate(parts) if part.operation == "constant" and part.value == 1
        ]
        return parts[1 - ones[0]] if ones else None
    return None


Make = Callable[..., Term]


def binary(symbol: str) -> Make:
    """How a term is made of two."""
    return lambda notes, a, b: notes.make(symbol, a, b)


def _call(name: str) -> Make:
    return lambda notes, *parts: notes.make(name, *parts)


def _maximum(notes: Notes, a: Term, b: Term, sign: str = ">") -> Term:
    """The larger of two; nan where one is nan."""
    if a.operation == "constant" and not math.isnan(a.value):
        a, b = b, a
    if b.operation == "constant" and not math.isnan(b.value):
        back = {">": "<=", "<": ">="}[sign]
        return notes.make("where", notes.make(back, a, b), b, a)
    other = notes.make("where", notes.make("!=", b, b), b, a)
    return notes.make("where", notes.make(sign, b, a), b, other)


def _heaviside(notes: Notes, z: Term, middle: Term) -> Term:
    zero = notes.constant(0.0)
    edge = notes.make("where", notes.make("==", z, zero), middle, z)
    if middle is zero:
        below = notes.make("where", notes.make("<=", z, zero), zero, z)
    else:
        below = notes.make("where", notes.make("<", z, zero), zero, edge)
    return notes.make("where", notes.make(">", z, zero), notes.constant(1.0), below)


def _sign(notes: Notes, z: Term) -> Term:
    zero = notes.constant(0.0)
    below = notes.make("where", notes.make("<", z, zero), notes.constant(-1.0), z)
    return notes.make("where", notes.make(">", z, zero), notes.constant(1.0), below)


def _power(notes: Notes, base: Term, exponent: Term) -> Term:
    if exponent.operation == "constant":
        match exponent.value:
            case 1.0:
                return base
            case 2.0:
                return notes.make("*", base, base)
            case 0.5:
                return notes.make("sqrt", base)
            case -1.0:
                return notes.make("/", notes.constant(1.0), base)
    return notes.make("pow", base, exponent)


CALLS = ("exp", "expm1", "log", "log1p", "sqrt", "tanh", "sinh", "cosh", "sin", "cos", "arctan")
"""Functions that Python's `math` has too; where it raises an error, NumPy has a number."""
_OPERATORS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "equal": "==",
    "not_equal": "!=",
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "logical_and": "and",
    "logical_or": "or",
    "bitwise_and": "and",
    "bitwise_or": "or",
}
UFUNCS: dict[str, Make] = {
    **{name: binary(symbol) for name, symbol in _OPERATORS.items()},
    **{name: _call(name) for name in CALLS},
    "erfc": _call("erfc"),
    "erf": _call("erf"),
    "negative": _call("neg"),
    "absolute": _call("abs"),
    "fabs": _call("abs"),
    "logical_not": _call("not"),
    "positive": lambda _notes, a: a,
    "square": lambda notes, a: notes.make("*", a, a),
    "reciprocal": lambda notes, a: notes.make("/", notes.constant(1.0), a),
    "isnan": lambda notes, a: notes.make("!=", a, a),
    "maximum": _maximum,
    "minimum": partial(_maximum, sign="<"),
    "heaviside": _heaviside,
    "sign": _sign,
    "power": _power,
    "floor_divide": _call("floordiv"),
}
