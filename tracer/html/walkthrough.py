"""The walkthrough of a trace as a part of a site: its pages, and its place in the navigation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from markupsafe import Markup

from tracer.check.proof import Proof
from tracer.html.outline import Node, group_node, page_node
from tracer.html.sources import Shown, Source
from tracer.meters import Meter, no_meter
from tracer.pages import Page, context_of, kinds
from tracer.pages.walk import Walk
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.writing.checked import recall_proofs
from tracer.writing.language import Language, language_of
from tracer.writing.site import GROUP, Prover, build_pages, page_renderer, voice_of
from tracer.writing.templating import DataTemplates


@dataclass(frozen=True)
class Part:
    """A walkthrough in a site."""

    title: str
    front: str
    node: Node
    sources: tuple[Source, ...]
    language: Language


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
    experiment, render = trace.experiment, page_renderer(trace.experiment, templates=templates)
    built = build_pages(trace, studies, meter=meter, templates=templates)
    folder, language = f"{base}{experiment.name}/", language_of(experiment)
    shown: list[Shown] = []
    proofs = partial(_proofs, trace, shown, prove)
    for kind, page in built:
        shown.append(Shown(page, kind, folder, language, render, proofs if kind.proves else None))
    front, *rest = shown
    node = Node(lambda: experiment.title, front.path, below=tuple(_nodes(rest)))
    return Part(experiment.title, front.path, node, tuple(shown), language)


def one_page(
    trace: Trace, studies: Studies, slug: str, templates: Path | DataTemplates | None = None
) -> str | None:
    """The Markdown of one page alone, before the others are built.

    None where there is no such page, or where it tells what all the others show.
    """
    voice = voice_of(trace.experiment, templates)
    walk = Walk(trace, studies, "mathml", kinds(), voice=voice)
    page = next((page for page in walk.pages if page.slug == slug), None)
    if page is None or page.kind.gathers or page.kind.proves:
        return None
    context = next(context for found, context in page.kind.build(walk) if found == slug)
    render = page_renderer(trace.experiment, templates=templates)
    return render(Page(slug, page.kind.template, context_of(walk, slug, context)))


def _proofs(trace: Trace, shown: Sequence[Shown], prove: Prover) -> tuple[Proof, ...] | None:
    """What the checks found in all pages but their own."""
    pages = {one.page.path: one.markdown() for one in shown if not one.kind.proves}
    return prove(trace, pages)


def _nodes(shown: Sequence[Shown]) -> list[Node]:
    """Pages of one group stand together, where the first of them stands."""
    groups: dict[object, list[Shown]] = {}
    for place, one in enumerate(shown):
        groups.setdefault(one.kind.group(one.page.slug) or place, []).append(one)
    return [_node(group) for group in groups.values()]


def _node(group: Sequence[Shown]) -> Node:
    first = group[0]
    if not first.kind.group(first.page.slug):
        return page_node(first)
    return group_node(lambda: _group_title(first), [page_node(one) for one in group])


def _group_title(first: Shown) -> str:
    said = first.render(Page(first.page.slug, GROUP, first.page.context))
    return str(Markup(said.strip()).unescape())
