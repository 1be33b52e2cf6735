"""Typesetting: a formula is compiled once by SymPy and filled with numbers many times."""

from __future__ import annotations

from tracer.typeset.convention import ProductEntry, transposed_rows
from tracer.typeset.line import Bound, Line, MatrixLine, MatrixTerm, Operand, SymbolPart, Written
from tracer.typeset.set_line import SetLine, Source
from tracer.typeset.typesetter import Typesetter

__all__ = [
    "Bound",
    "Line",
    "MatrixLine",
    "MatrixTerm",
    "Operand",
    "ProductEntry",
    "SetLine",
    "Source",
    "SymbolPart",
    "Typesetter",
    "Written",
    "transposed_rows",
]
