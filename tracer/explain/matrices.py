"""Matrices of operands, with one sample as a row."""

from __future__ import annotations

from tracer.explain.operands import Operands
from tracer.typeset import MatrixTerm, transposed_rows

Rows = tuple[Operands, ...]


def row_of(values: Operands, sign: str = "") -> MatrixTerm:
    """A vector as a row."""
    return MatrixTerm((values,), sign=sign)


def column_of(values: Operands) -> MatrixTerm:
    """A vector that is transposed, so that it stands upright."""
    return MatrixTerm(transposed_rows((values,)))


def transpose_of(rows: Rows) -> MatrixTerm:
    """A matrix with rows and columns exchanged."""
    return MatrixTerm(transposed_rows(rows))
