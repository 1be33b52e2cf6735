"""Tables of numbers: what all pages of a network share of them is rendered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from tracer.notation import Number
from tracer.pages.desk import Desk
from tracer.pages.parameters import ParameterTable
from tracer.writing.foreign import said
from tracer.writing.lines import Said, one_line
from tracer.writing.stencils import Stencils

_CELL = "cell"


@dataclass(frozen=True)
class TableSetter:
    """Sets numbers, and tables of parameters, which it renders once for each shape of them."""

    keeps: bool = True
    stencils: Stencils = field(default_factory=Stencils, repr=False)

    @property
    def functions(self) -> dict[str, Callable[..., Markup]]:
        """What templates may call, by name."""
        return {"set_number": self.number, "set_parameters": self.parameters}

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


def _number(item: Number) -> str:
    of = f' data-of="{said(item.of)}"' if item.of else ""
    if item.href:
        return f'<a href="{said(item.href)}"{of}>{said(item.text)}</a>'
    return f"<span{of}>{said(item.text)}</span>" if of else said(item.text)
