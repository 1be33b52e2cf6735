"""Expressions → values, in exact, in many-digit or in float64 arithmetic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Protocol

import numpy as np

from tracer.check.exact import Exact, Inexact, context
from tracer.check.grammar import (
    Call,
    Constant,
    Matrix,
    Node,
    Number,
    Product,
    Quotient,
    Raised,
    SquareRoot,
    Sum,
)
from tracer.check.tokens import Literal, Unreadable

DIGITS, SPARE = 60, 5
MOST_DIGITS = 600
LEAK = Literal("0.01")
Rows = list[list[Any]]
Value = Any
"""A number of the arithmetic in use, or rows of them."""


class Arithmetic(Protocol):
    """Numbers with + − · / of their own, and the functions that have no operator."""

    def number(self, literal: Literal) -> Any:
        """A printed number."""

    def pi(self) -> Any:
        """π."""

    def exp(self, x: Any) -> Any:
        """e^x."""

    def log(self, x: Any) -> Any:
        """ln x."""

    def tanh(self, x: Any) -> Any:
        """tanh x."""

    def erf(self, x: Any) -> Any:
        """The error function."""

    def sqrt(self, x: Any) -> Any:
        """√x."""

    def sign(self, x: Any) -> float:
        """Negative, 0 or positive as x is."""


class ExactArithmetic:
    """Quotients of sums of powers of e, and logarithms of them; raises Inexact elsewhere."""

    def number(self, literal: Literal) -> Exact:
        """The digits as they stand."""
        if not literal.is_finite:
            raise Inexact
        return Exact.rational(literal.value)

    def pi(self) -> Exact:
        """Not within reach."""
        raise Inexact

    def exp(self, x: Exact) -> Exact:
        """e^x of a rational x."""
        return x.exp()

    def log(self, x: Exact) -> Exact:
        """ln x of a positive x."""
        return x.log()

    def tanh(self, x: Exact) -> Exact:
        """(e²ˣ − 1) / (e²ˣ + 1)."""
        square, one = (x + x).exp(), Exact.rational(1)
        return (square + -one) / (square + one)

    def erf(self, x: Exact) -> Exact:
        """Only erf 0."""
        if x.as_rational != 0:
            raise Inexact
        return x

    def sqrt(self, x: Exact) -> Exact:
        """The root of a square."""
        return x.sqrt()

    def sign(self, x: Exact) -> float:
        """Decided exactly."""
        return x.sign()


class ManyDigits:
    """Numbers of the precision that :data:`tracer.check.exact.context` is set to, ±∞ and nan."""

    def number(self, literal: Literal) -> Any:
        """The digits as they stand, or ±∞ or nan."""
        if not literal.is_finite:
            return context.mpf({"∞": "inf", "−∞": "-inf"}.get(literal.text, "nan"))
        return context.mpf(literal.value.numerator) / literal.value.denominator

    def pi(self) -> Any:
        """π to the precision in use."""
        return +context.pi

    def exp(self, x: Any) -> Any:
        """e^x."""
        return context.exp(x)

    def log(self, x: Any) -> Any:
        """ln x, −∞ at 0."""
        return context.log(x) if x else context.mpf("-inf")

    def tanh(self, x: Any) -> Any:
        """tanh x."""
        return context.tanh(x)

    def erf(self, x: Any) -> Any:
        """The error function, short of ±1 also where the digits in use do not show it."""
        found = context.erf(x)
        if abs(found) < 1 or not context.isfinite(x):
            return found
        return found * (1 - context.mpf(10) ** (SPARE - context.dps))

    def sqrt(self, x: Any) -> Any:
        """√x."""
        return context.sqrt(x)

    def sign(self, x: Any) -> float:
        """The sign; nan for nan."""
        return math.nan if context.isnan(x) else float(context.sign(x))


class Float64:
    """The arithmetic of the training itself, with its ∞ and nan."""

    def number(self, literal: Literal) -> Any:
        """The nearest float64."""
        text = literal.text.replace("−", "-").replace("∞", "inf")
        return np.float64(f"{text}e{literal.exponent}" if literal.is_finite else text)

    def pi(self) -> Any:
        """π."""
        return np.float64(math.pi)

    def exp(self, x: Any) -> Any:
        """e^x."""
        return np.exp(x)

    def log(self, x: Any) -> Any:
        """ln x."""
        return np.log(x)

    def tanh(self, x: Any) -> Any:
        """tanh x."""
        return np.tanh(x)

    def erf(self, x: Any) -> Any:
        """The error function."""
        return np.float64(math.erf(x))

    def sqrt(self, x: Any) -> Any:
        """√x."""
        return np.sqrt(x)

    def sign(self, x: Any) -> float:
        """The sign; nan for nan."""
        return float(np.sign(x))


class Evaluator:
    """Evaluates expressions in one arithmetic.

    :attr:`steps` holds every number on the way. Raises Unreadable for shapes that do not fit,
    ZeroDivisionError, ValueError and Inexact as the arithmetic does. ``absorbing``: 0 times
    anything is 0, also times ∞ and nan, as in a loss whose terms with y = 0 do not count.
    """

    def __init__(self, arithmetic: Arithmetic, *, absorbing: bool = False) -> None:
        self.arithmetic, self.absorbing = arithmetic, absorbing
        self.steps: list[Any] = []
        self.one = arithmetic.number(Literal("1"))
        self.zero = arithmetic.number(Literal("0"))

    def value(self, node: Node) -> Value:
        """A number, or a list of rows for a matrix."""
        found = self._value(node)
        self.steps += flat(found)
        return found

    def _value(self, node: Node) -> Value:
        match node:
            case Number(literal):
                return self.arithmetic.number(literal)
            case Constant(name):
                one = self.one
                return self.arithmetic.pi() if name == "π" else self.arithmetic.exp(one)
            case Matrix(rows):
                return _rectangular([[self._number(cell) for cell in row] for row in rows])
            case Sum(terms):
                return self._sum([(sign, self.value(term)) for sign, term in terms])
            case Product(first, second, sign):
                return self._product(self.value(first), self.value(second), sign)
            case _:
                return self._of_numbers(node)

    def _of_numbers(self, node: Node) -> Value:
        match node:
            case Quotient(above, below):
                return self._quotient(self._number(above), below)
            case SquareRoot(inside):
                return self.arithmetic.sqrt(self._number(inside))
            case Raised(base, exponent):
                return self._raised(base, exponent)
            case Call(name, arguments):
                return self._call(name, [self.value(argument) for argument in arguments])
            case _:
                raise Unreadable(f"{node!r} among numbers")

    def _quotient(self, above: Any, below: Node) -> Any:
        return self.zero if self._absorbs(above) else above / self._number(below)

    def _absorbs(self, *factors: Any) -> bool:
        return self.absorbing and any(self.arithmetic.sign(factor) == 0 for factor in factors)

    def _number(self, node: Node) -> Any:
        found = self.value(node)
        if isinstance(found, list):
            raise Unreadable("a matrix where a number belongs")
        return found

    def _sum(self, terms: list[tuple[int, Value]]) -> Value:
        total: Value = None
        for sign, term in terms:
            signed = term if sign > 0 else _each(term, lambda x: -x)
            total = signed if total is None else _pairwise(total, signed, lambda p, q: p + q)
        return total

    def _product(self, first: Value, second: Value, sign: str) -> Value:
        matrices = [isinstance(factor, list) for factor in (first, second)]
        if all(matrices):
            if sign == "⊙":
                return _pairwise(first, second, lambda p, q: p * q)
            return self._matrix_product(first, second)
        if sign == "⊙":
            raise Unreadable("⊙ between numbers")
        if any(matrices):
            number, matrix = (second, first) if matrices[0] else (first, second)
            return _each(matrix, lambda x: number * x)
        return self.zero if self._absorbs(first, second) else first * second

    def _matrix_product(self, first: Rows, second: Rows) -> Rows:
        if len(first[0]) != len(second):
            raise Unreadable(f"{_shape(first)} times {_shape(second)} does not fit")
        columns = list(zip(*second, strict=True))
        return [[self._dot(row, column) for column in columns] for row in first]

    def _dot(self, row: list[Any], column: tuple[Any, ...]) -> Any:
        products = [self._product(p, q, "") for p, q in zip(row, column, strict=True)]
        self.steps += products
        return self._sum([(1, product) for product in products])

    def _raised(self, base: Node, exponent: Node) -> Any:
        if base == Constant("e"):
            return self.arithmetic.exp(self._number(exponent))
        if isinstance(exponent, Number) and exponent.literal.is_finite:
            power = exponent.literal.value
            if power.denominator == 1:
                return self._number(base) ** int(power)
        raise Unreadable("a power that is no whole number")

    def _call(self, name: str, arguments: list[Value]) -> Value:
        if name == "max":
            return max(arguments, key=_Order(self.arithmetic))
        if len(arguments) != 1:
            raise Unreadable(f"{name} of {len(arguments)} numbers")
        if name == "softmax":
            return self._softmax(arguments[0])
        function = self._functions()[name]
        return _each(arguments[0], function)

    def _functions(self) -> Mapping[str, Callable[[Any], Any]]:
        known = self.arithmetic
        return {
            "id": lambda x: x,
            "ln": known.log,
            "tanh": known.tanh,
            "erf": known.erf,
            "σ": self._sigmoid,
            "ReLU": partial(self._branch, below=lambda x: self.zero),
            "LeakyReLU": partial(self._branch, below=lambda x: known.number(LEAK) * x),
            "ELU": partial(self._branch, below=lambda x: known.exp(x) + -self.one),
            "softplus": lambda x: known.log(self.one + known.exp(x)),
            "SiLU": lambda x: x * self._sigmoid(x),
            "GELU": self._gelu,
        }

    def _branch(self, x: Any, below: Callable[[Any], Any]) -> Any:
        sign = self.arithmetic.sign(x)
        return x if sign > 0 or math.isnan(sign) else below(x)

    def _sigmoid(self, x: Any) -> Any:
        return self.one / (self.one + self.arithmetic.exp(-x))

    def _gelu(self, x: Any) -> Any:
        half = self.one / (self.one + self.one)
        root = self.arithmetic.sqrt(self.one + self.one) if self.arithmetic.sign(x) else self.one
        return half * x * (self.one + self.arithmetic.erf(x / root))

    def _softmax(self, rows: Value) -> Value:
        if not isinstance(rows, list):
            raise Unreadable("softmax of a number")
        largest = max(flat(rows), key=_Order(self.arithmetic))
        powers = _each(rows, lambda x: self.arithmetic.exp(x + -largest))
        total = self._sum([(1, power) for power in flat(powers)])
        return _each(powers, lambda power: power / total)


class _Order:
    """Orders numbers by the sign of their differences, which every arithmetic knows."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic

    def __call__(self, x: Any) -> _Ordered:
        return _Ordered(x, self.arithmetic)


class _Ordered:
    def __init__(self, x: Any, arithmetic: Arithmetic) -> None:
        self.x, self.arithmetic = x, arithmetic

    def __lt__(self, other: _Ordered) -> bool:
        return not self.arithmetic.sign(self.x + -other.x) >= 0

    def __gt__(self, other: _Ordered) -> bool:
        return not self.arithmetic.sign(self.x + -other.x) <= 0


def flat(value: Value) -> list[Any]:
    """The numbers of a value, row by row."""
    return [x for row in value for x in row] if isinstance(value, list) else [value]


def literals(node: Any) -> Iterator[Literal]:
    """Every printed number of an expression."""
    if isinstance(node, Literal):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from literals(part)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from literals(getattr(node, name))


def digits_for(node: Node) -> int:
    """How many digits keep what is left of 1 ± erf x for this expression's numbers.

    What is not kept by the most digits is too small for float64 by far.
    """
    sizes = [abs(each.value) for each in literals(node) if each.is_finite]
    largest = min(max(sizes, default=Fraction(0)), Fraction(10**4))
    return min(MOST_DIGITS, DIGITS + math.ceil(largest * largest / 4 + largest))


def calls(node: Any, name: str) -> bool:
    """Whether the function ``name`` is called with anything but 0."""
    if isinstance(node, Call) and node.name == name:
        return node.arguments != (Number(Literal("0")),)
    if isinstance(node, tuple):
        return any(calls(part, name) for part in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(calls(getattr(node, part), name) for part in fields)


def _rectangular(rows: Rows) -> Rows:
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("a matrix with rows of different lengths")
    return rows


def _each(value: Value, function: Callable[[Any], Any]) -> Value:
    if isinstance(value, list):
        return [[function(x) for x in row] for row in value]
    return function(value)


def _pairwise(first: Value, second: Value, function: Callable[[Any, Any], Any]) -> Value:
    if not (isinstance(first, list) or isinstance(second, list)):
        return function(first, second)
    if _shape(first) != _shape(second):
        raise Unreadable(f"{_shape(first)} and {_shape(second)} do not fit")
    return [
        [function(p, q) for p, q in zip(row, other, strict=True)]
        for row, other in zip(first, second, strict=True)
    ]


def _shape(value: Value) -> tuple[int, int] | str:
    return (len(value), len(value[0])) if isinstance(value, list) else "a number"
