"""Kernels as tapes: steps on single numbers, for a script that runs them in float64.

A tape has registers: its inputs first, then its constants, then one for each step. A step is
[operation, register, …]. They are what the catalog's own kernels do, in their own order
(:mod:`tracer.catalog.recorded`), so a script that follows them gives the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tracer.catalog.recorded import Entries, entries
from tracer.catalog.terms import Notes, Term

Tape = dict[str, Any]
Make = Callable[..., Any]
"""From an array for each input (a number where its width is 0) to what is computed of them."""


def tape(make: Make, widths: Sequence[int], results: int) -> Tape:
    """What ``make`` does with inputs of these widths, side by side, as a tape.

    ``results`` is how many numbers it gives; a single number stands for each of them.

    Raises NoScalarForm, or whatever the kernel raises, where it is not made of single numbers.
    """
    notes, total = Notes(), 0
    rows: list[Entries] = []
    for width in widths:
        names = [notes.name(str(total + k)) for k in range(max(width, 1))]
        rows.append(Entries(notes, names, (width,) if width else ()))
        total += len(names)
    with np.errstate(all="ignore"):
        terms = entries(notes, make(*rows)).terms
    return tape_of(terms * results if len(terms) == 1 else terms, total)


def tape_of(terms: Sequence[Term], inputs: int) -> Tape:
    """Terms whose names are the numbers of ``inputs`` as a tape, each step once."""
    order = list(_in_order(terms))
    constants = [term for term in order if term.operation == "constant"]
    steps = [term for term in order if term.parts]
    places: dict[Term, int] = {term: int(term.name) for term in order if term.operation == "name"}
    places |= {term: inputs + k for k, term in enumerate([*constants, *steps])}
    return {
        "inputs": inputs,
        "constants": [_number(term.value) for term in constants],
        "steps": [[t.operation, *(places[part] for part in t.parts)] for t in steps],
        "results": [places[term] for term in terms],
    }


def _in_order(terms: Iterable[Term]) -> Iterable[Term]:
    """Each term once, after its parts; without recursion, since sums may be long."""
    done: dict[Term, None] = {}
    waiting = list(reversed(list(terms)))
    while waiting:
        term = waiting[-1]
        missing = [part for part in term.parts if part not in done]
        waiting += reversed(missing)
        if not missing:
            done.setdefault(waiting.pop())
    return done


def _number(value: float) -> float | str:
    """A number as JSON has it; what is no number of JSON as JavaScript reads it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
