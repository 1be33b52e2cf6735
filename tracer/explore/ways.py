"""The ways to write a line where their order, or a form, depends on the numbers.

For softmax and the losses of logits the largest sum is taken out, and of sums that are large that
way comes first. What explains a line is asked once for each case, with sums made for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.forward import LARGE_LOGIT, softmax_ways
from tracer.explain.losses import loss_ways
from tracer.explain.operands import Operands, Pass, after_pass
from tracer.trace import Cycle
from tracer.typeset import Bound, Line, Operand

_SMALL, _LARGE = 1.0, 2 * LARGE_LOGIT
"""A sum that is not large, and one that is: any on each side of the limit would do."""


@dataclass(frozen=True)
class LineChoices:
    """The ways to write a line, for each case; ``of`` is None where there is one case only.

    Case 2 k is that the k-th of ``of`` is the largest, 2 k + 1 that besides one of them is larger
    than ``above``, whatever its sign.
    """

    ways: tuple[tuple[Bound, ...], ...]
    of: Operands | None = None
    above: float = LARGE_LOGIT


@dataclass(frozen=True)
class Ways:
    """The passes of a cycle, whose sums decide."""

    view: Pass
    cycle: Cycle

    def of(self, after: bool) -> Pass:
        """The pass before the update, or after it."""
        return after_pass(self.cycle) if after else self.view


def line_ways(line: Line, ways: Ways) -> LineChoices:
    """The ways to write a line."""
    ref = line.target
    if ref.name == "loss":
        view = ways.of(ref.after)
        z = view.weighted_sums(view.trace.layers)
        y, y_hat = view.y(), view.units("a", view.trace.layers, view.a[-1])
        name = view.trace.experiment.training.loss
        return _choices(z, tuple(loss_ways(name, y, y_hat, case) for case in _cases(z)))
    if ref.name == "a" and _is_vector(ways.view, ref.layer):
        z = ways.of(ref.after).weighted_sums(ref.layer)
        return _choices(z, tuple(softmax_ways(case, ref.index[0] - 1) for case in _cases(z)))
    return LineChoices((line.bounds,))


def entry_ways(operand: Operand, bound: Bound, ways: Ways) -> LineChoices:
    """The ways to write an entry of a line of matrices, which has one in each case."""
    ref = operand.ref
    if ref.name != "a" or not _is_vector(ways.view, ref.layer):
        return LineChoices(((bound,),))
    found = line_ways(Line(ref, operand.value, (bound,)), ways)
    return replace(found, ways=tuple(each[:1] for each in found.ways))


def _is_vector(view: Pass, layer: int) -> bool:
    return ACTIVATIONS[view.trace.experiment.layers[layer - 1].activation].vector


def _cases(z: Operands) -> Iterator[Operands]:
    for largest in range(len(z)):
        for size in (_SMALL, _LARGE):
            yield tuple(
                replace(operand, value=size if k == largest else 0.0) for k, operand in enumerate(z)
            )


def _choices(z: Operands, ways: tuple[tuple[Bound, ...], ...]) -> LineChoices:
    told = {tuple((b.form, tuple(o.ref for o in b.operands)) for b in each) for each in ways}
    return LineChoices(ways[:1]) if len(told) == 1 else LineChoices(ways, z)
