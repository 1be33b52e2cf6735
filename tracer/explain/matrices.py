"""Matrices of operands, with one sample as a row."""

from __future__ import annotations

from tracer.explain.operands import Operands
from tracer.typeset import Grid, transposed_rows

Rows = tuple[Operands, ...]


def row_of(values: Operands, sign: str = "") -> Grid:
    """A vector as a row."""
    return Grid((values,), sign=sign)


def column_of(values: Operands) -> Grid:
    """A vector that is transposed, so that it stands upright."""
    return Grid(transposed_rows((values,)))


def transpose_of(rows: Rows) -> Grid:
    """A matrix with rows and columns exchanged."""
    return Grid(transposed_rows(rows))
