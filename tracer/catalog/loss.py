"""What a loss is: its definition, what follows from it, and what a row adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import sympy as sp

from tracer.formula import Expr, FloatArray, in_pieces, numpy_function

Symbols = Sequence[Expr]
LossKernel = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""From y, ŷ and z, each of shape (…, n_L)."""


@dataclass(frozen=True)
class Loss:
    """One loss.

    ``definition(ys, y_hats)`` is L in SymPy; ``from_logits(ys, zs, largest)`` the same from the
    logits where there is such a form: for targets that add up to one where the outputs are shares,
    by their distances from the one at ``largest`` (any is right, the largest keeps most digits).
    ``slope_written(y, y_hat, n_L)`` is ∂L/∂ŷ as pages print it, where the derived form is not the
    textbook's. ``kernel`` gives L of each sample, shape (…,), and
    ``slope`` gives ∂L/∂ŷ, shape (…, n_L). ``output_activation`` names the activation the loss is
    made for: with it ∂L/∂z is the plain difference ŷ − y, and is computed as such.
    ``sklearn`` gives the loss of each sample as scikit-learn reports it, where that is another
    number: from probabilities clipped away from 0 and 1, or averaged over the outputs.

    ``targets`` says what y must be: shares that add up to one, or labels from 0 to 1 each.
    ``torch`` is the same in PyTorch, from the module, y, ŷ and z. ``aliases`` are other names that
    it goes by, ``near`` what is near to it and something else, in words.
    """

    name: str
    latex: str
    definition: Callable[[Symbols, Symbols], Expr]
    kernel: LossKernel
    slope: LossKernel
    source: str
    output_activation: str | None = None
    from_logits: Callable[..., Expr] | None = None
    slope_written: Callable[[Expr, Expr, int], Expr] | None = None
    sklearn: LossKernel | None = None
    targets: Literal["", "shares", "labels"] = ""
    torch: Callable[[Any, Any, Any, Any], Any] | None = None
    aliases: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        *,
        name: str,
        latex: str,
        definition: Callable[[Symbols, Symbols], Expr],
        source: str,
        kernel: LossKernel | None = None,
        slope: LossKernel | None = None,
        **others: Any,
    ) -> Loss:
        """A row from its definition: kernel and slope are derived from it where none is stated."""
        derived = _Derived(definition)
        return cls(
            name=name,
            latex=latex,
            definition=definition,
            kernel=kernel or derived.kernel,
            slope=slope or derived.slope,
            source=source,
            **others,
        )

    @cached_property
    def is_logarithmic(self) -> bool:
        """Whether a logarithm stands in it."""
        y, h = sp.symbols("y:2", real=True), sp.symbols("h:2", real=True)
        return bool(self.definition(y, h).has(sp.log))

    def sklearn_loss(self, y: FloatArray, y_hat: FloatArray, z: FloatArray) -> FloatArray:
        """The loss of each sample as scikit-learn reports it, and as its stop rule sees it."""
        return (self.sklearn or self.kernel)(y, y_hat, z)

    def written_slope(self, ys: Symbols, y_hats: Symbols, unit: int) -> Expr:
        """∂L/∂ŷ_unit as pages print it: stated where the derived form is not the textbook's."""
        if self.slope_written is None:
            return self.derivative(ys, y_hats, unit)
        return self.slope_written(ys[unit], y_hats[unit], len(ys))

    def derivative(self, ys: Symbols, y_hats: Symbols, unit: int) -> Expr:
        """∂L/∂ŷ_unit, derived from the definition."""
        return sp.diff(in_pieces(self.definition(ys, y_hats)), y_hats[unit])

    @property
    def fused(self) -> bool:
        """Whether ∂L/∂z of the output layer is ŷ − y."""
        return self.output_activation is not None


@dataclass(frozen=True)
class _Derived:
    """The kernels of a loss that is stated by its definition alone."""

    definition: Callable[[Symbols, Symbols], Expr]

    def kernel(self, y: FloatArray, y_hat: FloatArray, _z: FloatArray) -> FloatArray:
        """L of each sample, (…,)."""
        return self._of(self._compiled(y.shape[-1])[0], y, y_hat)

    def slope(self, y: FloatArray, y_hat: FloatArray, _z: FloatArray) -> FloatArray:
        """∂L/∂ŷ, (…, n_L)."""
        slopes = self._compiled(y.shape[-1])[1:]
        return np.stack([self._of(slope, y, y_hat) for slope in slopes], axis=-1)

    def _of(self, function: Callable[..., Any], y: FloatArray, y_hat: FloatArray) -> FloatArray:
        shape = np.broadcast_shapes(y.shape, y_hat.shape)
        columns = [np.broadcast_to(each, shape) for each in (y, y_hat)]
        found = function(*(each[..., k] for each in columns for k in range(shape[-1])))
        lost = np.isnan(columns[0] + columns[1]).any(axis=-1)
        return np.where(lost, np.nan, np.broadcast_to(found, shape[:-1]))

    @cache  # noqa: B019 - as many as there are rows
    def _compiled(self, units: int) -> tuple[Callable[..., Any], ...]:
        y, h = sp.symbols(f"y:{units}", real=True), sp.symbols(f"h:{units}", real=True)
        whole = self.definition(y, h)
        formulas = (whole, *(sp.diff(in_pieces(whole), each) for each in h))
        return tuple(numpy_function((*y, *h), each) for each in formulas)
