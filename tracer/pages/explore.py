"""The explorer: the page of a cycle whose numbers a script puts in anew, for any cycle of the run.

Its links lead to the same page wherever they can, so that they hold for every cycle: a number of
the table to the input that is shown, a weight to the table of all weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, ClassVar

from tracer.explain.cycle import explain_cycle
from tracer.explain.operands import Pass
from tracer.explain.predicted import predict
from tracer.notation import QUANTITIES, Number
from tracer.pages.cycle_typeset import PredictedChange, foreseen_of
from tracer.pages.cycles import cycle_context
from tracer.pages.desk import Desk
from tracer.pages.moves import moves_of, of_any_cycle, roomy
from tracer.pages.shown import is_beyond
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import pair_tables
from tracer.refs import Batch, Known, Ref, Setting, Visit
from tracer.trace import Cycle
from tracer.typeset import Line, MatrixLine, Operand, SetLine, Source, Typesetter

GIVEN = ("x", "y")
"""Quantities of the table, which are short as a rule."""
RESULT = "="
"""What stands before the name of a quantity where the result of its line is meant."""


@dataclass(frozen=True)
class ExplorerDesk(Desk):
    """Writes the page of a cycle so that it may be that of any other.

    ``numbers`` are those that stand alone, by name; ``beside`` what is made of the page and stands
    beside it.
    """

    cycle: Cycle = field(kw_only=True)
    numbers: dict[str, Operand] = field(default_factory=dict)
    beside: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    is_of_any: ClassVar[bool] = True

    @cached_property
    def typesetter(self) -> Typesetter:
        """Typesets for this page, and notes the numbers that stand alone."""
        of = super().typesetter
        known = {item.name: getattr(of, item.name) for item in fields(of)}
        return NotingTypesetter(**known, noted=self.numbers)

    def picture_number(self, view: Pass) -> Callable[..., Number]:
        """Numbers for pictures that have room for those of any cycle."""
        return with_room(super().picture_number(view), self.typesetter.decimals)

    def address(self, ref: Ref) -> str:
        """A link to the number on this page, or to the settings; "" where it stands on no page."""
        if isinstance(ref.moment, Setting):
            return super().address(ref)
        return f"#{ref.anchor}" if is_of_cycle(ref, self.cycle) else ""

    def set_all(self, lines: Iterable[Line]) -> tuple[SetLine, ...]:
        """Typeset lines of this page and remember them."""
        return super().set_all(map(timeless, lines))

    def is_home_of(self, _: Line) -> bool:
        """All lines have their home here."""
        return True

    def matrix(self, line: MatrixLine | None) -> SetLine | None:
        """Typeset a line of matrices, with an anchor of its own."""
        if line is None:
            return None
        return self.line_setter.matrix(line)._replace(anchor=matrix_anchor(line))

    def origins(self) -> tuple[Source, ...]:
        """Also the numbers that only tables of this page have; their digits change."""
        operands = (operand for line in self.lines.values() for operand in line.operands)
        own = {o.ref.anchor: o.ref for o in operands if self.address(o.ref).startswith("#")}
        told = ((name, ref) for name, ref in own.items() if name not in self.lines)
        return (*super().origins(), *(Source(ref, name, f"#{name}") for name, ref in told))

    def result(self, anchor: str) -> Number:
        """The result of a line as a number that leads to it."""
        return Number(self.lines[anchor].result, f"#{anchor}", f"{RESULT}{anchor}")


def with_room(number: Callable[..., Number], decimals: int) -> Callable[..., Number]:
    """The numbers of a picture, each with room for that of any cycle."""

    def room(name: str, layer: int, *index: int) -> Number:
        found = number(name, layer, *index)
        return found if name in GIVEN else roomy(found, decimals)

    return room


@dataclass(frozen=True, kw_only=True)
class NotingTypesetter(Typesetter):
    """Notes the numbers that stand alone, and says of each whose it is."""

    noted: dict[str, Operand] = field(compare=False)

    def number(self, operand: Operand) -> Number:
        """A number that stands alone, as text with its link and its name."""
        self.noted[operand.ref.anchor] = operand
        return replace(super().number(operand), of=operand.ref.anchor)


def is_of_cycle(ref: Ref, cycle: Cycle) -> bool:
    """Whether a number is one of those that the page of this very cycle tells."""
    match ref.moment:
        case Known():
            return False
        case Visit(visit):
            return visit == cycle.visit
        case _:
            return True


def matrix_anchor(line: MatrixLine) -> str:
    """The name of a line of matrices."""
    return f"matrix_{line.symbol.anchor}"


def timeless(line: Line) -> Line:
    """A line whose name does not say which update it belongs to."""
    ref = line.target
    if not isinstance(ref.moment, Batch) or QUANTITIES[ref.name].by_unit:
        return line
    return replace(line, target=replace(ref, index=()))


def explored_cycle(walk: Walk) -> Cycle:
    """The cycle that the page shows by itself: the first shown that ends with an update.

    It is of a whole batch, since a short one may lack lines; rather one whose numbers are finite,
    so that it has all that any other has.
    """
    epoch = walk.epochs[0] if walk.epochs else 1
    shown = (*(walk.cycles(epoch) if walk.epochs else ()), *walk.trace.cycles(epoch))
    most = int(walk.trace.batch_sizes.max())
    ends = [c for c in shown if c.is_last_of_batch and len(c.visits) == most]
    return next((cycle for cycle in ends if explain_cycle(cycle).predicted), ends[0])


def each_explorer(walk: Walk) -> list[dict[str, int]]:
    """One page; none in plain Markdown, and none where the experiment wants no epoch in it.

    None either where nobody said which epochs, and one of them is too much for a file.
    """
    wanted = walk.trace.experiment.pages.explore != () and not is_beyond(walk.trace)
    alive = walk.math != "latex" and not walk.main
    return [{}] if alive and wanted else []


def explore(walk: Walk) -> Built:
    """The page, if there is one."""
    for _ in each_explorer(walk):
        slug = walk.slug("explore")
        yield slug, explorer_context(walk, slug, explored_cycle(walk))


def explorer_context(walk: Walk, slug: str, cycle: Cycle) -> Mapping[str, Any]:
    """What the template of the page is given when it shows this cycle."""
    desk = ExplorerDesk(walk, slug, cycle=cycle)
    context = dict(cycle_context(walk, cycle, (slug,), desk))
    after = context["loss_after"]
    rows = [(row, state(cycle.epoch, row)) for row, _ in context["rows_of_batch"]]
    forward = of_any_cycle(context["forward_picture"])
    backward = of_any_cycle(context["backward_picture"])
    return {
        **context,
        "live": True,
        "strip_loss": desk.result(context["loss_set"].anchor),
        "strip_after": desk.result(after.anchor) if after else None,
        "before_home": desk.link_to("start") if cycle.update == 0 else "",
        "rows_of_batch": rows,
        "moves": moves_of(walk, cycle),
        "otherwise": _otherwise(desk, context["predicted"]),
        "forward_picture": forward,
        "forward_tables": pair_tables(forward),
        "backward_picture": backward,
        "backward_tables": pair_tables(backward),
    }


def _otherwise(desk: ExplorerDesk, predicted: PredictedChange | None) -> PredictedChange | None:
    """How the change of the loss is foreseen after a batch of one row, or after one of several.

    A page of any cycle holds both, each with the numbers of this cycle, and shows what a cycle has.
    Nothing where they are alike.
    """
    cycle, is_alone = desk.cycle, len(desk.cycle.visits) == 1
    is_other = (cycle.trace.batch_sizes == 1) != is_alone
    if predicted is None or not is_other.any():
        return None
    found = predict(cycle, explain_cycle(cycle).view, alone=not is_alone)
    if found is None or found.plain == predicted.of.plain:
        return None
    return foreseen_of(desk, found, change=predicted.change)


def state(epoch: int, row: int) -> str:
    """The address of a cycle on the explorer's page."""
    return f"#epoch={epoch}&row={row}"
