"""What a picture of the data consists of, and how its parts are put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

from tracer.numerals import exact_numeral
from tracer.pictures.categories import row_text
from tracer.pictures.plot.geometry import Label, Picture, clean, tidy
from tracer.pictures.plot.plot import Key, Plot, Wish, legend
from tracer.pictures.plot.points import Marker, number_rows
from tracer.pictures.plot.scale import Tick
from tracer.pictures.regions import Area
from tracer.pictures.sample import Drawn, drawn_rows
from tracer.pictures.value_bar import Bar, value_bar

if TYPE_CHECKING:
    from tracer.trace import Trace

Kind = Literal["scatter", "curve"]
_LOST = 220.0  # px of the template's longest sentence in a legend
_tables: WeakKeyDictionary[Trace, tuple[tuple[str, ...], ...]] = WeakKeyDictionary()


@dataclass(frozen=True)
class View:
    """Whether the network is asked, with the parameters before which update, and its digits."""

    boundary: bool
    update: int
    decimals: int


@dataclass(frozen=True)
class Curve:
    """A line in the plot; ``style`` from 1 is the colour of its class or output, 0 has none."""

    path: str
    style: int


@dataclass(frozen=True, kw_only=True)
class DataPicture(Picture):
    """The rows of the data, of a large table a part (``drawn``), and what the network answers.

    ``kind``: "scatter" of two inputs, "curve" of one. ``boundary``: whether the network's answers
    are drawn. ``levels`` are the values of ``output`` at which colours change, the ``bar`` their
    legend, which a small picture does without. ``lost``: the answers were asked for, but are nan
    or infinite somewhere; ``beyond``: they all lie outside of the axes. ``numbered``: whether
    every row's number stands in the plot. ``twin``: (row, "train" or "test", inputs…, what it
    is), then with ``boundary`` what the network answers.
    """

    kind: Kind
    task: str
    inputs: tuple[str, ...]
    output: str
    categories: tuple[str, ...]
    plot: Plot
    areas: tuple[Area, ...]
    curves: tuple[Curve, ...]
    markers: tuple[Marker, ...]
    numbers: tuple[Label, ...]
    keys: tuple[Key, ...]
    levels: tuple[str, ...]
    bar: Bar | None
    boundary: bool
    lost: bool
    beyond: bool
    numbered: bool
    drawn: Drawn
    twin: tuple[tuple[str, ...], ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Every text whose place was computed."""
        keys = tuple(key.label for key in self.keys)
        return (*self.plot.labels, *self.numbers, *keys, *(self.bar.labels if self.bar else ()))


@dataclass(frozen=True, kw_only=True)
class DataParts:
    """What the picture shows, before its row numbers and its legend have places."""

    kind: Kind
    plot: Plot
    markers: tuple[Marker, ...]
    wishes: Sequence[Wish]
    categories: tuple[str, ...]
    areas: tuple[Area, ...] = ()
    curves: tuple[Curve, ...] = ()
    levels: tuple[Tick, ...] = ()
    asked: bool = False
    answers: tuple[str, ...] = ()


def put_together(trace: Trace, parts: DataParts) -> DataPicture:
    """The picture: numbers beside the marks, the legend and the bar of values below."""
    dataset, plot = trace.experiment.dataset, parts.plot
    output = clean(dataset.output_names[0])
    drawn = Drawn.from_table(dataset)
    small, lost = plot.size.small, parts.asked and not parts.answers
    numbers = () if small else number_rows(parts.markers, plot.box)
    wishes = [*parts.wishes, *([Wish("lost", width=_LOST)] if lost else []), *drawn.wishes]
    keys, bottom = ((), plot.bottom) if small else legend(wishes, plot)
    bar = value_bar(parts.levels, output, plot, bottom) if parts.levels and not small else None
    return DataPicture(
        width=plot.size.width,
        height=tidy((bar.bottom if bar else bottom) + 2),
        kind=parts.kind,
        task=dataset.task,
        inputs=tuple(clean(name) for name in dataset.input_names),
        output=output,
        categories=parts.categories,
        plot=plot,
        areas=parts.areas,
        curves=parts.curves,
        markers=parts.markers,
        numbers=numbers,
        keys=keys,
        bar=bar,
        boundary=bool(parts.answers),
        lost=lost,
        beyond=bool(parts.kind == "curve" and parts.answers and not parts.curves),
        numbered=len(numbers) == len({marker.place for marker in parts.markers}),
        drawn=drawn,
        levels=tuple(tick.text for tick in parts.levels),
        twin=_twin(trace, [(answer,) for answer in parts.answers]),
    )


def _twin(trace: Trace, answers: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    if trace not in _tables:
        _tables[trace] = tuple(_table(trace))
    told = answers or [()] * len(_tables[trace])
    return tuple([(*row, *more) for row, more in zip(_tables[trace], told, strict=True)])


def _table(trace: Trace) -> Iterator[tuple[str, ...]]:
    """The rows that are drawn, as all pictures of a run tell them."""
    dataset = trace.experiment.dataset
    train = set(dataset.train)
    for row in drawn_rows(dataset):
        kind = "train" if row in train else "test"
        inputs = [exact_numeral(float(value)).text for value in trace.x[row]]
        yield (str(row + 1), kind, *inputs, row_text(dataset, row))
