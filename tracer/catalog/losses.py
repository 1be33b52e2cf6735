"""The losses L(ŷ, y) of one sample, one row each.

ŷ and y are rows of n_L numbers. The cross-entropies are computed from the weighted sums z of
the output layer (the logits), so they stay right where ŷ is 0 or 1 in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import sympy as sp

from tracer.catalog.activations import ACTIVATIONS
from tracer.formula import Expr, FloatArray
from tracer.registry import Registry

FARTHEST = 1000.0
"""At such a distance of two logits e^−distance is 0 in float64."""
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
        return sp.diff(self.definition(ys, y_hats), y_hats[unit])

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
        formulas = (whole, *(sp.diff(whole, each) for each in h))
        return tuple(sp.lambdify((*y, *h), each, modules="numpy") for each in formulas)


def _difference(y: Expr, h: Expr) -> Expr:
    return sp.Add(h, -y, evaluate=False)


def _sum(terms: Sequence[Expr]) -> Expr:
    return sp.Add(*terms, evaluate=False) if len(terms) > 1 else terms[0]


def _times(factor: Expr, term: Expr) -> Expr:
    return sp.Mul(factor, term, evaluate=False)


def _squares(ys: Symbols, y_hats: Symbols) -> Expr:
    return _sum([_difference(y, h) ** 2 for y, h in zip(ys, y_hats, strict=True)])


def _mean_square(ys: Symbols, y_hats: Symbols) -> Expr:
    squares = _squares(ys, y_hats)
    return squares if len(ys) == 1 else _times(sp.Rational(1, len(ys)), squares)


def _bce(ys: Symbols, y_hats: Symbols) -> Expr:
    pairs = zip(ys, y_hats, strict=True)
    terms = [t for y, h in pairs for t in (_times(y, sp.log(h)), _times(1 - y, sp.log(1 - h)))]
    return _times(sp.Integer(-1), _sum(terms))


def _bce_logits(ys: Symbols, zs: Symbols, _largest: int = 0) -> Expr:
    def soft(z: Expr) -> Expr:
        return sp.log(1 + sp.exp(z))

    pairs = zip(ys, zs, strict=True)
    return _sum([t for y, z in pairs for t in (_times(y, soft(-z)), _times(1 - y, soft(z)))])


def _ce(ys: Symbols, y_hats: Symbols) -> Expr:
    terms = [_times(y, sp.log(h)) for y, h in zip(ys, y_hats, strict=True)]
    return _times(sp.Integer(-1), _sum(terms))


def _ce_logits(ys: Symbols, zs: Symbols, largest: int = 0) -> Expr:
    top = zs[largest]
    rest = [k for k in range(len(zs)) if k != largest]
    apart = [_times(ys[k], sp.Add(top, -zs[k], evaluate=False)) for k in rest]
    shares = [sp.exp(sp.Add(zs[k], -top, evaluate=False)) for k in rest]
    return _sum([*apart, sp.log(sp.Add(1, *shares, evaluate=False))])


def _weighted(share: FloatArray, amount: FloatArray) -> FloatArray:
    """share · amount where a share of exactly 0 counts as 0, also against an infinite amount."""
    return np.where(share == 0.0, 0.0, share * amount)


def _total(terms: FloatArray) -> FloatArray:
    """The sum over the outputs of each sample."""
    return np.asarray(np.sum(terms, axis=-1))


def _bce_kernel(y: FloatArray, _y_hat: FloatArray, z: FloatArray) -> FloatArray:
    soft = ACTIVATIONS["softplus"].kernel
    return _total(_weighted(y, soft(-z)) + _weighted(1.0 - y, soft(z)))


def _bce_slope(y: FloatArray, _y_hat: FloatArray, z: FloatArray) -> FloatArray:
    return _weighted(1.0 - y, 1.0 + np.exp(z)) - _weighted(y, 1.0 + np.exp(-z))


def _distances(z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The largest logit less each logit, rounded, and what that rounding lost where it matters."""
    top = np.max(z, axis=-1, keepdims=True)
    gap = top - z
    back = gap - top
    lost = (top - (gap - back)) - (z + back)
    return gap, np.where(gap < FARTHEST, lost, 0.0)


def _others(z: FloatArray, gap: FloatArray, lost: FloatArray) -> FloatArray:
    """Σ e^(z_j − z_max) over all logits but the largest one; nan where that one is infinite."""
    shares = np.exp(-gap) * (1.0 - lost)
    at = np.argmax(z, axis=-1)[..., None]
    own = 0.0 * np.take_along_axis(gap, at, axis=-1)
    np.put_along_axis(shares, at, own, axis=-1)
    return np.asarray(np.sum(shares, axis=-1, keepdims=True))


def _surprise(z: FloatArray) -> FloatArray:
    """−ln ŷ of each unit under softmax: (z_max − z) + ln(1 + Σ e^(z_j − z_max)), j not the largest.

    No term is negative, so nothing cancels and every digit is kept at any distance.
    """
    gap, lost = _distances(z)
    return np.asarray(gap + (lost + np.log1p(_others(z, gap, lost))))


def _inverse_share(z: FloatArray) -> FloatArray:
    """1 / ŷ of each unit under softmax."""
    gap, lost = _distances(z)
    return np.asarray(np.exp(gap) * ((1.0 + lost) * (1.0 + _others(z, gap, lost))))


def _ce_kernel(y: FloatArray, _y_hat: FloatArray, z: FloatArray) -> FloatArray:
    return _total(_weighted(y, _surprise(z)))


def _ce_slope(y: FloatArray, _y_hat: FloatArray, z: FloatArray) -> FloatArray:
    return -_weighted(y, _inverse_share(z))


def _clipped(y_hat: FloatArray) -> FloatArray:
    eps = np.finfo(np.float64).eps
    return np.clip(y_hat, eps, 1.0 - eps)


def _sklearn_bce(y: FloatArray, y_hat: FloatArray, _z: FloatArray) -> FloatArray:
    p = _clipped(y_hat)
    return -_total(_weighted(y, np.log(p)) + _weighted(1.0 - y, np.log(1.0 - p)))


def _sklearn_ce(y: FloatArray, y_hat: FloatArray, _z: FloatArray) -> FloatArray:
    return -_total(_weighted(y, np.log(_clipped(y_hat))))


_ROWS = (
    Loss(
        name="binary_cross_entropy",
        latex=r"L = -\sum_k \left( y_k \ln \hat{y}_k + (1 - y_k) \ln (1 - \hat{y}_k) \right)",
        definition=_bce,
        from_logits=_bce_logits,
        kernel=_bce_kernel,
        slope=_bce_slope,
        sklearn=_sklearn_bce,
        output_activation="sigmoid",
        source="the negative log-likelihood of Bernoulli outcomes, natural logarithm",
        targets="labels",
        torch=lambda torch, y, _, z: torch.nn.functional.binary_cross_entropy_with_logits(
            z, y, reduction="sum"
        ),
        aliases=(
            *("bce", "log_loss", "binary_crossentropy", "logloss", "logistic_loss"),
            *("sigmoid_cross_entropy", "bcewithlogits", "bcewithlogitsloss"),
        ),
    ),
    Loss(
        name="cross_entropy",
        latex=r"L = -\sum_k y_k \ln \hat{y}_k",
        definition=_ce,
        from_logits=_ce_logits,
        kernel=_ce_kernel,
        slope=_ce_slope,
        sklearn=_sklearn_ce,
        output_activation="softmax",
        source="the negative log-likelihood of one outcome of several, natural logarithm",
        targets="shares",
        torch=lambda torch, y, _, z: -(y * torch.log_softmax(z, dim=-1)).sum(),
        aliases=(
            *(
                "cce",
                "nll",
                "categorical_cross_entropy",
                "categorical_crossentropy",
                "crossentropy",
            ),
            *("sparse_categorical_crossentropy", "softmax_cross_entropy"),
        ),
    ),
    Loss(
        name="half_squared_error",
        latex=r"L = \frac{1}{2} \sum_k (\hat{y}_k - y_k)^2",
        definition=lambda ys, hs: _times(sp.Rational(1, 2), _squares(ys, hs)),
        kernel=lambda y, h, _z: 0.5 * _total((h - y) ** 2),
        slope=lambda y, h, _z: h - y,
        sklearn=lambda y, h, _z: 0.5 * np.mean((h - y) ** 2, axis=-1),
        slope_written=lambda y, h, _n: _difference(y, h),
        source="least squares; Legendre, 1805; halved so that its derivative is the difference",
        torch=lambda _, y, h, __: ((h - y) ** 2).sum() / 2,
        aliases=("l2_loss",),
        near=MappingProxyType({"huber": "a squared error that grows straight from some size on"}),
    ),
    Loss(
        name="squared_error",
        latex=r"L = \sum_k (\hat{y}_k - y_k)^2",
        definition=_squares,
        kernel=lambda y, h, _z: _total((h - y) ** 2),
        slope=lambda y, h, _z: 2.0 * (h - y),
        slope_written=lambda y, h, _n: _times(sp.Integer(2), _difference(y, h)),
        source="least squares; Legendre, 1805",
        torch=lambda _, y, h, __: ((h - y) ** 2).sum(),
        aliases=("sse",),
    ),
    Loss(
        name="mean_squared_error",
        latex=r"L = \frac{1}{n} \sum_k (\hat{y}_k - y_k)^2",
        definition=_mean_square,
        kernel=lambda y, h, _z: np.mean((h - y) ** 2, axis=-1),
        slope=lambda y, h, _z: (2.0 / h.shape[-1]) * (h - y),
        slope_written=lambda y, h, n: _times(sp.Rational(2, n), _difference(y, h)),
        source="least squares, averaged over the outputs of one sample",
        torch=lambda _, y, h, __: ((h - y) ** 2).mean(),
        aliases=("mean_square_error", "mse"),
        near=MappingProxyType(
            {
                "mae": "the mean absolute error",
                "mean_absolute_error": "the mean absolute error",
                "rmse": "the root of the mean squared error",
            }
        ),
    ),
)

LOSSES: Mapping[str, Loss] = Registry(Loss, _ROWS)
"""Every loss by the name that an experiment file uses."""
