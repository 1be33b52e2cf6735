"""The forward and the backward pass as pure functions over arrays.

One sample is a row. Layer ℓ: z[ℓ] = a[ℓ−1] W[ℓ] + b[ℓ], a[ℓ] = f(z[ℓ]), with W[ℓ] of shape
(n_in, n_out). Kernels are passed in; nothing here knows a name of the catalog. Axes before those
named stand for many networks at once, each with its own W and with b of shape (…, 1, n_out).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tracer.formula import FloatArray, Kernel

Layers = tuple[FloatArray, ...]
Backward = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""∂L/∂z of a layer from its z, its a and ∂L/∂a."""


def forward(
    x: FloatArray, W: Sequence[FloatArray], b: Sequence[FloatArray], kernels: Sequence[Kernel]
) -> tuple[Layers, Layers]:
    """Return (z, a), each a tuple over layers of arrays (B, n_ℓ), for ``x`` of shape (B, n_0)."""
    z: list[FloatArray] = []
    a: list[FloatArray] = []
    signal = x
    for weights, biases, kernel in zip(W, b, kernels, strict=True):
        sums = signal @ weights
        sums += biases
        z.append(sums)
        signal = kernel(sums)
        a.append(signal)
    return tuple(z), tuple(a)


def backward(
    z: Layers,
    a: Layers,
    W: Sequence[FloatArray],
    output_error: FloatArray,
    rules: Sequence[Backward],
) -> tuple[Layers, Layers]:
    """Return (∂L/∂a, ∂L/∂z), tuples over layers of arrays (B, n_ℓ), each sample's own.

    ``output_error`` is ∂L/∂z of the output layer, whose ∂L/∂a is not among the results. Hidden
    layers follow by the chain rule: ∂L/∂a[ℓ] = ∂L/∂z[ℓ+1] W[ℓ+1]ᵀ, with the weights the forward
    pass used.
    """
    dL_da: list[FloatArray] = []
    dL_dz = [output_error]
    for layer in range(len(W) - 2, -1, -1):
        dL_da.insert(0, dL_dz[0] @ W[layer + 1].mT)
        dL_dz.insert(0, rules[layer](z[layer], a[layer], dL_da[0]))
    return tuple(dL_da), tuple(dL_dz)


def gradients(
    x: FloatArray, a: Layers, dL_dz: Layers, into: tuple[Layers, Layers] | None = None
) -> tuple[Layers, Layers]:
    """Return (Σ ∂L/∂W, Σ ∂L/∂b) over the rows of a batch: a[ℓ−1]ᵀ ∂L/∂z[ℓ] and its row sum.

    Put ``into`` arrays of these shapes, (…, n_in, n_out) and (…, n_out), where there are some.
    """
    before, nowhere = (x, *a[:-1]), (None,) * len(dL_dz)
    W, b = into or (nowhere, nowhere)
    products = zip(before, dL_dz, W, strict=True)
    return (
        tuple(_sums(*product) for product in products),
        tuple(np.add.reduce(e, axis=-2, out=p) for e, p in zip(dL_dz, b, strict=True)),
    )


def _sums(signal: FloatArray, error: FloatArray, place: FloatArray | None) -> FloatArray:
    """a[ℓ−1]ᵀ ∂L/∂z[ℓ].

    Of one row `dot` gives the same numbers, sign of 0 included, in a third of `matmul`'s time. With
    a single unit it leaves out products with 0, also those with ∞.
    """
    alone = signal.ndim == error.ndim == 2 and len(signal) == 1
    if alone and signal.shape[1] > 1 and error.shape[1] > 1:
        return np.asarray(np.dot(signal.T, error, out=place))
    return np.matmul(signal.mT, error, out=place)


def epoch_loss(
    loss: FloatArray, penalty: FloatArray, sizes: Sequence[int], *, mean: bool
) -> FloatArray:
    """The loss of an epoch (…) from its visits' losses (…, V) and its updates' penalties (…, U).

    ``sizes`` (U,) are the batch sizes. ``mean``: Σ (L + penalty of its update) / V, the batch
    losses weighted by their sizes; else Σ L + Σ penalty. Summed one after the other, as one would.
    """
    if mean:
        total = loss + np.repeat(penalty, sizes, axis=-1)
        return np.asarray(_sum(total) / loss.shape[-1])
    return np.asarray(_sum(loss) + _sum(penalty))


def _sum(values: FloatArray) -> FloatArray:
    return np.asarray(np.cumsum(values, axis=-1)[..., -1])
