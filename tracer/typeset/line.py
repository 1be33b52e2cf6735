"""Lines before they are typeset: what is computed, from which operands, by which formula."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from tracer.formula import Expr, Form
from tracer.refs import Ref


@dataclass(frozen=True)
class SymbolPart:
    """The symbol of a quantity in a formula: transposed, or of the row (from 1) ``sample``."""

    ref: Ref
    transposed: bool = False
    sample: int = 0


Written = tuple[str | Ref | SymbolPart, ...]
"""A formula of symbols only: LaTeX text in which a Ref stands for its symbol, not for a number."""


@dataclass(init=False, unsafe_hash=True)
class Operand:
    """A number that goes into a formula: where it comes from, its value, whether it is exact.

    An exact operand (data, settings, weights on a grid) is printed with all its digits.
    ``sample`` is the row (from 1) to name in its symbol, where several samples meet in a line.
    """

    __slots__ = ("exact", "place", "ref", "sample", "value")  # as in Ref: a page has some hundreds
    ref: Final[Ref]
    value: Final[float]
    exact: Final[bool]
    sample: Final[int]

    def __init__(self, ref: Ref, value: float, exact: bool = False, sample: int = 0) -> None:
        self.ref, self.value, self.exact, self.sample = ref, value, exact, sample
        self.place: Final = (ref.spot, sample) if sample else ref.spot
        """What decides its symbol, which is the same at any moment."""

    def __reduce__(self) -> Any:
        """By its fields: another process has other spots."""
        return Operand, (self.ref, self.value, self.exact, self.sample)


@dataclass(init=False, eq=False)
class Bound:
    """A form with an operand for each of its symbols."""

    __slots__ = ("__dict__", "form", "operands")
    form: Final[Form]
    operands: Final[tuple[Operand, ...]]

    def __init__(self, form: Form, operands: tuple[Operand, ...]) -> None:
        self.form, self.operands = form, operands

    @cached_property
    def looks(self) -> dict[Hashable, Any]:
        """What was found out of its digits: a matrix asks for what the line of an entry asked."""
        return {}

    @cached_property
    def of(self) -> dict[Expr, Operand]:
        """The operand of each symbol."""
        return dict(zip(self.form.symbols, self.operands, strict=True))


@dataclass(init=False, eq=False)
class Line:
    """label: target = named = formula = numbers = result.

    ``bounds`` are the ways to write the value, the preferred first; ``named`` is an optional
    short name of the formula, such as σ(z). ``exact`` says that the value itself is exact.
    """

    __slots__ = ("bounds", "exact", "named", "target", "value")
    target: Final[Ref]
    value: Final[float]
    bounds: Final[tuple[Bound, ...]]
    named: Final[Bound | None]
    exact: Final[bool]

    def __init__(
        self,
        target: Ref,
        value: float,
        bounds: tuple[Bound, ...],
        named: Bound | None = None,
        exact: bool = False,
    ) -> None:
        self.target, self.value, self.bounds = target, value, bounds
        self.named, self.exact = named, exact


@dataclass(frozen=True, eq=False)
class MatrixTerm:
    """A matrix of numbers inside a line.

    ``sign`` joins it to what stands before it and is where a long line may break; ``name`` is
    LaTeX in front of it, such as a function's name. A ``scalar`` is written without brackets.
    """

    rows: tuple[tuple[Operand, ...], ...]
    sign: str = ""
    name: str = ""
    scalar: bool = False


@dataclass(frozen=True, eq=False)
class MatrixLine:
    """target = formula = matrices of numbers = matrix of results.

    ``entries`` compute the results one by one, row by row, from the same operands, which is how
    the line is held to be true.
    """

    symbol: Ref
    formula: Written
    grids: tuple[MatrixTerm, ...]
    result: tuple[tuple[Operand, ...], ...]
    entries: tuple[Bound, ...] = field(default=())
