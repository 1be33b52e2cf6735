"""The losses L(ŷ, y) of one sample, one row each.

ŷ and y are rows of n_L numbers. The cross-entropies are computed from the weighted sums z of
the output layer (the logits), so they stay right where ŷ is 0 or 1 in float64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.loss import Loss, Symbols
from tracer.deferred import sympy as sp
from tracer.formula import Expr, FloatArray
from tracer.registry import Registry

__all__ = ["LOSSES", "Loss"]

FARTHEST = 1000.0
"""At such a distance of two logits e^−distance is 0 in float64."""


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
    total: FloatArray = np.sum(terms, axis=-1)
    return total


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


def _others(gap: FloatArray, lost: FloatArray) -> FloatArray:
    """Σ e^(z_j − z_max) over all logits but the largest one; nan where that one is infinite."""
    largest = gap == 0.0
    shares = np.where(largest, 0.0, np.exp(-gap) * (1.0 - lost))
    ties: FloatArray = np.sum(largest, axis=-1, keepdims=True) - 1.0  # each has a share of e^0
    found: FloatArray = ties + np.sum(shares, axis=-1, keepdims=True)
    return found


def _surprise(z: FloatArray) -> FloatArray:
    """−ln ŷ of each unit under softmax: (z_max − z) + ln(1 + Σ e^(z_j − z_max)), j not the largest.

    No term is negative, so nothing cancels and every digit is kept at any distance.
    """
    gap, lost = _distances(z)
    surprise: FloatArray = gap + (lost + np.log1p(_others(gap, lost)))
    return surprise


def _inverse_share(z: FloatArray) -> FloatArray:
    """1 / ŷ of each unit under softmax."""
    gap, lost = _distances(z)
    inverse: FloatArray = np.exp(gap) * ((1.0 + lost) * (1.0 + _others(gap, lost)))
    return inverse


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
"""Every loss by the name that an experiment file uses.

y and ŷ have the shape (…, n_L), a number for each output; L is that of one sample, of shape (…,).
How samples are put together (their mean or their sum) is `reduction` in the experiment file. None
has options.

#### binary_cross_entropy
`L = −Σ(y·ln(ŷ) + (1 − y)·ln(1 − ŷ))` over the outputs, with `∂L/∂ŷ = (ŷ − y) / (ŷ·(1 − ŷ))`. For
sigmoid outputs and targets from 0 to 1. With the sigmoid the slopes multiply to ∂L/∂z = ŷ − y, and
it is computed as that. The negative log-likelihood of yes or no. PyTorch and Keras take the mean
over the outputs where there are several, tracer and scikit-learn the sum.

#### cross_entropy
`L = −Σ(y·ln(ŷ))` over the outputs, with `∂L/∂ŷ = −y / ŷ`. For softmax outputs and targets that add
up to 1. With softmax ∂L/∂z = ŷ − y. The negative log-likelihood of one class of several; some write
log for the natural logarithm. PyTorch's cross entropy holds the softmax inside and takes the
logits.

#### half_squared_error
`L = Σ((ŷ − y)²) / 2` over the outputs, with `∂L/∂ŷ = ŷ − y`: halved for the sake of that slope.
What scikit-learn minimises; the loss that it reports is divided by the number of outputs. Least
squares: Nouvelles méthodes pour la détermination des orbites des comètes, Legendre, 1805.

#### squared_error
`L = Σ((ŷ − y)²)` over the outputs, with `∂L/∂ŷ = 2·(ŷ − y)`. Least squares: Legendre, 1805.
With one output it is the mean squared error.

#### mean_squared_error
`L = Σ((ŷ − y)²) / n` with n outputs, and `∂L/∂ŷ = 2·(ŷ − y) / n`. The default of PyTorch and Keras.
The mean is over the outputs of one sample; the one over samples is the reduction.
"""
