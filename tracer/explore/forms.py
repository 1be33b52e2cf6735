"""The forms of a score as data, and its formulas in symbols, each kept once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from tracer.files.packs import worked_out
from tracer.formula import Form
from tracer.trace import Cycle
from tracer.typeset import Bound, Operand, Typesetter
from tracer.typeset.compiled import compiled

STAND_IN = 900_000_000
"""A number that no row has: where it stands in a formula, a row of the batch is named. Tables have
fewer rows by far."""
_STAND_IN = re.compile(r"9000(\d{5})")


@dataclass
class Forms:
    """What the lines of a score are written with, numbered from 0.

    In a formula ``{row:2}`` stands where the third row of the batch is named.
    """

    typesetter: Typesetter
    exported: list[dict[str, Any]] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    _places: dict[Any, int] = field(default_factory=dict)
    _texts: dict[str, int] = field(default_factory=dict)
    _kept: list[Form] = field(default_factory=list)

    def place(self, form: Form) -> int:
        """The number of a form."""
        key = form.text or id(form)
        if key not in self._places:
            self._places[key] = len(self.exported)
            self._kept.append(form)  # whose id stays its own
            self.exported.append(self._exported(form))
        return self._places[key]

    def _exported(self, form: Form) -> dict[str, Any]:
        notation = self.typesetter.notation

        def export() -> dict[str, Any]:
            from tracer.typeset.exported import exported

            return exported(form, notation.named)

        if not form.text:
            return export()
        return worked_out(export, "exported", notation.logarithm, form.text)

    def of(self, bound: Bound, cycle: Cycle) -> list[int | None]:
        """The formula of each branch of a line; None for one that is only a number."""
        named = replace(bound, operands=tuple(_stood_in(o, cycle) for o in bound.operands))
        return [
            None if branch.is_constant else self.text(self.typesetter.formula(branch, named))
            for branch in compiled(bound.form)
        ]

    def text(self, formula: str) -> int:
        """The number of a formula."""
        text = _STAND_IN.sub(lambda found: f"{{row:{int(found[1])}}}", str(formula))
        if text not in self._texts:
            self._texts[text] = len(self.formulas)
            self.formulas.append(text)
        return self._texts[text]


def _stood_in(operand: Operand, cycle: Cycle) -> Operand:
    """An operand that names its row by the place in the batch."""
    if not operand.sample:
        return operand
    rows = [int(cycle.trace.row[visit]) + 1 for visit in cycle.visits]
    return replace(operand, sample=STAND_IN + rows.index(operand.sample))
