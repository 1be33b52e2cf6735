"""Tables of all weights and biases, and of what the optimizer keeps for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain.operands import Operands, kept, parameter
from tracer.explain.written import written_units
from tracer.notation import Number
from tracer.pages.walk import Desk
from tracer.typeset import Operand


def parameter_tables(desk: Desk, update: int) -> Iterator[ParameterTable]:
    """Every parameter before ``update``, a table a layer."""
    for layer in range(1, desk.walk.trace.layers + 1):
        yield ParameterTable.of(desk, layer, update)


def state_tables(desk: Desk, update: int) -> Iterator[ParameterTable]:
    """What the optimizer carries for every parameter into ``update``."""
    training = desk.walk.trace.experiment.training
    for name in sorted(OPTIMIZERS[training.optimizer].program(training.options).carried):
        for layer in range(1, desk.walk.trace.layers + 1):
            yield ParameterTable.of(desk, layer, update, name)


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

    @classmethod
    def of(cls, desk: Desk, layer: int, update: int, variable: str = "") -> ParameterTable:
        """The parameters of ``layer`` before ``update``, or what is kept for them."""
        trace = desk.walk.trace
        inputs, units = written_units(trace)[layer - 1 : layer + 1]

        def operands(kind: str, indices: Iterable[tuple[int, ...]]) -> Operands:
            if not variable:
                return tuple(parameter(trace, kind, layer, k, update=update) for k in indices)
            return tuple(kept(trace, variable, kind, layer, k, update=update) for k in indices)

        rows = [operands("W", [(i, j) for j in units]) for i in inputs]
        biases = operands("b", [(j,) for j in units])

        def number(operand: Operand) -> Number:
            made = desk.typesetter.number(operand)
            itself = f"#{operand.ref.anchor}"
            return replace(made, href="") if made.href == itself else made

        return cls(
            layer,
            variable,
            inputs,
            units,
            tuple(desk.plain("a", layer - 1, i) for i in inputs),
            tuple(tuple(number(o) for o in row) for row in rows),
            tuple(number(o) for o in biases),
        )
