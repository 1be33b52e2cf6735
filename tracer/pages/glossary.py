"""The last page: every symbol that the pages before it showed, and the words that they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracer.explain.written import written_units
from tracer.notation import QUANTITIES
from tracer.pages.addresses import SETTINGS, Address
from tracer.pages.desk import GLOSSARY, Desk, desk_of
from tracer.pages.index import Symbols
from tracer.pages.introduction import settings
from tracer.pages.results import idle_units, score
from tracer.pages.table import Built, PageRef
from tracer.pages.walk import Walk
from tracer.refs import Ref

GIVEN = {
    "x": ("task", ""),
    "y": ("task", ""),
    "W": ("start", ""),
    "b": ("start", ""),
}
"""The pages and anchors at which the numbers stand that no line computes at first."""


@dataclass(frozen=True)
class Shape:
    """How many rows and columns a symbol has in a layer (0 for what has no layer)."""

    layer: int
    rows: int
    columns: int


@dataclass(frozen=True)
class GlossaryEntry:
    """A quantity of this walkthrough: its symbol wherever it stands, and what it is here.

    ``shapes`` is empty for a number; ``value`` is that of a setting. ``href`` leads to where the
    quantity is met first, on that ``page``.
    """

    name: str
    latex: str
    shapes: tuple[Shape, ...]
    value: str
    page: PageRef
    href: str


def glossary(walk: Walk) -> Built:
    """The index of symbols, from what the pages before have shown, and the words."""
    trace, data = walk.trace, walk.trace.experiment.dataset
    told = settings(walk)
    weights, biases = (sum(array[0].size for array in kind) for kind in (trace.W, trace.b))
    context = {
        "entries": tuple(_entries(desk_of(walk, GLOSSARY), told["numbers"])),
        "cycle_page": "cycle" if walk.sequence else "epochs",
        "weights": weights,
        "biases": biases,
        "parameters": weights + biases,
        "score": score(walk, data.train),
        "test_score": score(walk, data.test),
        "idle": idle_units(trace),
        "first": float(trace.loss_curve[0]),
        "last": float(trace.loss_curve[-1]),
    }
    yield walk.slug(GLOSSARY), {**told, **context}


def _entries(desk: Desk, numbers: Mapping[str, str]) -> Iterator[GlossaryEntry]:
    """The quantities that were shown, in the order of the table of quantities."""
    walk = desk.walk
    met = walk.index.symbols(page.slug for page in walk.pages)
    for name in QUANTITIES:
        if name in met.pages:
            setting = SETTINGS.get(name, name)
            computed = _computed(met, name)
            value = "" if computed else numbers.get(setting, "")
            given = ("overview", setting) if value else _given(walk, name)
            first = computed or Address(met.pages[name])
            home = Address(walk.slug(given[0]), given[1]) if given else first
            shapes, href = tuple(_shapes(walk, met, name)), desk.link(home.slug, home.anchor)
            page = walk.at(home.slug)
            yield GlossaryEntry(name, walk.notation.general(name), shapes, value, page, href)


def _given(walk: Walk, name: str) -> tuple[str, str] | None:
    """The page and the anchor of what is given: of parameters, the first that is written out."""
    if name not in GIVEN or name in ("x", "y"):
        return GIVEN.get(name)
    sources, units = written_units(walk.trace)[:2]
    index = (sources[0], units[0]) if QUANTITIES[name].pair else units[:1]
    return GIVEN[name][0], Ref(name, 1, index).anchor


def _computed(met: Symbols, name: str) -> Address | None:
    """The first line that computes a quantity."""
    return next((home for (found, _), home in met.lines.items() if found == name), None)


def _shapes(walk: Walk, met: Symbols, name: str) -> Iterator[Shape]:
    """A quantity's shape, layer by layer where it has layers; nothing for a number."""
    rows, _, columns = QUANTITIES[name].shape.partition(" × ")
    if not columns:
        return
    sizes = walk.trace.layer_sizes
    for layer in _layers(walk, met, name) if "n_out" in columns else (0,):
        known = {"1": 1, "n_0": sizes[0], "n_L": sizes[-1]}
        known |= {"n_in": sizes[layer - 1], "n_out": sizes[layer]}
        yield Shape(layer, *walk.notation.shape((known[rows], known[columns])))


def _layers(walk: Walk, met: Symbols, name: str) -> Sequence[int]:
    """The layers with lines for a quantity; where none has, all that could have."""
    found = sorted(layer for known, layer in met.lines if known == name)
    return found or range(1, walk.trace.layers + (name != "a"))
