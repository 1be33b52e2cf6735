"""Formulas of symbols as they are set: a network's are the same in every run, so they are kept."""

from __future__ import annotations

from typing import Any

from tracer.files.packs import pack
from tracer.notation import Notation
from tracer.typeset.compiled import Compiled
from tracer.typeset.sooner import PLANS
from tracer.typeset.spoken import Voice
from tracer.typeset.stencils import LinePlan

MOST = 4_000
"""More formulas are not kept: a pack is read whole, and small networks have some hundreds."""


class Formulas(dict[Any, Any]):
    """What typesetters of one notation and voice know, for networks with layers of these sizes.

    It begins with what an earlier run has kept, and nothing of that is needed.
    """

    def __init__(self, sizes: tuple[int, ...], notation: Notation, voice: Voice) -> None:
        words = sorted(voice.words.items())
        self.name = "\0".join(map(repr, ("formulas", sizes, notation, words)))
        super().__init__(pack().find(self.name) or {})
        self._recalled = len(self)

    @property
    def are_recalled(self) -> bool:
        """Whether an earlier run has kept them."""
        return self._recalled > 0

    def keep(self) -> None:
        """Keep those that are text alone, if there are more than were recalled."""
        found = {key: made for key, made in self.items() if is_text(key, made)}
        if self._recalled < len(found) <= MOST:
            pack().add(self.name, found)
            self._recalled = len(found)


def is_text(key: tuple[Any, ...], made: Any) -> bool:
    """Whether another process can read it; a plan is found by numbers of this process."""
    is_plan = isinstance(made, LinePlan) or key == PLANS
    return not is_plan and not any(isinstance(each, Compiled) for each in key)
