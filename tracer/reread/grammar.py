"""Tokens → expressions, by the rules that a reader applies; faults of form are noted on the way.

Raised powers bind first, then products (written or side by side), then sums. A fault is a way of
writing that the contract of numbers rules out although its meaning is clear.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.reread.reason import Reason, because
from tracer.reread.tokens import (
    Literal,
    Name,
    Numeral,
    Power,
    Ratio,
    Root,
    Row,
    Sign,
    Table,
    Token,
    UnreadableError,
    text_of,
)

FUNCTIONS = frozenset(
    "ln,log,tanh,erf,max,min,sign,σ,ReLU,LeakyReLU,ELU,softplus,SiLU,GELU,softmax,id".split(",")  # noqa: SIM905
)
"""What stands beside other names; any other function is known by the brackets behind its name."""
CONSTANTS = frozenset(["e", "π"])
RELATIONS = frozenset(["=", "≈", "<", ">", "≤", "≥", "≠"])


@dataclass(frozen=True)
class Number:
    """A printed number."""

    literal: Literal


@dataclass(frozen=True)
class Constant:
    """e or π."""

    name: str


@dataclass(frozen=True)
class Variable:
    """A letter that stands for any number, in the definition of a function."""

    name: str


@dataclass(frozen=True)
class Sum:
    """Terms with their signs, +1 or −1."""

    terms: tuple[tuple[int, Node], ...]


@dataclass(frozen=True)
class Product:
    """Two factors; ``sign`` is ⋅, ⊙ or "" where they stand side by side."""

    first: Node
    second: Node
    sign: str


@dataclass(frozen=True)
class Quotient:
    """A fraction."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Raised:
    """A power."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class SquareRoot:
    """A square root."""

    inside: Node


@dataclass(frozen=True)
class Call:
    """A function of its arguments."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Matrix:
    """A matrix, row by row."""

    rows: tuple[tuple[Node, ...], ...]


Node = Number | Constant | Variable | Sum | Product | Quotient | Raised | SquareRoot | Call | Matrix


@dataclass
class Faults:
    """What was found wrong with the writing."""

    found: list[Reason] = field(default_factory=list)

    def note(self, fault: Reason) -> None:
        """Note a fault once."""
        if fault not in self.found:
            self.found.append(fault)


def parse(row: Row, faults: Faults, variable: str = "") -> Node:
    """Read a whole row. Raises UnreadableError where it is no expression of numbers.

    In the definition of a function the letter ``variable`` stands for a number too.
    """
    return _Parser(row, faults, variable).whole()


def is_function(row: Row, at: int) -> bool:
    """Whether the token at this place names a function: one of these, or a word before brackets."""
    token = row[at]
    if not isinstance(token, Name) or token.text in CONSTANTS:
        return False
    is_word = len(token.text) > 1 and not token.text.endswith(_ACCENTS)
    return token.text in FUNCTIONS or (is_word and _opens(row, at + 1))


def _opens(row: Row, at: int) -> bool:
    """Whether brackets open at this place, a power aside."""
    at += isinstance(row[at] if at < len(row) else None, Power)
    return at < len(row) and (isinstance(row[at], Table) or row[at] in _OPENING)


def split_at_relations(row: Row) -> tuple[list[str], list[Row]]:
    """The relations of a row and the rows between them (one more)."""
    signs, parts, depth = list[str](), [list[Token]()], 0
    for token in row:
        depth += {"(": 1, ")": -1}.get(token.text, 0) if isinstance(token, Sign) else 0
        if isinstance(token, Sign) and token.text in RELATIONS and depth == 0:
            signs.append(token.text)
            parts.append([])
        else:
            parts[-1].append(token)
    return signs, [tuple(part) for part in parts]


class _Parser:
    """Recursive descent over one row; what stands inside a token is parsed by another one."""

    def __init__(self, row: Row, faults: Faults, variable: str) -> None:
        self.row, self.faults, self.at = row, faults, 0
        self.variable, self.between_bars = variable, False

    def whole(self) -> Node:
        if not self.row:
            raise UnreadableError("nothing where a number belongs")
        found = self.sum()
        if self.at < len(self.row):
            raise UnreadableError(f"{text_of(self.row[self.at :])!r} is left over")
        return found

    def sum(self) -> Node:
        terms = [(-1 if self.take("−") else 1, self.term())]
        while sign := self.take("+", "−"):
            self.no_sign_after(sign)
            terms.append((1 if sign == "+" else -1, self.term()))
        return terms[0][1] if len(terms) == 1 and terms[0][0] == 1 else Sum(tuple(terms))

    def term(self) -> Node:
        found = self.factor()
        while not self.is_over():
            sign = self.take("⋅", "⊙")
            if sign:
                self.no_sign_after(sign)
            found = Product(found, self.factor(), sign)
        return found

    def factor(self) -> Node:
        token = self.next()
        if isinstance(token, Name):
            return self.named(token.text)
        base = self.base(token)
        power = self.power()
        return base if power is None else Raised(base, power)

    def base(self, token: Token) -> Node:
        if isinstance(token, Numeral):
            return Number(self.literal(token))
        if isinstance(token, Ratio):
            return Quotient(self.inner(token.above), self.inner(token.below))
        if isinstance(token, Root):
            return SquareRoot(self.inner(token.inside))
        if token == Sign("("):
            return self.enclosed(")")
        if token == _BAR:
            return Call("abs", (self.enclosed("|"),))
        return self.bracket(token)

    def enclosed(self, end: str) -> Node:
        """A sum up to ``end``; a bar opens or closes, as it must where it stands."""
        outside, self.between_bars = self.between_bars, end == "|"
        found = self.sum()
        self.expect(end)
        self.between_bars = outside
        return found

    def bracket(self, token: Token) -> Node:
        table = self.next() if token == Sign("[") else token
        if not isinstance(table, Table):
            raise UnreadableError(f"{text_of((table,))!r} where a number belongs")
        if token == Sign("["):
            self.expect("]")
        return Matrix(tuple(tuple(self.inner(cell) for cell in row) for row in table.rows))

    def literal(self, token: Numeral) -> Literal:
        start = self.at - 1
        exponent = self.exponent_of_ten()
        if exponent is None:
            found = Literal(token.text, href=token.href)
        else:
            found = Literal(token.text, exponent, scientific=True, href=token.href)
        if (token.is_negative or found.scientific) and not self.is_alone(start):
            self.faults.note(because("no_parentheses", number=found))
        return found

    def exponent_of_ten(self) -> int | None:
        ten, power = self.row[self.at + 1 : self.at + 2], self.row[self.at + 2 : self.at + 3]
        if not (self.peek("×") and ten == (Numeral("10"),) and power):
            return None
        if not isinstance(power[0], Power):
            raise UnreadableError("× without a power of ten")
        self.at += 3
        return _whole_number(power[0].exponent)

    def is_alone(self, start: int) -> bool:
        """Whether the tokens from ``start`` to here have brackets, commas or nothing around.

        A minus sign before them may be the number's own, as it is in LaTeX.
        """
        start -= self.row[:start][-1:] == (Sign("−"),)
        before, after = self.row[:start][-1:], self.row[self.at : self.at + 1]
        return all(side in ((), (Sign(","),), *_BRACKETS) for side in (before, after))

    def named(self, name: str) -> Node:
        if name in CONSTANTS:
            power = self.power()
            return Constant(name) if power is None else Raised(Constant(name), power)
        if self.variable and name == self.variable:
            power = self.power()
            return Variable(name) if power is None else Raised(Variable(name), power)
        if name not in FUNCTIONS and not _opens(self.row, self.at):
            raise UnreadableError(f"the name {name!r} among numbers")
        power = self.power()
        call = Call(name, self.arguments())
        power = power or self.power()
        return call if power is None else Raised(call, power)

    def arguments(self) -> tuple[Node, ...]:
        token = self.next()
        if token != Sign("("):
            return (self.bracket(token),)
        outside, self.between_bars = self.between_bars, False
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.expect(")")
        self.between_bars = outside
        return tuple(found)

    def power(self) -> Node | None:
        token = self.row[self.at] if self.at < len(self.row) else None
        if not isinstance(token, Power):
            return None
        self.at += 1
        return self.inner(token.exponent)

    def inner(self, row: Row) -> Node:
        return parse(row, self.faults, self.variable)

    def is_over(self) -> bool:
        closing = ("+", "−", ")", "]", ",", *(["|"] if self.between_bars else []))
        return self.at >= len(self.row) or self.peek(*closing)

    def no_sign_after(self, sign: str) -> None:
        if self.peek("+", "−"):
            signs = f"{sign} {text_of(self.row[self.at :][:1])}"
            self.faults.note(because("two_signs", signs=signs))
            raise UnreadableError("two signs side by side")

    def peek(self, *signs: str) -> bool:
        token = self.row[self.at] if self.at < len(self.row) else None
        return isinstance(token, Sign) and token.text in signs

    def take(self, *signs: str) -> str:
        token = self.row[self.at] if self.at < len(self.row) else None
        if not isinstance(token, Sign) or token.text not in signs:
            return ""
        self.at += 1
        return token.text

    def next(self) -> Token:
        if self.at >= len(self.row):
            raise UnreadableError("a formula that breaks off")
        self.at += 1
        return self.row[self.at - 1]

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise UnreadableError(f"{sign!r} is missing")


_BRACKETS = tuple((Sign(bracket),) for bracket in "()[]|")
_ACCENTS = ("ˆ", "˜")
_OPENING, _BAR = (Sign("("), Sign("[")), Sign("|")


def _whole_number(row: Row) -> int:
    digits = text_of(row).replace("−", "-").replace(" ", "")
    try:
        return int(digits)
    except ValueError:
        raise UnreadableError(f"{digits!r} as a power of ten") from None
