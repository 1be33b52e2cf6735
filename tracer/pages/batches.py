"""The page of batches: the gradients of a batch's samples, their mean, one update; sizes compared.

Where every update of the run sees one sample only, the batch is the first of a run with more: a
walkthrough of its own, small, with a page for each sample of that batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tracer.explain.objective import batch_line, penalty_line
from tracer.explain.operands import cycle_pass
from tracer.explain.rate import rate_line
from tracer.explain.terms import RESTS, WrittenTerms, written, written_terms
from tracer.explain.update import LayerUpdate, update
from tracer.notation import Number
from tracer.pages.blocks import UPDATE, Block, block_of
from tracer.pages.comparisons import batch_comparison
from tracer.pages.cycles import cycle_context
from tracer.pages.desk import Desk, desk_of
from tracer.pages.table import Built
from tracer.pages.walk import Walk
from tracer.refs import Ref, Visit
from tracer.trace import Cycle
from tracer.typeset import Line, Operand, SetLine


def batches(walk: Walk) -> Built:
    """One page."""
    batch = batch_walk(walk)
    comparison = batch_comparison(walk)
    if len(comparison["batch_rows"]) > 1:
        desk_of(walk, "batches").mention("batch_size")
    if batch is None:
        yield walk.slug("batches"), {"story": None, "of_run": False, **comparison}
        return
    desk = desk_of(batch, "batches")
    yield (
        desk.slug,
        {
            "desk": desk,
            "story": _story(desk, batch.batch_cycles[-1]),
            "of_run": batch is walk,
            **comparison,
        },
    )


def cycles(walk: Walk) -> Built:
    """A page for each sample that the page of the batch writes out, if the walkthrough has none."""
    batch = batch_walk(walk)
    if batch is not None and batch is not walk:
        for of in written(batch.batch_cycles):
            yield batch.slug_of(of), _cycle(batch, of)


def cycle(walk: Walk, row: int) -> Mapping[str, Any]:
    """One of them."""
    batch = batch_walk(walk)
    assert batch is not None
    return _cycle(batch, next(of for of in batch.batch_cycles if of.row == row))


def _cycle(batch: Walk, of: Cycle) -> Mapping[str, Any]:
    slugs = [batch.slug_of(other) for other in written(batch.batch_cycles)]
    return {**cycle_context(batch, of, slugs), "trace": batch.trace}


def each(walk: Walk) -> list[dict[str, int]]:
    """The rows whose cycles have a page here."""
    batch = batch_walk(walk)
    return (
        []
        if batch is None or batch is walk
        else [{"row": c.row} for c in written(batch.batch_cycles)]
    )


def batch_walk(walk: Walk) -> Walk | None:
    """The walkthrough that holds the batch to show; None where there is only one training row."""
    if len(walk.batch_cycles) > 1:
        return walk
    several = [run for run in walk.studies.batches if run.batch > 1]
    return walk.beside(several[0].trace) if several else None


@dataclass(frozen=True)
class Sample:
    """One sample of the batch: its row, its page, its loss."""

    row: int
    href: str
    loss: Number


@dataclass(frozen=True)
class GradientRow:
    """A parameter with the gradient of each sample, and what the optimizer gets."""

    kind: str
    layer: int
    index: tuple[int, ...]
    samples: tuple[Number, ...]
    mean: Number


@dataclass(frozen=True)
class BatchStory:
    """One batch: its samples, their gradients side by side, then each mean and each update.

    Of a long batch (``terms``) only some samples are written out; ``rest`` are the losses of the
    others, added up, and a row of the gradients has their sum behind the samples'.
    """

    update: int
    epoch: int
    count: int
    samples: tuple[Sample, ...]
    terms: WrittenTerms | None
    rest: Number | None
    gradients: tuple[GradientRow, ...]
    penalty: SetLine | None
    batch_loss: SetLine | None
    rate: SetLine | None
    blocks: tuple[Block, ...]


def _story(desk: Desk, last: Cycle) -> BatchStory:
    layers = update(last, cycle_pass(last))
    blocks = tuple(block_of(desk, of, UPDATE) for of in layers)
    return BatchStory(
        update=last.update + 1,
        epoch=last.epoch,
        count=len(last.visits),
        samples=tuple(_sample(desk, Cycle(last.trace, visit)) for visit in written(last.visits)),
        terms=written_terms(len(last.visits)),
        rest=next((desk.typesetter.number(o) for o in _rests(batch_line(last))), None),
        gradients=tuple(row for of in layers for row in _gradient_rows(desk, of)),
        penalty=_shown(desk, penalty_line(last)),
        batch_loss=_shown(desk, batch_line(last)),
        rate=_shown(desk, rate_line(last.trace, last.update)),
        blocks=blocks,
    )


def _shown(desk: Desk, line: Line | None) -> SetLine | None:
    return None if line is None else desk.show(line)


def _sample(desk: Desk, cycle: Cycle) -> Sample:
    slug = desk.walk.addresses.visit_slug(cycle.visit)
    reference = Ref("loss", moment=Visit(cycle.visit))
    loss = desk.typesetter.number(Operand(reference, cycle.loss))
    return Sample(cycle.row, "" if slug is None else desk.link(slug), loss)


def _rests(line: Line | None) -> Iterator[Operand]:
    """What the rows that are not written out add to a line."""
    operands = () if line is None else line.bounds[0].operands
    yield from (o for o in operands if o.ref.name in RESTS)


def _gradient_rows(desk: Desk, layer: LayerUpdate) -> Iterator[GradientRow]:
    """From the lines of the batch gradient: their operands are the samples' gradients."""
    number = desk.typesetter.number
    kinds = (("W", layer.grad_W), ("b", layer.grad_b))
    for kind, line in ((kind, line) for kind, lines in kinds for line in lines):
        target = line.target
        operands = [o for o in line.bounds[0].operands if o.sample]
        mean = number(Operand(target, line.value))
        samples = tuple(number(operand) for operand in (*operands, *_rests(line)))
        yield GradientRow(kind, target.layer, target.index, samples, mean)
