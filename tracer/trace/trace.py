"""The trace: every number of a run, as read-only arrays, and views into them.

A visit is one sample in one update; V visits, U updates, N rows, layers ℓ = 1…L. Inside, rows,
epochs, updates and visits count from 0; the arguments of :meth:`Trace.cycle` count from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
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
from tracer.trace import archive
from tracer.trace.fields import FIELDS, NUMPY, stored
from tracer.trace.layout import nested, stored_fields
from tracer.trace.places import NumberPlace, first_bad, first_place, of_update, of_visit

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Cycle", "IntArray", "NumberPlace", "State", "Trace", "epoch_losses"]

IntArray = npt.NDArray[np.int64]
State = Mapping[str, Mapping[str, Layers]]


@dataclass(frozen=True)
class Cycle:
    """Everything of one visit: one sample's forward pass, loss, backward pass and update.

    ``W`` and ``b`` are the parameters before the update, ``W_after`` and ``b_after`` those after
    it; tuples run over layers. ``grad_W`` and ``grad_b`` are what the optimizer received for the
    whole batch. ``visits`` are the batch's visits, ``update`` its number from 0.
    """

    trace: Trace
    visit: int

    @property
    def epoch(self) -> int:
        """The epoch, from 1."""
        return int(self.trace.epoch_of[self.visit]) + 1

    @property
    def row(self) -> int:
        """The row of the data table, from 1."""
        return int(self.trace.row[self.visit]) + 1

    @property
    def update(self) -> int:
        """The update this visit belongs to, from 0."""
        return int(self.trace.update_of[self.visit])

    @cached_property
    def visits(self) -> tuple[int, ...]:
        """All visits of the same batch, in order."""
        return self.trace.visits_of(self.update)

    @property
    def is_last_of_batch(self) -> bool:
        """Whether the update follows right after this visit."""
        return self.visit == self.visits[-1]

    @property
    def x(self) -> FloatArray:
        """The sample's inputs, (n_0,)."""
        return np.asarray(self.value("x"))

    @property
    def y(self) -> FloatArray:
        """The sample's encoded targets, (n_L,)."""
        return np.asarray(self.value("y"))

    @property
    def loss(self) -> float:
        """L of this sample before the update."""
        return float(self.value("loss"))

    @property
    def z(self) -> Layers:
        """Weighted sums, (n_ℓ,) each."""
        return self._layers("z")

    @property
    def a(self) -> Layers:
        """Activations, (n_ℓ,) each; the last is ŷ."""
        return self._layers("a")

    @property
    def dL_da(self) -> Layers:
        """∂L/∂a, (n_ℓ,) each."""
        return self._layers("dL_da")

    @property
    def dL_dz(self) -> Layers:
        """∂L/∂z, the layer errors, (n_ℓ,) each."""
        return self._layers("dL_dz")

    @property
    def dL_dW(self) -> Layers:
        """∂L/∂W of this sample alone: a[ℓ−1]ᵀ ∂L/∂z[ℓ], (n_{ℓ−1}, n_ℓ) each."""
        return self._layers("dL_dW")

    @property
    def dL_db(self) -> Layers:
        """∂L/∂b of this sample alone, which is ∂L/∂z."""
        return self._layers("dL_db")

    @property
    def W(self) -> Layers:
        """Weights before the update."""
        return self._layers("W")

    @property
    def b(self) -> Layers:
        """Biases before the update."""
        return self._layers("b")

    @property
    def W_after(self) -> Layers:
        """Weights after the update."""
        return self._layers("W_after")

    @property
    def b_after(self) -> Layers:
        """Biases after the update."""
        return self._layers("b_after")

    @property
    def grad_W(self) -> Layers:
        """The batch gradient of the weights, as the optimizer received it."""
        return self._layers("grad_W")

    @property
    def grad_b(self) -> Layers:
        """The batch gradient of the biases."""
        return self._layers("grad_b")

    def value(self, name: str) -> Any:
        """The value of a declared field at this visit: an array, or one for each layer."""
        return FIELDS[name].at(self.trace, self.visit)

    def _layers(self, name: str) -> Layers:
        return cast("Layers", self.value(name))


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Every intermediate of a run. Arrays are read-only float64 (indices int64).

    ``x`` (N, n_0), ``y`` (N, n_L); ``W[ℓ−1]`` (U+1, n_{ℓ−1}, n_ℓ), ``b[ℓ−1]`` (U+1, n_ℓ): index u
    is before update u, u+1 after it; ``z``, ``a``, ``dL_da``, ``dL_dz`` (V, n_ℓ); ``loss`` (V,);
    ``row``, ``update_of``, ``epoch_of`` (V,); ``grad_W``, ``grad_b`` (U, …); ``penalty`` (U,);
    ``learning_rate`` (U,) is the η that each update used; ``state[name]["W" or "b"]`` (U+1, …).
    What else is declared as a field (:mod:`tracer.trace.fields`) stands in ``more`` by its name.
    ``engine`` says what computed it: arrays ("numpy"), or code written out number by number
    ("scalar").
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

    @classmethod
    def of(cls, experiment: Experiment, values: Mapping[str, Any], engine: str = NUMPY) -> Trace:
        """The trace with these values of its fields; fields declared elsewhere stand in `more`."""
        own = {item.name for item in fields(cls)}
        more = {name: value for name, value in values.items() if name not in own}
        here = {name: value for name, value in values.items() if name in own}
        state = {"state": {}, **here}
        return cls(experiment=experiment, **state, more=more, engine=engine)

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

    @property
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
        start, stop = np.searchsorted(self.update_of, [update, update + 1])
        return tuple(range(int(start), int(stop)))

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
        of_visits = (*self.z, *self.a, self.loss, *self.dL_da, *self.dL_dz)
        after = [array[1:] for array in (*self.W, *self.b)]
        visit, update = first_bad(of_visits), first_bad((*self.grad_W, *self.grad_b, *after))
        if visit < len(self.loss) and self.update_of[visit] <= update:
            return first_place(of_visit(Cycle(self, visit)))
        if update < self.updates:
            return first_place(of_update(Cycle(self, self.visits_of(update)[-1])))
        return None

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the trace to ``path`` (a numpy archive without pickled objects).

        A saved trace that stands there is replaced. Raises :class:`TraceFileError` where anything
        else stands there, unless ``overwrite``, and where the disk refuses.
        """
        names = [item.name for item in stored_fields(self.experiment)]
        values = {name: stored(self, name) for name in names}
        archive.save(Path(path), self.experiment, values, self.engine, overwrite=overwrite)

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
        experiment, values, engine = archive.load(Path(path))
        return Trace.of(experiment, nested(values), engine)


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
