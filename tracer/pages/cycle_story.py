"""What a cycle's page tells in a few lines: at its head, to compute oneself, and at its end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.notation import Number
from tracer.pages.blocks import Block, is_still
from tracer.trace import Cycle
from tracer.typeset import SetLine


@dataclass(frozen=True)
class Slopes:
    """The slopes by all weights: how many there are, how many are zero, and the largest.

    ``largest`` is None where none is a number other than zero.
    """

    count: int
    zero: int
    largest: SetLine | None


def story(cycle: Cycle, context: Mapping[str, Any]) -> dict[str, Any]:
    """The few lines of a cycle from what is typeset of it.

    ``shares`` are what the answer and the right answer got, for a choice among classes;
    ``exercises`` name a line before the loss and one before the update (None for none).
    """
    loss, after = context["loss_set"], context["loss_after"]
    return {
        "lost": any(math.isnan(value) for value in cycle.a[-1]),
        "shares": _shares(cycle, context),
        "strip_loss": Number(loss.result, f"#{loss.anchor}"),
        "strip_after": Number(after.result, f"#{after.anchor}") if after else None,
        "slopes": _slopes(context["backward"]),
        "exercises": (_forward_exercise(context["forward"]), _moved(context["update"])),
    }


def _shares(cycle: Cycle, context: Mapping[str, Any]) -> tuple[Number, Number] | None:
    """What a choice among classes gave to its answer, and to the right one."""
    data = cycle.trace.experiment.dataset
    classes, given = list(data.classes or ()), context["prediction"]
    if data.task != "multiclass" or context["decision"] not in classes:
        return None
    return given[classes.index(context["decision"])], given[classes.index(context["label"])]


def _slopes(blocks: Sequence[Block]) -> Slopes:
    lines = [line for block in blocks for line in block.lines["dL_dW"]]
    sized = [line for line in lines if math.isfinite(line.value) and line.value]
    largest = max(sized, key=lambda line: abs(line.value), default=None)
    return Slopes(len(lines), sum(line.value == 0 for line in lines), largest)


def _forward_exercise(blocks: Sequence[Block]) -> SetLine:
    """The last weighted sum of the first layer: others are worked out, this one is not."""
    return blocks[0].lines["z"][-1]


def _moved(blocks: Iterable[Block]) -> SetLine | None:
    """A weight of the last layer that the update moves; None where it moves none there."""
    for block in reversed(list(blocks)):
        for rows in block.rows["W"]:
            moving = [line for line in rows.moving if _moves(line, block)]
            if rows.name == "W" and moving:
                return moving[-1]
    return None


def _moves(line: SetLine, block: Block) -> bool:
    """Whether a weight is another number after the update than before."""
    (of,) = [one for one in getattr(block.of, "W", ()) if one.target == line.ref]
    return not is_still(of)
