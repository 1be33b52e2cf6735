"""The exercises of the pages from the first cycle to the last prediction."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tracer.conditions import ascending
from tracer.formula import FloatArray
from tracer.pages.blocks import Block, is_still
from tracer.pages.desk import Desk
from tracer.pages.exercise import MOST_TIED, Exercise, ask, compute, farthest
from tracer.pages.exercises_lesson import known, weights
from tracer.refs import Ref
from tracer.trace import Trace
from tracer.typeset import SetLine


def cycle(_desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """An error, a slope and a new bias; a second activation where nothing is updated."""
    backward, update = context["backward"], context["update"]
    yield from compute(_telling(backward[-1].lines["dL_dz"]))
    yield from compute(_telling(backward[0].lines["dL_dW"]))
    moved = _moved_bias(update)
    yield from compute(moved or context["forward"][-1].lines["a"][-1])


def _telling(lines: Sequence[SetLine]) -> SetLine:
    """The last line whose number is not zero, or the last where all are."""
    told = [line for line in lines if math.isfinite(line.value) and line.value]
    return (told or list(lines))[-1]


def _moved_bias(blocks: Sequence[Block]) -> SetLine | None:
    """The last bias that the update moves."""
    for block in reversed(blocks):
        biases = [line for line in block.lines["b"] if line.ref and line.ref.name == "b"]
        for line in biases[::-1]:
            if not is_still(line):
                return line
    return None


def prediction(_desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Three numbers of the forward pass."""
    blocks = context["forward"]
    yield from compute(blocks[0].lines["z"][-1])
    yield from compute(blocks[0].lines["a"][-1])
    if len(blocks) > 1:
        yield from compute(blocks[-1].lines["z"][-1])


def epoch(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Updates of an epoch and, where the table has all of them, the losses row by row."""
    trace: Trace = desk.walk.trace
    visits = np.flatnonzero(trace.epoch_of == context["epoch"] - 1)
    count, losses = len(ascending(trace.update_of[visits])), trace.loss[visits]
    yield from ask("updates_of_epoch", count=count, rows=len(visits))
    if len(visits) == 1 or not context["table"].is_all or not np.isfinite(losses).all():
        return
    for key, best in (("largest_loss", losses.max()), ("smallest_loss", losses.min())):
        rows = (trace.row[visits[losses == best]] + 1).tolist()
        if len(rows) <= MOST_TIED:
            yield from ask(key, rows=rows, loss=float(best))


def epochs(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Updates and losses of the whole run."""
    trace: Trace = desk.walk.trace
    curve = trace.loss_curve
    each = trace.updates // trace.epochs
    yield from ask("updates", each=each, epochs=trace.epochs, count=trace.updates)
    if trace.epochs > 1 and np.isfinite(curve).all():
        rises = int((np.diff(curve) > 0).sum())
        yield from ask("rises", count=rises, of=trace.epochs - 1)
    if trace.epochs > 1 and np.isfinite(curve).all() and curve[0] > 0:
        halves = np.flatnonzero(curve <= curve[0] / 2)
        reached = int(halves[0]) + 1 if halves.size else 0
        yield from ask("halved", epoch=reached, first=float(curve[0]), last=float(curve[-1]))


def batches(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """How many updates an epoch has with other batch sizes."""
    rows = len(desk.walk.trace.experiment.dataset.train)
    if rows > 2:
        yield from ask("updates_with", size=2, rows=rows, count=math.ceil(rows / 2), rest=rows % 2)
    if rows > 1:
        yield from ask("updates_with_all", rows=rows)
        yield from ask("one_of_mean", rows=rows)


def optimizer(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """What is kept, where the step leads, and what larger slopes would change."""
    trace, worked = desk.walk.trace, context["worked"]
    trained = trace.experiment.training.train_biases
    parts = (*trace.W, *trace.b) if trained else trace.W
    parameters = sum(part[0].size for part in parts)
    each = len(context["kept"])
    yield from ask("kept", each=each, parameters=parameters, count=each * parameters)
    if math.isfinite(worked.step):
        way = "same" if worked.step == 0 else "larger" if worked.step > 0 else "smaller"
        yield from ask("way_of_step", ref=Ref("W", worked.layer, worked.index), way=way)
    if context["role"] in ("plain", "size"):
        yield from ask("larger_slopes", role=context["role"])


def rates(_desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """What became of the rates that were tried."""
    tried = context["tried"]
    yield from ask("rates_tried", count=len(tried), epochs=context["compared"].epochs)
    worse = [row.rate for row in tried if row.tried.verdict in ("higher", "lost")]
    yield from ask("rates_worse", count=len(worse), of=len(tried), rates=worse)


def trained(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """What the weights have become since the start."""
    trace = desk.walk.trace
    before, after = weights(desk, 0), weights(desk, trace.updates)
    with np.errstate(all="ignore"):
        moved = {layer: after[layer] - before[layer] for layer in after}
        signs = {layer: np.sign(after[layer]) * np.sign(before[layer]) for layer in after}
        turned = sum(int((of_layer < 0).sum()) for of_layer in signs.values())
    yield from _farthest_moved(desk, moved)
    if all(np.isfinite(values).all() for values in after.values()):
        count = sum(values.size for values in after.values())
        yield from ask("turned_sign", count=turned, all=count)
        still = sum(int((way == 0).sum()) for way in moved.values())
        yield from ask("still_weights", count=still, all=count)


def _farthest_moved(desk: Desk, moved: Mapping[int, FloatArray]) -> Iterator[Exercise]:
    found = farthest(moved)
    if found and len(found[0]) == 1:
        ref, updates = found[0][0], desk.walk.trace.updates
        pair = [known(desk, ref, update) for update in (0, updates)]
        yield from ask("farthest_moved", ref=ref, before=pair[0], after=pair[1])


def predictions(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Right answers, a row by itself, and what a forward pass takes."""
    rows, walk = context["rows"], desk.walk
    score = context["score"]
    data = walk.trace.experiment.dataset
    if data.task != "regression" and score:
        wrong = [row.row for row in rows if not row.correct]
        yield from ask("wrong_rows", rows=wrong, total=score.total)
    count = sum(W[0].size for W in walk.trace.W)
    yield from ask("products_for", rows=len(rows), each=count, count=count * len(rows))
    last = rows[-1]
    yield from ask("output_of", row=last.row, numbers=last.y_hat)
