"""What NumPy kernels compute, recorded as formulas of single numbers instead of being computed.

A kernel of the catalog is called with :class:`Entries` in place of an array. Every function of NumPy
that it calls is noted for each entry, so its own steps, in its own order, can be written out as
scalar code. What has no scalar form raises :class:`NoScalarForm`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from tracer.formula import FloatArray

IGNORED = frozenset(["dtype", "casting", "axis", "keepdims", "out"])


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
            return self.make("where", condition, self.make(operation, *yes), self.make(operation, *no))
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
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "neg": operator.neg},
    **{"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le},
    **{">": operator.gt, ">=": operator.ge, "exp": math.exp, "expm1": math.expm1},
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
        ones = [k for k, part in enumerate(parts) if part.operation == "constant" and part.value == 1]
        return parts[1 - ones[0]] if ones else None
    return None


Make = Callable[..., Term]


def _binary(symbol: str) -> Make:
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
    larger = notes.make("where", notes.make(sign, b, a), b, other)
    return larger


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
_COMPARED = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}
_OPERATORS = {
    **{"add": "+", "subtract": "-", "multiply": "*", "divide": "/"},
    **{"equal": "==", "not_equal": "!=", "logical_and": "and", "logical_or": "or"},
    **_COMPARED,
}
UFUNCS: dict[str, Make] = {
    **{name: _binary(symbol) for name, symbol in _OPERATORS.items()},
    **{name: _call(name) for name in CALLS},
    "erfc": _call("erfc"),
    "erf": _call("erf"),
    "negative": _call("neg"),
    "absolute": _call("abs"),
    "fabs": _call("abs"),
    "logical_not": _call("not"),
    "bitwise_and": _binary("and"),
    "bitwise_or": _binary("or"),
    "positive": lambda _notes, a: a,
    "square": lambda notes, a: notes.make("*", a, a),
    "reciprocal": lambda notes, a: notes.make("/", notes.constant(1.0), a),
    "isnan": lambda notes, a: notes.make("!=", a, a),
    "maximum": _maximum,
    "minimum": partial(_maximum, sign="<"),
    "heaviside": _heaviside,
    "sign": _sign,
    "power": _power,
}


class Entries(NDArrayOperatorsMixin):
    """The entries of a row as terms, where a kernel expects an array of the shape (n,) or ().

    It takes part in NumPy's functions by the protocols that NumPy has for arrays of others.
    """

    def __init__(self, notes: Notes, terms: Sequence[Term], shape: tuple[int, ...]) -> None:
        self.notes, self.terms, self.shape = notes, tuple(terms), shape

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def copy(self) -> Entries:
        """Itself: nothing is ever changed."""
        return self

    def __bool__(self) -> bool:
        raise NoScalarForm("a decision that is made once for all numbers")

    def __array__(self, *_arguments: Any, **_options: Any) -> Any:
        raise NoScalarForm("an array of numbers that are not known")

    def __getitem__(self, key: Any) -> Entries:
        place = key[-1] if isinstance(key, tuple) and key[0] is Ellipsis else None
        if len(self.shape) == 1 and isinstance(place, int):
            return Entries(self.notes, [self.terms[place]], ())
        if len(self.shape) == 1 and place is None and isinstance(key, tuple) and len(key) == 2:
            return self
        raise NoScalarForm("a part of a row")

    def astype(self, kind: Any) -> Entries:
        """Itself: all are float64, and what is true counts as 1."""
        if np.dtype(kind) != np.float64:
            raise NoScalarForm("numbers of another type")
        return self

    def any(self, axis: int) -> Entries:
        """Whether one of the entries holds."""
        return _reduced("or", self, axis=axis)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        make = UFUNCS.get(ufunc.__name__.split()[0])
        if method == "reduce" and ufunc.__name__ == "add":
            return _reduced("+", *inputs, **options)
        if method != "__call__" or make is None or options.keys() - IGNORED:
            raise NoScalarForm(f"{ufunc.__name__}.{method}")
        return _each(self.notes, make, *inputs)

    def __array_function__(self, function: Any, _types: Any, inputs: Any, options: Any) -> Any:
        found = FUNCTIONS.get(function)
        if found is None:
            raise NoScalarForm(function.__name__)
        return found(self.notes, *inputs, **options)


def entries(notes: Notes, value: Any) -> Entries:
    """A value as entries: an array of constants too."""
    if isinstance(value, Entries):
        return value
    array: FloatArray = np.asarray(value, dtype=np.float64)
    return Entries(notes, [notes.constant(number) for number in array.ravel().tolist()], array.shape)


def _spread(one: Entries, shape: tuple[int, ...]) -> Sequence[Term]:
    size = math.prod(shape)
    if len(one.terms) not in (1, size):
        raise NoScalarForm("shapes that do not fit")
    return one.terms if len(one.terms) == size else one.terms * size


def _each(notes: Notes, make: Make, *inputs: Any) -> Entries:
    """An operation on entries that stand at the same place."""
    given = [entries(notes, value) for value in inputs]
    shape = np.broadcast_shapes(*(one.shape for one in given))
    columns = zip(*(_spread(one, shape) for one in given), strict=True)
    return Entries(notes, [make(notes, *column) for column in columns], shape)


def _reduced(operation: str, one: Entries, axis: Any = None, **options: Any) -> Entries:
    """All entries put together, from left to right."""
    if axis != -1 or len(one.shape) != 1 or options.keys() - {"keepdims"}:
        raise NoScalarForm("other axes than the last put together")
    make = UFUNCS.get(operation, _binary(operation))
    total = reduce(partial(make, one.notes), one.terms)
    return Entries(one.notes, [total], (1,) if options.get("keepdims") else ())


def _where(notes: Notes, condition: Any, yes: Any, no: Any) -> Entries:
    return _each(notes, lambda n, *parts: n.make("where", *parts), condition, yes, no)


def _select(notes: Notes, conditions: Any, choices: Any, default: Any = 0) -> Entries:
    pairs = list(zip(conditions, choices, strict=True))
    return reduce(lambda rest, pair: _where(notes, *pair, rest), reversed(pairs), entries(notes, default))


def _clip(notes: Notes, values: Any, low: Any, high: Any) -> Entries:
    return _each(notes, UFUNCS["minimum"], _each(notes, UFUNCS["maximum"], values, low), high)


def _broadcast(notes: Notes, value: Any, shape: tuple[int, ...]) -> Entries:
    return Entries(notes, _spread(entries(notes, value), shape), shape)


def _mean(notes: Notes, one: Any, axis: Any = None, **options: Any) -> Entries:
    total = _reduced("+", one, axis, **options)
    return _each(notes, _binary("/"), total, len(one.terms))


def _stack(notes: Notes, rows: Any, axis: int = 0) -> Entries:
    given = [entries(notes, row) for row in rows]
    if any(one.shape for one in given):
        raise NoScalarForm("a table")
    return Entries(notes, [one.terms[0] for one in given], (len(given),))


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: _where,
    np.select: _select,
    np.clip: _clip,
    np.broadcast_to: _broadcast,
    np.stack: _stack,
    np.mean: _mean,
    np.sum: lambda _notes, one, axis=None, **options: _reduced("+", one, axis, **options),
    np.max: lambda _notes, one, axis=None, **options: _reduced("maximum", one, axis, **options),
    np.min: lambda _notes, one, axis=None, **options: _reduced("minimum", one, axis, **options),
    np.any: lambda _notes, one, axis=None, **options: _reduced("or", one, axis, **options),
}
