"""Typesetting: a formula is compiled once by SymPy and filled with numbers many times."""

from __future__ import annotations

from tracer.typeset.convention import ProductEntry, transposed_rows
from tracer.typeset.line import Bound, Grid, Line, MatrixLine, Operand, Symbol, Written
from tracer.typeset.typesetter import SetLine, Source, Typesetter

__all__ = [
    "Bound",
    "Grid",
    "Line",
    "MatrixLine",
    "Operand",
    "ProductEntry",
    "SetLine",
    "Source",
    "Symbol",
    "Typesetter",
    "Written",
    "transposed_rows",
]
