"""Tables of all weights and biases, and of what the optimizer keeps for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain.operands import kept, parameter
from tracer.explain.written import written_units
from tracer.notation import Number
from tracer.pages.desk import Desk
from tracer.typeset import Operand


@dataclass(frozen=True)
class ParameterTable:
    """The weights (a row for each unit before) and biases of a layer, as linked numbers.

    ``inputs`` and ``units`` are the numbers (from 1) of the units before and of the layer that are
    written out, ``sources`` the names of the units before. ``variable`` is "" for the parameters
    themselves, else the name of what the optimizer keeps for each of them.
    """

    layer: int
    variable: str
    inputs: tuple[int, ...]
    units: tuple[int, ...]
    sources: tuple[str, ...]
    weights: tuple[tuple[Number, ...], ...]
    biases: tuple[Number, ...]

    @property
    def prefix(self) -> str:
        """What stands before W and b in the names of its numbers."""
        return self.variable and f"{self.variable}_"


class Outline(NamedTuple):
    """A table without its numbers: what all cycles share of it."""

    layer: int
    variable: str
    inputs: tuple[int, ...]
    units: tuple[int, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, desk: Desk, layer: int, variable: str = "") -> Outline:
        """That of the parameters of ``layer``, or of what is kept for them."""
        inputs, units = written_units(desk.walk.trace)[layer - 1 : layer + 1]
        sources = tuple(desk.plain("a", layer - 1, i) for i in inputs)
        return cls(layer, variable, inputs, units, sources)

    def table(self, number: Callable[[str, int, tuple[int, ...]], Number]) -> ParameterTable:
        """The table with these numbers: of a name, a layer and its units."""
        prefix, layer = self.variable and f"{self.variable}_", self.layer
        weights, biases = f"{prefix}W", f"{prefix}b"
        return ParameterTable(
            *self,
            tuple(
                [tuple([number(weights, layer, (i, j)) for j in self.units]) for i in self.inputs]
            ),
            tuple([number(biases, layer, (j,)) for j in self.units]),
        )


def parameter_tables(desk: Desk, update: int) -> Iterator[ParameterTable]:
    """Every parameter before ``update``, a table a layer."""
    for outline in parameter_outlines(desk):
        yield _filled(desk, outline, update)


def parameter_outlines(desk: Desk) -> list[Outline]:
    """The tables of parameters, one a layer."""
    return [Outline.of(desk, layer) for layer in range(1, desk.walk.trace.layers + 1)]


def state_tables(desk: Desk, update: int) -> Iterator[ParameterTable]:
    """What the optimizer carries for every parameter into ``update``."""
    for outline in state_outlines(desk):
        yield _filled(desk, outline, update)


def state_outlines(desk: Desk) -> list[Outline]:
    """The tables of what the optimizer carries, one a layer for each variable."""
    training = desk.walk.trace.experiment.training
    carried = OPTIMIZERS[training.optimizer].program(training.options).carried
    layers = range(1, desk.walk.trace.layers + 1)
    return [Outline.of(desk, layer, name) for name in sorted(carried) for layer in layers]


def _filled(desk: Desk, outline: Outline, update: int) -> ParameterTable:
    trace, variable = desk.walk.trace, outline.variable

    def number(name: str, layer: int, index: tuple[int, ...]) -> Number:
        kind = name[-1]
        if variable:
            return _number(desk, kept(trace, variable, kind, layer, index, update=update))
        return _number(desk, parameter(trace, kind, layer, index, update=update))

    return outline.table(number)


def _number(desk: Desk, operand: Operand) -> Number:
    made = desk.typesetter.number(operand)
    return replace(made, href="") if made.href == f"#{operand.ref.anchor}" else made
