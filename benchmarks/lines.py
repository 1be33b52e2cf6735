"""Lines and pages as text: made of what is known of all cycles of a network, or each anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from benchmarks.example import experiment
from benchmarks.measure import Comparison, Row, Way, timed
from tracer.cli.collecting import seldom_collected
from tracer.experiment import Experiment
from tracer.explain.cycle import explain_cycle
from tracer.pages import Page, context_of, kinds
from tracer.pages.cycles import cycles
from tracer.pages.walk import Walk
from tracer.studies.model import Run, Studies
from tracer.trace import Trace
from tracer.training import run
from tracer.typeset import Line
from tracer.typeset.truth import settle, settle_slowly
from tracer.writing.site import page_renderer, voice_of

EPOCHS = 6


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons, with as few looks for garbage as a command of tracer has."""
    with seldom_collected():
        yield from timed(comparisons(), repeat)


def comparisons() -> list[Comparison]:
    """Many cycles of the built-in example, and one epoch of 8-8-8-2."""
    few = experiment()
    pages = few.pages.model_copy(update={"epochs": tuple(range(1, EPOCHS + 1))})
    training = few.training.model_copy(update={"epochs": EPOCHS})
    named = {
        "mini2d": run(replace(few, pages=pages, training=training)),
        "8-8-8-2": run(wide_network()),
    }
    return [found for name, trace in named.items() for found in _of(name, trace)]


def wide_network() -> Experiment:
    """8-8-8-2 on made-up numbers."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 8)).round(2), np.arange(8) % 2
    layers = [(8, "relu"), (8, "relu"), (2, "softmax")]
    training, init = {"epochs": 1}, {"decimals": 2}
    return Experiment(data=(x, y), layers=layers, training=training, init=init)


def _of(name: str, trace: Trace) -> list[Comparison]:
    walk = walk_of(trace)
    shown = [cycle for epoch in walk.epochs for cycle in walk.cycles(epoch)]
    decimals = trace.experiment.pages.decimals
    lines = [line for cycle in shown for line in explain_cycle(cycle).lines]
    setter = walk.desk(walk.sequence[0]).line_setter
    render, built = page_renderer(trace.experiment), build(walk)

    def anew() -> list[Line]:
        """The lines, of whose digits nothing is known yet."""
        for line in lines:
            line.bounds[0].looks.clear()
        return lines

    return [
        Comparison(
            f"settle {len(lines)} lines of {name}",
            Way("at first look", lambda: [settle(line, decimals) for line in anew()]),
            Way("all ways in turn", lambda: [settle_slowly(line, decimals) for line in anew()]),
        ),
        Comparison(
            f"settle and set {len(lines)} lines of {name}",
            Way("of one network", lambda: [setter.line(line) for line in anew()]),
            Way("each network anew", lambda: [replace(setter, known={}).line(x) for x in anew()]),
        ),
        Comparison(
            f"{len(shown)} pages of cycles of {name}",
            Way("built", lambda: build(walk)),
            Way("rendered", lambda: [render(page) for page in built]),
        ),
    ]


def walk_of(trace: Trace) -> Walk:
    """The walkthrough of a trace that is compared with nothing."""
    alone = Studies((Run.of(trace),), None, "", None)  # type: ignore[arg-type]
    return Walk(trace, alone, "mathml", kinds(), voice=voice_of(trace.experiment))


def build(walk: Walk) -> list[Page]:
    """The pages of the cycles of a walkthrough."""
    made = [(slug, context_of(walk, slug, found)) for slug, found in cycles(walk)]
    return [Page(slug, "pages/cycle.md.j2", context) for slug, context in made]
