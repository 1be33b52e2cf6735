"""What a derivative is, tried on a weight of this network, and the rules that save the trying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.facts import fact
from tracer.explain import slopes
from tracer.explain.derivation import RULES, Derivation
from tracer.explain.slopes import rule
from tracer.explain.trials import SlopeTrial, Trial, WeightTrials, loss_over, weight_trials
from tracer.formula import Expr
from tracer.notation import Number
from tracer.pages.desk import Desk, desk_of
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.pictures import slope_picture
from tracer.trace import Cycle
from tracer.typeset import SetLine, Written

CURVE_POINTS, REACH = 81, 2.0
"""A slope is drawn over as much of a parameter as moves the weighted sum by 2 either way."""
NEAR = 0.05
"""Quotients settle when the last is within this share of the derivative."""
FIXED, OPEN = ("c", "n"), ("u", "v")
NESTED = ("power", "reciprocal", "exponential", "logarithm", "bell")
"""The rules that end in the slope of what is inside."""


def derivatives(walk: Walk) -> Built:
    """What a derivative is: a weight made a little larger, and the rules that save the trying."""
    desk, cycle = desk_of(walk, "tools"), walk.example
    found, rules = weight_trials(cycle), tuple(_rule_rows(walk))
    yield (
        desk.slug,
        {
            "desk": desk,
            "cycle": cycle,
            "cycle_href": cycle_href(desk, cycle),
            "trials": None if found is None else _weight_story(desk, found),
            "pictures": [] if found is None else _slope_pictures(desk, cycle, found),
            "rules": rules,
            "letters": Letters.of(rules),
            "nested": [row.key for row in rules if row.key in NESTED],
            "finite": is_finite(cycle),
            "parameters": sum(w.size for w in cycle.W) + sum(b.size for b in cycle.b),
        },
    )


def cycle_href(desk: Desk, cycle: Cycle) -> str:
    """The page of the cycle whose numbers are used; "" where it has none."""
    slug = desk.walk.addresses.visit_slug(cycle.visit)
    return "" if slug is None else desk.link(slug)


@dataclass(frozen=True)
class TrialStory:
    """One step of a trial: its size as text, its lines, and the slope it gives."""

    number: int
    step: str
    lines: tuple[SetLine, ...]
    slope: SetLine


@dataclass(frozen=True)
class WeightStory:
    """A weight that is made a little larger, step by step; ``gradient`` is what comes near.

    ``settles``: each quotient is no farther from the derivative than the one before, and the last
    within ``NEAR`` of it.
    """

    layer: int
    index: tuple[int, int]
    weight: Number
    gradient: Number
    trials: tuple[TrialStory, ...]
    settles: bool


def _weight_story(desk: Desk, found: WeightTrials) -> WeightStory:
    number = desk.typesetter.number
    stories = tuple(trial_story(desk, trial) for trial in found.trials)
    weight, gradient = number(found.weight), number(found.gradient)
    settled = _settles([trial.slope.value for trial in found.trials], found.gradient.value)
    return WeightStory(found.layer, found.index, weight, gradient, stories, settled)


def _settles(quotients: Sequence[float], slope: float) -> bool:
    off = [abs(quotient - slope) for quotient in quotients]
    nearer = all(later <= before for before, later in pairwise(off))
    return nearer and off[-1] <= NEAR * abs(slope)


def is_finite(cycle: Cycle) -> bool:
    """Whether the loss and all its slopes by the output layer's weights are finite numbers."""
    return bool(np.isfinite(cycle.loss) and np.isfinite(cycle.dL_dW[-1]).all())


def trial_story(desk: Desk, trial: Trial | SlopeTrial) -> TrialStory:
    """Typeset one step of a trial on this page."""
    step = desk.typesetter.number(trial.step).text
    lines, slope = desk.set_all(trial.lines), desk.set(trial.slope)
    return TrialStory(trial.step.ref.index[0], step, lines, slope)


def _slope_pictures(desk: Desk, cycle: Cycle, found: WeightTrials) -> list[Any]:
    """The loss over the weight of the trials, and over the bias of the same unit."""
    unit = found.index[1]
    gradients = (found.gradient.value, float(cycle.dL_db[-1][unit - 1]))
    signal = cycle.a[-2] if found.layer > 1 else cycle.x
    reach = REACH / abs(float(signal[found.index[0] - 1]))
    return [
        _slope_picture(desk, cycle, (kind, found.layer, index), (slope, far))
        for kind, index, slope, far in (
            ("W", found.index, gradients[0], reach),
            ("b", (unit,), gradients[1], REACH),
        )
    ]


def _slope_picture(
    desk: Desk, cycle: Cycle, place: tuple[str, int, tuple[int, ...]], of: tuple[float, float]
) -> Any:
    kind, layer, index = place
    slope, reach = of
    history = (cycle.W if kind == "W" else cycle.b)[layer - 1]
    at = float(history[tuple(k - 1 for k in index)])
    values = at + np.linspace(-reach, reach, CURVE_POINTS)
    losses = loss_over(cycle, kind, layer, index, values)
    symbol = desk.plain(kind, layer, *index)
    return slope_picture(values, losses, at, slope, symbol, decimals=desk.typesetter.decimals)


@dataclass(frozen=True)
class RuleRow:
    """A rule as a formula, and the functions of this network that need it."""

    key: str
    formula: Written
    activations: tuple[Activation, ...]
    by_loss: bool


@dataclass(frozen=True)
class Letters:
    """The letters of the rules: ``fixed`` numbers, and what is ``open``, that depends on x."""

    fixed: tuple[str, ...]
    open: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[RuleRow]) -> Letters:
        """Those that the shown rules use."""
        starts = [rule(row.key).start for row in rows]
        names = {name for start in starts for name in fact("letters", start, _letters)}
        fixed, opened = (tuple(k for k in kind if k in names) for kind in (FIXED, OPEN))
        return cls(fixed, opened)


def _letters(formula: Expr) -> tuple[str, ...]:
    from tracer.algebra import letters

    return letters(formula)


def _rule_rows(walk: Walk) -> Iterator[RuleRow]:
    used = _used_rules(walk)
    for key in RULES:
        names = [name for name, rules in used.items() if key in rules]
        if names:
            shown = rule(key)
            start = desk_of(walk, "tools").typesetter.symbolic(shown.start, {})
            result = desk_of(walk, "tools").typesetter.symbolic(shown.result, {})
            entries = tuple(ACTIVATIONS[name] for name in names if name)
            yield RuleRow(key, (*start, "=", *result), entries, "" in names)


def _used_rules(walk: Walk) -> dict[str, set[str]]:
    """The rules that each activation's derivation uses, and the loss's ("")."""
    found: dict[str, set[str]] = {}
    for name in activations(walk):
        found[name] = {r for _, d in derivations(walk, name) for r in d.rules}
    outputs = walk.trace.layer_sizes[-1]
    branches = slopes.loss_slopes(walk.trace.experiment.training.loss, outputs, 0)
    found[""] = {rule for branch in branches for rule in branch.derivation.rules}
    return found


def activations(walk: Walk) -> tuple[str, ...]:
    """The names of the activations, each once, in the order of the layers."""
    return tuple(dict.fromkeys(layer.activation for layer in walk.trace.experiment.layers))


def layers_of(walk: Walk, name: str) -> list[int]:
    """The layers (from 1) with an activation."""
    layers = walk.trace.experiment.layers
    return [k for k, layer in enumerate(layers, start=1) if layer.activation == name]


def derivations(walk: Walk, name: str) -> list[tuple[Expr | None, Derivation]]:
    """(condition or None, derivation) of each branch of an activation's slope."""
    if not ACTIVATIONS[name].vector:
        branches = slopes.activation_slopes(name)
        return [(None if b.is_everywhere else b.condition, b.derivation) for b in branches]
    units = walk.trace.layer_sizes[layers_of(walk, name)[0]]
    return [(None, slopes.softmax_slope(units, 0, by)) for by in (0, 1)]
