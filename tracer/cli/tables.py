"""The trace as tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from tracer.cli.grids import TextGrid, lines_of
from tracer.experiment.dataset import Dialect
from tracer.formula import FloatArray
from tracer.messages import N_, gettext, ngettext
from tracer.notation import Notation
from tracer.numerals import show
from tracer.trace import Cycle, Trace
from tracer.trace.fields import TERMINAL, Each, Over, TraceField
from tracer.trace.layout import (
    STATE_AFTER,
    expanded,
    of_epochs,
    of_updates,
    of_visits,
    shown_fields,
)

INDENT = 2
Head = Callable[[int], str]
_VECTORS = {"inputs": N_("inputs"), "targets": N_("targets")}
_HEADINGS = {
    " before": N_("layer %(layer)s before"),
    ", batch gradient": N_("layer %(layer)s, batch gradient"),
    STATE_AFTER: N_("layer %(layer)s, %(state)s after"),
    " after": N_("layer %(layer)s after"),
}
"""What stands above the grids of a layer, by the headings of the trace's own fields."""


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
            symbol=note.plain_of(place.ref),
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
        yield from shown.numbers(shown.of_visits, cycle)
        yield ""
    yield gettext("parameters of update %(update)s", update=update + 1)
    yield from shown.numbers(shown.of_updates, cycles[0])
    if update + 1 in trace.epoch_ends:
        yield from shown.numbers(shown.of_epochs, cycles[0])
    for k in range(trace.layers):
        yield from lines_of(shown.headed(shown.of_updates, cycles[0], k), width, INDENT)
        yield ""


def _to(unit: int) -> str:
    return gettext("to %(unit)s", unit=unit)


class _Shown:
    """The numbers of a trace as its pages show them, field by field."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.decimals = trace.experiment.pages.decimals
        self.first = trace.experiment.notation.first_index
        names, shown = tuple(trace.state), shown_fields(TERMINAL)
        fields = tuple(part for field in shown for part in expanded(field, names))
        self.of_visits, self.of_updates = of_visits(fields), of_updates(fields)
        self.of_epochs = of_epochs(fields)

    def number(self, value: float) -> str:
        return show(float(value), self.decimals)

    def numbers(self, fields: Iterable[TraceField], cycle: Cycle) -> Iterator[str]:
        """A line for each field that is a single number."""
        for field in fields:
            if field.each is Each.NUMBER:
                value = self.number(field.at(self.trace, cycle.visit))
                yield f"{' ' * INDENT}{field.label} = {value}"

    def visit(self, cycle: Cycle) -> Iterator[TextGrid]:
        """Inputs, what each layer made of them, targets."""
        yield from self._vectors(Each.INPUTS, cycle)
        plain = [f for f in self.of_visits if f.layered and not _heading(f)]
        for k, layer in enumerate(self.trace.experiment.layers):
            rows = [(field.label, field.at(self.trace, cycle.visit)[k]) for field in plain]
            title = gettext("layer %(layer)s", layer=k + 1)
            yield self._grid(f"{title} ({layer.activation})", str, rows)
            yield from self.headed(self.of_visits, cycle, k)
        yield from self._vectors(Each.OUTPUTS, cycle)

    def _vectors(self, each: Each, cycle: Cycle) -> Iterator[TextGrid]:
        for field in self.of_visits:
            if field.each is each:
                values = field.at(self.trace, cycle.visit)
                title = gettext(_VECTORS.get(field.heading, field.label))
                yield self._grid(title, str, [(field.label, values)])

    def headed(self, fields: Iterable[TraceField], cycle: Cycle, k: int) -> Iterator[TextGrid]:
        """The grids of a layer (from 0) that have a heading of their own: weights above biases."""
        grids: dict[str, list[tuple[str, FloatArray]]] = {}
        for field in fields:
            if field.layered and _heading(field):
                values = field.at(self.trace, cycle.visit)[k]
                grids.setdefault(_titled(k + 1, field), []).extend(self._rows(field, values))
        for title, rows in grids.items():
            yield self._grid(title, _to, rows)

    def _rows(self, field: TraceField, values: FloatArray) -> list[tuple[str, FloatArray]]:
        if field.each is Each.WEIGHTS:
            named = (gettext("from %(unit)s", unit=i + self.first) for i in range(len(values)))
            return list(zip(named, values, strict=True))
        return [(field.label, values)]

    def _grid(self, title: str, head: Head, rows: Iterable[tuple[str, FloatArray]]) -> TextGrid:
        """A grid; ``head`` gives what the column of a unit is called."""
        shown = tuple((label, tuple(map(self.number, values))) for label, values in rows)
        heads = tuple(head(k + self.first) for k in range(len(shown[0][1])))
        return TextGrid(title, heads, shown)


def _heading(field: TraceField) -> str:
    """What follows "layer 1" above the grid of a field; "" where it stands in that of its layer."""
    in_layer = field.over is Over.VISITS and field.each is not Each.WEIGHTS
    return field.heading or ("" if in_layer else f", {field.label}")


def _titled(layer: int, field: TraceField) -> str:
    """What stands above a layer's grid; a heading that was declared elsewhere stays as it is."""
    heading = _heading(field)
    if heading in _HEADINGS:
        return gettext(_HEADINGS[heading], layer=layer, state=field.path[-2:][0])
    return gettext("layer %(layer)s", layer=layer) + heading
