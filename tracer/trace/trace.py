"""The trace: every number of a run, as read-only arrays, and views into them.

A visit is one sample in one update; V visits, U updates, N rows, layers ℓ = 1…L. Inside, rows,
epochs, updates and visits count from 0; the arguments of :meth:`Trace.cycle` count from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from tracer.catalog.activations import ACTIVATIONS
from tracer.errors import Problem, TracerError
from tracer.experiment import Experiment
from tracer.experiment.words import count_text
from tracer.files.tree import WriteReport
from tracer.formula import FloatArray
from tracer.network import Layers, epoch_loss, forward
from tracer.public import public
from tracer.trace.cycle import Cycle
from tracer.trace.fields import NUMPY, stored
from tracer.trace.layout import nested, stored_fields
from tracer.trace.places import NumberPlace, first_bad, first_place, of_update, of_visit
from tracer.trace.recording import Recording

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Cycle", "IntArray", "NumberPlace", "State", "Trace", "epoch_losses"]

IntArray = npt.NDArray[np.int64]
State = Mapping[str, Mapping[str, Layers]]


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Every intermediate of a run. Arrays are read-only float64 (indices int64).

    ``x`` (N, n_0), ``y`` (N, n_L); ``W[ℓ−1]`` (U+1, n_{ℓ−1}, n_ℓ), ``b[ℓ−1]`` (U+1, n_ℓ): index u
    is before update u, u+1 after it; ``z``, ``a``, ``dL_da``, ``dL_dz`` (V, n_ℓ); ``loss`` (V,);
    ``row``, ``update_of``, ``epoch_of`` (V,); ``grad_W``, ``grad_b`` (U, …); ``penalty`` (U,);
    ``learning_rate`` (U,) is the η that each update used; ``state[name]["W" or "b"]`` (U+1, …).
    What else is declared as a field (:mod:`tracer.trace.fields`) stands in ``more`` by its name.
    ``engine`` says what computed it: arrays ("numpy"), or code written out number by number
    ("scalar"). Where not everything is kept, ``recording`` says what is; the large arrays then
    compute the rest when they are asked for it, with the very same numbers.
    """

    experiment: Experiment
    x: FloatArray
    y: FloatArray
    W: Layers
    b: Layers
    z: Layers
    a: Layers
    dL_da: Layers
    dL_dz: Layers
    loss: FloatArray
    row: IntArray
    update_of: IntArray
    epoch_of: IntArray
    grad_W: Layers
    grad_b: Layers
    penalty: FloatArray
    learning_rate: FloatArray
    state: State
    more: Mapping[str, Any] = field(default_factory=dict)
    engine: str = NUMPY
    recording: Recording | None = None

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        values: Mapping[str, Any],
        engine: str = NUMPY,
        recording: Recording | None = None,
    ) -> Trace:
        """The trace with these values of its fields; fields declared elsewhere stand in `more`."""
        own = {item.name for item in fields(cls)}
        more = {name: value for name, value in values.items() if name not in own}
        here = {name: value for name, value in values.items() if name in own}
        known = {"state": {}, **here}
        return cls(experiment=experiment, **known, more=more, engine=engine, recording=recording)

    def __post_init__(self) -> None:
        for item in fields(self):
            _freeze(getattr(self, item.name))

    def __repr__(self) -> str:
        sizes = "-".join(str(n) for n in self.layer_sizes)
        counts = f"{count_text(self.epochs, 'epoch')}, {count_text(self.updates, 'update')}"
        loss = f"loss {self.loss_curve[0]:.4g} → {self.loss_curve[-1]:.4g}"
        return f"<Trace {self.experiment.title!r}: {sizes}, {counts}, {loss}>"

    def _repr_html_(self) -> str:
        return cast("str", public("to_html")(self))

    @cached_property
    def layer_sizes(self) -> tuple[int, ...]:
        """(n_0, …, n_L)."""
        return self.experiment.layer_sizes

    @property
    def layers(self) -> int:
        """L, the number of layers after the input."""
        return len(self.W)

    @property
    def updates(self) -> int:
        """U."""
        return int(self.penalty.shape[0])

    @property
    def epochs(self) -> int:
        """How many epochs ran (fewer than asked for after an early stop)."""
        return int(self.epoch_of[-1]) + 1

    @property
    def record(self) -> Mapping[str, Any]:
        """What of the run is kept, as the keys of [record]."""
        return {"keep": "all"} if self.recording is None else self.recording.kept.said

    @cached_property
    def batch_loss(self) -> FloatArray:
        """The loss of each update's batch, (U,): mean or sum of L over its samples."""
        sums = np.bincount(self.update_of, weights=self.loss, minlength=self.updates)
        mean = self.experiment.training.reduction == "mean"
        return np.asarray(sums / self.batch_sizes if mean else sums)

    @cached_property
    def batch_sizes(self) -> IntArray:
        """How many samples each update saw, (U,)."""
        return np.bincount(self.update_of, minlength=self.updates)

    @cached_property
    def loss_curve(self) -> FloatArray:
        """The loss of each epoch, (epochs,), every batch's taken before its update.

        With ``reduction = "mean"`` the average of loss + penalty over the batches, weighted by
        their sizes (scikit-learn's ``loss_curve_``); with "sum" their sum.
        """
        mean = self.experiment.training.reduction == "mean"
        return epoch_losses(self.loss, self.penalty, self.update_of, self.epoch_of, mean=mean)

    @cached_property
    def epoch_of_update(self) -> IntArray:
        """The epoch of each update, (U,)."""
        first = np.searchsorted(self.update_of, np.arange(self.updates))
        return self.epoch_of[first]

    @cached_property
    def epoch_ends(self) -> IntArray:
        """How many updates lie behind the start and behind each epoch, (epochs + 1,)."""
        return np.searchsorted(self.epoch_of_update, np.arange(self.epochs + 1), side="left")

    def visits_of(self, update: int) -> tuple[int, ...]:
        """The visits of one update (from 0), in order."""
        span = self.span_of(update)
        return tuple(range(span.start, span.stop))

    def span_of(self, update: int) -> slice:
        """The same as a slice of the arrays that run over visits."""
        start, stop = np.searchsorted(self.update_of, [update, update + 1])
        return slice(int(start), int(stop))

    def cycle(self, epoch: int, row: int) -> Cycle:
        """The visit of data row ``row`` in ``epoch``, both from 1.

        Raises :class:`TracerError` where that row was not visited in that epoch.
        """
        found = np.flatnonzero((self.epoch_of == epoch - 1) & (self.row == row - 1))
        if found.size == 0:
            rows = ", ".join(str(n + 1) for n in self.experiment.dataset.train)
            raise TracerError(
                Problem(
                    f"row {row} has no cycle in epoch {epoch}",
                    hint=f"epochs run from 1 to {self.epochs}; training rows are {rows}",
                )
            )
        return Cycle(self, int(found[0]))

    def cycles(self, epoch: int) -> tuple[Cycle, ...]:
        """Every visit of one epoch (from 1), in the order of training."""
        return tuple(Cycle(self, int(v)) for v in np.flatnonzero(self.epoch_of == epoch - 1))

    def forward(self, x: FloatArray, update: int = -1) -> tuple[Layers, Layers]:
        """(z, a) for rows ``x`` (n, n_0) with the parameters before ``update`` (−1: the final)."""
        kernels = [ACTIVATIONS[layer.activation].kernel for layer in self.experiment.layers]
        with np.errstate(all="ignore"):
            return forward(x, [w[update] for w in self.W], [b[update] for b in self.b], kernels)

    def forward_at(self, x: FloatArray, updates: IntArray) -> tuple[Layers, Layers]:
        """(z, a) for rows ``x`` (n, n_0) with the parameters before each of ``updates`` (K,).

        Arrays of shape (K, n, n_ℓ), one a layer.
        """
        kernels = [ACTIVATIONS[layer.activation].kernel for layer in self.experiment.layers]
        W, b = [w[updates] for w in self.W], [b[updates][:, None, :] for b in self.b]
        with np.errstate(all="ignore"):
            return forward(x[None], W, b, kernels)

    @cached_property
    def first_nonfinite(self) -> NumberPlace | None:
        """The first number that is nan or infinite, in the order of computing; None if none is.

        Looks at every visit's forward pass, loss and backward pass, then at its batch's gradients
        and at the parameters after the update.
        """
        if self.recording is not None:
            return self._searched(self.recording)
        of_visits = (*self.z, *self.a, self.loss, *self.dL_da, *self.dL_dz)
        after = [array[1:] for array in (*self.W, *self.b)]
        visit, update = first_bad(of_visits), first_bad((*self.grad_W, *self.grad_b, *after))
        if visit < len(self.loss) and self.update_of[visit] <= update:
            return first_place(of_visit(Cycle(self, visit)))
        if update < self.updates:
            return first_place(of_update(Cycle(self, self.visits_of(update)[-1])))
        return None

    def _searched(self, recording: Recording) -> NumberPlace | None:
        """The same, update by update, from where the run itself found nothing."""
        for update in range(recording.finite, self.updates):
            visits = self.visits_of(update)
            if np.isfinite(self.loss[list(visits)]).all() and recording.is_finite(update):
                continue
            of_visits = (number for visit in visits for number in of_visit(Cycle(self, visit)))
            found = first_place(chain(of_visits, of_update(Cycle(self, visits[-1]))))
            if found is not None:
                return found
        return None

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the trace to ``path`` (a numpy archive without pickled objects).

        A saved trace that stands there is replaced. Raises :class:`TraceFileError` where anything
        else stands there, unless ``overwrite``, and where the disk refuses.
        """
        from tracer.trace import archive

        names = [item.name for item in stored_fields(self.experiment)]
        held, kept = self.recording, None if self.recording is None else self.recording.kept
        values = {name: stored(self, name) if held is None else held.stored[name] for name in names}
        archive.save(Path(path), self.experiment, values, self.engine, kept, overwrite=overwrite)

    def render(
        self, folder: str | Path, *, math: str = "mathml", check: bool = False
    ) -> WriteReport:
        """Write the walkthrough into ``folder``: see :func:`tracer.render`."""
        return cast("WriteReport", public("render")(self, folder, math=math, check=check))

    def to_site(
        self, folder: str | Path, *, build: bool = False, check: bool = False
    ) -> WriteReport:
        """Make it a part of the site in ``folder``: see :func:`tracer.to_site`."""
        return cast("WriteReport", public("to_site")(self, folder, build=build, check=check))

    def to_dataframe(
        self, epochs: Iterable[int] | None = None, quantities: Iterable[str] | None = None
    ) -> DataFrame:
        """Every number as a tidy table: see :func:`tracer.to_dataframe`."""
        return public("to_dataframe")(self, epochs, quantities)

    @staticmethod
    def load(path: str | Path) -> Trace:
        """Read a trace written by :meth:`save`; raises :class:`TraceFileError` for any other file.

        The trace carries its table. It never leads to another file, so its experiment has no
        ``pages.templates``.
        """
        from tracer.trace import archive

        experiment, values, engine, kept = archive.load(Path(path))
        if kept is None:
            return Trace.of(experiment, nested(values), engine)
        return Trace.recorded(Recording(experiment, kept, values, public("Replayer")(experiment)))

    @classmethod
    def recorded(cls, recording: Recording) -> Trace:
        """The trace of a run of which only a part is kept: NumPy's, as what is computed again."""
        return cls.of(recording.experiment, nested(recording.values), recording=recording)


def epoch_losses(
    loss: FloatArray, penalty: FloatArray, update_of: IntArray, epoch_of: IntArray, *, mean: bool
) -> FloatArray:
    """The loss of each epoch from the visits' losses and the updates' penalties.

    Every epoch has the same batches: see :func:`tracer.network.epoch_loss`.
    """
    epochs = int(epoch_of[-1]) + 1
    shown = len(penalty) // epochs
    by_epoch = loss.reshape(epochs, -1), penalty.reshape(epochs, shown)
    return epoch_loss(*by_epoch, np.bincount(update_of)[:shown].tolist(), mean=mean)


def _freeze(value: Any) -> None:
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif isinstance(value, Mapping):
        _freeze(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            _freeze(item)
