"""What a proof found: how much it compared, the largest difference, and where that is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracer.check.reason import Reason, because
from tracer.trace import Cycle, Trace

MOST_VISITS = 64
"""So many visits are proved at the most; more are thinned evenly, which the report says."""


@dataclass(frozen=True)
class Proof:
    """The verdict of one proof.

    ``key`` names the proof; its words stand in ``templates/words/proofs.j2``. ``largest`` is the
    largest difference |found − expected| / max(1, |expected|) among ``compared`` numbers, ``where``
    its place. ``unit`` is "difference", or names what ``largest`` counts instead. A proof that does
    not apply has compared nothing; ``reasons`` say why, or else what is to be known besides.
    """

    key: str
    compared: int
    largest: float
    where: str
    tolerance: float
    unit: str = "difference"
    reasons: tuple[Reason, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether there was something to compare."""
        return self.compared > 0

    @property
    def ok(self) -> bool:
        """Whether nothing is out of tolerance; nan is."""
        return not self.applies or self.largest <= self.tolerance

    @property
    def home(self) -> tuple[str, str]:
        """(slug of a page, anchor) of ``where``; no such slug where it is no place on a page."""
        slug, _, anchor = self.where.partition("#")
        return slug, anchor

    @property
    def verdict(self) -> str:
        """The key of the verdict: passed, failed or absent."""
        if not self.applies:
            return "absent"
        return "passed" if self.ok else "failed"


class Tally:
    """Collects differences while a proof goes through the trace."""

    def __init__(self, key: str, tolerance: float) -> None:
        self.key, self.tolerance = key, tolerance
        self.compared, self.largest, self.where = 0, 0.0, ""

    def add(self, where: str, found: float, expected: Any) -> None:
        """Compare two numbers; what is not a number at all differs infinitely."""
        difference = abs(float(found - expected)) / max(1.0, abs(float(expected)))
        difference = math.inf if math.isnan(difference) else difference
        self.compared += 1
        if difference > self.largest:
            self.largest, self.where = difference, where

    def proof(self, *reasons: Reason) -> Proof:
        """The verdict on all that was added."""
        return Proof(
            self.key, self.compared, self.largest, self.where, self.tolerance, reasons=reasons
        )


def absent(key: str, tolerance: float, reason: Reason) -> Proof:
    """A proof that does not apply, and why."""
    return Proof(key, 0, 0.0, "", tolerance, reasons=(reason,))


def nothing_finite(key: str, tolerance: float) -> Proof:
    """A proof of finite numbers where no visit has any."""
    return absent(key, tolerance, because("nothing_finite"))


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
