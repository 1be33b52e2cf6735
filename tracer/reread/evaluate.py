"""Expressions → values, in the arithmetic of one's choice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any

from tracer.reread.arithmetic import DIGITS, Arithmetic, ExactArithmetic
from tracer.reread.grammar import (
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
    Variable,
)
from tracer.reread.tokens import Literal, UnreadableError

# 1 − erf x falls below the smallest float64, 10^−324, long before: at x = 28 it is 10^−342
MOST_DIGITS = 600
LEAK = Literal("0.01")  # stated here a second time on purpose: this reader trusts no catalog
Rows = list[list[Any]]
Value = Any
"""A number of the arithmetic in use, or rows of them."""


Condition = tuple[tuple[tuple[Node, str, Node], ...], ...]
"""Ways to be met; each is relations that are met together: (formula, sign, formula)."""


@dataclass(frozen=True)
class Piece:
    """A formula in one variable, and where it holds; without a condition everywhere."""

    formula: Node
    condition: Condition = ()


Definition = tuple[Piece, ...]
"""A function of one number: the first piece whose condition is met."""
Definitions = Mapping[str, Definition]
NOTHING_DEFINED: Definitions = MappingProxyType({})


class Evaluator:
    """Evaluates expressions in one arithmetic.

    :attr:`steps` holds every number on the way. Raises UnreadableError for shapes that do not fit,
    ZeroDivisionError, ValueError and InexactError as the arithmetic does. ``absorbing``: 0 times
    anything is 0, also times ∞ and nan, as in a loss whose terms with y = 0 do not count.
    ``defined`` are functions that the grammar does not know by itself; in the formula of one,
    ``variable`` is the number it is taken of.
    """

    def __init__(
        self,
        arithmetic: Arithmetic,
        *,
        absorbing: bool = False,
        defined: Definitions = NOTHING_DEFINED,
        variable: Any = None,
    ) -> None:
        self.arithmetic, self.absorbing = arithmetic, absorbing
        self.defined, self.variable = defined, variable
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
            case Variable() | Constant():
                return self._letter(node)
            case Matrix(rows):
                return _rectangular([[self._number(cell) for cell in row] for row in rows])
            case Sum(terms):
                return self._sum([(sign, self.value(term)) for sign, term in terms])
            case Product(first, second, sign):
                return self._product(self.value(first), self.value(second), sign)
            case _:
                return self._of_numbers(node)

    def _letter(self, node: Variable | Constant) -> Any:
        if isinstance(node, Variable):
            return self.variable
        return self.arithmetic.pi() if node.name == "π" else self.arithmetic.exp(self.one)

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
                raise UnreadableError(f"{node!r} among numbers")

    def _quotient(self, above: Any, below: Node) -> Any:
        return self.zero if self._absorbs(above) else above / self._number(below)

    def _absorbs(self, *factors: Any) -> bool:
        return self.absorbing and any(self.arithmetic.sign(factor) == 0 for factor in factors)

    def _number(self, node: Node) -> Any:
        found = self.value(node)
        if isinstance(found, list):
            raise UnreadableError("a matrix where a number belongs")
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
                return _pairwise(first, second, lambda p, q: self._product(p, q, ""))
            return self._matrix_product(first, second)
        if sign == "⊙":
            raise UnreadableError("⊙ between numbers")
        if any(matrices):
            number, matrix = (second, first) if matrices[0] else (first, second)
            return _each(matrix, lambda x: number * x)
        return self.zero if self._absorbs(first, second) else first * second

    def _matrix_product(self, first: Rows, second: Rows) -> Rows:
        if len(first[0]) != len(second):
            raise UnreadableError(f"{_shape(first)} times {_shape(second)} does not fit")
        columns = list(zip(*second, strict=True))
        return [[self._dot(row, column) for column in columns] for row in first]

    def _dot(self, row: list[Any], column: tuple[Any, ...]) -> Any:
        products = [self._product(p, q, "") for p, q in zip(row, column, strict=True)]
        self.steps += products
        return self._sum([(1, product) for product in products])

    def _raised(self, base: Node, exponent: Node) -> Any:
        if base == Constant("e"):
            return self.arithmetic.exp(self._number(exponent))
        power = Evaluator(ExactArithmetic()).value(exponent)
        if isinstance(power, list):
            raise UnreadableError("a power that is a matrix")
        if power.as_rational is None:  # x^p = e^(p ln x)
            logarithm = self.arithmetic.log(self._number(base))
            return self.arithmetic.exp(self._number(exponent) * logarithm)
        if power.constant.denominator == 1:
            return self.arithmetic.power(self._number(base), int(power.constant))
        return self.arithmetic.root(self._number(base), power.constant)

    def _call(self, name: str, arguments: list[Value]) -> Value:
        if name in ("max", "min"):
            pick = max if name == "max" else min
            return pick(arguments, key=_Order(self.arithmetic))
        if len(arguments) != 1:
            raise UnreadableError(f"{name} of {len(arguments)} numbers")
        if name == "softmax":
            return self._softmax(arguments[0])
        return _each(arguments[0], self._function(name))

    def _function(self, name: str) -> Callable[[Any], Any]:
        """A function that the page's maker defined, that is known here, or that mpmath knows."""
        if name in self.defined:
            return partial(self._by_definition, self.defined[name])
        known = self._functions().get(name)
        return known or partial(self.arithmetic.apply, name)

    def _by_definition(self, definition: Definition, x: Any) -> Any:
        """The value of the piece whose condition holds at x."""
        inside = self.at(x)
        piece = next((each for each in definition if inside.holds(each.condition)), None)
        if piece is None:
            raise UnreadableError("a function that is not defined at this number")
        found = inside.value(piece.formula)
        self.steps += inside.steps
        return found

    def at(self, x: Any) -> Evaluator:
        """The same arithmetic inside the definition of a function, which is taken of x."""
        return Evaluator(
            self.arithmetic, absorbing=self.absorbing, defined=self.defined, variable=x
        )

    def holds(self, condition: Condition) -> bool:
        """Whether all relations of one of the ways are met; without any it is."""
        ways = (all(self._is_met(*relation) for relation in way) for way in condition)
        return not condition or any(ways)

    def _is_met(self, left: Node, sign: str, right: Node) -> bool:
        difference = self.arithmetic.sign(self._number(left) + -self._number(right))
        met = {">": difference > 0, "<": difference < 0, "≥": difference >= 0, "≤": difference <= 0}
        if sign not in met:
            raise UnreadableError(f"{sign!r} in a condition")
        return met[sign]

    def _functions(self) -> Mapping[str, Callable[[Any], Any]]:
        known = self.arithmetic
        return {
            "id": lambda x: x,
            "ln": known.log,
            "log": known.log,
            "tanh": known.tanh,
            "erf": known.erf,
            "σ": self._sigmoid,
            "ReLU": partial(self._branch, below=lambda x: self.zero),
            "LeakyReLU": partial(self._branch, below=lambda x: known.number(LEAK) * x),
            "ELU": partial(self._branch, below=lambda x: known.exp(x) + -self.one),
            "softplus": lambda x: known.log(self.one + known.exp(x)),
            "SiLU": lambda x: x * self._sigmoid(x),
            "GELU": self._gelu,
            "sign": self._sign,
            "abs": lambda x: -x if known.sign(x) < 0 else x,
        }

    def _branch(self, x: Any, below: Callable[[Any], Any]) -> Any:
        sign = self.arithmetic.sign(x)
        return x if sign > 0 or math.isnan(sign) else below(x)

    def _sign(self, x: Any) -> Any:
        sign = self.arithmetic.sign(x)
        return self.one if sign > 0 else -self.one if sign < 0 else x

    def _sigmoid(self, x: Any) -> Any:
        return self.one / (self.one + self.arithmetic.exp(-x))

    def _gelu(self, x: Any) -> Any:
        half = self.one / (self.one + self.one)
        root = self.arithmetic.sqrt(self.one + self.one) if self.arithmetic.sign(x) else self.one
        return half * x * (self.one + self.arithmetic.erf(x / root))

    def _softmax(self, rows: Value) -> Value:
        if not isinstance(rows, list):
            raise UnreadableError("softmax of a number")
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
    """Every printed number of an expression, in the order of reading."""
    rest = [node]
    while rest:
        part = rest.pop()
        if isinstance(part, Literal):
            yield part
        elif isinstance(part, tuple):
            rest += reversed(part)
        else:
            names = getattr(part, "__dataclass_fields__", ())
            rest += [getattr(part, name) for name in reversed(names)]


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
        return not all(is_zero(argument) for argument in node.arguments)
    if isinstance(node, tuple):
        return any(calls(part, name) for part in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(calls(getattr(node, part), name) for part in fields)


def is_zero(node: Any) -> bool:
    """Whether an expression is 0 as it is written: 0, a multiple of it, or a part of it."""
    if isinstance(node, Number):
        return node.literal.is_finite and not node.literal.value
    if isinstance(node, Quotient):
        return is_zero(node.above)
    if isinstance(node, Product):
        return is_zero(node.first) or is_zero(node.second)
    return isinstance(node, Sum) and all(is_zero(term) for _, term in node.terms)


def _rectangular(rows: Rows) -> Rows:
    if len({len(row) for row in rows}) != 1:
        raise UnreadableError("a matrix with rows of different lengths")
    return rows


def _each(value: Value, function: Callable[[Any], Any]) -> Value:
    if isinstance(value, list):
        return [[function(x) for x in row] for row in value]
    return function(value)


def _pairwise(first: Value, second: Value, function: Callable[[Any, Any], Any]) -> Value:
    if not (isinstance(first, list) or isinstance(second, list)):
        return function(first, second)
    if _shape(first) != _shape(second):
        raise UnreadableError(f"{_shape(first)} and {_shape(second)} do not fit")
    return [
        [function(p, q) for p, q in zip(row, other, strict=True)]
        for row, other in zip(first, second, strict=True)
    ]


def _shape(value: Value) -> tuple[int, int] | str:
    return (len(value), len(value[0])) if isinstance(value, list) else "a number"
