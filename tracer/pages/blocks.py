"""One layer of a pass, typeset: its matrix forms, and a table of lines for each quantity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain.backward import LayerBackward
from tracer.explain.forward import LayerForward
from tracer.explain.update import LayerUpdate
from tracer.pages.walk import Desk
from tracer.pages.wide import WideLayer
from tracer.trace import Cycle
from tracer.typeset import Line, SetLine

Why = Literal["off", "error", "input", "slope", "lost", ""]
FOLDED = frozenset(["dL_dW", "grad_W", "W", "b"])
"""The quantities of which there are many in a layer, and in which nothing happens for some."""


@dataclass(frozen=True)
class Still:
    """Rows in which nothing happens: a slope of zero, or a parameter that stays as it is.

    ``why`` says what makes all of them so, with ``units`` (as readers count them) of the layer or,
    for an "input", of the layer before it.
    """

    rows: tuple[SetLine, ...]
    why: Why = ""
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rows:
    """The lines of one quantity of a layer: ``first`` is worked out, ``more`` follow it."""

    name: str
    layer: int
    all: tuple[SetLine, ...]
    first: SetLine
    more: tuple[SetLine, ...] = ()
    still: Still | None = None

    @property
    def moving(self) -> tuple[SetLine, ...]:
        """The first line and those that follow it."""
        return (self.first, *self.more)


@dataclass(frozen=True)
class Block:
    """One layer of a part of the cycle.

    ``is_first`` marks the layer that the part begins with, ``is_new`` one whose activation function
    no layer before it in this part has. ``wide`` is told where not all of its lines are written
    out.
    """

    layer: int
    of: LayerForward | LayerBackward | LayerUpdate
    matrices: Mapping[str, SetLine | None]
    lines: Mapping[str, tuple[SetLine, ...]]
    rows: Mapping[str, tuple[Rows, ...]] = field(default_factory=dict)
    is_first: bool = True
    is_new: bool = True
    wide: WideLayer | None = None

    def some(self, *groups: str) -> tuple[Rows, ...]:
        """The tables of these groups of lines, one after the other; "" is none."""
        return tuple(rows for group in groups if group for rows in self.rows[group])


def block_of(
    desk: Desk,
    of: Any,
    matrices: tuple[str, ...],
    groups: tuple[str, ...],
    cycle: Cycle | None = None,
) -> Block:
    """A layer with these of its matrix forms and these of its groups of lines, typeset.

    With the ``cycle`` that they belong to, rows in which nothing happens are set apart.
    """
    lines = {name: desk.show_all(getattr(of, name)) for name in groups}
    return Block(
        of.layer,
        of,
        {name: desk.matrix(getattr(of, name)) for name in matrices},
        lines,
        {name: rows_of(desk, getattr(of, name), lines[name], cycle) for name in groups},
    )


def blocks_of(made: Sequence[Block]) -> list[Block]:
    """The layers of one part, each knowing what was told before it."""
    told: set[str] = set()
    found: list[Block] = []
    for block in made:
        activation = getattr(getattr(block.of, "activation", None), "name", "")
        found.append(_placed(block, not found, activation not in told))
        told.add(activation)
    return found


def _placed(block: Block, is_first: bool, is_new: bool) -> Block:
    return replace(block, is_first=is_first, is_new=is_new)


def rows_of(
    desk: Desk, lines: Sequence[Line], done: Sequence[SetLine], cycle: Cycle | None = None
) -> tuple[Rows, ...]:
    """A table for each quantity of these lines, which are typeset as ``done``."""
    pairs = list(zip(lines, done, strict=True))
    names = dict.fromkeys(line.target.name for line in lines)
    return tuple(
        _rows(desk, [pair for pair in pairs if pair[0].target.name == name], cycle)
        for name in names
    )


def _rows(desk: Desk, pairs: Sequence[tuple[Line, SetLine]], cycle: Cycle | None) -> Rows:
    target, done = pairs[0][0].target, tuple(line for _, line in pairs)
    still = [pair for pair in pairs if cycle and target.name in FOLDED and is_still(pair[0])]
    if len(still) < 2:
        return Rows(target.name, target.layer, done, done[0], done[1:])
    first, *more = [b for a, b in pairs if (a, b) not in still] or [still.pop(0)[1]]
    apart = _still(desk, [a for a, _ in still], tuple(b for _, b in still), cycle)
    return Rows(target.name, target.layer, done, first, tuple(more), apart)


def is_still(line: Line) -> bool:
    """Whether a slope is exactly zero, or a parameter is after the update what it was before."""
    if not line.target.after:
        return line.value == 0
    return any(before == line.value for before in _before(line))


def _before(line: Line) -> Iterator[float]:
    """The value of a line's parameter before the update."""
    wanted = line.target.marked(after=False)
    for operand in line.bounds[0].operands:
        ref = operand.ref
        if (ref.name, ref.layer, ref.index, ref.after) == (
            wanted.name,
            wanted.layer,
            wanted.index,
            False,
        ):
            yield operand.value


def _still(
    desk: Desk, lines: Sequence[Line], done: tuple[SetLine, ...], cycle: Cycle | None
) -> Still:
    if cycle is None or not lines:
        return Still(done)
    why, units = _reason(cycle, lines)
    return Still(done, why, tuple(desk.unit(unit) for unit in sorted(units)))


def _reason(cycle: Cycle, lines: Sequence[Line]) -> tuple[Why, set[int]]:
    """Why nothing happens in these lines, as far as this very sample makes it so."""
    layer = lines[0].target.layer
    if lines[0].target.after and not _is_own_slope(cycle):
        return "", set()
    slopes = cycle.dL_dW[layer - 1] if len(lines[0].target.index) > 1 else cycle.dL_db[layer - 1]
    if any(slopes[tuple(k - 1 for k in line.target.index)] != 0 for line in lines):
        return ("lost" if lines[0].target.after else ""), set()
    errors, units = cycle.dL_dz[layer - 1], {line.target.index[-1] for line in lines}
    if all(errors[unit - 1] == 0 for unit in units):
        return ("off" if _are_off(cycle, layer, units) else "error"), units
    return _without_input(cycle, layer, lines)


def _without_input(cycle: Cycle, layer: int, lines: Sequence[Line]) -> tuple[Why, set[int]]:
    signal = cycle.a[layer - 2] if layer > 1 else cycle.x
    sources = {line.target.index[0] for line in lines if len(line.target.index) > 1}
    if sources and all(signal[source - 1] == 0 for source in sources):
        return "input", sources
    return "slope", set()


def _is_own_slope(cycle: Cycle) -> bool:
    """Whether a parameter's step is the learning rate times this sample's slope, and no more."""
    training = cycle.trace.experiment.training
    plain = OPTIMIZERS[training.optimizer].is_plain
    return plain and not training.l2 and len(cycle.visits) == 1


def _are_off(cycle: Cycle, layer: int, units: set[int]) -> bool:
    """Whether these units pass nothing on: their activation function cuts their sums off."""
    entry = ACTIVATIONS[cycle.trace.experiment.layers[layer - 1].activation]
    z, a = cycle.z[layer - 1], cycle.a[layer - 1]
    chosen = [unit - 1 for unit in units]
    return entry.says == "rectifies" and bool(np.all(z[chosen] <= 0) and np.all(a[chosen] == 0))
