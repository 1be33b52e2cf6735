"""The trace as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from tracer.formula import FloatArray
from tracer.notation import Notation
from tracer.numerals import show
from tracer.trace import Cycle, Trace


def overview_table(trace: Trace) -> Table:
    """What the run was and how it ended."""
    table = Table(title=Text(trace.experiment.title), box=box.SIMPLE, show_header=False)
    sizes = "-".join(str(size) for size in trace.layer_sizes)
    names = ", ".join(layer.activation for layer in trace.experiment.layers)
    table.add_row("network", f"{sizes} ({names})")
    dialect, training = trace.experiment.dataset.dialect, trace.experiment.training
    if dialect is not None and not dialect.is_plain:
        told = (f"{dialect.separator} between cells", f"decimal {dialect.decimal}")
        table.add_row("table", ", ".join((*told, *(() if dialect.header else ("no header",)))))
    rate = f"η = {training.learning_rate}"
    rate += "" if training.schedule == "constant" else f" at first, {training.schedule}"
    table.add_row("training", f"{training.loss}, {training.optimizer}, {rate}")
    table.add_row("run", f"{trace.epochs} epochs, {trace.updates} updates")
    curve, decimals = trace.loss_curve, trace.experiment.pages.decimals
    first, last = show(float(curve[0]), decimals), show(float(curve[-1]), decimals)
    table.add_row("loss", f"{first} in the first epoch, {last} in the last")
    place = trace.first_nonfinite
    if place is not None:
        note = Notation.of(trace.layers, trace.experiment.notation)
        where = note.plain(place.quantity, place.layer, place.index)
        table.add_row("diverged", f"{where}, epoch {place.epoch}, row {place.row}: {place.value}")
    return table


def update_tables(trace: Trace, update: int) -> Iterator[Table]:
    """One table a visit of an update (from 0), then one of the parameters."""
    decimals = trace.experiment.pages.decimals
    for visit in trace.visits_of(update):
        yield _visit_table(Cycle(trace, visit), decimals)
    yield _parameter_table(Cycle(trace, trace.visits_of(update)[0]), decimals)


def _visit_table(cycle: Cycle, decimals: int) -> Table:
    title = f"update {cycle.update + 1}, epoch {cycle.epoch}, row {cycle.row}"
    loss = show(cycle.loss, decimals)
    target = _row(cycle.y, decimals)
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("layer", "z", "a", "∂L/∂a", "∂L/∂z"):
        table.add_column(heading, overflow="fold")
    table.add_row("x", "", _row(cycle.x, decimals), "", "")
    for k in range(len(cycle.z)):
        values = (cycle.z[k], cycle.a[k], cycle.dL_da[k], cycle.dL_dz[k])
        table.add_row(str(k + 1), *(_row(value, decimals) for value in values))
    table.caption = f"y = {target}   L = {loss}"
    return table


def _parameter_table(cycle: Cycle, decimals: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("layer", "", "before", "batch gradient", "after"):
        table.add_column(heading, overflow="fold")
    for k in range(len(cycle.W)):
        weights = (cycle.W[k], cycle.grad_W[k], cycle.W_after[k])
        biases = (cycle.b[k], cycle.grad_b[k], cycle.b_after[k])
        table.add_row(str(k + 1), "W", *(_matrix(value, decimals) for value in weights))
        table.add_row("", "b", *(_row(value, decimals) for value in biases))
    return table


def _row(values: FloatArray, decimals: int) -> str:
    return "  ".join(show(float(value), decimals) for value in values)


def _matrix(values: FloatArray, decimals: int) -> str:
    return "\n".join(_row(row, decimals) for row in values)
