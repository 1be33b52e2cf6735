"""What a cycle's page tells in a few lines: at its head, to compute oneself, and at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.conditions import Place, decide
from tracer.notation import Number
from tracer.pages import judgements
from tracer.pages.blocks import Block
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.trace import Cycle
from tracer.typeset import SetLine


@dataclass(frozen=True)
class Slopes:
    """The slopes by all weights: how many there are, how many are zero, and the farthest from it.

    ``largest`` is None where all are zero; ``lost``: whether one is no finite number.
    """

    count: int
    zero: int
    largest: SetLine | None
    lost: bool


def story(told: CycleNumbers, context: Mapping[str, Any]) -> dict[str, Any]:
    """The few lines of a cycle from what is typeset of it.

    ``shares`` are what the answer and the right answer got, for a choice among classes;
    ``exercises`` name a line before the loss and one before the update (None for none).
    """
    loss, after = context["loss_set"], context["loss_after"]
    return {
        "lost": decide(judgements.LOST, told),
        "shares": _shares(told.cycle, context),
        "strip_loss": Number(loss.result, f"#{loss.anchor}"),
        "strip_after": Number(after.result, f"#{after.anchor}") if after else None,
        "slopes": _slopes(told, context["backward"]),
        "exercises": (forward_exercise(context["forward"]), _moved(told, context["update"])),
    }


def _shares(cycle: Cycle, context: Mapping[str, Any]) -> tuple[Number, Number] | None:
    """What a choice among classes gave to its answer, and to the right one."""
    data = cycle.trace.experiment.dataset
    classes, given = list(data.classes or ()), context["prediction"]
    if data.task != "multiclass" or context["decision"] not in classes:
        return None
    return given[classes.index(context["decision"])], given[classes.index(context["label"])]


def slope_lines(blocks: Sequence[Block]) -> list[SetLine]:
    """The lines of all slopes by weights."""
    return [line for block in blocks for line in block.lines["dL_dW"]]


def weight_lines(blocks: Iterable[Block]) -> list[SetLine]:
    """The lines of all weights after the update."""
    lines = (line for block in blocks for line in block.lines["W"])
    return [line for line in lines if line.ref and line.ref.name == "W"]


def places(lines: Iterable[SetLine]) -> tuple[tuple[int, Place], ...]:
    """The layer and the place of the number that each line computes."""
    return tuple([(line.ref.layer, line.ref.index) for line in lines if line.ref])


def _slopes(told: CycleNumbers, blocks: Sequence[Block]) -> Slopes:
    lines = slope_lines(blocks)
    found = places(lines)
    zero = decide(judgements.flat_slopes(found), told)
    largest = decide(judgements.largest_slope(found), told)
    lost = decide(judgements.lost_slopes(found), told)
    return Slopes(len(lines), zero, None if largest < 0 else lines[largest], lost)


def forward_exercise(blocks: Sequence[Block]) -> SetLine:
    """The last weighted sum of the first layer: others are worked out, this one is not."""
    return blocks[0].lines["z"][-1]


def _moved(told: CycleNumbers, blocks: Iterable[Block]) -> SetLine | None:
    """The last weight that the update moves, or None."""
    lines = weight_lines(blocks)
    place = decide(judgements.last_moved(places(lines)), told) if lines else -1
    return None if place < 0 else lines[place]
