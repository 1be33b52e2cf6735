"""Random lines of every form are settled by the scripts of the pages as Python settles them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from scripted import EXHAUSTIVE, Asking
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain import forms
from tracer.formula import Form
from tracer.refs import Ref
from tracer.typeset import Bound, Line, Operand
from tracer.typeset.values import evaluate_at

LINES = 2_100 if EXHAUSTIVE else 200  # of each of the five kinds
#: Of so many lines one has a number of any size; formulas of e^z take thousands of digits for it.
EXTREME = {"sums": 4, "updates": 8, "activations": 60, "losses": 60, "logits": 120}
#: Symbols that stand for what is never negative, and for what lies between 0 and 1.
NEVER_NEGATIVE = ("v", "v_hat", "s", "epsilon", "t")
SHARES = ("beta1", "beta2", "rho", "momentum")


def sums() -> Iterator[Form]:
    """What a layer adds and multiplies."""
    yield from (forms.weighted_sum(n) for n in range(1, 5))
    yield from (forms.error_sum(n) for n in range(1, 5))
    yield from (forms.weight_gradient(), forms.product(), forms.itself(), forms.difference())


def activations() -> Iterator[Form]:
    """Activations, by their formulas, their names and their slopes."""
    for name, row in ACTIVATIONS.items():
        if not row.vector:
            yield from (*row.written, *row.slope_written, forms.named_activation(name))
    yield from (forms.softmax(n, n - 1) for n in (2, 3, 4))
    yield from (forms.shifted_softmax(3, 0, k) for k in range(3))
    yield from (forms.softmax_error(n, 0) for n in (2, 3))


def losses() -> Iterator[Form]:
    """Losses from shares."""
    for name in LOSSES:
        for units in (1, 2, 3):
            yield forms.loss(name, units)
            yield forms.loss_slope(name, units, units - 1)


def logits() -> Iterator[Form]:
    """Losses from what comes before the activation."""
    for name in LOSSES:
        for units in (1, 2, 3):
            found = forms.loss_from_logits(name, units, units - 1)
            slope = forms.loss_slope_from_logits(name, units, 0)
            yield from (form for form in (found, slope) if form)


def updates() -> Iterator[Form]:
    """Gradients of a batch, and every assignment of every optimizer."""
    for size in (1, 2, 4):
        for decay in ("", "per_batch", "always"):
            yield from (forms.batch_gradient(size, mean, decay) for mean in (True, False))
    for row in OPTIMIZERS.values():
        for program in row.programs.values():
            yield from (forms.assignment(step.expression) for step in program.assignments)


KINDS: dict[str, Callable[[], Iterator[Form]]] = {
    "sums": sums,
    "activations": activations,
    "losses": losses,
    "logits": logits,
    "updates": updates,
}


def number(draw: random.Random, *, extreme: bool) -> float:
    """A number as a lesson has it, one written with few digits, or one of any size."""
    kind = draw.random()
    if extreme and kind < 0.2:
        return draw.choice([1e-300, 5e-324, -40.0, 750.0, 1e5, math.inf])
    if extreme and kind < 0.5:
        return draw.choice([-1, 1]) * draw.uniform(1, 10) * 10.0 ** draw.randrange(-30, 25)
    if kind < 0.7:
        return draw.gauss(0, 1) * 10.0 ** draw.choice([-4, -2, -1, 0, 0, 0, 1])
    if kind < 0.93:
        return draw.randrange(-300, 300) / draw.choice([10, 20, 40, 80, 100, 1000])
    return draw.choice([0.0, 0.0, 1.0, -1.0, 0.5])


def operand(draw: random.Random, name: str, *, extreme: bool) -> float:
    """A value that the symbol may have; now and then one that is not finite."""
    value = number(draw, extreme=extreme)
    if name.startswith("h") or name in SHARES:
        return min(max(abs(value) / (1 + abs(value)), 1e-9), 0.999999)
    if name == "t":
        return float(draw.randrange(1, 2000))
    if name in NEVER_NEGATIVE:
        return abs(value)
    return draw.choice([-math.inf, math.nan]) if extreme and draw.random() < 0.05 else value


def result(draw: random.Random, bound: Bound) -> float:
    """What float64 may keep of the formula: the nearest, one a few units off, or anything."""
    kind = draw.random()
    values = [operand.value for operand in bound.operands]
    if kind < 0.03 or not all(map(math.isfinite, values)):
        return draw.choice([math.inf, -math.inf, math.nan, 0.0, number(draw, extreme=True)])
    found = evaluate_at(bound, [Fraction(repr(value)) for value in values])
    if found is None:
        return draw.choice([math.inf, math.nan, number(draw, extreme=True)])
    value = float(found.decimal())
    if kind < 0.8 or not math.isfinite(value):
        return value
    if kind < 0.95:
        return value + draw.randrange(-4, 5) * math.ulp(value)
    return draw.choice([0.0, number(draw, extreme=False), value + draw.gauss(0, 1) * 1e-16])


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_settled_alike(kind: str) -> None:
    draw, asked = random.Random(kind), Asking()
    found = list(KINDS[kind]())
    for k in range(LINES):
        form = found[k % len(found)]
        names = [str(symbol) for symbol in form.symbols]
        extreme = k % EXTREME[kind] == 0
        pairs = [(operand(draw, name, extreme=extreme), draw.random() < 0.2) for name in names]
        operands = tuple(
            Operand(Ref("a", 1, (n + 1,)), value, exact) for n, (value, exact) in enumerate(pairs)
        )
        bound = Bound(form, operands)
        line = Line(Ref("z", 1, (1,)), result(draw, bound), (bound,))
        asked.line(line, draw.randrange(1, 13))
    assert asked.differences() == []
