"""The trace as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from tracer.cli.grids import Grid, lines_of
from tracer.experiment.words import count_text
from tracer.formula import FloatArray
from tracer.notation import Notation
from tracer.numerals import show
from tracer.trace import Cycle, Trace

INDENT = 2


def overview_table(trace: Trace) -> Table:
    """What the run was and how it ended."""
    table = Table(title=Text(trace.experiment.title), box=box.SIMPLE, show_header=False)
    sizes = "-".join(str(size) for size in trace.layer_sizes)
    names = ", ".join(layer.activation for layer in trace.experiment.layers)
    table.add_row("network", f"{sizes} ({names})")
    dialect = trace.experiment.dataset.dialect
    if dialect is not None and not dialect.is_plain:
        told = (f"{dialect.separator} between cells", f"decimal {dialect.decimal}")
        table.add_row("table", ", ".join((*told, *(() if dialect.header else ("no header",)))))
    table.add_row("training", _training(trace))
    counts = f"{count_text(trace.epochs, 'epoch')}, {count_text(trace.updates, 'update')}"
    table.add_row("run", counts)
    curve, decimals = trace.loss_curve, trace.experiment.pages.decimals
    first, last = show(float(curve[0]), decimals), show(float(curve[-1]), decimals)
    table.add_row("loss", f"{first} in the first epoch, {last} in the last")
    place = trace.first_nonfinite
    if place is not None:
        note = Notation.of(trace.layers, trace.experiment.notation)
        table.add_row("diverged", f"{place.told(note.plain_of(place.ref))}: {place.value}")
    return table


def _training(trace: Trace) -> str:
    training = trace.experiment.training
    own = ", ".join(f"{name} = {value}" for name, value in training.options.items())
    rule = f"{training.optimizer} ({own})" if own else training.optimizer
    rate = f"η = {training.learning_rate}"
    rate += "" if training.schedule == "constant" else f" at first, {training.schedule}"
    return f"{training.loss}, {rule}, {rate}"


def update_lines(trace: Trace, update: int, width: int) -> Iterator[str]:
    """One update (from 0): every visit layer by layer, then its parameters layer by layer."""
    shown = _Shown(trace)
    cycles = [Cycle(trace, visit) for visit in trace.visits_of(update)]
    for cycle in cycles:
        yield f"update {update + 1}, epoch {cycle.epoch}, row {cycle.row}"
        yield from lines_of(shown.visit(cycle), width, INDENT)
        yield f"  L = {shown.number(cycle.loss)}"
        yield ""
    yield f"parameters of update {update + 1}"
    for k in range(trace.layers):
        yield from lines_of(shown.parameters(cycles[0], k), width, INDENT)
        yield ""


class _Shown:
    """The numbers of a trace as its pages show them."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.decimals = trace.experiment.pages.decimals
        self.first = trace.experiment.notation.first_index

    def number(self, value: float) -> str:
        return show(float(value), self.decimals)

    def visit(self, cycle: Cycle) -> Iterator[Grid]:
        """Inputs, what each layer made of them, targets."""
        yield self._grid("inputs", "", [("x", cycle.x)])
        for k, layer in enumerate(self.trace.experiment.layers):
            passes = {"z": cycle.z, "a": cycle.a, "∂L/∂a": cycle.dL_da, "∂L/∂z": cycle.dL_dz}
            rows = [(name, arrays[k]) for name, arrays in passes.items()]
            yield self._grid(f"layer {k + 1} ({layer.activation})", "", rows)
        yield self._grid("targets", "", [("y", cycle.y)])

    def parameters(self, cycle: Cycle, k: int) -> Iterator[Grid]:
        """W above b of a layer (from 0): before, the gradient, the optimizer's state, after."""
        layer, after = f"layer {k + 1}", cycle.update + 1
        yield self._matrix(f"{layer} before", cycle.W[k], cycle.b[k])
        yield self._matrix(f"{layer}, batch gradient", cycle.grad_W[k], cycle.grad_b[k])
        for name, kinds in self.trace.state.items():
            values = kinds["W"][k][after], kinds["b"][k][after]
            yield self._matrix(f"{layer}, {name} after", *values)
        yield self._matrix(f"{layer} after", cycle.W_after[k], cycle.b_after[k])

    def _matrix(self, title: str, W: FloatArray, b: FloatArray) -> Grid:
        named = [(f"from {i + self.first}", row) for i, row in enumerate(W)]
        return self._grid(title, "to ", [*named, ("b", b)])

    def _grid(self, title: str, head: str, rows: Iterable[tuple[str, FloatArray]]) -> Grid:
        shown = tuple((label, tuple(map(self.number, values))) for label, values in rows)
        heads = tuple(f"{head}{k + self.first}" for k in range(len(shown[0][1])))
        return Grid(title, heads, shown)
