"""The walkthrough of a trace as a part of a site: its pages, and its place in the navigation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tracer.check.proof import Proof
from tracer.html.outline import Node, group_node, page_node
from tracer.html.sources import RenderedLater, Source
from tracer.messages import speaking
from tracer.meters import Meter, no_meter
from tracer.pages import Page, PageKind, PageRef, common_of, kinds, page_alone
from tracer.pages.walk import Walk
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.writing.checked import recall_proofs
from tracer.writing.language import Language, language_of
from tracer.writing.site import GROUP, Prover, build_pages, page_renderer, voice_of
from tracer.writing.templating import DataTemplates

Later = Callable[[], Mapping[str, Any]]
"""Builds a page: gives what its template is given."""


@dataclass(frozen=True)
class Part:
    """A walkthrough in a site; ``beside`` are the files that stand beside its pages, by path."""

    title: str
    front: str
    node: Node
    sources: tuple[Source, ...]
    language: Language
    beside: Mapping[str, Callable[[], str]] = field(default_factory=dict)


def walkthrough_part(
    trace: Trace,
    studies: Studies,
    base: str = "",
    *,
    templates: Path | DataTemplates | None = None,
    meter: Meter = no_meter,
    prove: Prover = recall_proofs,
) -> Part:
    """The walkthrough of ``trace`` in the folder ``base`` of a site, built but not yet rendered.

    ``base`` is "" or ends with a slash. ``prove`` tells what the checks found: see
    :func:`tracer.writing.site.render_pages`.
    """
    built = build_pages(trace, studies, meter=meter, templates=templates)
    return _part(trace, [(kind, page, None) for kind, page in built], base, templates, prove)


def live_part(
    trace: Trace, studies: Studies, base: str = "", templates: Path | DataTemplates | None = None
) -> Part:
    """The same, of which each page is built when it is asked for.

    What is asked of ``studies`` may be worked out then, too.
    """
    voice = voice_of(trace.experiment, templates)
    walk = Walk(trace, studies, "mathml", kinds(), voice=voice)
    pages = [
        (
            page.kind,
            Page(page.slug, page.kind.template, common_of(walk, page.slug)),
            partial(_built, walk, page),
        )
        for page in walk.pages
    ]
    return _part(trace, pages, base, templates, recall_proofs)


def _built(walk: Walk, page: PageRef) -> Mapping[str, Any]:
    with speaking(language_of(walk.trace.experiment).messages):
        return page_alone(walk, page)


def _part(
    trace: Trace,
    pages: Iterable[tuple[PageKind, Page, Later | None]],
    base: str,
    templates: Path | DataTemplates | None,
    prove: Prover,
) -> Part:
    experiment, render = trace.experiment, page_renderer(trace.experiment, templates=templates)
    folder, language = f"{base}{experiment.name}/", language_of(experiment)
    shown: list[RenderedLater] = []
    proofs = partial(_proofs, trace, shown, prove)
    for kind, page, later in pages:
        proved = proofs if kind.proves else None
        shown.append(RenderedLater(page, kind, folder, language, render, proved, later))
    front, *rest = shown
    node = Node(lambda: experiment.title, front.path, below=tuple(_nodes(rest)))
    beside = {path: make for one in shown for path, make in one.beside.items()}
    return Part(experiment.title, front.path, node, tuple(shown), language, beside)


def _proofs(
    trace: Trace, shown: Sequence[RenderedLater], prove: Prover
) -> tuple[Proof, ...] | None:
    """What the checks found in all pages but their own."""
    pages = {one.page.path: one.markdown() for one in shown if not one.kind.proves}
    return prove(trace, pages)


def _nodes(shown: Sequence[RenderedLater]) -> list[Node]:
    """Pages of one group stand together, where the first of them stands."""
    groups: dict[object, list[RenderedLater]] = {}
    for place, one in enumerate(shown):
        groups.setdefault(one.kind.group(one.page.slug) or place, []).append(one)
    return [_node(group) for group in groups.values()]


def _node(group: Sequence[RenderedLater]) -> Node:
    first = group[0]
    if not first.kind.group(first.page.slug):
        return page_node(first)
    return group_node(lambda: _group_title(first), [page_node(one) for one in group])


def _group_title(first: RenderedLater) -> str:
    said = first.render(Page(first.page.slug, GROUP, first.page.context))
    return str(Markup(said.strip()).unescape())
