"""Which sentences a cycle's page tells: for every choice its key, and what each key is told with.

The keys are decided by :mod:`tracer.pages.judgements`, by the very trees that pages evaluate.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracer.conditions import Tree
from tracer.explore.answers import Answers
from tracer.explore.base import IS_LAST
from tracer.explore.heaps import Heaps
from tracer.explore.regions import Region
from tracer.explore.updates import Updates
from tracer.pages import judgements


def sections() -> dict[str, Tree]:
    """The parts of the page that not every cycle has, by the anchors of their headings."""
    return {
        "update": IS_LAST,
        "did-it-help": IS_LAST,
        "predicted": IS_LAST & judgements.CAN_BE_FORESEEN,
    }


class Choices(Answers, Updates, Heaps):
    """All regions of a cycle's page."""

    def regions(self) -> Iterator[Region]:
        """All of them."""
        yield from (self.happened(), self.question(), self.given(), self.before(), self.kept())
        yield from (self.decided(), self.exercise_forward(), self.forward_said(), self.slopes())
        yield from (self.moved(), self.exercise_update(), self.outcome(), self.foreseen())
        yield from (self.batch(), self.waits())
        yield from self.shared()
        yield from self.foreseen_words()
        yield from self.heaps()
