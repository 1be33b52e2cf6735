"""What is to be said of a result: decided from the trace, told as keys for the templates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.experiment.dataset import Dataset
from tracer.explain.rate import rate
from tracer.formula import FloatArray
from tracer.trace import Cycle, Trace

Answer = Literal["lost", "tie", "close", "clear"]
"""lost: an output is nan; tie: two classes have equal claims; close: they are printed alike, but
are not equal; clear: the printed outputs show which class is meant."""
HALF = 0.5  # where two classes have equal claims to a probability
ROUNDING = 8 * np.finfo(np.float64).eps
"""Relative: two losses as near as this may differ by nothing but rounding."""


def answer_kind(data: Dataset, y_hat: FloatArray, shown: Sequence[str]) -> Answer:
    """How an output ŷ (n_L,) that is printed as ``shown`` decides between classes."""
    values = [float(value) for value in np.ravel(y_hat)]
    if any(math.isnan(value) for value in values):
        return "lost"
    if data.task == "regression":
        return "clear"
    if data.task == "multiclass":
        largest = values.index(max(values))
        if values.count(values[largest]) > 1:
            return "tie"
        return "close" if list(shown).count(shown[largest]) > 1 else "clear"
    if HALF in values:
        return "tie"
    return "close" if any(_reads_as_half(text) for text in shown) else "clear"


def _reads_as_half(text: str) -> bool:
    try:
        return float(text) == HALF
    except ValueError:
        return False


def tied_classes(data: Dataset, y_hat: FloatArray) -> tuple[object, ...]:
    """The classes that share the largest output; none where there is one largest, or no classes."""
    values = [float(value) for value in np.ravel(y_hat)]
    if data.task != "multiclass" or data.classes is None or any(map(math.isnan, values)):
        return ()
    chosen = [c for c, v in zip(data.classes, values, strict=True) if v == max(values)]
    return tuple(chosen) if len(chosen) > 1 else ()


@dataclass(frozen=True)
class Repeat:
    """A test row (from 1) with the inputs of training rows; ``agrees`` where all say the same."""

    row: int
    of: tuple[int, ...]
    agrees: bool


def repeats(data: Dataset) -> tuple[Repeat, ...]:
    """The test rows whose very inputs the network learns from."""
    found, by_inputs = [], defaultdict[bytes, list[int]](list)
    inputs = data.x + 0.0  # −0 is 0
    for row in data.train if data.test else ():
        by_inputs[inputs[row].tobytes()].append(row)
    for row in data.test:
        same = by_inputs.get(inputs[row].tobytes(), [])
        if same:
            agrees = all(np.array_equal(data.y[k], data.y[row]) for k in same)
            found.append(Repeat(row + 1, tuple(k + 1 for k in same), agrees))
    return tuple(found)


@dataclass(frozen=True)
class BatchSizes:
    """How many rows an update uses: as a rule, whether those are all, and the last if fewer."""

    usual: int
    whole: bool
    rest: int | None

    @classmethod
    def of(cls, trace: Trace) -> BatchSizes:
        """Those of a run."""
        sizes = [int(size) for size in trace.batch_sizes]
        usual, fewest = sizes[0], min(sizes)
        whole = 1 < usual == len(trace.experiment.dataset.train)
        return cls(usual, whole, fewest if fewest < usual else None)


Outcome = Literal["lost", "fell", "rose", "noise", "same"]
Stillness = Literal["no_gradient", "no_rate", "rounded", "absorbed", "moved", "flat"]


@dataclass(frozen=True)
class Change:
    """What an update did to the loss of a row.

    ``outcome``: lost: not finite; noise: so small that rounding alone may have made it.
    ``hidden``: the two losses are printed alike although they differ. ``stillness`` is why nothing
    happened: no_gradient: all that the optimizer received and kept was 0; no_rate: η was 0;
    rounded: the steps were too small to be added in float64; flat: parameters moved to which the
    loss of this row has the slope 0; absorbed: they moved, but no weighted sum of the row did;
    moved: sums moved, and the loss came out the same.
    ``causes`` are what else than the length of the step may raise the loss of this row.
    """

    outcome: Outcome
    hidden: bool
    stillness: Stillness | None
    causes: tuple[str, ...]


def change_of(cycle: Cycle, after: float, shown: tuple[str, str]) -> Change:
    """The change of the cycle's loss to ``after``; ``shown`` is how both are printed."""
    outcome = _outcome(cycle.loss, after)
    still = _stillness(cycle) if outcome == "same" else None
    hidden = outcome in ("fell", "rose", "noise") and shown[0] == shown[1]
    return Change(outcome, hidden, still, tuple(_causes(cycle)))


def _outcome(before: float, after: float) -> Outcome:
    difference = after - before
    if not math.isfinite(difference):
        return "lost"
    if difference == 0:
        return "same"
    if differs_by_rounding(before, after):
        return "noise"
    return "fell" if difference < 0 else "rose"


def differs_by_rounding(one: float, other: float) -> bool:
    """Whether two losses are so near that nothing but rounding may part them."""
    return bool(abs(one - other) <= ROUNDING * max(abs(one), abs(other)))


def _stillness(cycle: Cycle) -> Stillness:
    trace, update = cycle.trace, cycle.update
    moves = [part[update] != part[update + 1] for part in (*trace.W, *trace.b)]
    if not any(move.any() for move in moves):
        if not _pushes(cycle):
            return "no_gradient"
        return "no_rate" if rate(trace, update).value == 0 else "rounded"
    slopes = (*cycle.dL_dW, *cycle.dL_db)
    felt = any((slope[move] != 0).any() for slope, move in zip(slopes, moves, strict=True))
    if not felt:
        return "flat"
    sums = trace.forward(cycle.x[None, :], update + 1)[0]
    same = all(np.array_equal(z[0], old) for z, old in zip(sums, cycle.z, strict=True))
    return "absorbed" if same else "moved"


def _pushes(cycle: Cycle) -> bool:
    """Whether anything that the optimizer received or kept, and may use, is not 0."""
    trace, update = cycle.trace, cycle.update
    kinds = ("W", "b") if trace.experiment.training.train_biases else ("W",)
    found = [part[update] for kind in kinds for part in getattr(trace, f"grad_{kind}")]
    for parts in trace.state.values():
        found += [part[update] for kind in kinds for part in parts[kind]]
    decays = float(trace.experiment.training.options.get("weight_decay", 0.0)) > 0
    return any((values != 0).any() for values in found) or decays


def remembers(experiment: Experiment) -> bool:
    """Whether the optimizer carries something from one update into the next."""
    training = experiment.training
    return bool(OPTIMIZERS[training.optimizer].program(training.options).carried)


def _causes(cycle: Cycle) -> list[str]:
    training = cycle.trace.experiment.training
    found = ["batch"] if len(cycle.visits) > 1 else []
    found += ["memory"] if remembers(cycle.trace.experiment) else []
    decay = float(training.options.get("weight_decay", 0.0)) > 0
    return found + (["penalty"] if training.l2 > 0 or decay else [])
