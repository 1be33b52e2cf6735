"""Training as data: what the rows of the catalog compute, for a script that trains in the page.

Nothing is written a second time: activations, losses, optimizers and schedules are recorded from
the very kernels that train (:mod:`tracer.explore.tapes`); what is a sum over units or rows, or a
product with a matrix, has the same shape in every network and stands in the script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tracer.catalog.activation import Activation, derived_kernel
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.facts import lambdified, symbols_in
from tracer.catalog.losses import LOSSES, Loss
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.recorded import Entries, entries
from tracer.catalog.schedules import SCHEDULES, Progress, Schedule
from tracer.catalog.terms import NoScalarForm, Notes
from tracer.errors import RenderError
from tracer.experiment.model import Training
from tracer.explain.terms import FIRST, written_terms
from tracer.explore.tapes import Tape, tape, tape_of
from tracer.messages import gettext
from tracer.trace import Trace
from tracer.trace.layout import rows_an_update

UNROLLED = 64
"""How many k a schedule is written out for one by one where its steps depend on k as a count: an
η that is divided so often, by 2 even, is less than float64's spacing at the one it began with."""


def program(trace: Trace) -> dict[str, Any]:
    """Everything that a script needs to train the experiment again, or another way.

    Raises RenderError where a row is not made of single numbers, by its kernel or its definition.
    """
    experiment = trace.experiment
    training, data = experiment.training, experiment.dataset
    activations = [ACTIVATIONS[layer.activation] for layer in experiment.layers]
    sizes = experiment.layer_sizes
    return {
        "sizes": list(sizes),
        "activations": [
            _activation(row, units) for row, units in zip(activations, sizes[1:], strict=True)
        ],
        "loss": _loss(LOSSES[training.loss], sizes[-1], training),
        "optimizer": _optimizer(training),
        "schedule": _schedule(training),
        "stop": _stop(training),
        "training": {
            "eta": training.learning_rate,
            "epochs": training.epochs,
            "mean": training.reduction == "mean",
            "batch": rows_an_update(experiment),
            "l2": training.l2,
            "l2_per_batch": training.l2_per_batch,
            "train_biases": training.train_biases,
        },
        **_terms(trace),
        "x": data.x.tolist(),
        "y": data.y.tolist(),
        "orders": _orders(trace),
        "start": {
            "W": [layer[0].tolist() for layer in trace.W],
            "b": [layer[0].tolist() for layer in trace.b],
        },
        "document": _document(trace),
    }


def _terms(trace: Trace) -> dict[str, Any]:
    """Which rows of a batch are written out, where one has too many for all."""
    long = written_terms(int(trace.batch_sizes.max())) is not None
    return {"terms": {"first": FIRST}} if long else {}


def _recorded(name: str, *ways: Callable[[], Any]) -> Any:
    """What the first way gives that can be recorded; kernels from outside may fail in any way."""
    for way in ways:
        try:
            return way()
        except Exception:  # noqa: BLE001  the next one may be made of single numbers
            continue
    raise RenderError(gettext("no script knows how to compute %(formula)s", formula=name))


def _activation(row: Activation, units: int) -> dict[str, Any]:
    """a of z, da/dz of z and a, ∂L/∂z of z, a and ∂L/∂a: of a unit, or of units that are mixed."""
    width = units if row.vector else 1

    def of(
        kernel: Callable[..., Any], slope: Callable[..., Any], rule: Callable[..., Any]
    ) -> dict[str, Any]:
        return {
            "vector": row.vector,
            "kernel": tape(kernel, [width], width),
            "slope": None if row.vector else tape(slope, [1, 1], 1),
            "rule": tape(rule, [width] * 3, width),
        }

    def derived() -> dict[str, Any]:
        if row.vector:
            raise NoScalarForm(row.name)
        slope = derived_kernel(row.derivative)
        return of(
            derived_kernel(row.definition),
            lambda z, _a: slope(z),
            lambda z, _a, d: _passed(slope(z), d),
        )

    return dict(_recorded(row.name, lambda: of(row.kernel, row.slope, row.backward), derived))


def _passed(slope: Any, signal: Any) -> Any:
    """The chain rule for one unit; where the slope is 0 nothing passes, not even ∞."""
    return np.where(slope == 0.0, 0.0, signal * slope)


def _loss(row: Loss, units: int, training: Training) -> dict[str, Any]:
    """L of y, ŷ and z, its slope by ŷ, and what the stop rule watches."""
    widths = [units] * 3
    rule = training.plateau

    def of(kernel: Callable[..., Any], slope: Callable[..., Any]) -> dict[str, Tape]:
        return {"kernel": tape(kernel, widths, 1), "slope": tape(slope, widths, units)}

    def derived() -> dict[str, Tape]:
        plain = Loss.of(name=row.name, latex="", definition=row.definition, source="")
        return of(plain.kernel, plain.slope)

    found = _recorded(row.name, lambda: of(row.kernel, row.slope), derived)
    if rule is not None and rule.measure == "sklearn":
        found["watched"] = _recorded(row.name, lambda: tape(row.sklearn_loss, widths, 1))
    return {**found, "fused": row.fused}


def _optimizer(training: Training) -> dict[str, Any]:
    """One tape for the whole program: from w, g, η, t and what is carried to all it assigns."""
    row = OPTIMIZERS[training.optimizer]
    program = row.program(training.options)
    carried = [name for name in program.variables if name in program.carried]
    inputs = ["w", "g", "eta", "t", *carried]

    def made() -> Tape:
        notes = Notes()
        names: dict[str, Any] = {
            name: Entries(notes, [notes.name(str(k))], ()) for k, name in enumerate(inputs)
        }
        for target, arguments, kernel in program.steps:
            read = (training.options.get(name, names.get(name)) for name in arguments)
            names[target] = entries(notes, kernel(*read))
        results = [names[name].terms[0] for name in (*program.variables, "w")]
        return tape_of(results, len(inputs))

    return {
        "variables": list(program.variables),
        "carried": carried,
        "remembered": list(program.remembered(training.options)),
        "counted": program.is_counted(training.options),
        "plain": program.is_plain,
        "tape": _recorded(row.name, made),
    }


def _schedule(training: Training) -> dict[str, Any]:
    """k of the epochs, samples and plateaus so far, and η of η₀ and k.

    Where η is reached by as many steps as k says, ``unrolled`` has a tape for each k.
    """
    row, options = SCHEDULES[training.schedule], training.schedule_options
    found = {
        "count": _recorded(row.name, lambda: _count(row, options)),
        "rate": _recorded(
            row.name,
            lambda: _rate(row.stated or _of_arrays(row), options),
            lambda: _rate(_of_arrays(row), options),
        ),
        "unrolled": _unrolled(row, options) if row.stated else [],
    }
    least = options.get("least", 0.0)
    return {**found, "on_plateau": row.on_plateau, "is_constant": row.is_constant, "least": least}


def _count(row: Schedule, options: Mapping[str, float]) -> Tape:
    return tape(lambda *lies_behind: row.count(Progress(*lies_behind), options), [0, 0, 0], 1)


def _rate(kernel: Callable[..., Any], options: Mapping[str, float]) -> Tape:
    return tape(lambda eta0, k: kernel({**options, "eta0": eta0, "k": k}), [0, 0], 1)


def _of_arrays(row: Schedule) -> Callable[..., Any]:
    """The schedule's definition in functions of NumPy, which can be recorded."""
    read = symbols_in(row.definition)
    compiled = lambdified(read, row.definition, np)
    return lambda values: compiled(*(values[str(name)] for name in read))


def _unrolled(row: Schedule, options: Mapping[str, float]) -> list[Tape]:
    """A tape for each k, for kernels that take k steps."""
    stated = row.stated
    assert stated is not None

    def of(k: int) -> Tape:
        return tape(lambda eta0: stated({**options, "eta0": eta0, "k": k}), [0], 1)

    return [_recorded(row.name, lambda k=k: of(k)) for k in range(UNROLLED)]  # type: ignore[misc]


def _stop(training: Training) -> dict[str, Any] | None:
    rule = training.plateau
    return None if rule is None else {"tolerance": rule.tolerance, "patience": rule.patience}


def _orders(trace: Trace) -> list[list[int]]:
    """The rows (from 0) of each epoch in their order; once where all epochs have the same."""
    rows = np.asarray(trace.row).reshape(trace.epochs, -1)
    alike = bool((rows == rows[0]).all())
    return [list(map(int, order)) for order in (rows[:1] if alike else rows)]


def _document(trace: Trace) -> dict[str, Any]:
    """The experiment as its file would hold it, without the rows of its table: x and y."""
    mapping = trace.experiment.to_mapping()
    data = {key: value for key, value in mapping["data"].items() if key != "rows"}
    return {**mapping, "data": data}
