"""A view into a trace: everything of one visit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace.fields import FIELDS


@dataclass(frozen=True)
class Cycle:
    """Everything of one visit: one sample's forward pass, loss, backward pass and update.

    ``W`` and ``b`` are the parameters before the update, ``W_after`` and ``b_after`` those after
    it; tuples run over layers. ``grad_W`` and ``grad_b`` are what the optimizer received for the
    whole batch. ``visits`` are the batch's visits, ``update`` its number from 0.
    """

    trace: Any
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
        return tuple(self.trace.visits_of(self.update))

    @property
    def is_last_of_batch(self) -> bool:
        """Whether the update follows right after this visit."""
        after, of = self.visit + 1, self.trace.update_of
        return bool(after == len(of) or of[after] != of[self.visit])

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
        if name not in self._known:
            self._known[name] = _locked(FIELDS[name].at(self.trace, self.visit))
        return self._known[name]

    @cached_property
    def _known(self) -> dict[str, Any]:
        """The values that were asked for: a page asks for each a hundred times."""
        return {}

    def _layers(self, name: str) -> Layers:
        return cast("Layers", self.value(name))


def _locked(found: Any) -> Any:
    """The same, which nobody can write to: also what was derived."""
    for array in found if isinstance(found, tuple) else (found,):
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array.flags.writeable = False
    return found
