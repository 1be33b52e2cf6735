"""The exercises of the pages before the first cycle: task, pieces, symbols, start, rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.explain.operands import cycle_pass, parameter, row_pass
from tracer.explain.written import written_units
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.numerals import show
from tracer.pages.desk import Desk
from tracer.pages.exercise import MOST_TIED, Exercise, ask, farthest
from tracer.pages.loss import SHARED
from tracer.pages.shown import listed_data
from tracer.refs import Ref
from tracer.trace import Cycle
from tracer.typeset import Operand


def task(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Inputs and outputs, the target of a row, how often a class stands in the table."""
    trace = desk.walk.trace
    data, sizes = trace.experiment.dataset, trace.layer_sizes
    yield from ask("sizes", inputs=sizes[0], outputs=sizes[-1])
    table = listed_data(desk.walk)
    for row in [row for row in data.train if table.has(row)][-1:]:
        yield from ask("target", row=row + 1, numbers=_targets(desk, row))
    if data.task == "regression":
        yield from _largest_target(desk)
    elif data.classes is not None and data.task != "multilabel":
        wanted = data.classes[-1]
        count = Counter(data.labels[k] for k in data.train)[wanted]
        yield from ask("class_count", label=wanted, count=count, rows=len(data.train))


def _targets(desk: Desk, row: int) -> list[Number]:
    trace = desk.walk.trace
    return [desk.typesetter.number(o) for o in row_pass(trace, row).y()]


def _largest_target(desk: Desk) -> Iterator[Exercise]:
    data, y = desk.walk.trace.experiment.dataset, desk.walk.trace.y
    values = [float(y[k][0]) for k in data.train]
    rows = [k + 1 for k, value in zip(data.train, values, strict=True) if value == max(values)]
    if len(values) > 1 and len(rows) <= MOST_TIED:
        yield from ask("largest_target", name=data.target_names[0], rows=rows)


def network(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Counting weights: of a layer, with one unit more, and what a forward pass multiplies."""
    sizes = desk.walk.trace.layer_sizes
    last, before, after = len(sizes) - 1, sizes[-2], sizes[-1]
    yield from ask("weights_into", layer=last, before=before, after=after, count=before * after)
    if last > 1:
        more = sizes[0] + 1 + sizes[2]
        yield from ask("one_unit_more", more=more, count=context["parameters"] + more)
    else:
        yield from ask("one_input_more", more=after, count=context["parameters"] + after)
    yield from ask("products", count=context["weights"])


def learning(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """How many dials, how often they are turned, and which way one of them was."""
    sizes, updates = desk.walk.trace.layer_sizes, desk.walk.trace.updates
    if desk.walk.trace.experiment.training.train_biases:
        yield from ask("dials", layer=1, weights=sizes[0] * sizes[1], biases=sizes[1])
    yield from ask("times_turned", updates=updates)
    if context["two"] and context["ending"] in ("fell", "rose"):
        first, last = context["first"], context["last"]
        yield from ask("half", first=first, last=last, below=last <= first / 2)


def loss(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """What a perfect answer costs, one without an opinion, and a miss twice as large."""
    kind = context["kind"]
    if kind in SHARED:
        outputs = desk.walk.trace.layer_sizes[-1]
        answers = max(outputs, 2) if kind == "shares" else 2
        value = show(
            outputs * math.log(2) if kind == "labels" else math.log(answers),
            desk.typesetter.decimals,
        )
        yield from ask("perfect", kind=kind)
        yield from ask("even", outputs=outputs if kind == "labels" else 1, number=Number(value))
    elif kind == "square":
        yield from ask("perfect", kind=kind)
        yield from ask("double")
    cases = context["cases"]
    if context["apart"]:
        yield from ask("larger_loss", rows=[case.cycle.row for case in cases], row=_larger(cases))


def _larger(cases: Any) -> int:
    return int(max(cases, key=lambda case: float(case.cycle.loss)).cycle.row)


def notation(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Shape and symbol of weights, and the mark of what comes after the update."""
    sizes, last = desk.walk.trace.layer_sizes, desk.walk.trace.layers
    shape = desk.walk.notation.shape((sizes[-2], sizes[-1]))
    yield from ask("shape", ref=Ref("W", last), rows=shape[0], columns=shape[1])
    index = (sizes[-2], sizes[-1])
    yield from ask(
        "name_weight", layer=last, source=index[0], unit=index[1], ref=Ref("W", last, index)
    )
    bias = Ref("b", 1, (1,))
    yield from ask("name_after", ref=bias, after=bias.marked(after=True))


def start(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """The weight farthest from zero, how many are negative, the sum where all inputs are zero."""
    trace = desk.walk.trace
    found = farthest(weights(desk, 0))
    if found:
        numbers = [known(desk, ref, 0) for ref in found[0]]
        yield from ask("farthest_weight", refs=found[0], numbers=numbers)
    count = sum(int((W[0] < 0).sum()) for W in trace.W)
    yield from ask("negative_weights", count=count, all=sum(W[0].size for W in trace.W))
    unit = cycle_pass(Cycle(trace, 0)).written(1)[0]
    bias = Ref("b", 1, (unit,))
    yield from ask("no_input", ref=Ref("z", 1, (unit,)), bias=bias, number=known(desk, bias, 0))


def weights(desk: Desk, update: int) -> dict[int, FloatArray]:
    """All weights of the network before an update, (n_in, n_out) of each layer, by its number."""
    return {layer: W[update] for layer, W in enumerate(desk.walk.trace.W, start=1)}


def known(desk: Desk, ref: Ref, update: int) -> Number:
    """A parameter before an update as it is shown."""
    trace = desk.walk.trace
    return linked(desk, parameter(trace, ref.name, ref.layer, ref.index, update=update))


def linked(desk: Desk, operand: Operand) -> Number:
    """A number as it is shown, with its link where its units are written out."""
    number, ref = desk.typesetter.number(operand), operand.ref
    units = written_units(desk.walk.trace)[ref.layer + 1 - len(ref.index) : ref.layer + 1]
    out = all(unit in among for unit, among in zip(ref.index, units, strict=True))
    return number if out else Number(number.text)


def tools(desk: Desk, context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Which way a weight is to be turned, and slopes: the steepest, those that are zero."""
    cycle: Cycle = context["cycle"]
    if not context["finite"]:
        return
    last = cycle.trace.layers
    slopes = cycle.dL_dW[last - 1]
    found = farthest({last: slopes})
    if found:
        ref = found[0][0]
        value = float(slopes[ref.index[0] - 1, ref.index[1] - 1])
        operand = Operand(Ref("dL_dW", ref.layer, ref.index, cycle_pass(cycle).moment), value)
        number = linked(desk, operand)
        yield from ask("which_way", ref=ref, number=number, larger=value < 0)
        steepest = [Ref("dL_dW", ref.layer, ref.index) for ref in found[0]]
        yield from ask("steepest", refs=steepest, row=cycle.row, number=number)
    all_slopes = (*cycle.dL_dW, *cycle.dL_db)
    if all(np.isfinite(part).all() for part in all_slopes):
        zero = sum(int((part == 0).sum()) for part in all_slopes)
        yield from ask("zero_slopes", row=cycle.row, count=zero, all=context["parameters"])


def matrices(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """Shapes, and how many slopes of the sums by the weights can be other than zero."""
    sizes, shape = desk.walk.trace.layer_sizes, desk.walk.notation.shape
    rows, columns = shape((sizes[0], sizes[1]))
    yield from ask("shape", ref=Ref("dL_dW", 1), rows=rows, columns=columns)
    yield from ask("shape_transposed", ref=Ref("W", 1), rows=columns, columns=rows)
    weights = sizes[0] * sizes[1]
    yield from ask("reached", weights=weights, sums=sizes[1], all=weights * sizes[1], count=weights)


def functions(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """The sign of the first slope, and slopes of the activations of a cycle."""
    cycle = desk.walk.example
    yield from _sign_of_first(desk, cycle)
    entries = [ACTIVATIONS[layer.activation] for layer in cycle.trace.experiment.layers]
    with np.errstate(all="ignore"):
        slopes = [
            (layer, entry.slope(cycle.z[layer - 1], cycle.a[layer - 1]))
            for layer, entry in enumerate(entries, start=1)
            if not entry.vector
        ]
    slopes = [(layer, part) for layer, part in slopes if np.isfinite(part).all()]
    if not slopes:
        return
    layer, view = slopes[0][0], cycle_pass(cycle)
    unit = view.written(layer)[0]
    slope = view.units("da_dz", layer, slopes[0][1])[unit - 1]
    z = view.weighted_sums(layer)[unit - 1]
    yield from ask(
        "slope_at",
        entry=entries[layer - 1].title,
        ref=z.ref,
        at=desk.typesetter.number(z),
        number=desk.typesetter.number(slope),
    )
    zero = sum(int((part == 0).sum()) for _, part in slopes)
    units = sum(part.size for _, part in slopes)
    yield from ask("flat_units", row=cycle.row, count=zero, all=units)


def _sign_of_first(desk: Desk, cycle: Cycle) -> Iterator[Exercise]:
    """Whether a larger prediction would raise the loss: the sign of ∂L/∂ŷ of the first output."""
    slope, view = float(cycle.dL_da[-1][0]), cycle_pass(cycle)
    if not np.isfinite(slope):
        return
    sign = "zero" if slope == 0 else "positive" if slope > 0 else "negative"
    y, y_hat = view.y()[0], view.signal(cycle.trace.layers)[0]
    yield from ask(
        "sign",
        row=cycle.row,
        prediction=desk.typesetter.number(y_hat),
        target=desk.typesetter.number(y),
        ref=Ref("dL_da", cycle.trace.layers, (1,)),
        sign=sign,
    )


def chain(desk: Desk, _context: Mapping[str, Any]) -> Iterator[Exercise]:
    """The two factors of a slope, and what becomes of it where one of them is zero."""
    cycle = desk.walk.example
    view, last = cycle_pass(cycle), cycle.trace.layers
    i, j = view.written(last - 1)[0], view.written(last)[0]
    signal, error = Ref("a", last - 1, (i,)), Ref("dL_dz", last, (j,))
    slope = Operand(Ref("dL_dW", last, (i, j), view.moment), float(cycle.dL_dW[-1][i - 1, j - 1]))
    asked = Ref("dL_dW", last, (i, j))
    number = desk.typesetter.number(slope)
    if last == 1:
        signal = Ref("x", 0, (i,))
    yield from ask("two_factors", ref=asked, one=signal, other=error, number=number)
    if np.isfinite(cycle.dL_dz[-1]).all():
        yield from ask("factor_zero", ref=asked, one=signal)
    yield from ask("bias_slope", ref=Ref("dL_db", last, (j,)), error=error)
