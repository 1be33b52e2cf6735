"""An exercise at the end of a page: what is asked and answered, made from the trace.

The words stand in ``words/exercises.j2``, by the exercise's key; a row of the table of pages says
which exercises its pages have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.refs import Ref
from tracer.typeset import SetLine

MOST_TIED = 3
"""More answers than three that are all right make no exercise."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: the ``key`` of its words, and the ``values`` that question and answer tell.

    A page from outside of tracer states ``question`` and ``answer`` in its own words instead.
    """

    key: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    question: str = ""
    answer: str = ""


Practice = Callable[[Any, Mapping[str, Any]], Iterable[Exercise]]
"""From what a page is written with (:class:`tracer.pages.desk.Desk`) and its context."""


def none(_desk: Any, _context: Mapping[str, Any]) -> Iterable[Exercise]:
    """A page without exercises."""
    return ()


def compute(line: SetLine | None) -> Iterable[Exercise]:
    """Compute the number of a line of this page; the answer leads to it."""
    if line is not None and line.ref is not None:
        href = f"#{line.anchor}" if line.anchor else ""
        yield Exercise("compute", {"ref": line.ref, "number": Number(line.result, href)})


def ask(key: str, **values: Any) -> Iterable[Exercise]:
    """One exercise by its key."""
    yield Exercise(key, values)


def farthest(weights: Mapping[int, FloatArray]) -> tuple[list[Ref], float] | None:
    """The weights farthest from zero, and how far; None where that is no answer.

    ``weights`` are some numbers (n_in, n_out) of each layer that has any, by its number. There is
    no answer where one is not finite, all are zero, or more than ``MOST_TIED`` tie.
    """
    sizes = {layer: np.abs(values) for layer, values in weights.items()}
    most = max((float(size.max()) for size in sizes.values()), default=0.0)
    if most == 0 or not all(np.isfinite(size).all() for size in sizes.values()):
        return None
    best = [
        Ref("W", layer, (i + 1, j + 1))
        for layer, size in sizes.items()
        for i, j in np.argwhere(size == most)[: MOST_TIED + 1].tolist()
    ]
    return (best, most) if len(best) <= MOST_TIED else None
