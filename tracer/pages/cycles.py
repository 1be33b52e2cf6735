"""A page for every cycle of the shown epochs, and one that lists the cycles of an epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.conditions import decide
from tracer.explain.backward import LayerBackward
from tracer.explain.cycle import CycleExplained, explain_cycle
from tracer.explain.forward import LayerForward
from tracer.explain.objective import batch_line, epoch_line
from tracer.explain.operands import Pass, after_pass
from tracer.explain.predicted import Predicted
from tracer.explain.stepping import role_of
from tracer.explain.terms import written_terms
from tracer.explain.written import written_units
from tracer.notation import Number
from tracer.numerals import show
from tracer.pages import judgements
from tracer.pages.blocks import Block, block_of, blocks_of
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.cycle_story import story
from tracer.pages.introduction import settings
from tracer.pages.parameters import parameter_tables, state_tables
from tracer.pages.shown import listed
from tracer.pages.table import Built
from tracer.pages.verdicts import change_of, remembers, tied_classes
from tracer.pages.walk import Desk, Walk
from tracer.pages.wide import WideLayer, backward_wide, forward_wide
from tracer.pictures import cycle_values, network_picture, pair_tables
from tracer.trace import Cycle
from tracer.typeset import Line, SetLine


def epoch_index(walk: Walk) -> Built:
    """The cycles of each shown epoch as a table."""
    for epoch in walk.epochs:
        slug = walk.slug("epoch", epoch=epoch)
        desk = walk.desk(slug)
        cycles = walk.trace.cycles(epoch)
        table = listed([cycle.row - 1 for cycle in cycles], walk.shown)
        updates = cycles[-1].update - cycles[0].update + 1
        line = epoch_line(walk.trace, epoch)
        yield (
            slug,
            {
                "desk": desk,
                "epoch": epoch,
                "rows": [_summary(desk, cycle) for cycle in cycles if table.has(cycle.row - 1)],
                "table": table,
                "terms": written_terms(updates),
                "rest": line.bounds[0].operands[-1].ref.name,
                "whole": len(cycles[-1].visits) == len(cycles),
                "left_over": len(cycles[-1].visits) < len(cycles[0].visits),
                "first": _summary(desk, walk.cycles(epoch)[0]),
                "batch_terms": written_terms(len(cycles[-1].visits)),
                "batch_loss": _loss_of_batch(desk, cycles[-1]),
                "epoch_loss": desk.set(line),
            },
        )


def _loss_of_batch(desk: Desk, last: Cycle) -> SetLine | None:
    """The line of the loss of the epoch's only batch, where the page of its update is missing."""
    line = batch_line(last)
    told = line is not None and desk.walk.addresses.tells_batch_loss(last.update)
    return desk.set(line) if told and line is not None else None


def each_epoch(walk: Walk) -> list[dict[str, int]]:
    """The epochs that are shown."""
    return [{"epoch": epoch} for epoch in walk.epochs]


def each_cycle(walk: Walk) -> list[dict[str, int]]:
    """The cycles that are shown, in the order of training."""
    shown = (cycle for epoch in walk.epochs for cycle in walk.cycles(epoch))
    return [{"epoch": cycle.epoch, "row": cycle.row} for cycle in shown]


def cycles(walk: Walk) -> Built:
    """Every cycle of the shown epochs."""
    for epoch in walk.epochs:
        for cycle in walk.cycles(epoch):
            yield walk.slug_of(cycle), cycle_context(walk, cycle, walk.sequence)


def cycle(walk: Walk, epoch: int, row: int) -> Mapping[str, Any]:
    """One of them."""
    return cycle_context(walk, walk.trace.cycle(epoch, row), walk.sequence)


@dataclass(frozen=True)
class CycleSummary:
    """One line of the table of an epoch's cycles; ``href`` is "" where the row has no page."""

    row: int
    update: int
    href: str
    label: object
    y_hat: tuple[Number, ...]
    loss: float


def _summary(desk: Desk, cycle: Cycle) -> CycleSummary:
    slug = desk.walk.addresses.visit_slug(cycle.visit)
    layers, decimals = len(cycle.a), desk.typesetter.decimals

    def link(anchor: str = "") -> str:
        return "" if slug is None else desk.link(slug, anchor)

    outputs = tuple(
        Number(show(float(v), decimals), link(f"a-{layers}-{k + 1}"))
        for k, v in enumerate(cycle.a[-1])
    )
    label = cycle.trace.experiment.dataset.labels[cycle.row - 1]
    return CycleSummary(cycle.row, cycle.update + 1, link(), label, outputs, cycle.loss)


_BACKWARD_MATRICES = ("dL_da_matrix", "dL_dz_matrix", "dL_dW_matrix")
_UPDATE_LINES = ("grad_W", "grad_b", "W", "b")
_BACKWARD_LINES = ("dL_da", "da_dz", "dL_dz", "dL_dW", "dL_db")


def forward_blocks(
    desk: Desk, view: Pass, layers: tuple[LayerForward, ...], *, drawn: bool = True
) -> list[Block]:
    """The typeset layers of a forward pass; wide ones are ``drawn``."""
    blocks = (block_of(desk, of, ("z_matrix", "a_matrix"), ("z", "a")) for of in layers)
    wide = (forward_wide(desk, view, of, drawn=drawn) for of in layers)
    return blocks_of([_widened(block, told) for block, told in zip(blocks, wide, strict=True)])


def _widened(block: Block, wide: WideLayer | None) -> Block:
    return block if wide is None else replace(block, wide=wide)


def backward_blocks(desk: Desk, cycle: Cycle, layers: tuple[LayerBackward, ...]) -> list[Block]:
    """The typeset layers of a backward pass."""
    blocks = (block_of(desk, of, _BACKWARD_MATRICES, _BACKWARD_LINES, cycle) for of in layers)
    wide = (backward_wide(desk, cycle, of) for of in layers)
    return blocks_of([_widened(block, told) for block, told in zip(blocks, wide, strict=True)])


def cycle_context(
    walk: Walk, cycle: Cycle, sequence: Sequence[str], desk: Desk | None = None
) -> Mapping[str, Any]:
    """Everything of one cycle, typeset; ``sequence`` are the slugs that it stands among.

    Without a ``desk`` it is written on the cycle's own page.
    """
    desk = desk or walk.desk(walk.slug_of(cycle))
    slug, explained = desk.slug, explain_cycle(cycle, with_update=not walk.main)

    def line(of: Line | None) -> SetLine | None:
        return None if of is None else desk.set(of)

    context: dict[str, Any] = {
        "desk": desk,
        "cycle": cycle,
        "tables": tuple(parameter_tables(desk, cycle.update)),
        "state": tuple(state_tables(desk, cycle.update)),
        "before_home": _home_of_parameters(walk, desk, cycle),
        "forward": forward_blocks(desk, explained.view, explained.forward),
        "loss_set": line(explained.loss),
        "backward": backward_blocks(desk, cycle, explained.backward),
        "penalty": line(explained.penalty),
        "batch_loss": line(explained.batch_loss),
        "rate": line(explained.rate),
        "update": blocks_of(
            [block_of(desk, of, ("W_matrix",), _UPDATE_LINES, cycle) for of in explained.update]
        ),
        "forward_after": _second_pass(desk, cycle, explained.forward_after),
        "loss_after": line(explained.loss_after),
        "loss_change": line(explained.loss_change),
        "predicted": _predicted(desk, explained),
        "of_batch_page": bool(walk.main),
        "rows_of_batch": _batch(desk, cycle),
        "long_batch": len(cycle.visits) if written_terms(len(cycle.visits)) else 0,
        "update_home": _home_of_update(desk, cycle),
        **neighbours(sequence, slug),
    }
    trace, label = walk.trace, walk.trace.experiment.dataset.labels[cycle.row - 1]
    told = _told(desk, explained, context)
    context |= {
        **settings(walk),
        "label": label,
        **_answer(told, label),
        "prediction": [desk.typesetter.number(o) for o in explained.view.signal(trace.layers)],
        "remembers": remembers(trace.experiment),
        "role": role_of(trace.experiment),
        **_changed(told),
        "x": written_inputs(desk, explained.view),
        "x_units": explained.view.written(0),
        "inputs_known": trace.layer_sizes[0],
        "y": [desk.typesetter.number(o) for o in explained.view.y()],
        **_pictures(desk, explained),
    }
    return {**context, **story(told, context), "cycle_numbers": told}


def _second_pass(desk: Desk, cycle: Cycle, layers: tuple[LayerForward, ...]) -> list[Block]:
    return forward_blocks(desk, after_pass(cycle), layers, drawn=False) if layers else []


@dataclass(frozen=True)
class PredictedChange:
    """The predicted change of the loss, typeset."""

    of: Predicted
    parts: tuple[SetLine, ...]
    total: SetLine | None
    change: SetLine


def _predicted(desk: Desk, explained: CycleExplained) -> PredictedChange | None:
    found = explained.predicted
    return None if found is None else foreseen_of(desk, found)


def foreseen_of(desk: Desk, found: Predicted, change: SetLine | None = None) -> PredictedChange:
    """The typeset lines of a predicted change; its result is given where another line says it."""
    parts = desk.show_all(found.parts)
    total = None if found.total is None else desk.show(found.total)
    return PredictedChange(found, parts, total, change or desk.show(found.change))


def written_inputs(desk: Desk, view: Pass) -> list[Number]:
    """The inputs of a sample that are written out."""
    values = view.x()
    return [desk.typesetter.number(values[unit - 1]) for unit in view.written(0)]


def neighbours(sequence: Sequence[str], slug: str) -> Mapping[str, str]:
    """The slugs before and after ``slug`` in a sequence of pages; "" at its ends."""
    where = sequence.index(slug)
    return {
        "previous": sequence[where - 1] if where else "",
        "following": sequence[where + 1] if where + 1 < len(sequence) else "",
    }


def _told(desk: Desk, explained: CycleExplained, context: Mapping[str, Any]) -> CycleNumbers:
    """The numbers of a cycle for what is judged of them, and the results of its lines."""
    results = {anchor: line.result for anchor, line in desk.lines.items()}
    after, predicted = explained.loss_after, explained.predicted
    more = {
        "loss_after": math.nan if after is None else after.value,
        "predicted_change": math.nan if predicted is None else predicted.change.value,
    }
    shown = [context["loss_change"], context["predicted"] and context["predicted"].change]
    results |= {line.ref.anchor: line.result for line in shown if line}
    return CycleNumbers(explained.cycle, desk.typesetter.decimals, results, more)


def _answer(told: CycleNumbers, label: object) -> Mapping[str, Any]:
    """What the output means, how clearly, and whether the table agrees."""
    data, y_hat = told.cycle.trace.experiment.dataset, told.cycle.a[-1]
    return {
        "answer": decide(judgements.answer(data.task), told),
        "tied": tied_classes(data, y_hat),
        "decision": data.decode(y_hat),
        "correct": data.decode(y_hat) == label,
    }


def _changed(told: CycleNumbers) -> Mapping[str, Any]:
    """What the update did to the loss, and how that compares with what was foreseen."""
    experiment = told.cycle.trace.experiment
    if not told.has_after:
        return {"change": None, "compared": None}
    compared = decide(judgements.compared(experiment), told) if told.is_foreseen else None
    return {"change": change_of(told), "compared": compared}


def _home_of_parameters(walk: Walk, desk: Desk, cycle: Cycle) -> str:
    """Where this cycle's parameters were computed: the start, the cycle before, or not shown."""
    if cycle.update == 0:
        return desk.link_to("start")
    maker = walk.addresses.update_slug(cycle.update - 1)
    return "" if maker is None else desk.link(maker)


def _batch(desk: Desk, cycle: Cycle) -> list[tuple[int, str]]:
    """The rows of the cycle's batch with their pages; "" where a row has none."""
    slugs = map(desk.walk.addresses.visit_slug, cycle.visits)
    rows = [int(cycle.trace.row[visit]) + 1 for visit in cycle.visits]
    return [
        (row, "" if slug is None else desk.link(slug))
        for row, slug in zip(rows, slugs, strict=True)
    ]


def _home_of_update(desk: Desk, cycle: Cycle) -> str:
    """The page of the update that a cycle belongs to; "" where none shows it."""
    home = desk.walk.addresses.update_slug(cycle.update)
    return "" if home is None else desk.link(home)


def _pictures(desk: Desk, explained: CycleExplained) -> dict[str, Any]:
    """The pictures of both passes, and by layer the tables of what is too wide to be drawn."""
    forward, backward = (_picture(desk, explained, mode) for mode in ("forward", "backward"))
    return {
        "forward_picture": forward,
        "forward_tables": pair_tables(forward),
        "backward_picture": backward,
        "backward_tables": pair_tables(backward),
    }


def _picture(desk: Desk, explained: CycleExplained, mode: Any) -> Any:
    trace, data = desk.walk.trace, desk.walk.trace.experiment.dataset
    return network_picture(
        trace.layer_sizes,
        desk.picture_number(explained.view),
        mode=mode,
        inputs=data.input_names,
        outputs=data.output_names,
        activations=[ACTIVATIONS[k.activation].title for k in trace.experiment.layers],
        value=cycle_values(explained.cycle),
        notation=desk.walk.notation,
        written=written_units(trace),
    )
