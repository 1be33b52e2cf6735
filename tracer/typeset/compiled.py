"""SymPy expression → strings with slots, once; filling a slot is string work afterwards.

Each symbol becomes a slot, written as one private-use character. SymPy prints LaTeX around the
slots, math-core turns that into MathML around the same slots. A sum is compiled term by term, so
that a page can break a long line before a sign.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, lru_cache, partial
from typing import Any

import mpmath
import sympy as sp

from tracer.errors import RenderError
from tracer.formula import EXACT_FUNCTIONS, Expr, Form, Named, functions_of
from tracer.messages import gettext
from tracer.typeset.bounded import bounded_function, exact_function, noise_bound
from tracer.typeset.noise import Noise, noise
from tracer.typeset.reach import orders, reach_of
from tracer.unevaluated import times

DIGITS, MOST_DIGITS, FEWER_DIGITS = 60, 3_000, 600
"""60 digits hold the 17 of float64, some thirty that a line may print, and a rest to tell = from ≈.
3,000 tell 1 + e^−6,900 from 1, far below any float64; erf, whose rest falls with the square and
costs more, has 600: at 28 its rest is 10^−342."""
LONG_SUM, USUAL_ORDERS = 2, 3
"""A sum of two terms in brackets fits a phone's line; a longer one is broken before a sign. Numbers
from 10^−3 to 10^3 lose nothing beside each other in 60 digits; others get one for each order."""
FIRST_SLOT, FIRST_BARE, END = 0xE000, 0xEC00, 0xF800
"""Unicode's private use area is U+E000 to U+F8FF. Half of what is taken of it stands for bare
numbers: 3,072 slots of each kind, and the widest line of an allowed page needs hundreds."""
SLOT = re.compile("[\ue000-\uf7ff]")
_SLOT_AND_POWER = re.compile("([\ue000-\uf7ff])(\\^?)")
_MATH_SLOT = re.compile("(<msup>)?<mi>([\ue000-\uf7ff])</mi>")
_ALONE = re.compile(r"(\\left\(|\{|, )([\ue000-\uebff])(?= ?(?:\\right\)|\}|,))")

arithmetic: Any = mpmath.mp.clone()
arithmetic.dps = DIGITS
"""Arithmetic with more digits than any page prints; independent of mpmath's global state."""


def slot(number: int) -> str:
    """The character that stands for slot ``number``."""
    return chr(FIRST_SLOT + number)


def _mark_bare(latex: str) -> str:
    """Mark the slots that brackets enclose already: a negative number needs none there."""
    shift = FIRST_BARE - FIRST_SLOT
    return _ALONE.sub(lambda found: found[1] + chr(ord(found[2]) + shift), latex)


@dataclass(frozen=True)
class Filling:
    """What goes into a slot: as it is, and as it must stand beside an operator."""

    bare: str
    wrapped: str


def _fill(fillings: Sequence[Filling], character: str) -> str:
    number = ord(character) - FIRST_SLOT
    if number < FIRST_BARE - FIRST_SLOT:
        return fillings[number].wrapped
    return fillings[ord(character) - FIRST_BARE].bare


def _raise(fillings: Sequence[Filling], character: str, power: str) -> str:
    filled = _fill(fillings, character)
    if power and filled.startswith(r"\frac"):
        return rf"\left({filled}\right)^"
    has_its_own = "^" in filled and not filled.endswith(")")
    return f"{{{filled}}}^" if power and has_its_own else filled + power


def _place(fillings: Sequence[Filling], power: str | None, character: str) -> str:
    """A slot of MathML; a fraction that is raised to a power stands in brackets."""
    filled = _fill(fillings, character)
    if power and "<mfrac>" in filled:
        filled = f"<mrow><mo>(</mo>{filled}<mo>)</mo></mrow>"
    return (power or "") + filled


def fill_mathml(text: str, fillings: Sequence[Filling]) -> str:
    """MathML with the fillings in its slots."""
    first, slots = _cut(text, _MATH_SLOT)
    if not slots:
        return first
    found = [first]
    for power, character, behind in slots:
        found += (_place(fillings, power, character), behind)
    return "".join(found)


@lru_cache(maxsize=100_000)
def _cut(text: str, slots: re.Pattern[str]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """A text cut at its slots: what stands before the first, and (group, group, rest) of each."""
    first, *rest = slots.split(text)
    return first, tuple(zip(rest[::3], rest[1::3], rest[2::3], strict=True))


@dataclass(frozen=True)
class Piece:
    """A stretch of a formula between two possible line breaks, with slots, as LaTeX.

    ``sign`` is the "+" or "-" that joins it to the stretch before it ("" for the first).
    """

    sign: str
    latex: str

    def fill_latex(self, fillings: Sequence[Filling]) -> str:
        """LaTeX with the fillings in their slots; one with an index raised holds together."""
        first, slots = _cut(self.latex, _SLOT_AND_POWER)
        parts = [first]
        for character, power, behind in slots:
            parts += (_raise(fillings, character, power), behind)
        filled = "".join(parts)
        return f"{self.sign} {filled}" if self.sign else filled

    def fill_mathml(self, fillings: Sequence[Filling]) -> str:
        """The inside of a MathML element with the fillings in their slots."""
        body = fill_mathml(to_mathml(self.latex), fillings)
        return infix(self.sign) + body if self.sign else body


def infix(sign: str) -> str:
    """An operator that keeps its infix spacing where a line may break before it."""
    return f'<mo form="infix">{sign.replace("-", "−")}</mo>'


@dataclass(frozen=True, eq=False)
class Compiled:
    """One form, compiled: how it looks with symbols, how with numbers, and how it is evaluated.

    ``slots`` are the form's symbols in slot order. ``evaluate`` takes a Fraction for each slot
    and returns the value: an exact Fraction of a rational formula, else a number of as many
    digits as ``arithmetic`` is set to.
    ``noise`` says how much float64 may lose in its sums. ``reach`` says how small a part of the
    value an operand x can hide in: 0 none, 1 about e^−x, 2 about e^−x²/2.
    """

    slots: tuple[Expr, ...]
    symbolic: tuple[Piece, ...]
    numeric: tuple[Piece, ...]
    condition: tuple[Piece, ...]
    evaluate: Callable[..., Any]
    noise: Noise
    reach: int = 0
    expression: Expr = None

    @cached_property
    def exactly(self) -> Callable[..., Decimal] | None:
        """The value of a sum of products for Decimals: see :mod:`tracer.typeset.bounded`."""
        return exact_function(self.slots, self.expression)

    @cached_property
    def bounded(self) -> Callable[..., tuple[float, float]] | None:
        """The value for float64, and a bound of what it lost."""
        return bounded_function(self.slots, self.expression)

    @cached_property
    def noise_bound(self) -> Callable[..., float]:
        """At least what ``noise`` says, for operands that are float64."""
        return noise_bound(self.slots, self.expression)

    def is_exactly(self, shown: Fraction, values: Sequence[Fraction]) -> bool:
        """Whether operands that are 0 leave only a quotient of sums, and that is ``shown``.

        0 makes a product 0, whatever root or power of e stands beside it: b − η · 0 / √v is b.
        """
        operands = dict(zip(self.slots, map(_rational, values), strict=True))
        zeros = {symbol: value for symbol, value in operands.items() if value == 0}
        left = self.expression.xreplace(zeros)
        if not left.is_rational_function(*left.free_symbols):
            return False
        return bool(left.xreplace(operands) == _rational(shown))

    def digits(self, values: Sequence[Fraction]) -> int:
        """How many digits of the value for these operands tell 1 + e^−800, 1 + 10^−56 from 1."""
        if not self.reach:
            return DIGITS
        sizes = [min(math.ceil(abs(value)), MOST_DIGITS) for value in values]
        largest = max(sizes, default=0)
        hidden = (0, largest, largest + largest * largest // 4)[self.reach]
        apart = sum(size for size in map(orders, values) if size > USUAL_ORDERS)
        return min(self.most_digits, DIGITS + hidden + 2 * apart)

    @property
    def most_digits(self) -> int:
        """With so many digits in use, what seems equal may still differ in the next one."""
        return FEWER_DIGITS if self.reach > 1 else MOST_DIGITS

    @property
    def is_constant(self) -> bool:
        """Whether no operand stands in the formula (the condition may still hold some)."""
        return not any(SLOT.search(piece.latex) for piece in self.numeric)

    @property
    def is_lone(self) -> bool:
        """Whether the formula is nothing but one operand or digit, and asks for one at most."""
        asked = {_plain(s) for piece in self.condition for s in SLOT.findall(piece.latex)}
        alone = len(self.numeric) == 1 and len(self.numeric[0].latex.strip()) == 1
        return alone and len(asked) < 2


def compiled(form: Form) -> tuple[Compiled, ...]:
    """The compiled branches of a form: one, or one for each choice of its pieces."""
    return tuple(_compiled(form.symbols, *branch) for branch in form.branches)


def first_branch(form: Form) -> Compiled:
    """A form compiled, in its first branch if it has several."""
    return _branch(form, None)


def branch_at(form: Form, values: Sequence[Any]) -> Compiled | None:
    """The branch whose conditions these operands meet; None where they meet none, as nan does."""
    chosen: tuple[int, ...] = ()
    while (conditions := _conditions(form, chosen)) is not None:
        piece = next((k for k, holds in enumerate(conditions) if holds(*values)), None)
        if piece is None:
            return None
        chosen = (*chosen, piece)
    return _branch(form, chosen or None)


@cache
def _conditions(form: Form, chosen: tuple[int, ...]) -> tuple[Callable[..., Any], ...] | None:
    """The conditions of the next Piecewise once these pieces are chosen, if there is one."""
    conditions = form.conditions(chosen)
    if conditions is None:
        return None
    return tuple(_evaluator(form.symbols, condition) for condition in conditions)


@cache
def _branch(form: Form, chosen: tuple[int, ...] | None) -> Compiled:
    branch = form.first_branch if chosen is None else form.branch(chosen)
    return _compiled(form.symbols, *branch)


@cache
def _compiled(symbols: tuple[Expr, ...], expression: Expr, condition: Expr) -> Compiled:
    names = {symbol: slot(k) for k, symbol in enumerate(symbols)}
    conditions = [] if condition is sp.true else [Piece("", print_latex(condition, names, "dot"))]
    result = Compiled(
        slots=symbols,
        symbolic=_pieces(expression, names, None),
        numeric=_pieces(expression, names, "dot"),
        condition=tuple(conditions),
        evaluate=_evaluator(symbols, expression),
        noise=noise(expression, partial(_measured, symbols)),
        reach=reach_of(expression),
        expression=expression,
    )
    _check_slots(expression, names, result)
    return result


def _check_slots(expression: Expr, names: dict[Expr, str], result: Compiled) -> None:
    wanted = {names[symbol] for symbol in expression.free_symbols}
    for pieces in (result.symbolic, result.numeric):
        if {_plain(s) for piece in pieces for s in SLOT.findall(piece.latex)} != wanted:
            raise RenderError(
                gettext("a symbol of %(formula)s did not become a slot", formula=expression)
            )


def _plain(character: str) -> str:
    number = ord(character)
    return chr(number - FIRST_BARE + FIRST_SLOT) if number >= FIRST_BARE else character


def _pieces(expression: Expr, names: dict[Expr, str], dot: str | None) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for before, term, behind in _terms(expression, names, dot):
        text = print_latex(term, names, dot)
        sign = "+" if pieces else ""
        if pieces and not before and text.startswith("-"):
            sign, text = "-", text[1:].strip()
        pieces.append(Piece(sign, _mark_bare(before + text + behind)))
    return tuple(pieces)


def _terms(
    expression: Expr, names: dict[Expr, str], dot: str | None
) -> Iterator[tuple[str, Expr, str]]:
    """The terms of a sum, also of one that is multiplied: (what stands before, term, behind)."""
    for term in sp.Add.make_args(expression):
        if not _is_scaled_sum(term):
            yield "", term, ""
            continue
        *factors, inner = term.args
        scale = times(*factors)
        sign = r" \cdot" if dot and not scale.is_number else ""
        before = "-" if scale == -1 else f"{print_latex(scale, names, dot)}{sign} "
        last = len(inner.args) - 1
        for k, part in enumerate(inner.args):
            yield f"{before}(" if k == 0 else "", part, ")" if k == last else ""


def _is_scaled_sum(term: Expr) -> bool:
    """Whether a term is a number times a sum, or anything times a sum too long for one stretch."""
    if not (isinstance(term, sp.Mul) and isinstance(term.args[-1], sp.Add)):
        return False
    *factors, inner = term.args
    if any(isinstance(factor, sp.Add) for factor in factors):
        return False
    return all(factor.is_number for factor in factors) or len(inner.args) > LONG_SUM


def print_latex(expression: Expr, names: Mapping[Expr, str], dot: str | None = None) -> str:
    """LaTeX of an expression with ``names`` for its symbols and ``dot`` between factors."""
    return str(
        sp.latex(
            expression,
            symbol_names=names,
            order="none",
            mul_symbol=dot,
            ln_notation=True,
            diff_operator="rd",
            fold_func_brackets=False,
        )
    )


def _evaluator(symbols: tuple[Expr, ...], expression: Expr) -> Callable[..., Any]:
    if reach_of(expression):
        return _transcendental(symbols, expression)
    function: Callable[..., Any] = sp.lambdify(
        symbols, expression, modules=[{"mpf": Fraction, **EXACT_FUNCTIONS}, "mpmath"]
    )
    return function


def _measured(symbols: tuple[Expr, ...], expression: Expr) -> Callable[..., Any]:
    """The value as a number of many digits, also where it is exact."""
    function = _evaluator(symbols, expression)
    return lambda *values: high_precision(function(*values))


def _transcendental(symbols: tuple[Expr, ...], expression: Expr) -> Callable[..., Any]:
    space = functions_of(arithmetic)
    for node in expression.atoms(Named):
        space[type(node).__name__] = _definition(type(node).__name__)
    function = sp.lambdify(symbols, expression, modules=[space, "mpmath"])
    return lambda *values: function(*(high_precision(value) for value in values))


def high_precision(value: Any) -> Any:
    """An exact value as a number of many digits; such a number as it is."""
    if isinstance(value, Fraction):
        return arithmetic.mpf(value.numerator) / value.denominator
    return arithmetic.mpf(value)


def _definition(name: str) -> Callable[..., Any]:
    """The catalog's own definition of a function that a formula calls by name."""
    from tracer.catalog.activations import ACTIVATIONS
    from tracer.formula import Z

    form = Form(ACTIVATIONS[name].definition, (Z,))
    branches = [(_evaluator((Z,), e), _evaluator((Z,), c)) for e, c in form.branches]
    return lambda z: next(value(z) for value, holds in branches if holds(z))


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML()


@lru_cache(maxsize=100_000)
def to_mathml(latex: str) -> str:
    """LaTeX as the inside of a ``<math>`` element; raises RenderError for LaTeX it can't read."""
    from math_core import LatexError

    try:
        text: str = _converter().convert_with_local_state(latex, displaystyle=False)
    except LatexError as error:
        raise RenderError(
            gettext("cannot typeset %(latex)s: %(error)s", latex=repr(latex), error=error)
        ) from error
    inside = text.removeprefix("<math>").removesuffix("</math>")
    return inside.replace("&ApplyFunction;", "\u2061")


def _rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)
