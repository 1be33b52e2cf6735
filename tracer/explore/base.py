"""What all regions of a cycle's page are made of: the page's context, and numbers as slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from tracer.conditions import Tree, given, of, printed, shown, text
from tracer.experiment.dataset import Dataset, Label
from tracer.explore.named import Named
from tracer.explore.regions import Options, Slots
from tracer.notation import Number
from tracer.pages import judgements
from tracer.pages.cycle_story import places
from tracer.pages.desk import Desk
from tracer.trace import Cycle
from tracer.typeset import SetLine

TOLD, SEEN, STRIP, ROWS, PASSES = (
    "partials/told.md.j2",
    "partials/seen.md.j2",
    "partials/strip.md.j2",
    "rows.md.j2",
    "passes.md.j2",
)
IS_LAST = of("last").equals(1)
"""Whether the cycle ends with an update."""
IS_FIRST = of("update").equals(0)


@dataclass(frozen=True)
class OfCycle:
    """Makes regions of the ``context`` of a live page, of a cycle that has an update."""

    context: Mapping[str, Any]

    @cached_property
    def desk(self) -> Desk:
        """What the page is written with."""
        desk: Desk = self.context["desk"]
        return desk

    @cached_property
    def cycle(self) -> Cycle:
        """The cycle that is told of."""
        cycle: Cycle = self.context["cycle"]
        return cycle

    @cached_property
    def data(self) -> Dataset:
        """The table."""
        found: Dataset = self.cycle.trace.experiment.dataset
        return found

    @property
    def classes(self) -> tuple[Label, ...]:
        """The classes in order; none for regression."""
        return self.data.classes or ()

    @cached_property
    def labels(self) -> tuple[tuple[Any, ...], Tree]:
        """The labels of rows, and the tree that tells which one a target stands for."""
        return judgements.labels(self.data)

    @cached_property
    def _row(self) -> Tree:
        return text(of("row"))

    def _numbers(self, slots: Slots, name: str, like: Sequence[Number]) -> list[Number]:
        texts = shown(name)
        return [replace(n, text=slots.text(texts.at(k))) for k, n in enumerate(like)]

    def _inputs(self, slots: Slots) -> list[Number]:
        texts = shown("x", 0, [(unit,) for unit in self.context["x_units"]])
        like = enumerate(self.context["x"])
        return [replace(n, text=slots.text(texts.at(k))) for k, n in like]

    def _targets(self, slots: Slots) -> list[Number]:
        return self._numbers(slots, "y", self.context["y"])

    def _prediction(self, slots: Slots) -> list[Number]:
        return self._numbers(slots, "y_hat", self.context["prediction"])

    def _losses(self, slots: Slots) -> dict[str, Any]:
        names = {"strip_loss": "loss", "strip_after": "loss_after"}
        return {
            key: replace(self.context[key], text=slots.text(printed(name)))
            for key, name in names.items()
        }

    def _picked(self, slots: Slots, like: Sequence[Number], texts: Tree, place: Tree) -> Number:
        """The number that a tree picks, with where it leads."""
        rest = {
            name: slots.text(given(*values).at(place)) if any(values) else ""
            for name, values in (
                (item.name, [getattr(number, item.name) for number in like])
                for item in fields(Number)
                if item.name != "text"
            )
        }
        return Number(slots.text(texts.at(place)), **rest)

    def _label(self, slots: Slots, *filters: str) -> str:
        values, place = self.labels
        return slots.text(Options(values, filters, place))

    def _named(self, slots: Slots) -> dict[str, Any]:
        return {"cycle": Named(row=slots.token(self._row), update=1)}

    def _item(self, slots: Slots, lines: Sequence[SetLine], place: Tree) -> Any:
        """A line that a tree picks, as far as sentences tell of it."""
        symbols = {
            linked: slots.token(_html(self.desk, lines, linked).at(place))
            for linked in (True, False)
        }
        anchors = [line.anchor for line in lines]
        name = next(line.ref.traced for line in lines if line.ref)
        return Named(
            symbols=symbols,
            anchor=slots.text(given(*anchors).at(place)),
            result=slots.text(printed(name, 0, _flat(places(lines))).at(place)),
        )


def _flat(found: Sequence[tuple[int, tuple[int, ...]]]) -> list[tuple[int, ...]]:
    return [(layer, *place) for layer, place in found]


def _html(desk: Desk, lines: Sequence[SetLine], linked: bool) -> Tree:
    symbols = [str(desk.symbol_of(line.ref, linked=linked)) for line in lines if line.ref]
    return given(*symbols)
