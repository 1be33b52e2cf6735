"""Matrices of operands in the row or the column convention."""

from __future__ import annotations

from tracer.explain.operands import Operands
from tracer.reference import Ref
from tracer.typeset import Grid, Symbol, Written

Rows = tuple[Operands, ...]


def column_of(values: Operands) -> Rows:
    """The values one below the other."""
    return tuple((value,) for value in values)


def transposed(rows: Rows) -> Rows:
    """The matrix with rows and columns exchanged."""
    return tuple(zip(*rows, strict=True))


def row_of(values: Operands, column: bool, sign: str = "") -> Grid:
    """A vector: a row, or a column in the column convention."""
    return Grid(column_of(values) if column else (values,), sign=sign)


def matrix_of(rows: Rows, column: bool, sign: str = "") -> Grid:
    """A matrix given for the row convention, transposed in the column convention."""
    return Grid(transposed(rows) if column else rows, sign=sign)


def product(first: Ref | Symbol, second: Ref | Symbol, column: bool) -> Written:
    """A product of the row convention; its factors exchange places in the column convention."""
    return (second, first) if column else (first, second)
