"""All lines, tables and pictures of one cycle, typeset from what is explained of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.backward import LayerBackward
from tracer.explain.cycle import CycleExplained, explain_cycle
from tracer.explain.forward import LayerForward
from tracer.explain.operands import Pass, after_pass
from tracer.explain.written import written_units
from tracer.notation import Number
from tracer.pages.blocks import BACKWARD, FORWARD, UPDATE, Block, block_of, blocks_of
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.desk import Desk
from tracer.pages.parameters import ParameterTable, parameter_tables, state_tables
from tracer.pages.wide import WideLayer, backward_wide, forward_wide
from tracer.pictures import NetworkPicture, cycle_values, network_picture
from tracer.trace import Cycle
from tracer.typeset import Line, SetLine

NumberSource = Callable[..., Number]
ValueSource = Callable[..., float]


@dataclass(frozen=True)
class PredictedChange:
    """The predicted change of the loss, typeset; ``of`` is what is explained of it."""

    of: Any
    parts: tuple[SetLine, ...]
    total: SetLine | None
    change: SetLine


@dataclass(frozen=True)
class CycleTypeset:
    """A cycle, typeset. What follows the update is None or empty before the batch is complete.

    ``told`` are its numbers for what is judged of them, ``prediction`` what comes out, ``x`` and
    ``y`` what the table holds; ``number`` and ``value`` are asked by its pictures.
    """

    tables: tuple[ParameterTable, ...]
    state: tuple[ParameterTable, ...]
    forward: Sequence[Block]
    loss: SetLine
    backward: Sequence[Block]
    penalty: SetLine | None
    batch_loss: SetLine | None
    rate: SetLine | None
    update: Sequence[Block]
    forward_after: Sequence[Block]
    loss_after: SetLine | None
    loss_change: SetLine | None
    predicted: PredictedChange | None
    told: CycleNumbers
    prediction: list[Number]
    x: list[Number]
    x_units: tuple[int, ...]
    y: list[Number]
    number: NumberSource
    value: ValueSource


def typeset_cycle(desk: Desk, cycle: Cycle) -> CycleTypeset:
    """A cycle, typeset line by line."""
    explained = explain_cycle(cycle, with_update=not desk.walk.main)
    view, number = explained.view, desk.typesetter.number

    def line(of: Line | None) -> SetLine | None:
        return None if of is None else desk.set(of)

    tables = tuple(parameter_tables(desk, cycle.update))
    state = tuple(state_tables(desk, cycle.update))
    forward = forward_blocks(desk, view, explained.forward)
    loss = desk.set(explained.loss)
    made: dict[str, Any] = {
        "backward": backward_blocks(desk, cycle, explained.backward),
        "penalty": line(explained.penalty),
        "batch_loss": line(explained.batch_loss),
        "rate": line(explained.rate),
        "update": blocks_of([block_of(desk, of, UPDATE, cycle) for of in explained.update]),
        "forward_after": _second_pass(desk, cycle, explained.forward_after),
        "loss_after": line(explained.loss_after),
        "loss_change": line(explained.loss_change),
        "predicted": _predicted(desk, explained),
    }
    return CycleTypeset(
        tables=tables,
        state=state,
        forward=forward,
        loss=loss,
        **made,
        told=_told(desk, explained, (made["loss_change"], made["predicted"])),
        prediction=[number(operand) for operand in view.signal(cycle.trace.layers)],
        x=written_inputs(desk, view),
        x_units=view.written(0),
        y=[number(operand) for operand in view.y()],
        number=desk.picture_number(view),
        value=cycle_values(cycle),
    )


def forward_blocks(
    desk: Desk, view: Pass, layers: tuple[LayerForward, ...], *, drawn: bool = True
) -> list[Block]:
    """The typeset layers of a forward pass; wide ones are ``drawn``."""
    blocks = (block_of(desk, of, FORWARD) for of in layers)
    wide = (forward_wide(desk, view, of, drawn=drawn) for of in layers)
    return blocks_of([_widened(block, told) for block, told in zip(blocks, wide, strict=True)])


def _widened(block: Block, wide: WideLayer | None) -> Block:
    return block if wide is None else replace(block, wide=wide)


def backward_blocks(desk: Desk, cycle: Cycle, layers: tuple[LayerBackward, ...]) -> list[Block]:
    """The typeset layers of a backward pass."""
    blocks = (block_of(desk, of, BACKWARD, cycle) for of in layers)
    wide = (backward_wide(desk, cycle, of) for of in layers)
    return blocks_of([_widened(block, told) for block, told in zip(blocks, wide, strict=True)])


def _second_pass(desk: Desk, cycle: Cycle, layers: tuple[LayerForward, ...]) -> list[Block]:
    return forward_blocks(desk, after_pass(cycle), layers, drawn=False) if layers else []


def _predicted(desk: Desk, explained: CycleExplained) -> PredictedChange | None:
    found = explained.predicted
    return None if found is None else foreseen_of(desk, found)


def foreseen_of(desk: Desk, found: Any, change: SetLine | None = None) -> PredictedChange:
    """The typeset lines of a predicted change; its result is given where another line says it."""
    parts = desk.show_all(found.parts)
    total = None if found.total is None else desk.show(found.total)
    return PredictedChange(found, parts, total, change or desk.show(found.change))


def written_inputs(desk: Desk, view: Pass) -> list[Number]:
    """The inputs of a sample that are written out."""
    values = view.x()
    return [desk.typesetter.number(values[unit - 1]) for unit in view.written(0)]


def _told(
    desk: Desk,
    explained: CycleExplained,
    last: tuple[SetLine | None, PredictedChange | None],
) -> CycleNumbers:
    """The numbers of a cycle for what is judged of them, and the results of its lines."""
    results = {anchor: line.result for anchor, line in desk.lines.items()}
    after, predicted = explained.loss_after, explained.predicted
    more = {
        "loss_after": math.nan if after is None else after.value,
        "predicted_change": math.nan if predicted is None else predicted.change.value,
    }
    change, foreseen = last
    shown = (change, foreseen and foreseen.change)
    results |= {line.ref.anchor: line.result for line in shown if line and line.ref}
    return CycleNumbers(explained.cycle, desk.typesetter.decimals, results, more)


def picture_of(desk: Desk, made: CycleTypeset, mode: Any) -> NetworkPicture:
    """The network with the numbers of one of a cycle's passes."""
    trace, data = desk.walk.trace, desk.walk.trace.experiment.dataset
    return network_picture(
        trace.layer_sizes,
        made.number,
        mode=mode,
        inputs=data.input_names,
        outputs=data.output_names,
        activations=[ACTIVATIONS[k.activation].title for k in trace.experiment.layers],
        value=made.value,
        notation=desk.walk.notation,
        written=written_units(trace),
    )
