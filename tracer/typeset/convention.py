"""The column convention: what was built in rows, transposed once. (A B)ᵀ = Bᵀ Aᵀ.

Everything else builds lines and formulas with one sample as a row, z = a W + b. In columns each
matrix stands transposed under the same symbol and the factors of a product of matrices exchange
places, z = W a + b; so do the factors in each entry of such a product. Element-wise products and
numbers in front stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

from tracer.formula import Expr, Form
from tracer.notation import QUANTITIES
from tracer.refs import Ref
from tracer.typeset.line import Bound, Line, MatrixLine, MatrixTerm, Operand, SymbolPart, Written
from tracer.unevaluated import added, times


class ProductEntry(Form):
    """One entry of a product of matrices: Σ_k p_k q_k, with ``plus`` added to it.

    ``in_columns`` are the symbols in the order that the operands have in the column convention,
    where it is another than that of ``symbols``.
    """

    def __init__(
        self,
        pairs: Iterable[tuple[Expr, Expr]],
        symbols: Sequence[Expr],
        plus: Sequence[Expr] = (),
        in_columns: Sequence[Expr] = (),
    ) -> None:
        self._pairs, self._plus = tuple(pairs), tuple(plus)
        self._in_columns = tuple(in_columns or symbols)
        super().__init__(added(*(times(p, q) for p, q in self._pairs), *self._plus), symbols)

    @cached_property
    def transposed(self) -> Form:
        """The same entry of the transposed product."""
        products = (times(q, p) for p, q in self._pairs)
        return Form(added(*products, *self._plus), self._in_columns)


def line_in_columns(line: Line) -> Line:
    """A line whose formulas are entries of transposed products."""
    return replace(line, bounds=tuple(map(bound_in_columns, line.bounds)))


def bound_in_columns(bound: Bound) -> Bound:
    """An entry of a product of matrices, transposed; any other formula as it is."""
    if not isinstance(bound.form, ProductEntry):
        return bound
    form = bound.form.transposed
    return Bound(form, tuple(bound.of[symbol] for symbol in form.symbols))


def matrix_in_columns(line: MatrixLine) -> MatrixLine:
    """A line of matrices, each of them transposed; its formula is left to the typesetter."""
    width = len(line.result[0])
    rows = [line.entries[k : k + width] for k in range(0, len(line.entries), width)]
    columns = zip(*rows, strict=True)
    return replace(
        line,
        grids=tuple(_grids_in_columns(line.grids)),
        result=transposed_rows(line.result),
        entries=tuple(bound_in_columns(bound) for column in columns for bound in column),
    )


def written_in_columns(parts: Written) -> Written:
    """A formula in which the factors of products of matrices have exchanged places."""
    found: list[str | Ref | SymbolPart] = []
    for is_product, group in groupby(parts, key=_is_matrix):
        factors = list(group)
        found += factors[::-1] if is_product else factors
    return tuple(found)


def as_it_lies(symbol: SymbolPart) -> SymbolPart:
    """The symbol in columns of a matrix that lies as it does in rows."""
    return replace(symbol, transposed=not symbol.transposed)


def transposed_rows(rows: tuple[tuple[Operand, ...], ...]) -> tuple[tuple[Operand, ...], ...]:
    """The matrix with rows and columns exchanged."""
    return tuple(zip(*rows, strict=True))


def _is_matrix(part: str | Ref | SymbolPart) -> bool:
    """Whether a part of a formula is the symbol of a whole matrix or vector."""
    if isinstance(part, str):
        return False
    ref = part.ref if isinstance(part, SymbolPart) else part
    return not ref.index and QUANTITIES[ref.name].shape != "1"


def _grids_in_columns(grids: Sequence[MatrixTerm]) -> Iterable[MatrixTerm]:
    """The grids transposed; those that no sign parts are a product, a scalar stays in front."""
    product: list[MatrixTerm] = []
    for grid in grids:
        if grid.sign or grid.scalar:
            yield from _exchanged(product)
            product = []
        if grid.scalar:
            yield grid
        else:
            product.append(replace(grid, rows=transposed_rows(grid.rows)))
    yield from _exchanged(product)


def _exchanged(product: Sequence[MatrixTerm]) -> Iterable[MatrixTerm]:
    """The factors in the other order, with the sign before the first of them."""
    signs = [grid.sign for grid in product]
    pairs = zip(reversed(product), signs, strict=True)
    return [replace(grid, sign=sign) for grid, sign in pairs]
