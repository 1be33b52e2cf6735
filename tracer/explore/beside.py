"""What stands beside the explorer's page: the file of the run, its scripts and its styles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from tracer.errors import RenderError
from tracer.experiment.limits import size_text
from tracer.explore.exporting import Place
from tracer.explore.linking import FOLDER, linked, modules
from tracer.explore.pictures import curve_data, network_data, plane_data
from tracer.explore.program import program
from tracer.explore.quantities import Json
from tracer.explore.runfile import RunFile
from tracer.files.packs import worked_out
from tracer.pages import PageKind
from tracer.pages.explore import ExplorerDesk, explore
from tracer.trace import Trace

RUN, SCRIPT, STYLE = NAMES = "run.js", "explore.js", "explore.css"


def paths_of(slug: str, kind: PageKind) -> tuple[str, ...]:
    """The paths of the files beside a page; none for a page of another kind."""
    return tuple(f"{slug}/{name}" for name in NAMES) if kind.build is explore else ()


class Told(NamedTuple):
    """What a page with some context tells by its numbers, made by what renders it.

    ``is_own``: only tracer's own templates have a say, in its own language.
    """

    made: Callable[[Mapping[str, Any], Place], Json]
    is_own: bool = False


def files_of(context: Mapping[str, Any], choices: Told) -> dict[str, str]:
    """The files beside a page by their path in the walkthrough; none for a page of another kind.

    ``choices`` makes of the page's context what it tells by its numbers.
    """
    desk = context.get("desk")
    if not isinstance(desk, ExplorerDesk):
        return {}
    found = {RUN: run_file(context, choices).script, SCRIPT: script(), STYLE: style()}
    return {f"{desk.slug}/{name}": text for name, text in found.items()}


def run_file(context: Mapping[str, Any], choices: Told) -> RunFile:
    """The file of the run for the page with this context, made once."""
    kept = context["desk"].beside
    if RUN not in kept:
        told = partial(choices.made, context)
        desk, own = context["desk"], choices.is_own
        kept[RUN] = RunFile(desk, more=more(context), choices=told, is_kept=own)
    found: RunFile = kept[RUN]
    return found


@dataclass(frozen=True)
class Size:
    """What a page says of the file of its run: its size, and how many epochs it carries."""

    size: str
    carried: int


def size_of(context: Mapping[str, Any], choices: Told) -> Size:
    """What the page with this context says of its file."""
    file = run_file(context, choices)
    return Size(size_text(len(file.script)), len(file.columns.carried.epochs))


def more(context: Mapping[str, Any]) -> Json:
    """What the scripts need beside the score: the pictures, and training if they can train."""
    moves, trace = context["moves"], context["trace"]
    networks = {
        "forward-picture": network_data(context["forward_picture"]),
        "passes-2": network_data(context["backward_picture"]),
    }
    pictures = {
        "networks": networks,
        "curve": curve_data(moves.curve, trace.loss_curve),
        "plane": plane_data(moves.plane, trace),
    }
    is_whole = not context["walk"].wide_layers
    return {"pictures": pictures, "program": _program(trace) if is_whole else None}


def _program(trace: Trace) -> Mapping[str, Any] | None:
    """Training as data; None where a row from elsewhere is not made of single numbers."""
    try:
        return program(trace)
    except RenderError:
        return None


@cache
def style() -> str:
    """The styles of the page."""
    return (files("tracer.templates") / "assets" / FOLDER / STYLE).read_text(encoding="utf-8")


@cache
def script() -> str:
    """The scripts as one, linked by the first run that meets them as they are."""
    texts = modules()
    digest = sha256("\0".join([*texts, *texts.values()]).encode()).hexdigest()
    return worked_out(partial(linked, texts), "scripts", digest)
