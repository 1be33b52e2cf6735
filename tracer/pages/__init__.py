"""The table of pages: which pages a walkthrough has, in reading order."""

from __future__ import annotations

from collections.abc import Iterator

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
from tracer.pages.walk import Page, PageKind, Walk
from tracer.studies.model import Studies
from tracer.trace import Trace

PAGES: tuple[PageKind, ...] = (
    PageKind("", "pages/overview.md.j2", introduction.overview),
    PageKind("task", "pages/task.md.j2", introduction.task),
    PageKind("network", "pages/network.md.j2", introduction.network),
    PageKind("notation", "pages/notation.md.j2", introduction.notation),
    PageKind("start", "pages/start.md.j2", introduction.start),
    PageKind("tools", "pages/tools.md.j2", tools.derivatives, grouped=True),
    PageKind("tools/matrices", "pages/matrices.md.j2", matrix_rules.matrices, grouped=True),
    PageKind("tools/derivatives", "pages/functions.md.j2", functions.functions, grouped=True),
    PageKind("tools/chain-rule", "pages/chain.md.j2", chain.chain, grouped=True),
    PageKind("epoch-{epoch}", "pages/epoch.md.j2", cycles.epoch_index, grouped=True),
    PageKind("epoch-{epoch}/row-{row}", "pages/cycle.md.j2", cycles.cycles, grouped=True),
    PageKind("epochs", "pages/epochs.md.j2", epochs.epochs),
    PageKind("batches", "pages/batches.md.j2", batches.batches, grouped=True),
    PageKind("batches/row-{row}", "pages/cycle.md.j2", batches.cycles, grouped=True),
    PageKind("learning-rate", "pages/rates.md.j2", rates.learning_rate),
    PageKind("trained", "pages/trained.md.j2", results.trained),
    PageKind("predictions", "pages/predictions.md.j2", results.predictions, grouped=True),
    PageKind(
        "predictions/row-{row}", "pages/prediction.md.j2", results.prediction_rows, grouped=True
    ),
    PageKind("determinism", "pages/determinism.md.j2", comparisons.determinism),
    PageKind("checks", "pages/checks.md.j2", results.checks, proves=True),
    PageKind("glossary", "pages/glossary.md.j2", glossary.glossary),
)
"""A new page is one entry here, one builder and one template."""


def pages(trace: Trace, studies: Studies, math: str = "mathml") -> Iterator[tuple[PageKind, Page]]:
    """Build every page of the walkthrough of ``trace``, with the kind it belongs to.

    ``math`` is "mathml" for a site, or "latex" for notebooks and plain Markdown. Once all are
    built, their contexts are complete: rendering one needs no other and changes none.
    """
    walk = Walk(trace, studies, math, PAGES)
    for kind in PAGES:
        for slug, context in kind.build(walk):
            desk = context.get("desk", walk.desk(slug))
            common = {
                "desk": desk,
                "walk": walk,
                "trace": trace,
                "experiment": trace.experiment,
                "chosen": Chosen.of(trace.experiment),
                "layers": trace.layers,
                "math": math,
            }
            yield kind, Page(slug, kind.template, {**common, **context})


def page_count(trace: Trace, studies: Studies) -> int:
    """About how many pages the walkthrough has, for a progress meter."""
    walk = Walk(trace, studies)
    return len(PAGES) + len(walk.sequence) + len(walk.predicted_rows)
