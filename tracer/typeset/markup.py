"""Numbers and matrices as MathML and as LaTeX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from tracer.numerals import Numeral
from tracer.typeset.pieces import Filling, infix

DIGIT, GAP, FENCES, NAME = 0.56, 0.8, 2.8, 3.5
"""Ems of a digit in bold, of the room between two columns, of a relation with a pair of brackets,
and of a function's name, in the math font and rather too wide than too narrow."""
ALWAYS_FITS = 16.0
"""Ems that the narrowest page shows in full size: 288 px, where mathematics has 17 px."""


class Sized(NamedTuple):
    """MathML that does not break, and about how many ems wide it is (0: no matter)."""

    mathml: str
    width: float = 0.0


def html(text: str) -> Markup:
    """``Markup(text)`` of what is HTML, without asking the text whether it is already."""
    return str.__new__(Markup, text)


def formula(inside: Sequence[str], name: str = "") -> Markup:
    """Stretches of MathML, each an element of its own, so that a line may break between them.

    ``name`` is an attribute with the words of the whole.
    """
    return html(" ".join([f"<math{name}>{part}</math>" for part in inside]))


def tex(latex: str) -> Markup:
    """LaTeX in a line of text or in HTML, marked so that it is never taken for words.

    A page for GitHub or Pandoc has it between dollar signs in the end: see
    :mod:`tracer.writing.portable`.
    """
    return Markup('<span class="tr-tex">{}</span>').format(latex)


def stretches(sign: str, pieces: Sequence[str]) -> Markup:
    """The same with a relation in front."""
    return formula([infix(sign) + pieces[0], *pieces[1:]])


def stretch(sign: str, mathml: str) -> Markup:
    """One stretch with a relation in front."""
    return html(f"<math>{infix(sign)}{mathml}</math>")


def terms(sign: str, inside: Sequence[Sequence[Sized]]) -> Markup:
    """Terms of matrices with a relation in front; what is wide says so, to be set smaller."""
    (first, *others), *rest = inside
    whole = [[Sized(infix(sign) + first.mathml, first.width), *others], *rest]
    return html(" ".join([_term([_math(part) for part in term]) for term in whole]))


def _term(parts: Sequence[str]) -> str:
    """Factors that stand one below the other where there is no room side by side."""
    if len(parts) == 1:
        return parts[0]
    return f'<span class="tr-term">{" ".join(parts)}</span>'


def _math(part: Sized) -> str:
    return f"<math{wide(part.width)}>{part.mathml}</math>"


def wide(width: float) -> str:
    """The attribute of what is wide; nothing for what fits any page."""
    return f' style="--tr-ems:{width:.1f}"' if width > ALWAYS_FITS else ""


def width(texts: Sequence[Sequence[str]]) -> float:
    """About how many ems wide a matrix of such numbers is."""
    columns = zip(*texts, strict=True)
    return FENCES + sum([GAP + DIGIT * max(map(len, column)) for column in columns])


def surely_fits(texts: Sequence[Sequence[str]]) -> bool:
    """Whether a matrix of such numbers is not wide, told without its columns."""
    return max([len(text) for row in texts for text in row]) <= fitting(len(texts[0]))


@lru_cache(maxsize=2**8)
def fitting(columns: int) -> int:
    """How long all numbers of a named matrix of so many columns may be that is never wide."""
    room = (ALWAYS_FITS - FENCES - NAME) / columns - GAP
    return max(math.ceil(room / DIGIT) - 1, 0)


def named(mathml: str, anchor: str) -> str:
    """The MathML of one symbol with the anchor of what it stands for."""
    tag = len(mathml) - len(mathml.lstrip("<abcdefghijklmnopqrstuvwxyz"))
    mark = f'data-ref="{anchor}"'
    return f"{mathml[:tag]} {mark}{mathml[tag:]}" if tag else mathml


def number(text: Numeral, href: str) -> str:
    """A number as MathML, linked to ``href`` if there is one.

    A speech engine passes over the text of a link in a token, so the link is named by its number.
    """
    named, shown = "", text.mantissa  # digits, a point and a sign: nothing that HTML would read
    if href:
        shown = f'<a href="{escaped(href)}" aria-label="{shown}" tabindex="-1">{shown}</a>'
    elif shown.startswith("−"):  # an engine spells out a token that is not digits alone
        named = f' aria-label="{shown}"'
    if text.exponent is None:
        return f"<mn{named}>{shown}</mn>"
    power = str(text.exponent).replace("-", "−")
    return f"<mrow><mn{named}>{shown}</mn><mo>×</mo><msup><mn>10</mn><mn>{power}</mn></msup></mrow>"


@lru_cache(maxsize=2**14)  # addresses of numbers, of which a page has some hundreds
def escaped(href: str) -> str:
    """An address as an attribute has it."""
    return str(escape(href))


def filling(shown: str, text: Numeral, lone: bool, *, latex: bool = False) -> Filling:
    """What goes into a slot for a number; a negative one stands in parentheses unless alone."""
    if lone or not text.needs_parentheses:
        return Filling(shown, shown)
    if latex:
        return Filling(shown, f"({shown})")
    fence = '<mo stretchy="false">{}</mo>'
    return Filling(shown, f"<mrow>{fence.format('(')}{shown}{fence.format(')')}</mrow>")


def number_latex(text: Numeral) -> str:
    """A number as LaTeX."""
    known = {"∞": r"\infty", "−∞": r"-\infty", "nan": r"\text{nan}"}
    mantissa = known.get(text.mantissa, text.mantissa.replace("−", "-"))
    if text.exponent is None:
        return mantissa
    return rf"{mantissa} \times 10^{{{text.exponent}}}"


def relation_latex(sign: str) -> str:
    """A relation as LaTeX."""
    return {"≈": r"\approx"}.get(sign, sign)


def table(cells: Sequence[Sequence[str]]) -> str:
    """A matrix as MathML."""
    joined = ["</mtd><mtd>".join(row) for row in cells]
    rows = "".join([f"<mtr><mtd>{row}</mtd></mtr>" for row in joined])
    return f"<mrow><mo>[</mo><mtable>{rows}</mtable><mo>]</mo></mrow>"


def table_latex(cells: Sequence[Sequence[str]]) -> str:
    """A matrix as LaTeX."""
    rows = r" \\ ".join(" & ".join(row) for row in cells)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"
