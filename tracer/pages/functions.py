"""The slopes of this network's activations and of its loss, worked out by SymPy and tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.facts import pieces_of
from tracer.catalog.losses import LOSSES, Loss
from tracer.explain import forms, slopes
from tracer.explain.backward import LayerBackward, backward
from tracer.explain.derivation import Derivation
from tracer.explain.jacobians import softmax_jacobian
from tracer.explain.operands import cycle_pass
from tracer.explain.trials import activation_trial
from tracer.explain.written import written_units
from tracer.formula import Expr
from tracer.pages.desk import Desk, desk_of
from tracer.pages.table import Built
from tracer.pages.tools import (
    TrialStory,
    activations,
    cycle_href,
    derivations,
    layers_of,
    trial_story,
)
from tracer.pages.walk import Walk
from tracer.pictures import slope_picture
from tracer.refs import Ref
from tracer.trace import Cycle
from tracer.typeset import SetLine, Written

Refs = Mapping[Expr, Ref]
BESIDE, KINK = 1e-9, 1e-6
"""A smooth slope moves by its bend times 1e-9 so near to 0: far less than 1e-6. A kink jumps."""
MOST_PIECES = 4
"""More pieces of a loss are not written out one by one: two outputs of two pieces each have 4."""
CURVE_POINTS, REACH = 81, 4.0
"""Within 4 of 0 sigmoid and tanh show both of their flat ends. With 81 points, a tenth apart, every
whole number is one of them, and so is the kink of relu."""


@dataclass(frozen=True)
class StepRow:
    """A row of a derivation: = formula, by these rules."""

    formula: Written
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Worked:
    """A derivation, typeset: what is differentiated, and every step. ``condition``: where."""

    condition: Written | None
    start: Written
    rows: tuple[StepRow, ...]


@dataclass(frozen=True)
class FunctionStory:
    """An activation: its definition, its slope worked out, and the slope at traced numbers.

    ``definition`` has a formula for each piece, with the condition under which it holds.
    ``examples`` are (layer, unit), with a line each in ``lines``; ``trial`` measures the slope of
    the first one. Of softmax ``lines`` are all slopes ∂a_i/∂z_j of its first layer. ``kinked``: its
    pieces meet with different slopes.
    """

    entry: Activation
    layers: tuple[int, ...]
    definition: tuple[tuple[Written, Written | None], ...]
    worked: tuple[Worked, ...]
    examples: tuple[tuple[int, int], ...]
    lines: tuple[SetLine, ...]
    trial: TrialStory | None
    picture: Any
    kinked: bool


@dataclass(frozen=True)
class LossStory:
    """The loss: its definition, its slope by every output, and ∂L/∂z of the output layer.

    ``definition`` has a formula for each piece, with the condition under which it holds; so has
    ``worked`` for each output.
    ``fused`` are the steps by which ∂L/∂z of each output comes down to a difference; empty for a
    loss that has no such form.
    """

    definition: tuple[tuple[Written, Written | None], ...]
    worked: tuple[tuple[Worked, ...], ...]
    lines: tuple[SetLine, ...]
    fused: tuple[tuple[Written, ...], ...]
    errors: tuple[SetLine, ...]


def functions(walk: Walk) -> Built:
    """One page for all of them."""
    desk, cycle = desk_of(walk, "functions"), walk.example
    blocks = backward(cycle, cycle_pass(cycle))
    yield (
        desk.slug,
        {
            "desk": desk,
            "cycle": cycle,
            "cycle_href": cycle_href(desk, cycle),
            "functions": [
                _function(desk, cycle, blocks, name, number)
                for number, name in enumerate(activations(walk), start=1)
            ],
            "loss_story": _loss(desk, blocks[0]),
        },
    )


def _worked(desk: Desk, found: Derivation, refs: Refs, condition: Expr | None = None) -> Worked:
    written = desk.typesetter.symbolic
    return Worked(
        None if condition is None else written(condition, refs),
        written(found.start, refs),
        tuple(StepRow(("=", *written(s.expression, refs)), s.rules) for s in found.steps),
    )


def _function(
    desk: Desk, cycle: Cycle, blocks: tuple[LayerBackward, ...], name: str, number: int
) -> FunctionStory:
    walk, entry = desk.walk, ACTIVATIONS[name]
    layers = layers_of(walk, name)
    units = walk.trace.layer_sizes[layers[0]]
    refs = _refs(units, z=layers[0], a=layers[0]) if entry.vector else {}
    examples = () if entry.vector else _examples(cycle, layers, entry)
    trial = activation_trial(cycle, *examples[0], number) if examples else None
    return FunctionStory(
        entry=entry,
        layers=tuple(layers),
        definition=tuple(_definition(desk, entry, layers[0], refs)),
        worked=tuple(_worked(desk, d, refs, c) for c, d in derivations(walk, name)),
        examples=examples,
        lines=_slope_lines(desk, cycle, blocks, (entry, layers[0], examples)),
        trial=None if trial is None else trial_story(desk, trial),
        picture=_picture(desk, cycle, examples[0], entry) if examples else None,
        kinked=_is_kinked(entry),
    )


def _is_kinked(entry: Activation) -> bool:
    """Whether the slopes on both sides of a break differ more than a tiny step explains."""
    around = np.array([[at - BESIDE, at + BESIDE] for at in entry.breaks]).reshape(-1, 2)
    slopes_there = entry.slope(around, entry.kernel(around))
    return bool(np.any(np.abs(np.diff(slopes_there, axis=-1)) > KINK))


def _refs(units: int, **layers: int) -> Refs:
    """The quantities that numbered symbols stand for: ``z=2`` says that z1 is z of layer 2."""
    return {
        symbol: Ref(name, layer, (k,))
        for name, layer in layers.items()
        for k, symbol in enumerate(forms.symbols(name, units), start=1)
    }


def _definition(
    desk: Desk, entry: Activation, layer: int, refs: Refs
) -> Iterator[tuple[Written, Written | None]]:
    written = desk.typesetter.symbolic
    if entry.vector:
        form = forms.softmax(desk.walk.trace.layer_sizes[layer], 0)
        yield (Ref("a", layer, (1,)), "=", *written(form.expression, refs)), None
        return
    for piece, condition in pieces_of(slopes.definition(entry.name)):
        yield (
            (f"{entry.latex}(z) =", *written(piece, {})),
            None if condition is None else written(condition, {}),
        )


def _examples(cycle: Cycle, layers: list[int], entry: Activation) -> tuple[tuple[int, int], ...]:
    """Units (layer, unit from 1) to show the slope at: one for each piece that occurs."""
    written = written_units(cycle.trace)
    places = [(k, j) for k in layers for j in written[k]]
    finite = [(k, j) for k, j in places if np.isfinite(cycle.z[k - 1][j - 1])]
    zs = [float(cycle.z[k - 1][j - 1]) for k, j in finite]
    sides = np.searchsorted(entry.breaks, zs, side="left")
    first = {int(side): place for side, place in reversed(list(zip(sides, finite, strict=True)))}
    return tuple(first[side] for side in sorted(first, reverse=True))


def _slope_lines(
    desk: Desk,
    cycle: Cycle,
    blocks: tuple[LayerBackward, ...],
    of: tuple[Activation, int, tuple[tuple[int, int], ...]],
) -> tuple[SetLine, ...]:
    entry, layer, examples = of
    if entry.vector:
        return desk.set_all(softmax_jacobian(cycle_pass(cycle), layer))
    slopes = {(b.layer, line.target.index): line for b in blocks for line in b.da_dz}
    return desk.show_all(slopes[k, (j,)] for k, j in examples)


def _picture(desk: Desk, cycle: Cycle, place: tuple[int, int], entry: Activation) -> Any:
    layer, unit = place
    at = float(cycle.z[layer - 1][unit - 1])
    values = at + np.linspace(-REACH, REACH, CURVE_POINTS)
    with np.errstate(all="ignore"):
        curve = entry.kernel(values)
        slope = entry.slope(cycle.z[layer - 1], cycle.a[layer - 1])[unit - 1]
    symbol, decimals = desk.plain("z", layer, unit), desk.typesetter.decimals
    return slope_picture(
        values, curve, at, float(slope), symbol, decimals=decimals, of="activation"
    )


def _loss(desk: Desk, block: LayerBackward) -> LossStory:
    trace = desk.walk.trace
    name, outputs = trace.experiment.training.loss, trace.layer_sizes[-1]
    symbols = forms.symbols("y", outputs), forms.symbols("h", outputs)
    refs = {s: Ref("y", 0, (k,)) for k, s in enumerate(symbols[0], start=1)}
    refs |= {s: Ref("a", trace.layers, (k,)) for k, s in enumerate(symbols[1], start=1)}
    units = range(outputs)
    return LossStory(
        definition=tuple(_loss_definition(desk, LOSSES[name], symbols, refs)),
        worked=tuple(tuple(_loss_worked(desk, name, (outputs, k), refs)) for k in units),
        lines=desk.show_all(block.dL_da),
        fused=tuple(_fused(desk, k, refs) for k in units) if block.fused else (),
        errors=desk.show_all(block.dL_dz),
    )


def _loss_definition(
    desk: Desk, entry: Loss, symbols: tuple[Sequence[Expr], ...], refs: Refs
) -> Iterator[tuple[Written, Written | None]]:
    """The formula of each piece; of more than :data:`MOST_PIECES` the general formula alone."""
    written = desk.typesetter.symbolic
    pieces = pieces_of(entry.definition(*symbols))
    if len(pieces) > MOST_PIECES:
        yield (entry.latex,), None
        return
    for piece, condition in pieces:
        where = None if condition is None else written(condition, refs)
        yield (Ref("loss"), "=", *written(piece, refs)), where


def _loss_worked(desk: Desk, name: str, of: tuple[int, int], refs: Refs) -> Iterator[Worked]:
    for branch in slopes.loss_slopes(name, *of):
        where = None if branch.is_everywhere else branch.condition
        yield _worked(desk, branch.derivation, refs, where)


def _fused(desk: Desk, unit: int, refs: Refs) -> tuple[Written, ...]:
    trace = desk.walk.trace
    name, outputs = trace.experiment.training.loss, trace.layer_sizes[-1]
    steps = slopes.fused_steps(name, outputs, unit)
    target = Ref("dL_dz", trace.layers, (unit + 1,))
    rows: list[Written] = [
        ("=", *desk.typesetter.symbolic(expression, refs)) for expression in steps
    ]
    return ((target, *rows[0]), *rows[1:])
