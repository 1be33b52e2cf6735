"""What is to be said of a result: decided from the trace, told as keys for the templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.conditions import Numbers, decide, given, row_of
from tracer.experiment import Experiment
from tracer.experiment.dataset import Dataset
from tracer.formula import FloatArray
from tracer.pages import judgements
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.trace import Trace

Answer = Literal["lost", "tie", "close", "clear"]
"""lost: an output is nan; tie: two classes have equal claims; close: they are printed alike, but
are not equal; clear: the printed outputs show which class is meant."""
NOTHING = Numbers({}, {})
"""What is told of conditions that hold their numbers themselves."""


def answer_kind(data: Dataset, y_hat: FloatArray, shown: Sequence[str]) -> Answer:
    """How an output ŷ (n_L,) that is printed as ``shown`` decides between classes."""
    told = Numbers({"y_hat": np.ravel(y_hat).tolist()}, {"y_hat": shown})
    found: Answer = decide(judgements.answer(data.task), told)
    return found


def tied_classes(data: Dataset, y_hat: FloatArray) -> tuple[object, ...]:
    """The classes that share the largest output; none where there is one largest, or no classes."""
    told = Numbers({"y_hat": np.ravel(y_hat).tolist()}, {})
    if data.task != "multiclass" or data.classes is None or decide(judgements.LOST, told):
        return ()
    shares = row_of(judgements.tied(), told)
    chosen = tuple(c for c, share in zip(data.classes, shares, strict=True) if share)
    return chosen if len(chosen) > 1 else ()


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


def change_of(told: CycleNumbers) -> Change:
    """The change of the cycle's loss to ``loss_after``, with both as they are printed."""
    experiment = told.cycle.trace.experiment
    outcome = decide(judgements.OUTCOME, told)
    still = decide(judgements.stillness(experiment), told) if outcome == "same" else None
    shares = not decide(judgements.IS_ALONE, told)
    return Change(outcome, decide(judgements.HIDDEN, told), still, causes(experiment, shares))


def differs_by_rounding(one: float, other: float) -> bool:
    """Whether two losses are so near that nothing but rounding may part them."""
    return bool(decide(judgements.near(given(one), given(other)), NOTHING))


def remembers(experiment: Experiment) -> bool:
    """Whether the optimizer carries something from one update into the next."""
    training = experiment.training
    return bool(OPTIMIZERS[training.optimizer].program(training.options).carried)


def causes(experiment: Experiment, shares: bool) -> tuple[str, ...]:
    """What may raise the loss of a row that ``shares`` its update with others, or does not."""
    found = ["batch"] if shares else []
    found += ["memory"] if remembers(experiment) else []
    weighs = experiment.training.l2 > 0 or judgements.decays(experiment)
    return (*found, *(["penalty"] if weighs else []))
