"""The trace as tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from tracer.cli.grids import Grid, lines_of
from tracer.experiment.dataset import Dialect
from tracer.formula import FloatArray
from tracer.messages import gettext, ngettext
from tracer.notation import Notation
from tracer.numerals import show
from tracer.trace import Cycle, Trace

INDENT = 2
Head = Callable[[int], str]


def overview_table(trace: Trace) -> Table:
    """What the run was and how it ended."""
    table = Table(title=Text(trace.experiment.title), box=box.SIMPLE, show_header=False)
    sizes = "-".join(str(size) for size in trace.layer_sizes)
    names = ", ".join(layer.activation for layer in trace.experiment.layers)
    table.add_row(gettext("network"), f"{sizes} ({names})")
    dialect = trace.experiment.dataset.dialect
    if dialect is not None and not dialect.is_plain:
        table.add_row(gettext("table"), _dialect(dialect))
    table.add_row(gettext("training"), _training(trace))
    epochs = ngettext("%(num)s epoch", "%(num)s epochs", trace.epochs)
    updates = ngettext("%(num)s update", "%(num)s updates", trace.updates)
    table.add_row(gettext("run"), f"{epochs}, {updates}")
    curve, decimals = trace.loss_curve, trace.experiment.pages.decimals
    first, last = show(float(curve[0]), decimals), show(float(curve[-1]), decimals)
    told = gettext("%(first)s in the first epoch, %(last)s in the last", first=first, last=last)
    table.add_row(gettext("loss"), told)
    place = trace.first_nonfinite
    if place is not None:
        note = Notation.of(trace.layers, trace.experiment.notation)
        told = gettext(
            "%(symbol)s, epoch %(epoch)s, row %(row)s: %(value)s",
            symbol=note.plain(place.quantity, place.layer, place.index),
            epoch=place.epoch,
            row=place.row,
            value=place.value,
        )
        table.add_row(gettext("diverged"), told)
    return table


def _dialect(dialect: Dialect) -> str:
    told = [
        gettext("%(sign)s between cells", sign=dialect.separator),
        gettext("decimal %(sign)s", sign=dialect.decimal),
    ]
    return ", ".join(told if dialect.header else [*told, gettext("no header")])


def _training(trace: Trace) -> str:
    training = trace.experiment.training
    own = ", ".join(f"{name} = {value}" for name, value in training.options.items())
    rule = f"{training.optimizer} ({own})" if own else training.optimizer
    rate = f"η = {training.learning_rate}"
    if training.schedule != "constant":
        rate = gettext("%(rate)s at first, %(schedule)s", rate=rate, schedule=training.schedule)
    return f"{training.loss}, {rule}, {rate}"


def update_lines(trace: Trace, update: int, width: int) -> Iterator[str]:
    """One update (from 0): every visit layer by layer, then its parameters layer by layer."""
    shown = _Shown(trace)
    cycles = [Cycle(trace, visit) for visit in trace.visits_of(update)]
    for cycle in cycles:
        yield gettext(
            "update %(update)s, epoch %(epoch)s, row %(row)s",
            update=update + 1,
            epoch=cycle.epoch,
            row=cycle.row,
        )
        yield from lines_of(shown.visit(cycle), width, INDENT)
        yield f"  L = {shown.number(cycle.loss)}"
        yield ""
    yield gettext("parameters of update %(update)s", update=update + 1)
    for k in range(trace.layers):
        yield from lines_of(shown.parameters(cycles[0], k), width, INDENT)
        yield ""


def _to(unit: int) -> str:
    return gettext("to %(unit)s", unit=unit)


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
        yield self._grid(gettext("inputs"), str, [("x", cycle.x)])
        for k, layer in enumerate(self.trace.experiment.layers):
            passes = {"z": cycle.z, "a": cycle.a, "∂L/∂a": cycle.dL_da, "∂L/∂z": cycle.dL_dz}
            rows = [(name, arrays[k]) for name, arrays in passes.items()]
            title = gettext("layer %(layer)s", layer=k + 1)
            yield self._grid(f"{title} ({layer.activation})", str, rows)
        yield self._grid(gettext("targets"), str, [("y", cycle.y)])

    def parameters(self, cycle: Cycle, k: int) -> Iterator[Grid]:
        """W above b of a layer (from 0): before, the gradient, the optimizer's state, after."""
        layer, after = k + 1, cycle.update + 1
        title = gettext("layer %(layer)s before", layer=layer)
        yield self._matrix(title, cycle.W[k], cycle.b[k])
        title = gettext("layer %(layer)s, batch gradient", layer=layer)
        yield self._matrix(title, cycle.grad_W[k], cycle.grad_b[k])
        for name, kinds in self.trace.state.items():
            title = gettext("layer %(layer)s, %(state)s after", layer=layer, state=name)
            yield self._matrix(title, kinds["W"][k][after], kinds["b"][k][after])
        title = gettext("layer %(layer)s after", layer=layer)
        yield self._matrix(title, cycle.W_after[k], cycle.b_after[k])

    def _matrix(self, title: str, W: FloatArray, b: FloatArray) -> Grid:
        named = [(gettext("from %(unit)s", unit=i + self.first), row) for i, row in enumerate(W)]
        return self._grid(title, _to, [*named, ("b", b)])

    def _grid(self, title: str, head: Head, rows: Iterable[tuple[str, FloatArray]]) -> Grid:
        """A grid; ``head`` gives what the column of a unit is called."""
        shown = tuple((label, tuple(map(self.number, values))) for label, values in rows)
        heads = tuple(head(k + self.first) for k in range(len(shown[0][1])))
        return Grid(title, heads, shown)
