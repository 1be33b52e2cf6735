"""Batch gradients and updates once more, from the samples' numbers and the optimizer's program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.check.proof import Proof, Tally, absent, place, proved_visits
from tracer.check.recompute import arithmetic, compiled
from tracer.trace import Cycle, Trace

NAME, TOLERANCE = "batch gradients and updates", 1e-9


def by_program(trace: Trace, _pages: object) -> Proof:
    """Compare the batch gradient and every assignment's result in the proved updates."""
    cycles = {cycle.update: cycle for cycle in proved_visits(trace)}
    if not cycles:
        return absent(NAME, TOLERANCE, "no visit has finite numbers only")
    tally = Tally(NAME, TOLERANCE)
    for cycle in cycles.values():
        for kind, layer, index in _parameters(trace):
            _compare(tally, cycle, kind, layer, index)
    return tally.proof()


def _parameters(trace: Trace) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    for layer in range(trace.layers):
        for kind, history in (("W", trace.W[layer]), ("b", trace.b[layer])):
            for index in np.ndindex(*history.shape[1:]):
                yield kind, layer, index


def _compare(tally: Tally, cycle: Cycle, kind: str, layer: int, index: tuple[int, ...]) -> None:
    trace, update = cycle.trace, cycle.update
    training = trace.experiment.training
    history = (trace.W if kind == "W" else trace.b)[layer]
    received = (trace.grad_W if kind == "W" else trace.grad_b)[layer]
    gradient = _gradient(cycle, kind, layer, index)
    named = [k + 1 for k in index]
    tally.add(
        place(cycle, f"grad_{kind}", layer + 1, named), float(received[(update, *index)]), gradient
    )
    before, after = float(history[(update, *index)]), float(history[(update + 1, *index)])
    where = place(cycle, f"{kind}_after", layer + 1, named)
    if kind == "b" and not training.train_biases:
        tally.add(where, after, before)
        return
    kept = {
        name: [float(kinds[kind][layer][(u, *index)]) for u in (update, update + 1)]
        for name, kinds in trace.state.items()
    }
    for name, value in _run(cycle, before, gradient, {n: k[0] for n, k in kept.items()}).items():
        found = after if name == "w" else kept[name][1]
        label = f"{kind}_after" if name == "w" else f"{name}_{kind}"
        tally.add(place(cycle, label, layer + 1, named), found, value)


def _gradient(cycle: Cycle, kind: str, layer: int, index: tuple[int, ...]) -> Any:
    """The mean or the sum over the batch, and the penalty's part, in 50 digits."""
    trace, training = cycle.trace, cycle.trace.experiment.training
    total = arithmetic.mpf(0)
    for visit in cycle.visits:
        sample = Cycle(trace, visit)
        error = arithmetic.mpf(float(sample.dL_dz[layer][index[-1]]))
        signal = (sample.x, *sample.a)[layer]
        total += error * float(signal[index[0]]) if kind == "W" else error
    size = len(cycle.visits)
    gradient = total / size if training.reduction == "mean" else total
    if kind == "W" and training.l2:
        share = size if training.l2_per_batch else 1
        gradient += arithmetic.mpf(training.l2) / share * float(cycle.W[layer][index])
    return gradient


def _run(cycle: Cycle, before: float, gradient: Any, kept: dict[str, float]) -> dict[str, Any]:
    """The results of the optimizer's assignments, evaluated by SymPy in 50 digits."""
    training = cycle.trace.experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    numbers = {k: v for k, v in training.options.items() if not isinstance(v, str)}
    numbers |= {name: kept[name] for name in program.carried}
    numbers |= {"w": before, "eta": float(cycle.trace.learning_rate[cycle.update])}
    names: dict[str, Any] = {name: arithmetic.mpf(value) for name, value in numbers.items()}
    names |= {"g": gradient, "t": cycle.update + 1}
    results = {}
    for step in program.assignments:
        names[step.target] = results[step.target] = _evaluated(step.expression, names)
    return results


def _evaluated(expression: Any, names: dict[str, Any]) -> Any:
    symbols = tuple(sorted(expression.free_symbols, key=str))
    return compiled(symbols, expression)(*(names[str(symbol)] for symbol in symbols))
