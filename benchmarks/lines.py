"""Lines and pages as text: made of what is known of all cycles of a network, or each anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from time import process_time

import numpy as np

from benchmarks.example import experiment
from benchmarks.measure import Comparison, Row, Way, at_most, seconds, timed
from tracer.cli.collecting import seldom_collected
from tracer.experiment import Experiment
from tracer.explain.cycle import explain_cycle
from tracer.numerals import exact_numeral, exact_text, numeral
from tracer.pages import Page, context_of, kinds
from tracer.pages.cycles import cycles as cycles_of
from tracer.pages.desk import Desk
from tracer.pages.walk import Walk
from tracer.studies.model import Run, Studies
from tracer.trace import Cycle, Trace
from tracer.training import run
from tracer.typeset import Line, SetLine, Typesetter
from tracer.typeset.formulas import is_text
from tracer.typeset.printed import numbers_of
from tracer.typeset.soon import shown
from tracer.typeset.truth import settle, settle_slowly
from tracer.writing.site import page_renderer, voice_of

EPOCHS = 6
TOGETHER, ALONE, PAGE = 80_000, 30_000, 0.005
"""Lines a second that are wanted of many cycles set together, and of the few that a rendering of
one epoch has, which begins with the formulas that an earlier run kept; seconds of a page."""


@dataclass(frozen=True)
class Cycles:
    """The lines and pages of the cycles of a run."""

    name: str
    walk: Walk

    @cached_property
    def shown(self) -> list[Cycle]:
        """The cycles that have a page."""
        return [cycle for epoch in self.walk.epochs for cycle in self.walk.cycles(epoch)]

    @cached_property
    def lines(self) -> list[Line]:
        """Their lines, one after the other."""
        return [line for cycle in self.shown for line in explain_cycle(cycle).lines]

    @cached_property
    def setter(self) -> Typesetter:
        """What sets them."""
        return Desk(self.walk, self.walk.sequence[0]).line_setter

    def of_first_epoch(self) -> list[Line]:
        """The lines that a walkthrough of one epoch has."""
        return self.lines[: len(self.lines) // len(self.walk.epochs)]

    def anew(self, lines: Sequence[Line]) -> Sequence[Line]:
        """Lines of whose numbers nothing is known yet: in a walkthrough each is met once."""
        for line in lines:
            line.bounds[0].looks.clear()
        for known in (numeral, exact_numeral, exact_text, shown, numbers_of):
            known.cache_clear()
        return lines

    def settle(self, how: Callable[[Line, int], object]) -> None:
        """Choose the digits of all lines."""
        for line in self.anew(self.lines):
            how(line, self.setter.decimals)

    def set(self, lines: Sequence[Line], setter: Typesetter | None = None) -> list[SetLine]:
        """Settle and set lines, each network anew where no ``setter`` is given.

        No number has been met before, and no address.
        """
        found = self.anew(lines)
        if setter is None:
            return [replace(self.setter, known={}).line(line) for line in found]
        return replace(setter).lines(found)

    def as_recalled(self) -> Typesetter:
        """What a run begins with that knows the formulas of the network from an earlier one."""
        texts = {key: made for key, made in self.setter.known.items() if is_text(key, made)}
        return replace(self.setter, known=texts)


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons, and those that are held against a time of their own."""
    with seldom_collected():  # as a command runs
        for cycles in networks():
            yield from timed(comparisons(cycles), repeat)
            yield from goals(cycles, repeat)


def cpu_of(do: Callable[[], object]) -> float:
    """Seconds that the processor works for it, whatever else the machine does."""
    began = process_time()
    do()
    return process_time() - began


def networks() -> list[Cycles]:
    """Many cycles of the built-in example, and one epoch of 8-8-8-2."""
    few = experiment()
    pages = few.pages.model_copy(update={"epochs": tuple(range(1, EPOCHS + 1))})
    training = few.training.model_copy(update={"epochs": EPOCHS})
    named = {
        "mini2d": run(replace(few, pages=pages, training=training)),
        "8-8-8-2": run(wide_network()),
    }
    return [Cycles(name, walk_of(trace)) for name, trace in named.items()]


def comparisons(cycles: Cycles) -> list[Comparison]:
    """Two ways to do the same."""
    lines, name, walk = cycles.lines, cycles.name, cycles.walk
    render, built = page_renderer(walk.trace.experiment), build(walk)
    return [
        Comparison(
            f"settle {len(lines)} lines of {name}",
            Way("at first look", lambda: cycles.settle(settle)),
            Way("all ways in turn", lambda: cycles.settle(settle_slowly)),
        ),
        Comparison(
            f"settle and set {len(lines)} lines of {name}",
            Way("of one network", lambda: cycles.set(lines, cycles.setter)),
            Way("each network anew", lambda: cycles.set(lines)),
        ),
        Comparison(
            f"{len(cycles.shown)} pages of cycles of {name}",
            Way("built", lambda: build(walk)),
            Way("rendered", lambda: [render(page) for page in built]),
        ),
    ]


def goals(cycles: Cycles, repeat: int) -> Iterator[Row]:
    """Lines of many cycles, lines of one epoch in a run of its own, and a page."""
    lines, few, walk = cycles.lines, cycles.of_first_epoch(), cycles.walk
    render = page_renderer(walk.trace.experiment)

    def per(count: int, do: Callable[[], object]) -> float:
        return min(cpu_of(do) for _ in range(repeat + 1)) / count

    together = per(len(lines), lambda: cycles.set(lines, cycles.setter))
    alone = per(len(few), lambda: cycles.set(few, cycles.as_recalled()))
    page = per(len(cycles.shown), lambda: [render(each) for each in build(walk)])
    for task, took, goal in (
        (f"a line of {len(lines)} of {cycles.name}", together, 1 / TOGETHER),
        (f"a line of {len(few)} of {cycles.name}, as a run begins", alone, 1 / ALONE),
        (f"a page of {cycles.name}, built and rendered", page, PAGE),
    ):
        yield Row(task, seconds(took), seconds(goal), took / goal, at_most(1).text)


def wide_network() -> Experiment:
    """8-8-8-2 on made-up numbers."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 8)).round(2), np.arange(8) % 2
    layers = [(8, "relu"), (8, "relu"), (2, "softmax")]
    training, init = {"epochs": 1}, {"decimals": 2}
    return Experiment(data=(x, y), layers=layers, training=training, init=init)


def walk_of(trace: Trace) -> Walk:
    """The walkthrough of a trace that is compared with nothing."""
    alone = Studies((Run.of(trace),), None, "", None)  # type: ignore[arg-type]
    return Walk(trace, alone, "mathml", kinds(), voice=voice_of(trace.experiment))


def build(walk: Walk) -> list[Page]:
    """The pages of the cycles of a walkthrough."""
    made = [(slug, context_of(walk, slug, found)) for slug, found in cycles_of(walk)]
    return [Page(slug, "pages/cycle.md.j2", context) for slug, context in made]
