"""The chain rule: from the loss back to one weight along one path, along all, by layer errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tracer.explain.backward import LayerBackward, backward
from tracer.explain.operands import cycle_pass
from tracer.explain.paths import Path, Paths, paths_to, telling_weight, work
from tracer.notation import Number
from tracer.pages.desk import Desk, desk_of
from tracer.pages.introduction import structure
from tracer.pages.table import Built
from tracer.pages.tools import cycle_href
from tracer.pages.walk import Walk
from tracer.refs import Ref
from tracer.typeset import Line, Operand, SetLine, SymbolPart, Written


@dataclass(frozen=True)
class Factor:
    """One factor of a path: its symbol and its number."""

    ref: Ref
    number: Number


@dataclass(frozen=True)
class PathStory:
    """One way back: the units it goes through (from the last layer to the first) and its line."""

    number: int
    units: tuple[Ref, ...]
    factors: tuple[Factor, ...]
    line: SetLine


@dataclass(frozen=True)
class LayerError:
    """How the error of a layer comes from the layer after it: the lines of one unit."""

    layer: int
    is_output: bool
    formula: Written
    lines: tuple[SetLine, ...]


def chain(walk: Walk) -> Built:
    """One page."""
    desk, cycle = desk_of(walk, "chain"), walk.example
    found = paths_to(cycle, telling_weight(cycle))
    blocks = backward(cycle, cycle_pass(cycle))
    errors = [_error(desk, block, found) for block in blocks]
    ways = range(len(found.paths))
    largest = max(ways, key=lambda k: abs(found.paths[k].line.value), default=None)
    told = {k: _path(desk, found.paths[k], k + 1) for k in sorted(ways, key=lambda k: k != largest)}
    paths = [told[k] for k in ways]
    yield (
        desk.slug,
        {
            "desk": desk,
            "cycle": cycle,
            "cycle_href": cycle_href(desk, cycle),
            "weight": Ref("W", 1, found.index),
            "gradient": desk.typesetter.number(found.gradient),
            "gradient_ref": found.gradient.ref,
            "paths": paths,
            "first": None if largest is None else paths[largest],
            "picture": None if largest is None else _way(walk, found, found.paths[largest]),
            "total": None if found.total is None else desk.show(found.total),
            "count": found.count,
            "errors": errors,
            "has_product": any(r"\odot" in error.formula for error in errors),
            "direct": desk.show(_gradient_line(blocks[-1], found)),
            "work": work(walk.trace),
        },
    )


def _way(walk: Walk, found: Paths, path: Path) -> Any:
    """The network with one way back from the loss to the weight drawn above the others."""
    return replace(structure(walk), path=(found.index[0], *path.units))


def _path(desk: Desk, path: Path, number: int) -> PathStory:
    layers = range(len(path.units), 0, -1)
    units = tuple(
        Ref("a", layer, (unit,)) for layer, unit in zip(layers, path.units[::-1], strict=True)
    )
    factors = tuple(_factor(desk, operand) for operand in path.factors)
    return PathStory(number, units, factors, desk.set(path.line))


def _factor(desk: Desk, operand: Operand) -> Factor:
    return Factor(operand.ref, desk.typesetter.number(operand))


def _error(desk: Desk, block: LayerBackward, found: Paths) -> LayerError:
    """The error of the layer: of the weight's own unit in layer 1, of all units after it."""
    lines = [*block.dL_da, *block.dL_dz] if not block.is_output else [*block.dL_dz]
    if block.layer == 1:
        lines = [line for line in lines if line.target.index == found.index[1:]]
    return LayerError(block.layer, block.is_output, _formula(desk, block), desk.show_all(lines))


def _formula(desk: Desk, block: LayerBackward) -> Written:
    """∂L/∂z of a layer in symbols of whole layers."""
    target, layer = Ref("dL_dz", block.layer), block.layer
    if block.is_output:
        if block.fused:
            return (target, "=", Ref("a", layer), "-", Ref("y"))
        return (target, "=", Ref("dL_da", layer), r"\odot", Ref("da_dz", layer))
    weights = SymbolPart(Ref("W", layer + 1), transposed=True)
    arriving = (r"\left(", Ref("dL_dz", layer + 1), weights, r"\right)")
    return (target, "=", *arriving, r"\odot", Ref("da_dz", layer))


def _gradient_line(block: LayerBackward, found: Paths) -> Line:
    return next(line for line in block.dL_dW if line.target.index == found.index)
