"""Cycles of a trace as vectors of named numbers, and what the scripts that train make of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scripted import LONGEST, needs_node, repr_of
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explore.program import program
from tracer.trace import Cycle, Trace

SCRIPT = Path(__file__).with_name("engine.mjs")
Named = Iterator[tuple[str, float]]


def named(name: str, layers: Sequence[np.ndarray], *, first: int = 1) -> Named:
    """Each number of the arrays of all layers by its anchor."""
    for layer, array in enumerate(layers, first):
        for place in np.ndindex(array.shape):
            index = [layer] if layer else []
            yield "-".join(map(str, [name, *index, *(k + 1 for k in place)])), float(array[place])


def numbers_of(cycle: Cycle) -> dict[str, float]:
    """Every number of a cycle that training has to do with, by its anchor."""
    trace, update = cycle.trace, cycle.update
    with np.errstate(all="ignore"):
        z, a = trace.forward(cycle.x[None, :], update + 1)
        loss = LOSSES[trace.experiment.training.loss]
        after = float(loss.kernel(cycle.y[None, :], a[-1], z[-1])[0])
        found = {
            "eta": float(trace.learning_rate[update]),
            "t": update + 1.0,
            "loss": float(cycle.loss),
            "penalty": float(trace.penalty[update]),
            "loss_after": after,
            "loss_change": after - float(cycle.loss),
        }
    for name, value in (("x", cycle.x), ("y", cycle.y)):
        found |= dict(named(name, [value], first=0))
    for name in ("z", "a", "dL_da", "dL_dz", "dL_dW", "dL_db", "grad_W", "grad_b"):
        found |= dict(named(name, getattr(cycle, name)))
    for name, layers in (("z_after", z), ("a_after", a)):
        found |= dict(named(name, [layer[0] for layer in layers]))
    for kind, layers in (("W", trace.W), ("b", trace.b)):
        found |= dict(named(kind, [layer[update] for layer in layers]))
        found |= dict(named(f"{kind}_after", [layer[update + 1] for layer in layers]))
    return found | dict(_states(trace, update))


def _states(trace: Trace, update: int) -> Named:
    training = trace.experiment.training
    carried = OPTIMIZERS[training.optimizer].program(training.options).carried
    for name, kinds in trace.state.items():
        for kind, layers in kinds.items():
            after = [layer[update + 1] for layer in layers]
            if name in carried:
                yield from named(f"{name}_{kind}", [layer[update] for layer in layers])
                yield from named(f"{name}_{kind}_after", after)
            else:
                yield from named(f"{name}_{kind}", after)


def asking(trace: Trace, what: Sequence[str], most: int = 10**9) -> dict[str, Any]:
    """What is asked about a run: its program, and some of its cycles, spread evenly."""
    visits = range(0, len(trace.row), max(1, -(-len(trace.row) // most)))
    cycles = [Cycle(trace, visit) for visit in visits]
    numbers = [numbers_of(cycle) for cycle in cycles]
    return {
        "program": program(trace),
        "what": list(what),
        "names": list(numbers[0]),
        "cycles": [[int(trace.epoch_of[c.visit]) + 1, c.row, c.update + 1] for c in cycles],
        "values": [[repr_of(value) for value in each.values()] for each in numbers],
    }


def answers(asked: Sequence[dict[str, Any]], script: Path = SCRIPT) -> list[dict[str, Any]]:
    """What the scripts answer, question by question."""
    needs_node()
    done = subprocess.run(
        ["node", str(script)],
        check=False,
        input=json.dumps(asked, allow_nan=False),
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
