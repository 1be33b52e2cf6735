"""The table of pages: which pages a walkthrough has, in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.messages import gettext
from tracer.pages import (
    batches,
    chain,
    comparisons,
    cycles,
    epochs,
    functions,
    glossary,
    introduction,
    matrix_rules,
    rates,
    results,
    tools,
)
from tracer.pages.chosen import Chosen
from tracer.pages.table import Built, Page, PageKind, PageRef, PageTable
from tracer.pages.walk import Walk
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.typeset.spoken import SILENT, Voice

__all__ = [
    "PAGES",
    "Built",
    "Page",
    "PageKind",
    "PageRef",
    "context_of",
    "kinds",
    "page_count",
    "pages",
]

PAGES = PageTable(
    PageKind,
    (
        PageKind(name="overview", slug="", build=introduction.overview, listed=False),
        PageKind(name="task", slug="task", build=introduction.task),
        PageKind(name="network", slug="network", build=introduction.network),
        PageKind(name="notation", slug="notation", build=introduction.notation),
        PageKind(name="start", slug="start", build=introduction.start),
        PageKind(name="tools", slug="tools", build=tools.derivatives, grouped=True),
        PageKind(
            name="matrices",
            slug="tools/matrices",
            build=matrix_rules.matrices,
            grouped=True,
            listed=False,
        ),
        PageKind(
            name="functions",
            slug="tools/derivatives",
            build=functions.functions,
            grouped=True,
            listed=False,
        ),
        PageKind(
            name="chain", slug="tools/chain-rule", build=chain.chain, grouped=True, listed=False
        ),
        PageKind(
            name="epoch",
            slug="epoch-{epoch}",
            build=cycles.epoch_index,
            each=cycles.each_epoch,
            grouped=True,
            passed=True,
        ),
        PageKind(
            name="cycle",
            slug="epoch-{epoch}/row-{row}",
            build=cycles.cycles,
            each=cycles.each_cycle,
            grouped=True,
            listed=False,
        ),
        PageKind(name="epochs", slug="epochs", build=epochs.epochs),
        PageKind(name="batches", slug="batches", build=batches.batches, grouped=True),
        PageKind(
            name="batch_cycle",
            slug="batches/row-{row}",
            source="pages/cycle.md.j2",
            build=batches.cycles,
            each=batches.each,
            grouped=True,
            listed=False,
            passed=True,
        ),
        PageKind(name="rates", slug="learning-rate", build=rates.learning_rate),
        PageKind(name="trained", slug="trained", build=results.trained),
        PageKind(name="predictions", slug="predictions", build=results.predictions, grouped=True),
        PageKind(
            name="prediction",
            slug="predictions/row-{row}",
            build=results.prediction_rows,
            each=results.each_prediction,
            grouped=True,
            listed=False,
        ),
        PageKind(name="determinism", slug="determinism", build=comparisons.determinism),
        PageKind(name="checks", slug="checks", build=results.checks, proves=True),
        PageKind(name="glossary", slug="glossary", build=glossary.glossary, gathers=True),
    ),
)
"""A new page is one row, one builder and one template; its words stand in ``words/pages.j2``."""


def kinds() -> tuple[PageKind, ...]:
    """The rows of the table as they are now, in reading order."""
    return tuple(PAGES.values())


def pages(
    trace: Trace, studies: Studies, math: str = "mathml", voice: Voice = SILENT
) -> Iterator[tuple[PageKind, Page]]:
    """Build every page of the walkthrough of ``trace``, with the kind it belongs to.

    ``math`` is "mathml" for a site, or "latex" for notebooks and plain Markdown; ``voice`` has the
    words in which symbols are said. Once all are built, their contexts are complete: rendering one
    needs no other and changes none. A page that tells what the others show is built after them,
    wherever it stands.

    Raises RenderError where a builder makes other pages than its row says.
    """
    walk = Walk(trace, studies, math, kinds(), voice=voice)
    for kind in sorted(walk.kinds, key=lambda kind: kind.gathers):
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
            yield kind, Page(slug, kind.template, context_of(walk, slug, context))


def context_of(walk: Walk, slug: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the template of the page at ``slug`` is given: what all are given, and its own."""
    common = {
        "page": walk.at(slug),
        "desk": walk.desk(slug),
        "walk": walk,
        "trace": walk.trace,
        "experiment": walk.trace.experiment,
        "chosen": Chosen.of(walk.trace.experiment),
        "layers": walk.trace.layers,
        "math": walk.math,
    }
    return {**common, **context}


def page_count(trace: Trace, studies: Studies) -> int:
    """How many pages the walkthrough has, for a progress meter."""
    return len(Walk(trace, studies, kinds=kinds()).pages)
