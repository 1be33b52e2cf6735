"""The score of a network: every line of a cycle's page as data, the same for all its cycles.

It holds no number of a cycle, only which number stands where: the forms with their conditions, the
operands of each line, and the ways to write it in their order. A *scene* are the lines of a cycle
with so many rows in its batch; 0 for one that no update follows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tracer.conditions import ascending
from tracer.explain.cycle import CycleExplained, explain_cycle
from tracer.explore.forms import Forms
from tracer.explore.quantities import OF_PREDICTION, RATE, Json, Quantities, exactness
from tracer.explore.ways import Ways, entry_ways, line_ways
from tracer.pages.explore import ExplorerDesk, matrix_anchor, timeless
from tracer.refs import Known, Ref, Setting
from tracer.trace import Cycle
from tracer.typeset import Bound, Line, MatrixLine, MatrixTerm, Operand
from tracer.typeset.convention import bound_in_columns, matrix_in_columns
from tracer.typeset.mathml import to_mathml

FORMAT = 1


@dataclass(eq=False)
class Score:
    """The score of the network that a desk's walkthrough shows; ``quantities`` are all it names."""

    desk: ExplorerDesk
    quantities: Quantities = field(default_factory=Quantities)

    @cached_property
    def forms(self) -> Forms:
        """The forms and the formulas, each once."""
        return Forms(self.desk.line_setter)

    @cached_property
    def json(self) -> Json:
        """The score as JSON has it."""
        pool = Pool()
        scenes = {
            str(size): self._scene(pool, cycle, size) for size, cycle in self._examples().items()
        }
        numbers = {
            name: self.operand(operand, self.desk.cycle)[:2]
            for name, operand in self.desk.numbers.items()
        }
        trace, pages = self.desk.cycle.trace, self.desk.cycle.trace.experiment.pages
        return {
            "format": FORMAT,
            "decimals": pages.decimals,
            "convention": trace.experiment.notation.convention,
            "names": list(self.quantities.names),
            "forms": self.forms.exported,
            "formulas": self.forms.formulas,
            "lines": pool.items,
            "scenes": scenes,
            "numbers": numbers,
        }

    def _examples(self) -> dict[int, Cycle]:
        """A cycle of each scene, by the size of its batch; of the desk's own, that."""
        own = self.desk.cycle
        trace = own.trace
        sizes = trace.batch_sizes
        found = {len(own.visits): own}
        for size in map(int, ascending(sizes)):
            if size not in found:
                update = int(np.flatnonzero(sizes == size)[0])
                found[size] = Cycle(trace, trace.visits_of(update)[-1])
        several = np.flatnonzero(sizes > 1)
        if several.size:
            found[0] = Cycle(trace, trace.visits_of(int(several[0]))[0])
        return found

    def _scene(self, pool: Pool, cycle: Cycle, size: int) -> Json:
        explained = explain_cycle(cycle)
        ways = Ways(explained.view, cycle)
        desk = replace(self.desk, cycle=cycle)
        told = _Told(self, desk, ways)
        lines = [pool.place(told.line(timeless(line))) for line in explained.lines]
        matrices = [pool.place(told.matrix(line)) for line in explained.matrices]
        finite = told.predicted(explained) if explained.predicted else []
        return {"lines": lines, "matrices": matrices, "finite": finite}

    def operand(self, operand: Operand, cycle: Cycle) -> list[Any]:
        """[quantity or value, exactness, link]; without a link it leads to its own anchor."""
        if _is_setting(operand.ref):
            return [self._setting(operand, cycle), True, self.desk.address(operand.ref)]
        found: list[Any] = [
            self.quantities.number(operand.ref, cycle),
            exactness(operand, cycle),
        ]
        if isinstance(operand.ref.moment, Known):
            found.append("")  # it stands on no line of its own
        return found

    def _setting(self, operand: Operand, cycle: Cycle) -> int | Json:
        """A number of the experiment file; the learning rate can be another one in the page."""
        if operand.ref.name == RATE:
            return self.quantities.number(operand.ref, cycle)
        return {"value": operand.value}


@dataclass(frozen=True)
class _Told:
    """The lines of one cycle as data."""

    score: Score
    desk: ExplorerDesk
    ways: Ways

    def line(self, line: Line) -> Json:
        found: Json = {
            "anchor": line.target.anchor,
            "value": self.score.quantities.number(line.target, self.desk.cycle),
            **self._choices(line_ways(line, self.ways)),
        }
        if line.target.name in OF_PREDICTION:
            found["finite"] = True
        return found

    def matrix(self, line: MatrixLine) -> Json:
        typesetter, width = self.desk.line_setter, len(line.result[0])
        flat = [operand for row in line.result for operand in row]
        entries = [
            {
                "value": self.score.quantities.number(operand.ref, self.desk.cycle),
                **self._choices(entry_ways(operand, bound, self.ways), formula=False),
            }
            for operand, bound in zip(flat, line.entries, strict=True)
        ]
        laid = matrix_in_columns(line) if self._column else line
        if self._column:
            rows = [entries[k : k + width] for k in range(0, len(entries), width)]
            entries = [entry for column in zip(*rows, strict=True) for entry in column]
        return {
            "anchor": matrix_anchor(line),
            "formula": self.score.forms.text(typesetter.formula_of_matrices(laid)),
            "lines": entries,
            "width": len(laid.result[0]),
            "grids": [self._grid(grid) for grid in laid.grids],
        }

    def predicted(self, explained: CycleExplained) -> list[int]:
        """The quantities that must be finite for the change of the loss to be predicted."""
        lines = [line for line in explained.lines if line.target.name in OF_PREDICTION]
        asked = (o for line in lines for bound in line.bounds for o in bound.operands)
        known = {self._operand(operand)[0] for operand in asked if not _is_setting(operand.ref)}
        after = (line for layer in explained.update for line in (*layer.W, *layer.b))
        made = (line.target for line in (*lines, *after))
        return sorted(known | {self.score.quantities.number(ref, self.desk.cycle) for ref in made})

    @property
    def _column(self) -> bool:
        return self.desk.line_setter.notation.column

    def _choices(self, choices: Any, *, formula: bool = True) -> Json:
        """The ways to write a line: one list, or one for each choice that its numbers decide."""
        made = [[self._bound(bound, formula) for bound in ways] for ways in choices.ways]
        if choices.of is None:
            return {"bounds": made[0]}
        of = [self._operand(operand)[0] for operand in choices.of]
        return {"choices": made, "largest": of, "above": choices.above}

    def _bound(self, bound: Bound, formula: bool) -> Json:
        bound = bound_in_columns(bound) if self._column else bound
        found: Json = {
            "form": self.score.forms.place(bound.form),
            "operands": [self._operand(operand) for operand in bound.operands],
        }
        if formula:
            found["formulas"] = self.score.forms.of(bound, self.desk.cycle)
        return found

    def _operand(self, operand: Operand) -> list[Any]:
        found = self.score.operand(operand, self.desk.cycle)
        if len(found) == 2 and not self.desk.address(operand.ref):
            found.append("")
        return found

    def _grid(self, grid: MatrixTerm) -> Json:
        return {
            "rows": [[self._operand(operand) for operand in row] for row in grid.rows],
            "sign": self.desk.line_setter.joint(grid) if grid.sign else "",
            "name": to_mathml(grid.name) if grid.name else "",
            "scalar": grid.scalar,
        }


def _is_setting(ref: Ref) -> bool:
    """Whether a number is one of the experiment file."""
    return isinstance(ref.moment, Setting)


@dataclass
class Pool:
    """Things that are kept once, however often they are met."""

    items: list[Json] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)

    def place(self, item: Json) -> int:
        """Where an item stands."""
        key = json.dumps(item)
        if key not in self._places:
            self._places[key] = len(self.items)
            self.items.append(item)
        return self._places[key]
