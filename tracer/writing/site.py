"""Writing a walkthrough: pages and assets, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from jinja2 import Environment, TemplateError, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from tracer.check.proof import Proof
from tracer.errors import RenderError, TracerError
from tracer.experiment import Experiment
from tracer.explore.beside import Size, Told, files_of, size_of
from tracer.files.manifest import read_manifest
from tracer.files.tree import Tree, WriteReport, write_trees
from tracer.messages import speaking
from tracer.meters import Meter, no_meter
from tracer.pages import Page, PageKind, common_of, pages, walk_of
from tracer.pages.walk import Walk
from tracer.pictures import in_words
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.typeset.formulas import Formulas
from tracer.typeset.spoken import PLACES, Voice
from tracer.writing.ahead import compiled_ahead
from tracer.writing.checked import recall_proofs
from tracer.writing.compiling import PageEnvironment
from tracer.writing.fonts import math_font
from tracer.writing.language import ENGLISH, Language, language_of
from tracer.writing.origin import is_gone, origin_of
from tracer.writing.project import ORDER, page_order
from tracer.writing.regions import choices
from tracer.writing.spreading import Spread
from tracer.writing.templating import (
    KEEPS,
    DataTemplates,
    compiled,
    environment,
    of_experiment,
    start_page,
)
from tracer.writing.tidying import tidy
from tracer.writing.troubles import problem_of

if TYPE_CHECKING:
    from tracer.writing.repeating import Library

PLAIN = ".txt.j2"
GROUP = "nav.group.txt.j2"
CARD = "partials/card.md.j2"
VOICE = "words/spoken.j2"
FONT = "stix-two-math.woff2"
PATIENCE = 24
"""Pages of one template that are each rendered by it. To follow the templates of a cycle's page
takes as long as to render some twenty, and each page of a known shape saves more than half."""


Prover = Callable[[Trace, Mapping[str, str]], tuple[Proof, ...] | None]
"""What the checks found for a trace and its pages; None where they were not run."""


class Wishes(TypedDict, total=False):
    """What may be wished for when pages are made: see :func:`render_pages`."""

    math: str
    templates: Path | DataTemplates | None
    meter: Meter
    prove: Prover
    jobs: int


def render_pages(
    trace: Trace,
    studies: Studies,
    *,
    math: str = "mathml",
    templates: Path | DataTemplates | None = None,
    meter: Meter = no_meter,
    proofs: bool = True,
    prove: Prover = recall_proofs,
    beside: bool = False,
    jobs: int = 1,
) -> dict[str, str]:
    """Every page of one walkthrough as text, by its path relative to the walkthrough's folder.

    With ``beside`` also the files that stand beside pages: of the explorer, its run and scripts.

    ``studies`` are the runs beside that of ``trace``: see :func:`tracer.studies.run.study`.
    ``proofs`` includes the page that tells what the checks found in all the others; ``prove`` tells
    what they found, or None where these pages were not checked. Up to ``jobs`` processes make them:
    see :class:`tracer.writing.spreading.Spread`.
    Raises RenderError for a template of the user's own that cannot be rendered.
    """
    render = page_renderer(trace.experiment, math, templates)
    walk = walk_of(trace, studies, math, voice_of(trace.experiment, templates))
    made, later = Spread(walk, render, meter, jobs), [kind.template for kind in walk.kinds]
    with compiled_ahead(render.env, later, copied=jobs > 1):
        made.make()
    wanted = [page for page in walk.pages if proofs or not page.kind.proves]
    rendered = {page.path: made.texts[page.slug] for page in wanted if not page.kind.proves}
    for page in wanted:
        if page.kind.proves:
            built = made.built[page.slug]
            context = {**built.context, "proofs": prove(trace, rendered)}
            rendered[page.path] = render(replace(built, context=context))
    meter(1, 1)
    for built in made.built.values() if beside else ():
        rendered |= render.beside(built.context)
    if isinstance(walk.known, Formulas):
        walk.known.keep()
    order = [(page.group, page.path) for page in wanted]
    groups = group_titles(_named(walk), render)
    return {**rendered, ORDER: page_order(trace.experiment.title, order, groups)}


def _named(walk: Walk) -> Iterator[tuple[PageKind, Page]]:
    """The first page of each part of the navigation, with what says its name."""
    for page in {page.group: page for page in reversed(walk.pages)}.values():
        yield page.kind, Page(page.slug, page.kind.template, common_of(walk, page.slug))


def build_pages(
    trace: Trace,
    studies: Studies,
    *,
    math: str = "mathml",
    meter: Meter = no_meter,
    templates: Path | DataTemplates | None = None,
) -> list[tuple[PageKind, Page]]:
    """What every page of a walkthrough will say, in reading order, before any is rendered."""
    walk, built = walk_of(trace, studies, math, voice_of(trace.experiment, templates)), []
    with speaking(language_of(trace.experiment).messages):
        for pair in pages(walk):
            built.append(pair)
            meter(len(built), 2 * len(walk.pages))
    place = {page.slug: k for k, page in enumerate(walk.pages)}
    return sorted(built, key=lambda pair: place[pair[1].slug])


def voice_of(experiment: Experiment, templates: Path | DataTemplates | None = None) -> Voice:
    """The words in which the symbols of an experiment's pages are said.

    Raises RenderError for a template of the user's own that cannot be rendered.
    """
    env = environment(templates, language_of(experiment))
    text = _render(env, VOICE, PLACES, (Exception,) if templates else (TemplateError,))
    lines = (line.partition(": ") for line in Markup(text).unescape().splitlines())
    return Voice({key: words for key, _, words in lines if words})


def group_titles(
    built: Iterable[tuple[PageKind, Page]], render: Callable[[Page], str]
) -> dict[str, str]:
    """What each part of the navigation is called, as the words of its first page say."""
    first: dict[str, Page] = {}
    for kind, page in built:
        first.setdefault(kind.group(page.slug), page)
    return {
        group: str(Markup(render(replace(page, template=GROUP)).strip()).unescape())
        for group, page in first.items()
        if group
    }


@dataclass(frozen=True)
class PageRenderer:
    """Turns a built page into Markdown; it changes nothing, so the order is free.

    It raises RenderError for a template of the user's own that cannot be rendered, one of
    ``faults``.
    """

    env: Environment
    language: Language
    faults: tuple[type[Exception], ...]
    math: str
    told: Told
    counts: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, page: Page) -> str:
        """The page as text."""
        with speaking(self.language.messages):
            if self.math == "latex":
                return _portable(self._main(self.env, page, page.context))
            count = self.counts[page.template] = self.counts.get(page.template, 0) + 1
            if count <= PATIENCE or self.library is None:
                return tidy(*self.texts(self.env, page, page.context))
            return self.library.text(page)

    def texts(self, env: Environment, page: Page, given: Mapping[str, Any]) -> list[str]:
        """What the templates of an environment say of a page, and of its card if it has one."""
        has_card = "desk" in page.context and not page.template.endswith(PLAIN)
        card = [_render(env, CARD, given, self.faults)] if has_card else []
        return [self._main(env, page, given), *card]

    def _main(self, env: Environment, page: Page, given: Mapping[str, Any]) -> str:
        return _render(env, page.template, given, self.faults)

    @cached_property
    def library(self) -> Library | None:
        """What pages of one template share; None where templates may say anything."""
        if not isinstance(self.env, PageEnvironment) or self.env.globals[KEEPS] is not True:
            return None
        from tracer.writing.repeating import Library

        return Library(self.env, self.texts, compiled("following"))

    def beside(self, context: Mapping[str, Any]) -> dict[str, str]:
        """The files that stand beside a page, by their path in the walkthrough."""
        with speaking(self.language.messages):
            return files_of(context, self.told)


def page_renderer(
    experiment: Experiment, math: str = "mathml", templates: Path | DataTemplates | None = None
) -> PageRenderer:
    """What renders the pages of an experiment."""
    language = language_of(experiment)
    env = of_experiment(environment(templates, language), experiment)
    told = Told(partial(choices, env), env.globals[KEEPS] is True and language is ENGLISH)
    env.globals["run_told"] = _teller(told)
    env.globals["in_words"] = partial(in_words, env)
    faults = (Exception,) if templates else (TemplateError,)
    return PageRenderer(env, language, faults, math, told)


def _teller(own: Told) -> Callable[[Context], Size]:
    """What a page says of the file of its run."""

    @pass_context
    def told(context: Context) -> Size:
        return size_of(dict(context.parent), own)

    return told


def _render(
    env: Environment,
    template: str,
    context: Mapping[str, Any],
    faults: tuple[type[Exception], ...],
) -> str:
    """Render a page; in templates of the user's own any error is theirs to mend."""
    start_page(env)
    try:
        text = env.get_template(template).render(context)
    except TracerError:
        raise
    except faults as error:
        raise RenderError(problem_of(error, template)) from error
    return text


def _portable(text: str) -> str:
    from tracer.writing.portable import portable

    return tidy(portable(text))


def assets() -> dict[str, str | bytes]:
    """The files that every walkthrough shares: styles, script, and the font for mathematics."""
    folder = files("tracer.templates") / "assets"
    found: dict[str, str | bytes] = {
        item.name: item.read_bytes() for item in folder.iterdir() if item.is_file()
    }
    return {**found, FONT: math_font()}


def walkthrough_tree(
    trace: Trace,
    studies: Studies,
    out: Path,
    *,
    replaces: bool = False,
    **wishes: Unpack[Wishes],
) -> Tree:
    """Render ``trace`` as it is to stand in ``out/<name>``; it may replace another's pages."""
    rendered = render_pages(trace, studies, beside=True, **wishes)
    return replace(place_of(trace.experiment, out, replaces=replaces), files=rendered)


def place_of(experiment: Experiment, out: Path, *, replaces: bool = False) -> Tree:
    """The folder of an experiment's walkthrough, without its files.

    It may replace one whose experiment file is gone: that was renamed, or moved.
    """
    root = out / experiment.name
    gone = not replaces and is_gone(read_manifest(root).origin, out)
    return Tree(root, {}, origin_of(experiment, out), replaces or gone)


def shared_tree(out: Path) -> Tree:
    """The shared assets, as they are to stand in ``out/assets``."""
    return Tree(out / "assets", assets())


def write_walkthrough(
    trace: Trace, studies: Studies, out: Path, **wishes: Unpack[Wishes]
) -> WriteReport:
    """Render ``trace`` into ``out/<name>``; pages that are no longer part of it go away."""
    (report,) = write_trees([walkthrough_tree(trace, studies, out, **wishes)])
    return report


def write_shared(out: Path) -> WriteReport:
    """Write the shared assets into ``out/assets``."""
    (report,) = write_trees([shared_tree(out)])
    return report
