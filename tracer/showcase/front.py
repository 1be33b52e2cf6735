"""The exhibits of the front page: a row of the default example, a line, a way, the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tracer.catalog.activations import ACTIVATIONS
from tracer.examples import DEFAULT
from tracer.explain.cycle import CycleExplained, explain_cycle
from tracer.explore.beside import RUN, SCRIPT
from tracer.notation import Number
from tracer.pages import context_of, kinds
from tracer.pages.desk import Desk
from tracer.pages.explore import GIVEN, with_room
from tracer.pages.moves import moves_of, of_any_cycle
from tracer.pages.walk import Walk
from tracer.pictures import NetworkPicture, network_picture
from tracer.pictures.network.values import cycle_values
from tracer.refs import Ref
from tracer.reread import check_page
from tracer.showcase.errors import trace_of
from tracer.studies.run import study
from tracer.typeset import Line, SetLine
from tracer.writing.checked import recall_proofs
from tracer.writing.project import ORDER, PLACE, walkthroughs


@cache
def walk_of_default() -> Walk:
    """The walkthrough of the default example, to take lines and addresses from."""
    trace = trace_of(DEFAULT)
    return Walk(trace, study(trace), kinds=kinds())


def _context(walk: Walk, **own: Any) -> Mapping[str, Any]:
    return context_of(walk, walk.slug("overview"), own)


def _explained(walk: Walk) -> CycleExplained:
    return explain_cycle(walk.example, with_update=False)


def row() -> Mapping[str, Any]:
    """The picture of one row's forward pass, the lines behind it, and the card that is open."""
    walk = walk_of_default()
    desk, explained = Desk(walk, walk.slug("overview")), _explained(walk)
    cycle, numbers = walk.example, list[Number]()
    for layer in explained.forward:
        desk.set_all(layer.lines)
    desk.set(explained.loss)
    picture = _forward(walk, _noted(desk.picture_number(explained.view), numbers))
    opened = _opened(desk, explained)
    explorer, prediction = walk.slug("explore"), Ref("a", walk.trace.layers, (1,))
    return _context(
        walk,
        desk=desk,
        picture=of_any_cycle(picture),
        moves=moves_of(walk, cycle),
        explorer_href=desk.link(explorer),
        run_href=f"{explorer}/{RUN}",
        script_href=f"{explorer}/{SCRIPT}",
        prediction=prediction.anchor,
        numbers=numbers,
        lines=tuple(desk.lines.values()),
        opened=opened,
        home=desk.address(opened.ref) if opened.ref else "",
        cycle=cycle,
        cycle_href=desk.link(walk.slug_of(cycle)),
        label=walk.trace.experiment.dataset.labels[cycle.row - 1],
        said=desk.lines[prediction.anchor].result,
    )


def _forward(walk: Walk, number: Callable[..., Number]) -> NetworkPicture:
    """The forward pass of the row that is shown."""
    experiment = walk.trace.experiment
    return network_picture(
        walk.trace.layer_sizes,
        with_room(number, experiment.pages.decimals),
        mode="forward",
        inputs=experiment.dataset.input_names,
        outputs=experiment.dataset.output_names,
        activations=[ACTIVATIONS[k.activation].title for k in experiment.layers],
        value=cycle_values(walk.example),
        notation=walk.notation,
    )


def _noted(number: Callable[..., Number], into: list[Number]) -> Callable[..., Number]:
    """Numbers of a picture, of which each that has its home elsewhere is noted with its name."""

    def noted(name: str, layer: int, *index: int) -> Number:
        found = number(name, layer, *index)
        if not found.href.startswith("#"):
            into.append(replace(found, of=Ref(name, 0 if name in GIVEN else layer, index).anchor))
        return found

    return noted


def _opened(desk: Desk, explained: CycleExplained) -> SetLine:
    """The card that is open at first: the first weighted sum that its unit lets through."""
    first = explained.forward[0]
    on = [z for z, a in zip(first.z, first.a, strict=True) if a.value > 0]
    return desk.lines[(on or list(first.z))[0].target.anchor]


def line() -> Mapping[str, Any]:
    """A line, and what a calculator makes of its printed digits."""
    walk = walk_of_default()
    desk = Desk(walk, walk.slug("overview"))
    items = [quoted(desk, one) for layer in _explained(walk).forward for one in layer.z]
    item = max(items, key=_worth)
    (checked,) = check_page(f'<div class="tr-line"><p class="tr-math">{_said(item)}</p></div>')
    assert isinstance(checked.value, Decimal)
    assert checked.ok
    return _context(
        walk,
        desk=desk,
        item=item,
        href=desk.link(walk.slug_of(walk.example), item.ref.anchor if item.ref else ""),
        keys=checked.numbers.replace("( ", "(").replace(" )", ")"),
        gives=f"{checked.value.normalize():f}".replace("-", "−"),
        relation=checked.relation,
        result=item.result,
    )


def _worth(item: SetLine) -> tuple[bool, int]:
    """How well a line shows that rounding is right: it is rounded, and much is added up in it."""
    parts = dict(item.parts)
    return "≈" in str(parts.get("tr-result", "")), len(item.operands)


def _said(item: SetLine) -> Markup:
    return Markup("").join(
        Markup('<span class="{}">{}</span>').format(kind, html) for kind, html in item.parts
    )


def quoted(desk: Desk, of: Line) -> SetLine:
    """A line whose home is another page, with its numbers."""
    return desk.line_setter.line(of, quoted=True)


@dataclass(frozen=True)
class Station:
    """A line on the way of a number, and where its home is."""

    item: SetLine
    href: str


def origin() -> Mapping[str, Any]:
    """The way of the prediction back to the table: at each line its largest computed operand."""
    walk = walk_of_default()
    desk, explained = Desk(walk, walk.slug("overview")), _explained(walk)
    known = {one.target: one for layer in explained.forward for one in layer.lines}
    stations = [Station(quoted(desk, one), desk.address(one.target)) for one in _way(known)]
    end = stations[-1].item
    ends = [desk.line_setter.source(*one) for one in zip(end.operands, end.links, strict=True)]
    return _context(walk, desk=desk, stations=stations, ends=ends, cycle=walk.example)


def _way(known: Mapping[Ref, Line]) -> Iterator[Line]:
    """From the last line that is known, each time to the largest operand that is computed, too."""
    here: Line | None = list(known.values())[-1]
    while here is not None:
        yield here
        operands = [o for bound in here.bounds for o in bound.operands if o.ref in known]
        largest = max(operands, key=lambda operand: abs(operand.value), default=None)
        here = known[largest.ref] if largest else None


def checks(docs: Path | None) -> Mapping[str, Any]:
    """What the checks found for the pages of the default example, as they stand in the site."""
    walk = walk_of_default()
    found = recall_proofs(walk.trace, _pages(walk, docs)) if docs else None
    proofs = tuple(proof for proof in found or () if proof.published and proof.applies)
    return _context(
        walk,
        proofs=proofs,
        passed=all(proof.ok for proof in proofs),
        count=sum(proof.compared for proof in proofs),
    )


def _pages(walk: Walk, docs: Path) -> Mapping[str, str]:
    """The pages that were checked: all but the one that tells of it."""
    folder = docs / PLACE / DEFAULT
    if not (folder / ORDER).is_file():
        return {}
    (rendered,) = (one for one in walkthroughs(folder.parent) if one.folder == folder)
    own = {f"{page.slug}/index.md" for page in walk.pages if page.kind.proves}
    paths = [path for _, path in rendered.pages if path not in own]
    return {path: (folder / path).read_text(encoding="utf-8") for path in paths}
