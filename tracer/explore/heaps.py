"""Regions on rows in which nothing happens: how many there are, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tracer.conditions import Tree, choose, given, joined, row_count, text
from tracer.explore.base import ROWS, OfCycle
from tracer.explore.exporting import MOST, size_of
from tracer.explore.named import Named
from tracer.explore.regions import Nested, Region, Slots
from tracer.pages import judgements
from tracer.pages.blocks import Heap, Rows, Still


class Heaps(OfCycle):
    """The regions beside tables of slopes and of new parameters."""

    def heaps(self) -> Iterator[Region]:
        """What is noted of the rows of each quantity."""
        for block in (*self.context["backward"], *self.context["update"]):
            for group in block.rows.values():
                for rows in group:
                    if rows.is_live and len(rows.all) >= judgements.FEWEST_STILL:
                        yield from self._heap(rows)

    def _heap(self, rows: Rows) -> Iterator[Region]:
        refs = [line.ref for line in rows.all if line.ref]
        heap, name = Heap.of(self.cycle.trace.experiment, refs, whole=True), rows.name
        slots, place = Slots(), f"{name}-{rows.layer}"
        reason = self._because(f"because-{place}", heap, refs)
        has_room = size_of(reason.key, self.cycle.trace.layer_sizes) <= MOST
        said = slots.token(Nested(reason.name))
        told: dict[str, tuple[Any, ...]] = {"none": (name, None)}
        for count in range(judgements.FEWEST_STILL, len(refs) + 1):
            some = tuple(range(count))
            told[f"{count}"] = (name, Named(rows=some, why="", units=()))
            if has_room:
                told[f"{count}-because"] = (
                    name,
                    Named(rows=some, why="", units=(), said=said),
                )
        counted = text(heap.still.count())
        because = choose((heap.why.equals(""), ""), otherwise="-because")
        key = choose(
            (~heap.is_set_apart | self._is_missing(name), "none"),
            otherwise=joined(counted, because) if has_room else counted,
        )
        yield Region(f"still-{place}", ROWS, "note", slots, key, arguments=told)
        if has_room:
            yield reason

    def _is_missing(self, name: str) -> Tree:
        """Whether a cycle has no such rows: the gradient of a batch of one row is its own slope."""
        weighs = name == "grad_W" and self.cycle.trace.experiment.training.l2 > 0
        shared = name.startswith("grad_") and not weighs
        return judgements.IS_ALONE if shared else given(0).equals(1)

    def _because(self, name: str, heap: Heap, refs: Sequence[Any]) -> Region:
        slots = Slots()
        told: dict[str, tuple[Any, ...]] = {}
        for why, units, end in (
            ("off", heap.units, -1),
            ("error", heap.units, -1),
            ("input", heap.sources, 0),
        ):
            numbers = text(units - (1 - self.desk.unit(1)))
            for count in range(1, len({ref.index[end] for ref in refs}) + 1):
                tokens = tuple(slots.token(numbers.at(k)) for k in range(count))
                told[f"{why}-{count}"] = (Named(why=why, units=tokens),)
        told["slope"], told["lost"] = (Still((), "slope"),), (Still((), "lost"),)
        counted = choose(
            (heap.why.equals("input"), row_count(heap.sources)), otherwise=row_count(heap.units)
        )
        bare = heap.why.equals("slope") | heap.why.equals("lost") | heap.why.equals("")
        key = choose((bare, heap.why), otherwise=joined(heap.why, "-", text(counted)))
        return Region(name, ROWS, "because", slots, key, arguments=told, is_inner=True)
