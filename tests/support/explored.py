"""What the explorer's page shows of a cycle: as Python sets it, and as the scripts do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from scripted import ask
from tracer.explain.cycle import explain_cycle
from tracer.explore.runfile import GLOBAL, RunFile
from tracer.pages import kinds
from tracer.pages.explore import (
    ExplorerDesk,
    explored_cycle,
    explorer_context,
    matrix_anchor,
    timeless,
)
from tracer.pages.walk import Walk
from tracer.studies.model import Studies
from tracer.trace import Cycle, Trace
from tracer.typeset import SetLine
from tracer.writing.site import voice_of

FORMULA, FILLED = "tr-formula", ("tr-formula", "tr-numbers", "tr-result", "tr-branch")
NO_RUN: Any = None
ALONE = Studies((), NO_RUN, NO_RUN, NO_RUN)
"""No runs beside it: a cycle's page compares with none."""


@cache
def walk_of(trace: Trace) -> Walk:
    """The walkthrough of a trace, whose symbols are said."""
    return Walk(trace, ALONE, "mathml", kinds(), voice=voice_of(trace.experiment))


@cache
def run_file(trace: Trace) -> RunFile:
    """The file of its run."""
    walk = walk_of(trace)
    desk = explorer_context(walk, "explore", explored_cycle(walk))["desk"]
    return RunFile(desk)


def held(file: RunFile) -> dict[str, str]:
    """What the script of a run gives its global."""
    text = file.script.removeprefix(f"globalThis.{GLOBAL} = ").removesuffix(";\n")
    found: dict[str, str] = json.loads(text)
    return found


def shown(trace: Trace, visit: int, decimals: int) -> dict[str, Any]:
    """What Python sets of a cycle, as the scripts tell it."""
    cycle = Cycle(trace, visit)
    desk = ExplorerDesk(walk_of(trace), "explore", cycle=cycle)
    setter = replace(desk.line_setter, decimals=decimals)
    explained = explain_cycle(cycle)
    timely = map(timeless, explained.lines)
    lines = {line.target.anchor: _told(setter.line(line)) for line in timely}
    for matrix in explained.matrices:
        lines[matrix_anchor(matrix)] = _told(setter.matrix(matrix))
    view = explained.view
    x = [view.x()[unit - 1] for unit in view.written(0)]
    known = [*x, *view.y(), *view.signal(trace.layers)]
    return {
        "cycle": [cycle.epoch, cycle.row, cycle.update + 1, visit],
        "lines": lines,
        "numbers": {o.ref.anchor: setter.number(o).text for o in known},
    }


def _told(line: SetLine) -> dict[str, Any]:
    return {
        "parts": [[name, str(html)] for name, html in line.parts if name in FILLED],
        "result": line.result,
        "kept": line.kept,
        "remarks": sorted(line.flags - {"branch"}),
    }


def differences(trace: Trace, cycles: Sequence[tuple[int, int]]) -> list[tuple[Any, ...]]:
    """(cycle, what, as Python sets it, as the scripts do) wherever they differ.

    ``cycles`` are visits, each with the decimals that it is shown with.
    """
    asked = {"held": held(run_file(trace)), "cycles": [list(pair) for pair in cycles]}
    (found,) = ask({"runs": [asked]})["runs"]
    pairs = zip(cycles, found, strict=True)
    return [
        one for (visit, places), theirs in pairs for one in _apart(trace, visit, places, theirs)
    ]


def _apart(trace: Trace, visit: int, decimals: int, theirs: Any) -> Iterator[tuple[Any, ...]]:
    mine = shown(trace, visit, decimals)
    if mine["cycle"] != theirs["cycle"]:
        yield visit, "cycle", mine["cycle"], theirs["cycle"]
    for anchor in {**mine["lines"], **theirs["lines"]}:
        one, other = mine["lines"].get(anchor), theirs["lines"].get(anchor)
        if one != other:
            yield visit, anchor, one, other
    for name, text in mine["numbers"].items():
        if theirs["numbers"].get(name) != text:
            yield visit, name, text, theirs["numbers"].get(name)
