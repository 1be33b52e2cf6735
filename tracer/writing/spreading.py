"""The pages of a walkthrough as text: most are built and rendered one by one, in any process.

A page that its row can make alone is rendered as soon as it is built, and only its text and what it
tells the index of symbols are kept: so memory does not grow with such pages, and any process can
make them. All others are built first and rendered then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import NamedTuple, Protocol

from tracer.executor import Here, aside, forked, is_one_free
from tracer.files.packs import write_packs
from tracer.messages import speaking
from tracer.meters import Meter
from tracer.pages import Page, PageKind, PageRef, page_alone, pages_of
from tracer.pages.index import Notes
from tracer.pages.walk import Walk
from tracer.typeset.formulas import Formulas
from tracer.writing.language import Language

TEXT_A_SECOND = 8e6
"""Bytes of pages that one process builds and renders in a second. Measured with pages of 150 to 300
kilobytes, of which each takes 19 to 35 milliseconds on a machine that does other work as well."""
WORTH_COPIES = 1.0
"""Seconds of work from which on copies of the process share it. Two take some 60 milliseconds to
start and to end (measured), and their work costs a tenth more processor time, as what they write
to is copied. The built-in example has half as much."""
PARTS = 4
"""Parts of the work for each process, at least: then none waits long for the last one."""
TOGETHER = 8
"""Pages of a part, at most: neighbours share updates that are computed again, and a meter moves."""
WORTH_A_COPY, MOST_ASIDE = 8, 24
"""Pages that are worth a copy that makes them while the others are made here, and as many as take
it as long as those. The built-in example has 16: they take a copy 195 ms of a processor, and the
others as much (measured)."""


class Renderer(Protocol):
    """Turns a page into text, and changes nothing."""

    @property
    def language(self) -> Language:
        """The language of the pages."""

    def __call__(self, page: Page) -> str:
        """The page as text."""


class Made(NamedTuple):
    """A page that was made alone: its address, its text, and what it shows."""

    slug: str
    text: str
    notes: Notes


class Spread:
    """Makes the pages of a walkthrough, by up to ``jobs`` processes, and says how far it is.

    Attributes:
        built: the pages that were not made alone, by their address.
        texts: what was rendered, by the address of the page.
    """

    def __init__(self, walk: Walk, render: Renderer, meter: Meter, jobs: int = 1) -> None:
        self.walk, self.render, self.meter, self.jobs = walk, render, meter, jobs
        self.built: dict[str, Page] = {}
        self.texts: dict[str, str] = {}

    def make(self) -> None:
        """Make every page; those that tell what the checks found are built only."""
        gathering = [kind for kind in self.walk.kinds if kind.gathers]
        slugs = [page.slug for page in self.walk.pages if is_alone(page.kind)]
        most = MOST_ASIDE if self._pays(slugs) else 0
        make = partial(made_aside, self.walk, self.render, slugs[:most])
        with aside(make, copied=most > 0) as taken:
            self._whole([k for k in self.walk.kinds if not is_alone(k) and k not in gathering])
            self._take(taken() if most else ())
        self._alone(slugs[most:])
        self._whole(gathering)

    def _pays(self, slugs: Sequence[str]) -> bool:
        """Whether a copy is worth it: where formulas are not known, two would print them."""
        known = self.walk.known
        is_warm = isinstance(known, Formulas) and known.are_recalled
        return self.jobs > 1 and len(slugs) >= WORTH_A_COPY and is_warm and is_one_free()

    def _whole(self, kinds: Sequence[PageKind]) -> None:
        """Build the pages of these kinds, then render them."""
        for kind in kinds:
            with speaking(self.render.language.messages):
                self.built.update((page.slug, page) for page in pages_of(self.walk, kind))
            self._tell()
        for slug, page in self.built.items():
            if slug not in self.texts and not self.walk.at(slug).kind.proves:
                self.texts[slug] = self.render(page)
                self._tell()

    def _alone(self, slugs: Sequence[str]) -> None:
        """Make pages each of which can be made alone, here or in copies of this process.

        The first of each kind is made here: its text shows how much work the others are, and what
        they need of formulas and templates, the copies have from the start.
        """
        first = {self.walk.at(slug).name: slug for slug in reversed(slugs)}
        make = partial(made_alone, self.walk, self.render)
        self._take(make(list(first.values())))
        rest = [slug for slug in slugs if slug not in self.texts]
        text = sum(len(self.texts[first[self.walk.at(slug).name]]) for slug in rest)
        many = forked(self.jobs) if text > WORTH_COPIES * TEXT_A_SECOND else Here()
        with closing(many.map(make, _parts(rest, self.jobs))) as found:
            for made in found:
                self._take(made)

    def _take(self, found: Sequence[Made]) -> None:
        for made in found:
            self.texts[made.slug] = made.text
            self.walk.index.take(made.slug, made.notes)
        self._tell()

    def _tell(self) -> None:
        """Of a page, to build it is one step and to render it is another."""
        alone = self.texts.keys() - self.built.keys()
        done = len(self.built) + len(self.texts) + len(alone)
        self.meter(done, 2 * len(self.walk.pages))


def is_alone(kind: PageKind) -> bool:
    """Whether each page of a kind can be made without the others."""
    return kind.one is not None and not kind.gathers and not kind.proves


def made_alone(walk: Walk, render: Renderer, slugs: Sequence[str]) -> list[Made]:
    """Some pages, one after the other."""
    return [_made(walk, render, walk.at(slug)) for slug in slugs]


def made_aside(walk: Walk, render: Renderer, slugs: Sequence[str]) -> list[Made]:
    """The same in a copy of the process; what it worked out is there for the next run."""
    made = made_alone(walk, render, slugs)
    if isinstance(walk.known, Formulas):
        walk.known.keep()
    write_packs()
    return made


def _made(walk: Walk, render: Renderer, page: PageRef) -> Made:
    with speaking(render.language.messages):
        context = page_alone(walk, page)
    text = render(Page(page.slug, page.kind.template, context))
    return Made(page.slug, text, walk.index.notes(page.slug))


def _parts(slugs: Sequence[str], jobs: int) -> Iterator[Sequence[str]]:
    """Neighbours together."""
    size = max(1, min(TOGETHER, len(slugs) // (PARTS * jobs)))
    return (slugs[start : start + size] for start in range(0, len(slugs), size))
