"""Printed figures against the run of the same network: which are right, and which slip leads to the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from tracer.examples import DEFAULT, Example, built_in, example
from tracer.experiment import load_experiment
from tracer.notation import Notation
from tracer.showcase.figures import Figure, Nearness, printed_figures
from tracer.showcase.slips import Descent, slips, traced
from tracer.trace import Trace
from tracer.training import run
from tracer.typeset import Typesetter


@dataclass(frozen=True)
class Found:
    """A wrong figure, the right one with as many digits, and what the slip ``slip`` gives.

    ``comes_out`` is how near the slip comes to the printed figure; "" where none does.
    """

    figure: Figure
    right: str
    slip: Descent | None = None
    gives: str = ""
    comes_out: Nearness = ""


@dataclass(frozen=True)
class Compared:
    """A worked example: how many of its figures were compared, and those that are wrong."""

    example: Example
    trace: Trace
    count: int
    wrong: tuple[Found, ...]

    @property
    def right(self) -> int:
        """How many are right."""
        return self.count - len(self.wrong)

    @property
    def slips(self) -> tuple[Descent, ...]:
        """The slips that explain something, each once."""
        found = {id(one.slip): one.slip for one in self.wrong if one.slip}
        return tuple(found.values())

    @property
    def unexplained(self) -> tuple[Found, ...]:
        """The wrong figures to which no slip leads."""
        return tuple(one for one in self.wrong if not one.slip)

    def explained(self, slip: Descent) -> tuple[Found, ...]:
        """The wrong figures to which a slip leads."""
        return tuple(one for one in self.wrong if one.slip is slip)


@cache
def trace_of(name: str) -> Trace:
    """The run of a built-in experiment."""
    return run(load_experiment(built_in(name)))


@cache
def compared(name: str) -> Compared:
    """The printed figures of a worked example, held against the run."""
    trace, figures = trace_of(name), printed_figures()[name]
    right = [traced(trace, one.after).entry(one.ref, one.row) for one in figures]
    wrong = [
        (one, value)
        for one, value in zip(figures, right, strict=True)
        if one.nearness(value) != "exact"
    ]
    tried = _tried(trace, [one for one, _ in wrong]) if wrong else ()
    found = tuple(_found(one, value, tried) for one, value in wrong)
    return Compared(example(name), trace, len(figures), found)


def all_compared() -> tuple[Compared, ...]:
    """Every worked example whose printed figures were compared."""
    return tuple(compared(name) for name in printed_figures())


@dataclass(frozen=True)
class _Tried:
    """A slip, and what it gives for each wrong figure."""

    slip: Descent
    gives: dict[Figure, float]

    @property
    def explains(self) -> int:
        """How many figures come out exactly."""
        return sum(one.nearness(value) == "exact" for one, value in self.gives.items())


def _tried(trace: Trace, wrong: Sequence[Figure]) -> tuple[_Tried, ...]:
    """Every slip on every wrong figure; those that explain more come first."""
    tried = [
        _Tried(slip, {one: value for one in wrong if (value := _entry(slip, one)) is not None})
        for slip in slips(trace)
    ]
    return tuple(sorted(tried, key=lambda one: -one.explains))


def _entry(slip: Descent, one: Figure) -> float | None:
    """What a slip gives for a figure; None where it does not go that far."""
    numbers = slip.at(one.after)
    known = not one.ref.layer or getattr(numbers, one.ref.traced)
    return numbers.entry(one.ref, one.row) if known else None


def _found(one: Figure, value: float, tried: Sequence[_Tried]) -> Found:
    """The first slip from which the figure comes out; else the first that explains others and comes near."""
    for wanted in ("exact", "near"):
        for slip in tried:
            if one in slip.gives and slip.explains and one.nearness(slip.gives[one]) == wanted:
                gives = one.rounded(slip.gives[one])
                return Found(one, one.rounded(value), slip.slip, gives, wanted)
    return Found(one, one.rounded(value))


def told() -> Mapping[str, Any]:
    """What the page of errors says of each worked example."""
    found = all_compared()
    experiment = trace_of(DEFAULT).experiment
    return {
        "examples": sorted(found, key=lambda one: -len(one.wrong)),
        "experiment": experiment,
        "count": sum(one.count for one in found),
        "wrong": sum(len(one.wrong) for one in found),
        "symbol": _symbol,
    }


def _symbol(one: Compared, figure: Figure) -> Markup:
    """What a figure of an example is, as a formula."""
    experiment, ref = one.trace.experiment, figure.ref
    notation = Notation.of(one.trace.layers, experiment.notation)
    return Typesetter(experiment.pages.decimals, notation, lambda _ref: "").symbol(
        ref.traced, ref.layer, ref.index, linked=False
    )
