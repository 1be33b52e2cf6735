"""What is descended: the penalty, the loss of a batch, the loss of an epoch."""

from __future__ import annotations

from functools import cache

import numpy as np

from tracer.deferred import sympy as sp
from tracer.explain.forms import symbols
from tracer.explain.operands import Operands, parameter
from tracer.explain.terms import left_loss, left_over, written, written_terms
from tracer.explain.written import written_units
from tracer.formula import Form
from tracer.refs import Batch, Known, Ref, Visit, WholeEpoch
from tracer.trace import Cycle, Trace
from tracer.trace.trace import IntArray
from tracer.typeset import Bound, Line, Operand
from tracer.unevaluated import added, times


def penalty_line(cycle: Cycle) -> Line | None:
    """½ λ Σ W² of the weights before the update; None where there is no penalty."""
    trace, training = cycle.trace, cycle.trace.experiment.training
    if training.l2 == 0:
        return None
    units, layers = written_units(trace), range(1, trace.layers + 1)
    weights = tuple(
        parameter(trace, "W", layer, (i, j), update=cycle.update)
        for layer in layers
        for i in units[layer - 1]
        for j in units[layer]
    )
    rests = tuple(rest for layer in layers for rest in _rest(trace, layer, cycle.update))
    size = len(cycle.visits) if training.l2_per_batch else 1
    strength = Operand(Ref("l2"), training.l2, exact=True)
    target = _penalty(trace, cycle.update)
    return Line(
        target.ref,
        target.value,
        (Bound(_penalty_form(len(weights), size, len(rests)), (strength, *weights, *rests)),),
    )


def _rest(trace: Trace, layer: int, update: int) -> Operands:
    """The squares of a layer's weights that are not written out, added up; empty without any."""
    before, after = written_units(trace)[layer - 1 : layer + 1]
    if len(before) * len(after) == trace.W[layer - 1][update].size:
        return ()
    value = rest_of_penalty(trace, layer, update)
    return (Operand(Ref("rest_penalty", layer, moment=Known()), value),)


def rest_of_penalty(trace: Trace, layer: int, update: int) -> float:
    """Σ W² over the weights of a layer that are not written out."""
    before, after = written_units(trace)[layer - 1 : layer + 1]
    left = trace.W[layer - 1][update].copy()
    left[np.ix_([i - 1 for i in before], [j - 1 for j in after])] = 0.0
    with np.errstate(all="ignore"):
        return float((left**2).sum())


def batch_line(cycle: Cycle) -> Line | None:
    """J of the cycle's batch: its samples' losses and the penalty; None where it is just L."""
    trace, training, size = cycle.trace, cycle.trace.experiment.training, len(cycle.visits)
    if size == 1 and training.l2 == 0:
        return None
    losses = _losses(cycle)
    extra: Operands = () if training.l2 == 0 else (_penalty(trace, cycle.update),)
    form = _batch_form(len(losses), size if training.reduction == "mean" else 1, bool(extra))
    target = _objective(trace, cycle.update)
    return Line(target.ref, target.value, (Bound(form, (*losses, *extra)),))


def epoch_line(trace: Trace, epoch: int) -> Line:
    """The loss of an epoch (from 1): its batches' J, weighted by their sizes, or their sum."""
    updates = np.flatnonzero(trace.epoch_of_update == epoch - 1)
    sizes = trace.batch_sizes[updates]
    mean = trace.experiment.training.reduction == "mean"
    if len(set(sizes.tolist())) == 1 or not mean:
        factors, count = np.ones_like(sizes), len(sizes)
    else:
        factors, count = sizes, int(sizes.sum())
    terms = tuple(_of_update(trace, update) for update in written(updates.tolist()))
    shown = written(factors.tolist())
    rest = _rest_of_epoch(trace, updates, factors)
    operands = (*terms, *rest)
    form = _sum_form(len(operands))
    if mean:
        form = _epoch_form((*shown, *(1 for _ in rest)), count)
    value = float(trace.loss_curve[epoch - 1])
    return Line(Ref("epoch_loss", 0, (epoch,), WholeEpoch(epoch)), value, (Bound(form, operands),))


def _of_update(trace: Trace, update: int) -> Operand:
    """J of an update's batch; L of its only row where that is the same."""
    visits = trace.visits_of(update)
    alone = len(visits) == 1 and trace.experiment.training.l2 == 0
    return _loss(trace, visits[0]) if alone else _objective(trace, update)


def _rest_of_epoch(trace: Trace, updates: IntArray, factors: IntArray) -> Operands:
    """What the updates that are not written out add to an epoch's loss; empty without any."""
    if written_terms(len(updates)) is None:
        return ()
    alone = trace.experiment.training.l2 == 0 and int(trace.batch_sizes[updates].max()) == 1
    name = "rest_loss" if alone else "rest_batch_loss"
    values = (trace.batch_loss + trace.penalty)[updates] * factors
    return (Operand(Ref(name, moment=Known()), float(left_over(values))),)


def _losses(cycle: Cycle) -> Operands:
    """The losses of a batch's rows: each, or some of them and the rest."""
    trace, visits = cycle.trace, cycle.visits
    found = tuple(_loss(trace, visit) for visit in written(visits))
    if written_terms(len(visits)) is None:
        return found
    rest = left_loss(trace, cycle.update)
    return (*found, Operand(Ref("rest_loss", moment=Known()), rest))


def _loss(trace: Trace, visit: int) -> Operand:
    row = int(trace.row[visit]) + 1
    return Operand(Ref("loss", moment=Visit(visit)), float(trace.loss[visit]), sample=row)


def _penalty(trace: Trace, update: int) -> Operand:
    return Operand(Ref("penalty", moment=Batch(update)), float(trace.penalty[update]))


def _objective(trace: Trace, update: int) -> Operand:
    value = float(trace.batch_loss[update] + trace.penalty[update])
    return Operand(Ref("batch_loss", 0, (update + 1,), Batch(update)), value)


@cache
def _penalty_form(weights: int, size: int, rests: int = 0) -> Form:
    (strength,), w, rest = symbols("s", 1), symbols("w", weights), symbols("r", rests)
    squares = added(*(x**2 for x in w), *rest)
    return Form(times(sp.Rational(1, 2 * size), strength, squares), (strength, *w, *rest))


@cache
def _batch_form(terms: int, divisor: int, penalised: bool) -> Form:
    losses, (penalty,) = symbols("l", terms), symbols("p", 1)
    total = added(*losses)
    parts = losses
    if divisor > 1:
        total = times(sp.Rational(1, divisor), total)
        parts = (total,)
    if not penalised:
        return Form(total, losses)
    return Form(added(*parts, penalty), (*losses, penalty))


@cache
def _epoch_form(factors: tuple[int, ...], count: int) -> Form:
    """The terms, each with its factor, by how many rows or batches there are."""
    terms = symbols("j", len(factors))
    if len(terms) == 1:
        return Form(terms[0], terms)
    weighted = [
        term if factor == 1 else times(sp.Integer(factor), term)
        for factor, term in zip(factors, terms, strict=True)
    ]
    return Form(times(sp.Rational(1, count), added(*weighted)), terms)


@cache
def _sum_form(count: int) -> Form:
    terms = symbols("j", count)
    return Form(added(*terms), terms)
