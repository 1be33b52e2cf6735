"""The table of pages: which pages a walkthrough has, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.messages import gettext
from tracer.notation import Notation
from tracer.pages import (
    batches,
    chain,
    comparisons,
    cycles,
    epochs,
    exercises_lesson,
    exercises_run,
    explore,
    functions,
    glossary,
    introduction,
    learning,
    loss,
    matrix_rules,
    optimizer,
    rates,
    results,
    tools,
)
from tracer.pages.chosen import Chosen
from tracer.pages.desk import Desk
from tracer.pages.table import Built, Page, PageKind, PageRef, PageTable
from tracer.pages.walk import Walk
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.typeset.formulas import Formulas
from tracer.typeset.spoken import SILENT, Voice

__all__ = [
    "PAGES",
    "Built",
    "Page",
    "PageKind",
    "PageRef",
    "context_of",
    "kinds",
    "page_alone",
    "pages",
    "pages_of",
    "walk_of",
]

PAGES = PageTable(
    PageKind,
    (
        PageKind(name="overview", slug="", build=introduction.overview, listed=False),
        PageKind(name="task", slug="task", build=introduction.task, practice=exercises_lesson.task),
        PageKind(
            name="network",
            slug="network",
            build=introduction.network,
            practice=exercises_lesson.network,
        ),
        PageKind(
            name="learning",
            slug="learning",
            build=learning.learning,
            practice=exercises_lesson.learning,
        ),
        PageKind(
            name="notation",
            slug="notation",
            build=introduction.notation,
            practice=exercises_lesson.notation,
        ),
        PageKind(name="loss", slug="loss", build=loss.why, practice=exercises_lesson.loss),
        PageKind(
            name="start", slug="start", build=introduction.start, practice=exercises_lesson.start
        ),
        PageKind(
            name="tools",
            slug="tools",
            build=tools.derivatives,
            grouped=True,
            practice=exercises_lesson.tools,
        ),
        PageKind(
            name="matrices",
            slug="tools/matrices",
            build=matrix_rules.matrices,
            grouped=True,
            listed=False,
            practice=exercises_lesson.matrices,
        ),
        PageKind(
            name="functions",
            slug="tools/derivatives",
            build=functions.functions,
            grouped=True,
            listed=False,
            practice=exercises_lesson.functions,
        ),
        PageKind(
            name="chain",
            slug="tools/chain-rule",
            build=chain.chain,
            grouped=True,
            listed=False,
            practice=exercises_lesson.chain,
        ),
        PageKind(
            name="epoch",
            slug="epoch-{epoch}",
            build=cycles.epoch_index,
            each=cycles.each_epoch,
            grouped=True,
            passed=True,
            practice=exercises_run.epoch,
        ),
        PageKind(
            name="cycle",
            slug="epoch-{epoch}/row-{row}",
            build=cycles.cycles,
            one=cycles.cycle,
            each=cycles.each_cycle,
            grouped=True,
            listed=False,
            practice=exercises_run.cycle,
        ),
        PageKind(
            name="epochs",
            slug="epochs",
            build=epochs.epochs,
            one=epochs.epochs_context,
            practice=exercises_run.epochs,
        ),
        PageKind(
            name="batches",
            slug="batches",
            build=batches.batches,
            grouped=True,
            practice=exercises_run.batches,
        ),
        PageKind(
            name="batch_cycle",
            slug="batches/row-{row}",
            source="pages/cycle.md.j2",
            build=batches.cycles,
            one=batches.cycle,
            each=batches.each,
            grouped=True,
            listed=False,
            passed=True,
            practice=exercises_run.cycle,
        ),
        PageKind(
            name="optimizer",
            slug="optimizer",
            build=optimizer.optimizer,
            practice=exercises_run.optimizer,
        ),
        PageKind(
            name="rates",
            slug="learning-rate",
            build=rates.learning_rate,
            practice=exercises_run.rates,
        ),
        PageKind(
            name="trained", slug="trained", build=results.trained, practice=exercises_run.trained
        ),
        PageKind(
            name="predictions",
            slug="predictions",
            build=results.predictions,
            grouped=True,
            practice=exercises_run.predictions,
        ),
        PageKind(
            name="prediction",
            slug="predictions/row-{row}",
            build=results.prediction_rows,
            one=results.prediction_row,
            each=results.each_prediction,
            grouped=True,
            listed=False,
            practice=exercises_run.prediction,
        ),
        PageKind(name="determinism", slug="determinism", build=comparisons.determinism),
        PageKind(name="checks", slug="checks", build=results.checks, proves=True),
        PageKind(name="explore", slug="explore", build=explore.explore, each=explore.each_explorer),
        PageKind(name="glossary", slug="glossary", build=glossary.glossary, gathers=True),
    ),
)
"""A new page is one row, one builder and one template; its words stand in ``words/pages.j2``."""


def kinds() -> tuple[PageKind, ...]:
    """The rows of the table as they are now, in reading order."""
    return tuple(PAGES.values())


def walk_of(trace: Trace, studies: Studies, math: str = "mathml", voice: Voice = SILENT) -> Walk:
    """The walkthrough of ``trace``, with the formulas that an earlier one of its network has kept.

    ``math`` is "mathml" for a site, or "latex" for notebooks and plain Markdown; ``voice`` has the
    words in which symbols are said.
    """
    notation = Notation.of(trace.layers, trace.experiment.notation)
    known = Formulas(trace.layer_sizes, notation, voice)
    return Walk(trace, studies, math, kinds(), known=known, voice=voice)


def pages(walk: Walk) -> Iterator[tuple[PageKind, Page]]:
    """Build every page of a walkthrough, with the kind it belongs to.

    Once all are built, their contexts are complete: rendering one needs no other and changes none.
    A page that tells what the others show is built after them, wherever it stands.

    Raises RenderError where a builder makes other pages than its row says.
    """
    for kind in sorted(walk.kinds, key=lambda kind: kind.gathers):
        for page in pages_of(walk, kind):
            yield kind, page


def pages_of(walk: Walk, kind: PageKind) -> Iterator[Page]:
    """Build the pages of one kind.

    Raises RenderError where a builder makes other pages than its row says.
    """
    planned = [page.slug for page in walk.pages if page.kind is kind]
    built = list(kind.build(walk))
    if [slug for slug, _ in built] != planned:
        said, made = ", ".join(planned), ", ".join(slug for slug, _ in built)
        raise RenderError(
            Problem(
                gettext(
                    "the row %(name)s says other pages (%(said)s) "
                    "than its builder makes (%(made)s)",
                    name=kind.name,
                    said=said,
                    made=made,
                )
            )
        )
    for slug, context in built:
        yield Page(slug, kind.template, context_of(walk, slug, context))


def page_alone(walk: Walk, page: PageRef) -> Mapping[str, Any]:
    """What the template of one page is given, made without the other pages as far as it can be."""
    kind = page.kind
    if kind.gathers:
        others = pages(walk_of(walk.trace, walk.studies, walk.math, walk.voice))
        return next(made.context for _, made in others if made.slug == page.slug)
    if kind.one is not None:
        return context_of(walk, page.slug, kind.one(walk, **page.values))
    found = next(context for slug, context in kind.build(walk) if slug == page.slug)
    return context_of(walk, page.slug, found)


def context_of(walk: Walk, slug: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the template of the page at ``slug`` is given: what all are given, and its own."""
    common = common_of(walk, slug)
    desk = context.get("desk", common["desk"])
    practice = tuple(walk.at(slug).kind.practice(desk, context))
    return {**common, "practice": practice, **context}


def common_of(walk: Walk, slug: str) -> Mapping[str, Any]:
    """What the template of any page is given, and what says its name."""
    return {
        "page": walk.at(slug),
        "desk": Desk(walk, slug),
        "walk": walk,
        "trace": walk.trace,
        "experiment": walk.trace.experiment,
        "chosen": Chosen.of(walk.trace.experiment),
        "layers": walk.trace.layers,
        "math": walk.math,
    }
