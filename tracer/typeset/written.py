"""Formulas of symbols only: LaTeX in which references stand for their symbols.

``Written`` is what explanations hand over; a ``Piece`` with slots is what is typeset. A formula
goes through the printers whole, so that a reference may stand inside a fraction or a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracer.formula import Expr
from tracer.refs import Ref
from tracer.typeset.compiled import print_latex
from tracer.typeset.line import SymbolPart, Written
from tracer.typeset.pieces import SLOT, Piece, slot

_CLINGING = re.compile(r" (?=[\^_}])")
_LAYER = re.compile(r"\^\{(\[\d+\]\+?)\}$")


def pieced(parts: Written) -> tuple[Piece, tuple[SymbolPart, ...]]:
    """A formula with a slot for each reference, and the symbol that goes into each slot."""
    texts: list[str] = []
    symbols: list[SymbolPart] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        texts.append(slot(len(symbols)))
        symbols.append(part if isinstance(part, SymbolPart) else SymbolPart(part))
    return Piece("", _CLINGING.sub("", " ".join(texts))), tuple(symbols)


def symbolic(expression: Expr, refs: Mapping[Expr, Ref]) -> Written:
    """A SymPy expression as a formula; a symbol that ``refs`` does not name keeps its own name."""
    symbols = tuple(refs)
    names = {symbol: slot(k) for k, symbol in enumerate(symbols)}
    found = re.split(f"({SLOT.pattern})", print_latex(expression, names))
    slots = {name: refs[symbol] for symbol, name in names.items()}
    parts = (slots.get(text, text.strip()) for text in found)
    return tuple(part for part in parts if part)


def transposed(latex: str) -> str:
    r"""The symbol of a transposed matrix: W^{[1]} becomes W^{[1]\top}."""
    marked, found = _LAYER.subn(r"^{\1\\top}", latex)
    return marked if found else rf"{{{latex}}}^{{\top}}"
