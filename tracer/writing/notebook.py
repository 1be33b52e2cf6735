"""A trace in a notebook: one small table of HTML that follows the page's own colours."""

from __future__ import annotations

import math

import numpy as np

from tracer.formula import FloatArray
from tracer.notation import Notation
from tracer.trace import Trace
from tracer.writing.language import language_of
from tracer.writing.lines import one_line
from tracer.writing.templating import environment, of_experiment

TEMPLATE = "notebook/trace.html.j2"


def to_html(trace: Trace) -> str:
    """What a run was and how it ended, as a self-contained piece of HTML."""
    experiment, place = trace.experiment, trace.first_nonfinite
    env = of_experiment(environment(language=language_of(experiment)), experiment)
    lost = None
    if place is not None:
        note = Notation.of(trace.layers, experiment.notation)
        lost = {"name": note.plain_of(place.ref), "place": place}
    text = env.get_template(TEMPLATE).render(
        trace=trace,
        experiment=experiment,
        first=float(trace.loss_curve[0]),
        last=float(trace.loss_curve[-1]),
        results=_results(trace),
        row=experiment.dataset.train[0] + 1,
        nonfinite=lost,
    )
    return one_line(text)


def _results(trace: Trace) -> list[tuple[str, float, int, int]]:
    """How well the trained network does: (rows, error, right ones, all) of training and test.

    The error is the root of the mean square over rows and outputs, for tasks without classes.
    """
    data, (_, a) = trace.experiment.dataset, trace.forward(trace.x)
    parts = (("train", data.train), ("test", data.test))
    return [
        (name, _error(a[-1], trace.y, rows), data.right(a[-1][list(rows)], rows), len(rows))
        for name, rows in parts
        if rows
    ]


def _error(y_hat: FloatArray, y: FloatArray, rows: tuple[int, ...]) -> float:
    with np.errstate(all="ignore"):
        return math.sqrt(float(np.mean((y_hat[list(rows)] - y[list(rows)]) ** 2)))
