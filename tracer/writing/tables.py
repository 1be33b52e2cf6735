"""Tables of numbers: what all pages of a network share of them is rendered once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from tracer.notation import Number
from tracer.pages.desk import Desk
from tracer.pages.parameters import ParameterTable
from tracer.pictures import PairTable
from tracer.pictures.network.pair import PairRow
from tracer.writing.foreign import said
from tracer.writing.lines import Said, one_line
from tracer.writing.stencils import Stencils

_CELL = "cell"
_AROUND, _BEFORE, _SHADED = "around", "before", "shaded"


@dataclass(frozen=True)
class TableSetter:
    """Sets numbers, and tables of them, which it renders once for each shape of one."""

    keeps: bool = True
    stencils: Stencils = field(default_factory=Stencils, repr=False)

    @property
    def functions(self) -> dict[str, Callable[..., Markup]]:
        """What templates may call, by name."""
        return {
            "set_number": self.number,
            "set_parameters": self.parameters,
            "set_around": self.around,
            "set_before": self.before,
            "set_shaded": self.shaded,
        }

    def number(self, item: Number) -> Markup:
        """A number with its link and its quantity, as far as it has them, or its mark."""
        marking = self.stencils.now
        return Markup(_number(item)) if marking is None else marking.of(_CELL, item)

    def parameters(self, macro: Said, table: ParameterTable, desk: Desk, anchors: Any) -> Markup:
        """What ``macro`` makes of a table of parameters, on one line."""

        def ask() -> str:
            return one_line(macro(table, desk, anchors))

        if not self.keeps:
            return Markup(ask())
        cells = [*(cell for row in table.weights for cell in row), *table.biases]
        names = table.layer, table.variable, table.inputs, table.units, table.sources
        stencil = self.stencils.of((bool(anchors), *names), ask, lambda: cells)
        return stencil.filled({_CELL: lambda k: _number(cells[k])})

    def pair(self, macro: Said, table: PairTable, desk: Desk, *more: Hashable) -> Markup:
        """What ``macro`` makes of a table of two layers, on one line.

        A number stands there in a row of numbers, whose mark is the row's.
        """

        def ask() -> str:
            return one_line(macro(table, desk, *more))

        if not self.keeps or desk.is_of_any:
            return Markup(ask())
        rows = [row for part in table.parts for row in part.rows]
        around = [numbers for part in table.parts for _, numbers in part.around]
        units = tuple([(part.units, len(part.rows)) for part in table.parts])
        stencil = self.stencils.of(
            (table.layer, table.quantity, units, *more), ask, lambda: [*rows, *around]
        )
        return stencil.filled(
            {
                _AROUND: lambda k: _around(around[k - len(rows)]),
                _BEFORE: lambda k: _before(rows[k]),
                _SHADED: lambda k: _shaded(rows[k]),
            }
        )

    def around(self, numbers: Sequence[Number]) -> Markup:
        """What units show, a cell each, or the mark of these."""
        marking = self.stencils.now
        return Markup(_around(numbers)) if marking is None else marking.of(_AROUND, numbers)

    def before(self, row: PairRow) -> Markup:
        """What comes from the unit of a row, or its mark."""
        marking = self.stencils.now
        return Markup(_before(row)) if marking is None else marking.of(_BEFORE, row)

    def shaded(self, row: PairRow) -> Markup:
        """The cells of a row, or the mark of these."""
        marking = self.stencils.now
        return Markup(_shaded(row)) if marking is None else marking.of(_SHADED, row)


def _around(numbers: Sequence[Number]) -> str:
    return "".join([f"<td>{_linked(item)}</td>" for item in numbers])


def _before(row: PairRow) -> str:
    return f" {_linked(row.number)}" if row.number else ""


def _shaded(row: PairRow) -> str:
    cells = [(cell.level, _linked(cell.number)) for cell in row.cells]
    return "".join([f'<td class="tr-cell{level}">{text}</td>' for level, text in cells])


def _linked(item: Number) -> str:
    """A number of which the table has too many for each to be a stop of the Tab key."""
    text = said(item.text)
    return f'<a href="{said(item.href)}" tabindex="-1">{text}</a>' if item.href else text


def _number(item: Number) -> str:
    of = f' data-of="{said(item.of)}"' if item.of else ""
    if item.href:
        return f'<a href="{said(item.href)}"{of}>{said(item.text)}</a>'
    return f"<span{of}>{said(item.text)}</span>" if of else said(item.text)
