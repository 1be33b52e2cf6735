"""A form, compiled: how it looks and how it is computed, from what SymPy has prepared of it.

SymPy's part (see :mod:`tracer.typeset.prepared`) is kept between runs, so that a network which was
rendered before needs no SymPy. A sum is compiled term by term, so that a page can break a long line
before a sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, cached_property
from typing import Any

from tracer.catalog.facts import fact
from tracer.deferred import Expr, is_deferred
from tracer.files.packs import worked_out
from tracer.formula import Form
from tracer.typeset.bounded import (
    Bounded,
    Exactly,
    bounded_function,
    exact_function,
    noise_bound,
    reach_of,
)
from tracer.typeset.calculation import DIGITS, Calculation
from tracer.typeset.noise import ROUNDING, Noise, NoiseTree, as_noise
from tracer.typeset.pieces import (
    SLOT,
    Piece,
    Prepared,
    plain_slot,
)

MOST_DIGITS, FEWER_DIGITS, USUAL_ORDERS = 3_000, 600, 3
"""3,000 digits tell 1 + e^−6,900 from 1, far below any float64; erf, whose rest falls with the
square and costs more, has 600: at 28 its rest is 10^−342. Numbers from 10^−3 to 10^3 lose nothing
beside each other in 60 digits; others get one for each order."""
HIGHEST = 30
"""With 10^9 for the largest operand, float64 holds products of up to 34."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """One form, compiled: how it looks with symbols, how with numbers, and how it is evaluated.

    ``slots`` are the form's symbols in slot order. ``evaluate`` takes a Fraction for each slot
    and returns the value: an exact Fraction of a rational formula, else a number of as many
    digits as ``arithmetic`` is set to.
    ``noise`` says how much float64 may lose in its sums. ``reach`` says how small a part of the
    value an operand x can hide in: 0 none, 1 about e^−x, 2 about e^−x²/2. ``factors`` are the slots
    of operands that make the whole 0 where they are 0.
    """

    slots: tuple[Expr, ...]
    symbolic: tuple[Piece, ...]
    numeric: tuple[Piece, ...]
    condition: tuple[Piece, ...]
    evaluate: Calculation
    noise: Noise
    reach: int
    form: Form
    chosen: tuple[int, ...] | None
    exact_source: str | None
    bounded_source: str | None
    noise_bound_tree: NoiseTree
    factors: tuple[int, ...]

    @cached_property
    def expression(self) -> Expr:
        """The branch as SymPy's expression."""
        form = self.form.real
        return (form.first_branch if self.chosen is None else form.branch(self.chosen))[0]

    @cached_property
    def named(self) -> Compiled | tuple[str, tuple[int, ...] | None]:
        """What it is called in every process; itself where its form has no text."""
        return (self.form.text, self.chosen) if self.form.text else self

    @cached_property
    def exactly(self) -> Exactly | None:
        """The value of a sum of products for Decimals: see :mod:`tracer.typeset.bounded`."""
        return exact_function(self.exact_source)

    @cached_property
    def bounded(self) -> Bounded | None:
        """The value for float64, and a bound of what it lost."""
        return bounded_function(self.bounded_source)

    @cached_property
    def noise_bound(self) -> Callable[..., float]:
        """At least what ``noise`` says, for operands that are float64."""
        return noise_bound(self.noise_bound_tree)

    @cached_property
    def noise_reach(self) -> tuple[float, int] | None:
        """(scale, degree): scale · M^degree is more than ``noise_bound`` says of a sum of products.

        M is the largest operand, or 1. Of n additions each loses ``ROUNDING`` of a term at most, no
        term is larger than all of them together, and four times that also holds what is lost here.
        """
        found = reach_of(self.exact_source)
        if found is None or found.degree > HIGHEST:
            return None
        return 4 * (found.sums + 1) * ROUNDING * found.scale, found.degree

    def is_exactly(self, shown: Fraction, values: Sequence[Fraction]) -> bool:
        """Whether operands that are 0 leave only a quotient of sums, and that is ``shown``.

        0 makes a product 0, whatever root or power of e stands beside it: b − η · 0 / √v is b.
        """
        from tracer.algebra import is_exactly

        return is_exactly(self.expression, self.form.real.symbols, values, shown)

    def digits(self, values: Sequence[Fraction]) -> int:
        """How many digits of the value for these operands tell 1 + e^−800, 1 + 10^−56 from 1."""
        if not self.reach:
            return DIGITS
        sizes = [min(math.ceil(abs(value)), MOST_DIGITS) for value in values]
        largest = max(sizes, default=0)
        hidden = (0, largest, largest + largest * largest // 4)[self.reach]
        apart = sum(size for size in map(_orders, values) if size > USUAL_ORDERS)
        return min(self.most_digits, DIGITS + hidden + 2 * apart)

    @property
    def most_digits(self) -> int:
        """With so many digits in use, what seems equal may still differ in the next one."""
        return FEWER_DIGITS if self.reach > 1 else MOST_DIGITS

    @cached_property
    def is_constant(self) -> bool:
        """Whether no operand stands in the formula (the condition may still hold some)."""
        return not any(SLOT.search(piece.latex) for piece in self.numeric)

    @cached_property
    def is_lone(self) -> bool:
        """Whether the formula is nothing but one operand or digit, and asks for one at most."""
        asked = {plain_slot(s) for piece in self.condition for s in SLOT.findall(piece.latex)}
        alone = len(self.numeric) == 1 and len(self.numeric[0].latex.strip()) == 1
        return alone and len(asked) < 2


def _orders(value: Fraction) -> int:
    """How many orders of magnitude a number is away from 1."""
    bits = abs(value.numerator).bit_length() - value.denominator.bit_length()
    return abs(bits) * 3 // 10 if value else 0


@dataclass(frozen=True)
class _Key:
    """A form by its text; one without a text, by itself."""

    text: str
    form: Form = field(compare=False)

    @classmethod
    def of(cls, form: Form) -> _Key:
        return cls(form.text or f"{id(form)}", form)


def asks(form: Form) -> bool:
    """Whether the form has several branches, and asks its operands which one holds."""
    return bool(_asked(_Key.of(form), ()))


def compiled(form: Form) -> tuple[Compiled, ...]:
    """The compiled branches of a form: one, or one for each choice of its pieces."""
    return tuple(_branch(_Key.of(form), chosen) for chosen in _choices(form, ()))


def _choices(form: Form, chosen: tuple[int, ...]) -> list[tuple[int, ...]]:
    asked = _asked(_Key.of(form), chosen)
    if not asked:
        return [chosen]
    return [each for k in range(len(asked)) for each in _choices(form, (*chosen, k))]


def first_branch(form: Form) -> Compiled:
    """A form compiled, in its first branch if it has several."""
    return _branch(_Key.of(form), None)


def chosen_branch(form: Form, chosen: tuple[int, ...]) -> Compiled:
    """A form compiled, with these pieces chosen of its Piecewise."""
    return _branch(_Key.of(form), chosen or None)


def branch_at(form: Form, values: Sequence[Any]) -> Compiled | None:
    """The branch whose conditions these operands meet; None where they meet none, as nan does."""
    key = _Key.of(form)
    chosen: tuple[int, ...] = ()
    while asked := _asked(key, chosen):
        piece = next((k for k, holds in enumerate(asked) if holds(*values)), None)
        if piece is None:
            return None
        chosen = (*chosen, piece)
    return _branch(key, chosen or None)


@cache
def _asked(key: _Key, chosen: tuple[int, ...]) -> tuple[Calculation, ...]:
    def ask() -> tuple[Calculation, ...]:
        from tracer.typeset.prepared import asked

        return asked(key.form, chosen)

    return worked_out(ask, "asked", chosen, key.text) if key.form.text else ask()


@cache
def _branch(key: _Key, chosen: tuple[int, ...] | None) -> Compiled:
    def prepare() -> Prepared:
        from tracer.typeset.prepared import prepare

        return prepare(key.form, chosen)

    made = worked_out(prepare, "prepared", chosen, key.text) if key.form.text else prepare()
    return Compiled(
        slots=key.form.symbols,
        symbolic=made.symbolic,
        numeric=made.numeric,
        condition=made.condition,
        evaluate=made.value,
        noise=as_noise(made.noise),
        reach=made.reach,
        form=key.form,
        chosen=chosen,
        exact_source=made.exact,
        bounded_source=made.bounded,
        noise_bound_tree=made.noise_bound,
        factors=made.factors,
    )


def print_latex(expression: Expr, names: Mapping[Expr, str], dot: str | None = None) -> str:
    """LaTeX of an expression with ``names`` for its symbols and ``dot`` between factors."""

    def printed(formula: Expr) -> str:
        from tracer.typeset.prepared import print_latex

        return print_latex(formula, names, dot)

    if not all(map(is_deferred, names)):
        return printed(expression)
    return fact(("latex", dot, *names.items()), expression, printed)
