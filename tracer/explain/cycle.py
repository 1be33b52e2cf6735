"""One whole cycle: forward, loss, backward, update, and the same sample again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.explain import forms
from tracer.explain.backward import LayerBackward, backward, loss_line
from tracer.explain.forward import LayerForward, forward
from tracer.explain.objective import batch_line, penalty_line
from tracer.explain.operands import Pass, after_pass, cycle_pass
from tracer.explain.predicted import Predicted, predict
from tracer.explain.rate import rate_line
from tracer.explain.update import LayerUpdate, update
from tracer.refs import Ref
from tracer.trace import Cycle, Trace
from tracer.typeset import Bound, Line, MatrixLine, Operand


@dataclass(frozen=True, eq=False)
class CycleExplained:
    """Every line of a cycle. What follows the update is empty before the batch is complete."""

    cycle: Cycle
    view: Pass
    forward: tuple[LayerForward, ...]
    loss: Line
    backward: tuple[LayerBackward, ...]
    penalty: Line | None = None
    batch_loss: Line | None = None
    rate: Line | None = None
    update: tuple[LayerUpdate, ...] = ()
    forward_after: tuple[LayerForward, ...] = ()
    loss_after: Line | None = None
    loss_change: Line | None = None
    predicted: Predicted | None = None

    @property
    def lines(self) -> Iterator[Line]:
        """All lines in the order of computing."""
        for group in (self.forward, self.backward, self.update, self.forward_after):
            for layer in group:
                yield from layer.lines
        singles = (self.loss, self.penalty, self.batch_loss, self.rate)
        for line in (*singles, self.loss_after, self.loss_change):
            if line is not None:
                yield line
        if self.predicted:
            yield from self.predicted.lines

    @property
    def matrices(self) -> Iterator[MatrixLine]:
        """All lines of matrices in the order of computing."""
        for group in (self.forward, self.backward, self.update, self.forward_after):
            for layer in group:
                values = (getattr(layer, each.name) for each in fields(layer))
                yield from (value for value in values if isinstance(value, MatrixLine))


def explain_cycle(cycle: Cycle, *, with_update: bool = True) -> CycleExplained:
    """Explain one visit of the trace, with the update that follows it or without."""
    view = cycle_pass(cycle)
    loss = loss_line(view, cycle.loss)
    explained = CycleExplained(cycle, view, forward(view), loss, backward(cycle, view))
    if not (with_update and cycle.is_last_of_batch):
        return explained
    return _with_update(explained)


def _with_update(explained: CycleExplained) -> CycleExplained:
    cycle, view = explained.cycle, explained.view
    after = after_pass(cycle)
    loss_after = loss_line(after, loss_of(after))
    change = Operand(Ref("loss_change", moment=view.moment), loss_after.value - cycle.loss)
    pair = tuple(Operand(line.target, line.value) for line in (loss_after, explained.loss))
    return CycleExplained(
        cycle,
        view,
        explained.forward,
        explained.loss,
        explained.backward,
        penalty=penalty_line(cycle),
        batch_loss=batch_line(cycle),
        rate=rate_line(cycle.trace, cycle.update),
        update=update(cycle, view),
        forward_after=forward(after),
        loss_after=loss_after,
        predicted=predict(cycle, view),
        loss_change=Line(change.ref, change.value, (Bound(forms.difference(), pair),)),
    )


def loss_of(view: Pass) -> float:
    """L of a forward pass, as a run computes it."""
    trace: Trace = view.trace
    kernel = LOSSES[trace.experiment.training.loss].kernel
    with np.errstate(all="ignore"):
        return float(kernel(trace.y[view.row], view.a[-1], view.z[-1]))
