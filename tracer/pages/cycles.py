"""A page for every cycle of the shown epochs, and one that lists the cycles of an epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.conditions import decide
from tracer.explain.objective import batch_line, epoch_line
from tracer.explain.stepping import role_of
from tracer.explain.terms import written_terms
from tracer.notation import Number
from tracer.numerals import show
from tracer.pages import judgements
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.cycle_replay import replay_cycle
from tracer.pages.cycle_story import story
from tracer.pages.cycle_typeset import CycleTypeset, picture_of, typeset_cycle
from tracer.pages.desk import Desk
from tracer.pages.introduction import settings
from tracer.pages.shown import listed
from tracer.pages.table import Built
from tracer.pages.verdicts import change_of, remembers, tied_classes
from tracer.pages.walk import Walk
from tracer.pictures import pair_tables
from tracer.trace import Cycle
from tracer.typeset import SetLine


def epoch_index(walk: Walk) -> Built:
    """The cycles of each shown epoch as a table."""
    for epoch in walk.epochs:
        slug = walk.slug("epoch", epoch=epoch)
        desk = Desk(walk, slug)
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


def cycle_context(
    walk: Walk, cycle: Cycle, sequence: Sequence[str], desk: Desk | None = None
) -> Mapping[str, Any]:
    """Everything of one cycle, typeset; ``sequence`` are the slugs that it stands among.

    Without a ``desk`` it is written on the cycle's own page.
    """
    made, desk = _typeset(walk, cycle, desk)
    context: dict[str, Any] = {
        "desk": desk,
        "cycle": cycle,
        "tables": made.tables,
        "state": made.state,
        "before_home": _home_of_parameters(walk, desk, cycle),
        "forward": made.forward,
        "loss_set": made.loss,
        "backward": made.backward,
        "penalty": made.penalty,
        "batch_loss": made.batch_loss,
        "rate": made.rate,
        "update": made.update,
        "forward_after": made.forward_after,
        "loss_after": made.loss_after,
        "loss_change": made.loss_change,
        "predicted": made.predicted,
        "of_batch_page": bool(walk.main),
        "rows_of_batch": _batch(desk, cycle),
        "long_batch": len(cycle.visits) if written_terms(len(cycle.visits)) else 0,
        "update_home": _home_of_update(desk, cycle),
        **neighbours(sequence, desk.slug),
    }
    trace, label = walk.trace, walk.trace.experiment.dataset.labels[cycle.row - 1]
    context |= {
        **settings(walk),
        "label": label,
        **_answer(made.told, label),
        "prediction": made.prediction,
        "remembers": remembers(trace.experiment),
        "role": role_of(trace.experiment),
        **_changed(made.told),
        "x": made.x,
        "x_units": made.x_units,
        "inputs_known": trace.layer_sizes[0],
        "y": made.y,
        **_pictures(desk, made),
    }
    return {**context, **story(made.told, context), "cycle_numbers": made.told}


def _typeset(walk: Walk, cycle: Cycle, desk: Desk | None) -> tuple[CycleTypeset, Desk]:
    """The cycle as those before it were typeset, where it is one like them, or line by line."""
    found = replay_cycle(walk, cycle) if desk is None else None
    if found is not None:
        return found
    desk = desk or Desk(walk, walk.slug_of(cycle))
    return typeset_cycle(desk, cycle), desk


def neighbours(sequence: Sequence[str], slug: str) -> Mapping[str, str]:
    """The slugs before and after ``slug`` in a sequence of pages; "" at its ends."""
    where = sequence.index(slug)
    return {
        "previous": sequence[where - 1] if where else "",
        "following": sequence[where + 1] if where + 1 < len(sequence) else "",
    }


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


def _pictures(desk: Desk, made: CycleTypeset) -> dict[str, Any]:
    """The pictures of both passes, and by layer the tables of what is too wide to be drawn."""
    forward, backward = (picture_of(desk, made, mode) for mode in ("forward", "backward"))
    return {
        "forward_picture": forward,
        "forward_tables": pair_tables(forward),
        "backward_picture": backward,
        "backward_tables": pair_tables(backward),
    }
