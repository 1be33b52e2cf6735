"""Which sentences a cycle's page tells: for every choice its key, and what each key is told with.

The keys are decided by :mod:`tracer.pages.judgements`, by the very trees that pages evaluate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tracer.conditions import Tree
from tracer.explore.answers import Answers
from tracer.explore.base import IS_LAST
from tracer.explore.heaps import Heaps
from tracer.explore.regions import Region
from tracer.explore.updates import Updates
from tracer.notation import Number
from tracer.pages import judgements
from tracer.trace import Cycle

REMARKS = ("noise", "kept", "overflow", "step", "division", "absorbed", "underflow", "nan")
"""What may be remarked on a line, in the order in which it is said."""


def sections() -> dict[str, Tree]:
    """The parts of the page that not every cycle has, by the anchors of their headings."""
    return {
        "update": IS_LAST,
        "did-it-help": IS_LAST,
        "predicted": IS_LAST & judgements.CAN_BE_FORESEEN,
    }


def live_context(context: Mapping[str, Any]) -> dict[str, Any]:
    """A cycle's context for a page whose numbers change: links lead to what is there for any cycle.

    A row of the batch leads to its own cycle here, and no number to the page of a single row.
    """
    cycle: Cycle = context["cycle"]
    rows = [(row, address(cycle.epoch, row)) for row, _ in context["rows_of_batch"]]
    return {
        **context,
        "live": True,
        "x": [_of_any_row(number) for number in context["x"]],
        "y": [_of_any_row(number) for number in context["y"]],
        "before_home": context["desk"].link_to("start") if cycle.update == 0 else "",
        "rows_of_batch": rows,
        "practice": (),
    }


def _of_any_row(number: Number) -> Number:
    return number if number.href.startswith("#") else replace(number, href="")


def address(epoch: int, row: int) -> str:
    """Where a cycle stands in the explorer."""
    return f"#epoch={epoch}&row={row}"


class Choices(Answers, Updates, Heaps):
    """All regions of a cycle's page."""

    def regions(self) -> Iterator[Region]:
        """All of them."""
        yield from (self.happened(), self.question(), self.given(), self.before(), self.kept())
        yield from (self.decided(), self.exercise_forward(), self.forward_said(), self.slopes())
        yield from (self.moved(), self.exercise_update(), self.outcome(), self.foreseen())
        yield from (self.batch(), self.waits())
        yield from self.foreseen_words()
        yield from self.heaps()
