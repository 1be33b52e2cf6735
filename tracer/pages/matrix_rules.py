"""The sum rule and the vector-matrix rule, entry by entry on this network's shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.explain.backward import backward
from tracer.explain.jacobians import LayerRules, SlopeEntry, SlopeTable, layer_rules
from tracer.explain.operands import Pass, cycle_pass
from tracer.notation import Number
from tracer.pages.desk import Desk, desk_of
from tracer.pages.table import Built
from tracer.pages.tools import cycle_href
from tracer.pages.walk import Walk
from tracer.refs import Ref
from tracer.typeset import SetLine, SymbolPart, Written


@dataclass(frozen=True)
class SlopeCell:
    """A slope: the symbol and the number that it is; ``ref`` None for a plain 0 or 1."""

    ref: Ref | None
    number: Number


@dataclass(frozen=True)
class SlopeGrid:
    """A table of slopes with symbols around it: a row for each of ``rows``."""

    rows: tuple[tuple[Ref, tuple[SlopeCell, ...]], ...]
    columns: tuple[Ref, ...]


@dataclass(frozen=True)
class LayerStory:
    """The rules of one layer, typeset. ``by_weights`` has a row a weight, the others a row a sum.

    ``excerpt``: of a wide layer only some are told, and ``rest`` stands for other inputs.
    ``used`` are the lines of matrices that use the rules: ∂L/∂W, and ∂L/∂a of the layer before.
    """

    layer: int
    n_in: int
    n_out: int
    sums: tuple[Written, ...]
    by_inputs: SlopeGrid
    by_weights: SlopeGrid
    by_biases: SlopeGrid
    rules: tuple[Written, Written]
    gradient: SetLine | None
    arriving: SetLine | None
    excerpt: bool
    rest: bool


def matrices(walk: Walk) -> Built:
    """One page, a part for each layer."""
    desk, cycle = desk_of(walk, "matrices"), walk.example
    view = cycle_pass(cycle)
    blocks = {block.layer: block for block in backward(cycle, view)}
    stories = []
    for layer in range(1, walk.trace.layers + 1):
        arriving = blocks[layer - 1].dL_da_matrix if layer > 1 else None
        lines = desk.matrix(blocks[layer].dL_dW_matrix), desk.matrix(arriving)
        stories.append(_story(desk, view, layer, lines))
    yield (
        desk.slug,
        {
            "desk": desk,
            "cycle": cycle,
            "cycle_href": cycle_href(desk, cycle),
            "stories": stories,
        },
    )


def _story(
    desk: Desk, view: Pass, layer: int, lines: tuple[SetLine | None, SetLine | None]
) -> LayerStory:
    found = layer_rules(view, layer)
    n_in, n_out = len(found.by_inputs.columns), len(found.sums)
    targets = tuple(ref for ref, _ in found.sums)
    return LayerStory(
        layer=layer,
        n_in=n_in,
        n_out=n_out,
        sums=tuple(_sums(desk, found)),
        by_inputs=_grid(desk, targets, found.by_inputs),
        by_weights=_turned(_grid(desk, targets, found.by_weights)),
        by_biases=_grid(desk, targets, found.by_biases),
        rules=_rules(desk, layer),
        gradient=lines[0],
        arriving=lines[1],
        excerpt=not view.is_whole(layer - 1, layer),
        rest=len(found.by_inputs.columns) < view.trace.layer_sizes[layer - 1],
    )


def _rules(desk: Desk, layer: int) -> tuple[Written, Written]:
    """∂z/∂b = I and ∂z/∂a = Wᵀ of a layer, in symbols of the whole layer."""
    z, signal = Ref("z", layer), Ref("x") if layer == 1 else Ref("a", layer - 1)
    weights = desk.typesetter.as_it_lies(SymbolPart(Ref("W", layer), transposed=True))
    return _slope_of(z, Ref("b", layer), "I"), _slope_of(z, signal, weights)


def _slope_of(above: Ref, below: Ref, result: str | SymbolPart) -> Written:
    return (r"\frac{\partial", above, r"}{\partial", below, "} =", result)


def _sums(desk: Desk, found: LayerRules) -> Iterator[Written]:
    for target, total in found.sums:
        yield (target, "=", *desk.typesetter.symbols_of(total))


def _grid(desk: Desk, targets: tuple[Ref, ...], table: SlopeTable) -> SlopeGrid:
    rows = tuple(tuple(_cell(desk, entry) for entry in row) for row in table.entries)
    return SlopeGrid(tuple(zip(targets, rows, strict=True)), table.columns)


def _cell(desk: Desk, entry: SlopeEntry) -> SlopeCell:
    if entry.operand is None:
        return SlopeCell(None, Number(str(entry.constant)))
    return SlopeCell(entry.operand.ref, desk.typesetter.number(entry.operand))


def _turned(grid: SlopeGrid) -> SlopeGrid:
    """The same with rows and columns exchanged."""
    cells = zip(*(row for _, row in grid.rows), strict=True)
    rows = tuple((ref, tuple(row)) for ref, row in zip(grid.columns, cells, strict=True))
    return SlopeGrid(rows, tuple(ref for ref, _ in grid.rows))
