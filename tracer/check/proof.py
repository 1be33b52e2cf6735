"""What a check found: how much it compared, the largest difference, and where that is."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.check.spot import Spot
from tracer.formula import FloatArray
from tracer.reread.reason import Reason, because
from tracer.trace import Cycle, Trace

MOST_VISITS = 64
"""So many visits are looked at, at the most; more are thinned evenly.

A wrong rule shows in every visit, a branch of a function in some: 64, spread over the run, meet
both.
"""
UNDERFLOW = sys.float_info.min
"""Below it float64 keeps fewer digits, and at last none: no difference is measured against less."""
# a sum this near the largest float64 may overflow on the way, by the order of its terms
NEARLY_INFINITE = sys.float_info.max / 2**10
NOT_INSTALLED = "not_installed"
NOWHERE = Spot()
Parameter = tuple[str, int, tuple[int, ...]]
"""Its kind ("W" or "b"), its layer and its place there, counted from 0."""


@dataclass(frozen=True)
class Proof:
    """The verdict of one check.

    ``key`` names the check; its words stand in ``templates/words/proofs.j2``. ``largest`` is the
    largest difference |found − expected| / size among ``compared`` numbers, where the size is that
    of what the number is made of (`tracer.check.rounding`); ``spot`` is its place. ``unit`` is
    "difference", or names what ``largest`` counts instead. A check that has compared nothing does
    not apply, or was ``skipped``: it would apply, but was not run. ``reasons`` say why, or else
    what is to be known besides.
    """

    key: str
    compared: int
    largest: float
    spot: Spot
    tolerance: float
    unit: str = "difference"
    reasons: tuple[Reason, ...] = ()
    skipped: bool = False

    @property
    def applies(self) -> bool:
        """Whether there was something to compare."""
        return self.compared > 0

    @property
    def ok(self) -> bool:
        """Whether nothing is out of tolerance; nan is."""
        return not self.applies or self.largest <= self.tolerance

    @property
    def published(self) -> bool:
        """Whether a page tells of it: not where only a library is missing on this machine."""
        return not any(reason.key == NOT_INSTALLED for reason in self.reasons)

    @property
    def where(self) -> str:
        """The place as an address; "" for none."""
        return str(self.spot)

    @property
    def home(self) -> tuple[str, str]:
        """(slug of a page, anchor) of the place; no such slug where it is no place on a page."""
        return self.spot.page, self.spot.anchor

    @property
    def verdict(self) -> str:
        """The key of the verdict: passed, failed, skipped or absent."""
        if not self.applies:
            return "skipped" if self.skipped else "absent"
        return "passed" if self.ok else "failed"


class Tally:
    """Collects differences while a check goes through the trace.

    ``passed`` counts the numbers that could not be judged.
    """

    def __init__(self, key: str, tolerance: float) -> None:
        self.key, self.tolerance = key, tolerance
        self.compared, self.largest, self.spot, self.passed = 0, 0.0, NOWHERE, 0

    def add(self, spot: Spot, found: float, expected: Any, size: float = 0.0) -> None:
        """Compare two numbers, relative to the larger of ``size`` and |expected|.

        An infinite size judges nothing. An overflow to ∞ is right where the exact number, or a step
        to it, is beyond float64; nan is right where nan is expected.
        """
        if math.isinf(size) and math.isfinite(found):
            self.passed += 1
            return
        difference = _difference(found, expected, size)
        self.compared += 1
        if difference > self.largest:
            self.largest, self.spot = difference, spot

    def proof(self, *reasons: Reason) -> Proof:
        """The verdict on all that was added."""
        besides = (because("passed_over", count=self.passed),) if self.passed else ()
        found = (self.compared, self.largest, self.spot)
        return Proof(self.key, *found, self.tolerance, reasons=(*besides, *reasons))


def _difference(found: float, expected: Any, size: float) -> float:
    if not math.isfinite(found):
        return 0.0 if _overflows(found, float(expected), size) else math.inf
    if not math.isfinite(float(expected)):
        return math.inf
    scale = max(abs(float(expected)), size) + UNDERFLOW
    return abs(float((found - expected) / scale))


def _overflows(found: float, expected: float, size: float) -> bool:
    if math.isnan(found):
        return math.isnan(expected)
    return found == expected or (math.isfinite(expected) and size >= NEARLY_INFINITE)


def absent(key: str, tolerance: float, reason: Reason) -> Proof:
    """A check that does not apply, and why."""
    return Proof(key, 0, 0.0, NOWHERE, tolerance, reasons=(reason,))


def skipped(key: str, tolerance: float, reason: Reason) -> Proof:
    """A check that would apply but was not run, and why."""
    return Proof(key, 0, 0.0, NOWHERE, tolerance, reasons=(reason,), skipped=True)


def nothing_finite(key: str, tolerance: float) -> Proof:
    """A check of finite numbers where no visit has any."""
    return absent(key, tolerance, because("nothing_finite"))


def proved_visits(trace: Trace) -> list[Cycle]:
    """The visits that checks go through: those of the shown epochs and of the last, if finite."""
    shown = {epoch for epoch in trace.experiment.pages.epochs if epoch <= trace.epochs}
    found = [cycle for epoch in sorted(shown | {trace.epochs}) for cycle in trace.cycles(epoch)]
    parameters: dict[int, bool] = {}
    finite = [cycle for cycle in found if _is_finite(cycle, parameters)]
    step = max(1, math.ceil(len(finite) / MOST_VISITS))
    return finite[::step]


def _is_finite(cycle: Cycle, parameters: dict[int, bool]) -> bool:
    """Whether all numbers are; ``parameters`` keeps what was found of each update."""
    if cycle.update not in parameters:
        parameters[cycle.update] = _are_finite(*cycle.W, *cycle.b, *cycle.W_after)
    return parameters[cycle.update] and _are_finite(*cycle.z, *cycle.a, *cycle.dL_dz)


def _are_finite(*arrays: FloatArray) -> bool:
    return all(bool(np.isfinite(array).all()) for array in arrays)


def parameters(cycle: Cycle, first: int = 0, every: int = 1) -> Iterator[Parameter]:
    """Every so many-th weight and bias before the update, from the ``first`` on; counts from 0.

    Each array is thinned by itself: of the smallest one, too, an entry is compared.
    """
    for layer, pair in enumerate(zip(cycle.W, cycle.b, strict=True)):
        for kind, values in zip(("W", "b"), pair, strict=True):
            step = min(every, values.size)
            for place in range(first % step, values.size, step):
                yield kind, layer, tuple(map(int, np.unravel_index(place, values.shape)))
