"""What PyTorch computes in float64 for a case. Needs PyTorch.

Run from the folder of the tests, it stores the numbers of the cases in ``STORED`` anew:
``python -m pytorch.reference``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn, optim

from pytorch.cases import LOSSES, OPTIMIZERS, STORED, Case, build

NUMBERS = Path(__file__).parent / "numbers"
LOGITS = {"BCEWithLogitsLoss": torch.sigmoid, "CrossEntropyLoss": lambda z: torch.softmax(z, 1)}
STATE = {
    "SGD": {"momentum_buffer": "v"},
    "Adam": {"exp_avg": "m", "exp_avg_sq": "v"},
    "AdamW": {"exp_avg": "m", "exp_avg_sq": "v"},
    "RMSprop": {"square_avg": "s", "momentum_buffer": "v"},
    "Adagrad": {"sum": "s"},
}


def made(case: Case) -> tuple[nn.Sequential, Any, Any]:
    """The module, the loss and the optimizer of a case, in float64."""
    with torch.random.fork_rng():
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            return build(case, nn, optim, _put)
        finally:
            torch.set_default_dtype(before)


def _put(layer: nn.Linear, W: Any, b: Any) -> None:
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(W).T)
        if b is not None:
            layer.bias.copy_(torch.tensor(b))


def record(case: Case) -> list[dict[str, Any]]:
    """Every update of the run as lists of numbers by tracer's names, one a layer."""
    parts = made(case)
    x, y = torch.tensor(case.x), torch.tensor(case.y)
    return [_update(case, parts, x[rows], y[rows]) for rows in case.batches]


def _update(case: Case, parts: tuple[Any, Any, Any], x: Any, y: Any) -> dict[str, Any]:
    module, loss, optimizer = parts
    found: dict[str, Any] = _visits(case, module, loss, x, y)
    layers = [step for step in module if isinstance(step, nn.Linear)]
    decay = OPTIMIZERS[case.optimizer][2]
    optimizer.zero_grad()
    loss(module(x), y).backward()
    found["grad_W"] = _lists((s.weight.grad + decay * s.weight).T for s in layers)
    found["grad_b"] = _lists(s.bias.grad for s in layers if s.bias is not None)
    optimizer.step()
    found["W_after"] = _lists(step.weight.T for step in layers)
    found["b_after"] = _lists(step.bias for step in layers if step.bias is not None)
    names = STATE[OPTIMIZERS[case.optimizer][0]]
    for theirs, ours in names.items():
        states = [optimizer.state[step.weight] for step in layers]
        if all(state.get(theirs) is not None for state in states):
            found[f"state.{ours}.W"] = _lists(state[theirs].T for state in states)
    return found


def _visits(case: Case, module: nn.Sequential, loss: Any, x: Any, y: Any) -> dict[str, Any]:
    """z, a, ∂L/∂a, ∂L/∂z and L, of every sample by itself."""
    z, a, signal = [], [], x
    for step in module:
        signal = step(signal)
        signal.requires_grad_()
        if isinstance(step, nn.Linear):
            z.append(signal)
            a.append(signal)
        else:
            a[-1] = signal
    each = [loss(signal[k : k + 1], y[k : k + 1]) for k in range(len(x))]
    total = torch.stack(each).sum()
    of_z = torch.autograd.grad(total, z, retain_graph=True)
    of_a = torch.autograd.grad(total, a)
    last = LOGITS.get(LOSSES[case.loss][0])
    shown = [*a[:-1], last(z[-1])] if last else a
    slopes = of_a[:-1] if last else of_a  # PyTorch has no ŷ where the loss takes logits
    return {
        "z": _lists(z),
        "a": _lists(shown),
        "loss": [value.item() for value in each],
        "dL_dz": _lists(of_z),
        "dL_da": _lists(slopes),
    }


def _lists(tensors: Any) -> list[Any]:
    return [tensor.detach().tolist() for tensor in tensors]


def store() -> None:
    """Write the numbers of the stored cases."""
    for number, case in enumerate(STORED):
        document = {"case": case.name, "torch": torch.__version__, "updates": record(case)}
        (NUMBERS / f"{number}.json").write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    store()
