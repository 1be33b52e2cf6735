"""The fields of a trace, each declared once: what it runs over, what an entry is, how it is shown.

Training allocates and fills what is stored here, the archive keeps it, the table, the JSON and the
terminal show it, and the estimate of bytes counts it: all by these rows alone. Their order is that
of the archive and of every list of quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from tracer.experiment import Experiment
from tracer.registry import Registry


class Over(Enum):
    """What the first axis of a field counts."""

    ROWS = "rows"  # of the data table: known before the run
    VISITS = "visits"
    UPDATES = "updates"
    MOMENTS = "moments"  # before the first update and after each, U+1
    EPOCHS = "epochs"


class Each(Enum):
    """What one entry of a field is; units, weights and biases are one for each layer."""

    NUMBER = "number"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    UNITS = "units"
    WEIGHTS = "weights"
    BIASES = "biases"
    VARIABLES = "variables"  # weights and biases of each variable of the optimizer


LAYERED = frozenset((Each.UNITS, Each.WEIGHTS, Each.BIASES))
IN_UPDATES = frozenset((Over.UPDATES, Over.MOMENTS))
_COMPUTED = frozenset((Over.VISITS, Over.UPDATES, Over.MOMENTS))
JSON, TABLE, TERMINAL = "json", "table", "terminal"
EVERYWHERE = frozenset((JSON, TABLE, TERMINAL))
NOWHERE: frozenset[str] = frozenset()
PARAMETERS, GRADIENTS = "parameters", "gradients"
NUMPY, SCALAR = ENGINES = ("numpy", "scalar")
"""What can compute a run: arrays, or code written out number by number."""
PAIR = {"W": Each.WEIGHTS, "b": Each.BIASES}

Shape = tuple[int, ...]
Take = Callable[[Any], Any]


class Counts(NamedTuple):
    """How many rows, visits, updates and epochs a run has, and moments where not all are kept.

    ``passing``: of how many moments that is kept which no update needs from the one before it.
    """

    rows: int
    visits: int
    updates: int
    epochs: int
    moments: int | None = None
    passing: int | None = None

    @classmethod
    def of(cls, experiment: Experiment, epochs: int, batch: int) -> Counts:
        """The counts of so many epochs with so many rows an update."""
        rows, data = len(experiment.dataset.train), len(experiment.dataset.labels)
        return cls(data, rows * epochs, -(-rows // batch) * epochs, epochs)

    def length(self, over: Over) -> int:
        """How long an axis is."""
        if over is Over.MOMENTS and self.moments is None:
            return self.updates + 1
        return int(getattr(self, over.value))


@dataclass(frozen=True)
class TraceField:
    """One field of a trace.

    Attributes:
        name: what the trace calls it; a dot leads into a mapping (``state.v.W``).
        over: what its first axis counts.
        each: what an entry is.
        symbol: how a line of the terminal calls it, in plain text. Default: its name.
        heading: what follows "layer 1" above a grid of its own in the terminal, or names a vector;
            units and biases without one stand in the grid of their layer.
        kind: the type of its numbers.
        take: what of the finished update (of the epoch where ``by_epoch``, of the dataset where it
            runs over rows) is recorded. Default: the attribute of its name.
        by_epoch: whether it is recorded when its epoch is over.
        row: the name of the row of all parameters that it is a part of: ``take`` gives that row.
        passing: whether no update needs it from the one before it, as a variable that an optimizer
            assigns before it reads it.
        of: the attribute of the trace that it shows, where that is not a stored field of its name.
        derive: its values from the trace and visits, where nothing stored holds them.
        after: whether the entry after the update is meant, and not the one before it.
        before: whether it is known before the update's samples are seen.
        key: its key in the JSON, where that is not the name.
        shown: where it is shown.
    """

    name: str
    over: Over
    each: Each
    symbol: str = ""
    heading: str = ""
    kind: type = np.float64
    take: Take | None = None
    by_epoch: bool = False
    row: str = ""
    passing: bool = False
    of: str = ""
    derive: Callable[[Any, Any], Any] | None = None
    after: bool = False
    before: bool = False
    key: str = ""
    shown: frozenset[str] = EVERYWHERE

    @property
    def stored(self) -> bool:
        """Whether training records it and the archive keeps it."""
        return not self.of and self.derive is None

    @cached_property
    def sparse(self) -> bool:
        """Whether it is large and computed by each update, so that it need not be kept whole."""
        computed = self.over in _COMPUTED and not self.by_epoch
        return self.stored and computed and self.each is not Each.NUMBER

    @cached_property
    def layered(self) -> bool:
        """Whether it has an array for each layer."""
        return self.each in LAYERED

    @property
    def label(self) -> str:
        """What the terminal calls it."""
        return self.symbol or self.name

    @property
    def path(self) -> tuple[str, ...]:
        """The parts of its name."""
        return tuple(self.name.split("."))

    @cached_property
    def source(self) -> Take:
        """What is recorded of an update, an epoch or a dataset."""
        return self.take or attrgetter(self.name)

    def length(self, counts: Counts) -> int:
        """How long its first axis is."""
        if self.passing and counts.passing is not None:
            return counts.passing
        return counts.length(self.over)

    def entries(self, sizes: Shape) -> tuple[Shape, ...]:
        """The shape of an entry, for each layer where it is layered."""
        match self.each:
            case Each.INPUTS:
                return ((sizes[0],),)
            case Each.OUTPUTS:
                return ((sizes[-1],),)
            case Each.WEIGHTS:
                return tuple(pairwise(sizes))
            case Each.UNITS | Each.BIASES:
                return tuple((size,) for size in sizes[1:])
            case _:
                return ((),)

    def arrays(self, counts: Counts, sizes: Shape) -> dict[str, Shape]:
        """The shape of each of its arrays, by the array's name in the archive."""
        length, name = self.length(counts), "/".join(self.path)
        entries = enumerate(self.entries(sizes))
        return {f"{name}/{k}" if self.layered else name: (length, *e) for k, e in entries}

    def at(self, trace: Any, visits: Any) -> Any:
        """Its values for visits, an array of them or one: an array, or one for each layer."""
        if self.derive is not None:
            with np.errstate(all="ignore"):
                return self.derive(trace, visits)
        index, found = self._index(trace, visits), stored(trace, self.of or self.name)
        return tuple(array[index] for array in found) if self.layered else found[index]

    def _index(self, trace: Any, visits: Any) -> Any:
        by_visit = {Over.ROWS: trace.row, Over.EPOCHS: trace.epoch_of, Over.VISITS: None}
        places = by_visit.get(self.over, trace.update_of)
        return visits if places is None else places[visits] + self.after


def stored(trace: Any, name: str) -> Any:
    """What a trace holds under a name with dots."""
    first, *inner = name.split(".")
    found = trace.more[first] if first in trace.more else getattr(trace, first)
    for part in inner:
        found = found[part]
    return found


def _products(trace: Any, visits: Any) -> Any:
    """∂L/∂W of samples: a[ℓ−1]ᵀ ∂L/∂z[ℓ]."""
    before = (trace.x[trace.row[visits]], *(a[visits] for a in trace.a[:-1]))
    errors = (error[visits] for error in trace.dL_dz)
    pairs = zip(before, errors, strict=True)
    return tuple(s[..., :, None] * e[..., None, :] for s, e in pairs)


_INDEX: Mapping[str, Any] = {"kind": np.int64, "by_epoch": True, "shown": NOWHERE}
_TO_JSON = frozenset((JSON,))
_TO_PROGRAMS = frozenset((JSON, TABLE))

FIELDS: Registry[TraceField] = Registry(
    TraceField,
    (
        TraceField("x", Over.ROWS, Each.INPUTS, "x", "inputs"),
        TraceField("y", Over.ROWS, Each.OUTPUTS, "y", "targets"),
        *(
            TraceField(
                *(name, Over.MOMENTS, each, name, " before"),
                take=attrgetter("after"),
                row=PARAMETERS,
                before=True,
            )
            for name, each in PAIR.items()
        ),
        *(
            TraceField(
                *(f"grad_{name}", Over.UPDATES, each, name, ", batch gradient"),
                take=attrgetter("gradients"),
                row=GRADIENTS,
            )
            for name, each in PAIR.items()
        ),
        TraceField("z", Over.VISITS, Each.UNITS, "z"),
        TraceField("a", Over.VISITS, Each.UNITS, "a"),
        TraceField("loss", Over.VISITS, Each.NUMBER, "L", by_epoch=True),
        TraceField("dL_da", Over.VISITS, Each.UNITS, "∂L/∂a"),
        TraceField("dL_dz", Over.VISITS, Each.UNITS, "∂L/∂z"),
        TraceField("dL_dW", Over.VISITS, Each.WEIGHTS, derive=_products, shown=_TO_PROGRAMS),
        TraceField("dL_db", Over.VISITS, Each.BIASES, of="dL_dz", shown=_TO_PROGRAMS),
        TraceField(
            "batch_loss", Over.UPDATES, Each.NUMBER, of="batch_loss", key="loss", shown=_TO_JSON
        ),
        TraceField("penalty", Over.UPDATES, Each.NUMBER, shown=_TO_JSON),
        TraceField(
            *("learning_rate", Over.UPDATES, Each.NUMBER),
            by_epoch=True,
            before=True,
            shown=_TO_JSON,
        ),
        TraceField("state", Over.MOMENTS, Each.VARIABLES, after=True),
        *(
            TraceField(f"{name}_after", Over.MOMENTS, each, name, " after", of=name, after=True)
            for name, each in PAIR.items()
        ),
        TraceField(
            "epoch_loss", Over.EPOCHS, Each.NUMBER, of="loss_curve", key="loss", shown=_TO_JSON
        ),
        TraceField("row", Over.VISITS, Each.NUMBER, **_INDEX),
        TraceField("update_of", Over.VISITS, Each.NUMBER, **_INDEX),
        TraceField("epoch_of", Over.VISITS, Each.NUMBER, **_INDEX),
    ),
)
