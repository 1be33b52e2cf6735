"""The pages before the first cycle: overview, task, pieces, notation, starting values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.facts import names_in
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.explain.written import written_units
from tracer.notation import QUANTITIES, Number
from tracer.numerals import apart, exact_numeral
from tracer.pages.desk import Desk, desk_of
from tracer.pages.learning import ending
from tracer.pages.parameters import parameter_tables
from tracer.pages.samples import samples
from tracer.pages.shown import is_beyond, listed_data
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pages.wide import weights_wide
from tracer.pictures import data_picture, network_picture
from tracer.refs import Ref
from tracer.typeset import Written


def overview(walk: Walk) -> Built:
    """What this walkthrough is and what is computed in it."""
    yield (
        walk.slug("overview"),
        {
            **settings(walk),
            "picture": structure(walk),
            "outcome": outcome(walk),
            "unexplored": walk.math != "latex" and is_beyond(walk.trace),
        },
    )


def task(walk: Walk) -> Built:
    """The data as a table and a plot."""
    desk = desk_of(walk, "task")
    data, table = walk.trace.experiment.dataset, listed_data(walk)
    yield (
        desk.slug,
        {
            "rows": [_data_row(desk, number - 1) for number in table.rows],
            "listed": table,
            "columns": written_units(walk.trace)[0],
            "picture": data_picture(walk.trace, boundary=False, decimals=desk.typesetter.decimals),
            "encoded": data.task != "regression",
            "positive": exact_numeral(1.0).text,
            "negative": exact_numeral(0.0).text,
        },
    )


def network(walk: Walk) -> Built:
    """Nodes, layers, weights and biases, counted."""
    sizes = walk.trace.layer_sizes
    pairs = list(pairwise(sizes))
    counts = [LayerCount(k + 1, n, m, n * m) for k, (n, m) in enumerate(pairs)]
    yield (
        walk.slug("network"),
        {
            "picture": structure(walk),
            "counts": counts,
            "weights": sum(count.weights for count in counts),
            "biases": sum(sizes[1:]),
            "parameters": sum(count.weights for count in counts) + sum(sizes[1:]),
            "nodes": sum(sizes),
            "samples": samples(walk.trace),
            "narrows": len(sizes) > 3 and all(n > m for n, m in pairs[1:-1]),
        },
    )


def notation(walk: Walk) -> Built:
    """Every symbol with its words, its shape and this network's instance."""
    context = {"symbols": tuple(_symbols(walk)), "chain": tuple(_chain(walk))}
    yield walk.slug("notation"), {**settings(walk), **context}


def _chain(walk: Walk) -> Iterator[Written]:
    """The forward pass and the loss as formulas of whole layers."""
    experiment = walk.trace.experiment
    for layer, entry in enumerate(experiment.layers, start=1):
        sums, signal = Ref("z", layer), Ref("a", layer - 1)
        yield (sums, "=", signal, Ref("W", layer), "+", Ref("b", layer))
        row = ACTIVATIONS[entry.activation]
        named = (rf"{row.latex}\left(", sums, r"\right)")
        yield (Ref("a", layer), "=", *((sums,) if row.is_identity else named))
    yield (LOSSES[experiment.training.loss].latex,)


@dataclass(frozen=True)
class SymbolRow:
    """One quantity of one layer: its shape under the chosen convention, and where it is met.

    ``href`` is "" where no page shows it.
    """

    name: str
    layer: int
    rows: int
    columns: int
    entry: tuple[int, ...]
    href: str


def _symbols(walk: Walk) -> Iterator[SymbolRow]:
    sizes, last = walk.trace.layer_sizes, walk.trace.layers
    desk = desk_of(walk, "notation")
    task, start = walk.slug("task"), walk.slug("start")
    first = walk.sequence[0] if walk.sequence else None

    def row(
        name: str, layer: int, size: tuple[int, int], anchor: str, slug: str | None = first
    ) -> SymbolRow:
        shape = walk.notation.shape(size)
        entry = (1, 1) if QUANTITIES[name].pair else (1,)
        if layer and not anchor:
            units = written_units(walk.trace)[layer - 1 : layer + 1]
            found = (units[0][0], units[1][0]) if QUANTITIES[name].pair else (units[1][0],)
            anchor = Ref(name, layer, found).anchor
        return SymbolRow(name, layer, *shape, entry, desk.link(slug, anchor) if slug else "")

    yield row("x", 0, (1, sizes[0]), "", task)
    for layer in range(1, last + 1):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        yield row("W", layer, (n_in, n_out), "", start)
        yield row("b", layer, (1, n_out), "", start)
        yield row("z", layer, (1, n_out), "")
        yield row("a", layer, (1, n_out), "")
    yield row("y", 0, (1, sizes[-1]), "", task)
    yield row("loss", 0, (1, 1), "loss")
    for layer in range(last, 0, -1):
        n_in, n_out = sizes[layer - 1], sizes[layer]
        yield row("dL_da", layer, (1, n_out), "")
        yield row("dL_dz", layer, (1, n_out), "")
        yield row("dL_dW", layer, (n_in, n_out), "")
        yield row("dL_db", layer, (1, n_out), "")


def start(walk: Walk) -> Built:
    """How the starting values were drawn, and what they are."""
    desk, init = desk_of(walk, "start"), walk.trace.experiment.init
    context = {
        "tables": tuple(parameter_tables(desk, 0)),
        "wide": weights_wide(desk, 0),
        "init": init,
        "initializer": INITIALIZERS.get(init.scheme),
        "reaches": tuple(_reaches(walk)),
        "low": exact_numeral(init.low).text,
        "high": exact_numeral(init.high).text,
        "std": exact_numeral(init.std).text,
        "widest": max(walk.trace.layer_sizes[1:-1], default=0),
        "grid": None if init.decimals is None else exact_numeral(10.0**-init.decimals).text,
    }
    yield desk.slug, context


@dataclass(frozen=True)
class Reach:
    """How far the starting values of a layer go: its standard deviation, or its two bounds."""

    layer: int
    n_in: int
    n_out: int
    bounds: tuple[float, ...]


def _reaches(walk: Walk) -> Iterator[Reach]:
    """Of each layer, where the sizes of layers decide; none where the file gives the bounds."""
    init = walk.trace.experiment.init
    row = INITIALIZERS.get(init.scheme)
    if row is None or not {"n_in", "n_out"} & {*names_in(row.extent)}:
        return
    for layer, (n_in, n_out) in enumerate(pairwise(walk.trace.layer_sizes), start=1):
        yield Reach(layer, n_in, n_out, row.reach(init.values(n_in, n_out)))


@dataclass(frozen=True)
class LayerCount:
    """How many weights join a layer to the one before it."""

    layer: int
    before: int
    units: int
    weights: int


@dataclass(frozen=True)
class DataRow:
    """One row of the data table with links to the pages that use it."""

    number: int
    is_test: bool
    inputs: tuple[tuple[str, str], ...]
    labels: tuple[object, ...]
    targets: tuple[tuple[str, str], ...]
    links: tuple[tuple[int, str], ...]
    prediction: str


def _data_row(desk: Desk, row: int) -> DataRow:
    walk = desk.walk
    data = walk.trace.experiment.dataset
    label = data.labels[row]
    epochs = walk.epochs if row in data.train and walk.shown.has(row) else ()
    predicted = row in walk.predicted_rows and walk.shown_predictions.has(row)
    return DataRow(
        number=row + 1,
        is_test=row in data.test,
        inputs=_cells("x", row, walk.trace.x[row], written_units(walk.trace)[0]),
        labels=label if isinstance(label, tuple) else (label,),
        targets=_cells("y", row, walk.trace.y[row], written_units(walk.trace)[-1]),
        links=tuple((n, desk.link_to("cycle", epoch=n, row=row + 1)) for n in epochs),
        prediction=desk.link_to("prediction", row=row + 1) if predicted else "",
    )


def _cells(name: str, row: int, values: Any, units: Sequence[int]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}-{row + 1}-{k}", exact_numeral(float(values[k - 1])).text) for k in units)


def structure(walk: Walk) -> Any:
    """The network drawn top to bottom, with names only."""
    experiment = walk.trace.experiment
    return network_picture(
        walk.trace.layer_sizes,
        mode="structure",
        inputs=experiment.dataset.input_names,
        outputs=experiment.dataset.output_names,
        activations=[ACTIVATIONS[layer.activation].title for layer in experiment.layers],
        notation=walk.notation,
        written=written_units(walk.trace),
    )


def settings(walk: Walk) -> Mapping[str, Any]:
    """What the box "what is computed here" tells."""
    training = walk.trace.experiment.training
    numbers = {
        "eta": training.learning_rate,
        "l2": training.l2,
        **{k: v for k, v in training.options.items() if not isinstance(v, str)},
        **training.schedule_options,
    }
    return {
        "loss": LOSSES[training.loss],
        "optimizer": OPTIMIZERS[training.optimizer],
        "schedule": SCHEDULES[training.schedule],
        "plateau": training.plateau and exact_numeral(training.plateau.tolerance).text,
        "activations": [ACTIVATIONS[layer.activation] for layer in walk.trace.experiment.layers],
        "numbers": {name: exact_numeral(float(value)).text for name, value in numbers.items()},
        "batch": walk.batch_sizes,
        "options": training.options,
    }


def outcome(walk: Walk) -> Mapping[str, Any]:
    """The result of the training in a few numbers."""
    curve = walk.trace.loss_curve
    ends = float(curve[0]), float(curve[-1])
    found = {"ending": ending(*ends), "still": ends[0] == ends[1], "nonfinite": nonfinite(walk)}
    # what rounding alone parts is told in one number
    told = ends if found["ending"] != "same" else (ends[1], ends[1])
    first, last = apart(told, walk.trace.experiment.pages.decimals)
    return {**found, "first": first, "last": last}


def nonfinite(walk: Walk) -> Mapping[str, Any] | None:
    """The first number of the run that is nan or infinite."""
    place = walk.trace.first_nonfinite
    if place is None:
        return None
    return {"place": place, "number": Number(exact_numeral(place.value).text)}
