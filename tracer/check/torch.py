"""The same network in PyTorch, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES, Loss
from tracer.check.proof import (
    Proof,
    Tally,
    absent,
    nothing_finite,
    proved_visits,
    skipped,
)
from tracer.check.rounding import sizes_of
from tracer.check.spot import Spot
from tracer.reread.reason import because
from tracer.trace import Cycle, Trace

# another library sums in another order; the same room as beside scikit-learn
TORCH, TOLERANCE = "torch", 1e-9


def by_torch(trace: Trace, _pages: object) -> Proof:
    """Compare z, a, L and all derivatives of the proved visits with autograd in float64."""
    if find_spec("torch") is None:
        return skipped(TORCH, TOLERANCE, because("not_installed", library="PyTorch"))
    experiment = trace.experiment
    if not all(ACTIVATIONS[layer.activation].torch for layer in experiment.layers):
        return absent(TORCH, TOLERANCE, because("torch_lacks_activation"))
    if not LOSSES[experiment.training.loss].torch:
        return absent(TORCH, TOLERANCE, because("torch_lacks_loss"))
    tally, visits = Tally(TORCH, TOLERANCE), proved_visits(trace)
    for cycle in visits:
        _compare_with_torch(tally, cycle)
    return tally.proof() if visits else nothing_finite(TORCH, TOLERANCE)


def _peer(row: Activation | Loss) -> Callable[..., Any]:
    assert row.torch is not None
    return row.torch


def _compare_with_torch(tally: Tally, cycle: Cycle) -> None:
    import torch

    def leaf(values: Any) -> Any:
        return torch.tensor(np.array(values), dtype=torch.float64, requires_grad=True)

    experiment = cycle.trace.experiment
    W, b = [leaf(w) for w in cycle.W], [leaf(v) for v in cycle.b]
    signal, z, a = leaf(cycle.x), [], []
    for k, layer in enumerate(experiment.layers):
        z.append(signal @ W[k] + b[k])
        signal = _peer(ACTIVATIONS[layer.activation])(torch, z[-1])
        a.append(signal)
        z[-1].retain_grad()
    y = torch.tensor(np.array(cycle.y), dtype=torch.float64)
    loss = _peer(LOSSES[experiment.training.loss])(torch, y, a[-1], z[-1])
    loss.backward()
    sizes = sizes_of(cycle)
    tally.add(Spot.of_cycle(cycle, "loss"), cycle.loss, loss.item(), sizes.loss)
    for k in range(len(W)):
        arrays = {
            "z": (cycle.z[k], z[k].detach(), sizes.z[k]),
            "a": (cycle.a[k], a[k].detach(), sizes.a[k]),
            "dL_dz": (cycle.dL_dz[k], z[k].grad, sizes.dL_dz[k]),
            "dL_dW": (cycle.dL_dW[k], W[k].grad, sizes.dL_dW[k]),
            "dL_db": (cycle.dL_db[k], b[k].grad, sizes.dL_db[k]),
        }
        for name, (found, expected, size) in arrays.items():
            for index in np.ndindex(*found.shape):
                where = Spot.of_cycle(cycle, name, k + 1, [i + 1 for i in index])
                tally.add(where, float(found[index]), float(expected[index]), float(size[index]))
