"""What a proof found: how much it compared, the largest difference, and where that is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracer.trace import Cycle, Trace

MOST_VISITS = 64
"""So many visits are proved at the most; more are thinned evenly, which the report says."""


@dataclass(frozen=True)
class Proof:
    """The verdict of one proof.

    ``largest`` is the largest difference |found − expected| / max(1, |expected|) among
    ``compared`` numbers, ``where`` its place. ``unit`` says what ``largest`` counts. A proof that
    does not apply has compared nothing and says why in ``reason``.
    """

    name: str
    compared: int
    largest: float
    where: str
    tolerance: float
    unit: str = "difference"
    reason: str = ""

    @property
    def applies(self) -> bool:
        """Whether there was something to compare."""
        return self.compared > 0

    @property
    def ok(self) -> bool:
        """Whether nothing is out of tolerance; nan is."""
        return not self.applies or self.largest <= self.tolerance


class Tally:
    """Collects differences while a proof goes through the trace."""

    def __init__(self, name: str, tolerance: float) -> None:
        self.name, self.tolerance = name, tolerance
        self.compared, self.largest, self.where = 0, 0.0, ""

    def add(self, where: str, found: float, expected: Any) -> None:
        """Compare two numbers; what is not a number at all differs infinitely."""
        difference = abs(float(found - expected)) / max(1.0, abs(float(expected)))
        difference = math.inf if math.isnan(difference) else difference
        self.compared += 1
        if difference > self.largest:
            self.largest, self.where = difference, where

    def proof(self, reason: str = "") -> Proof:
        """The verdict on all that was added."""
        return Proof(
            self.name, self.compared, self.largest, self.where, self.tolerance, reason=reason
        )


def absent(name: str, tolerance: float, reason: str) -> Proof:
    """A proof that does not apply, and why."""
    return Proof(name, 0, 0.0, "", tolerance, reason=reason)


def place(cycle: Cycle, name: str, layer: int = 0, index: Iterable[int] = ()) -> str:
    """Where a number of a cycle stands, as its page's address would say it."""
    anchor = "-".join(str(part) for part in (name, *([layer] if layer else []), *index))
    return f"epoch-{cycle.epoch}/row-{cycle.row}#{anchor}"


def proved_visits(trace: Trace) -> list[Cycle]:
    """The visits that proofs go through: those of the shown epochs and of the last, if finite."""
    shown = {epoch for epoch in trace.experiment.pages.epochs if epoch <= trace.epochs}
    found = [cycle for epoch in sorted(shown | {trace.epochs}) for cycle in trace.cycles(epoch)]
    finite = [cycle for cycle in found if _is_finite(cycle)]
    step = max(1, math.ceil(len(finite) / MOST_VISITS))
    return finite[::step]


def _is_finite(cycle: Cycle) -> bool:
    arrays = (*cycle.W, *cycle.b, *cycle.z, *cycle.a, *cycle.dL_dz, *cycle.W_after)
    return all(math.isfinite(value) for array in arrays for value in array.ravel().tolist())
