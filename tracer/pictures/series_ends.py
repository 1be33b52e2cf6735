"""Where curves end before the axis does: at a value that is not finite, or beyond the plot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracer.numerals import show
from tracer.pictures.plot.geometry import Anchor, Label, tidy
from tracer.pictures.plot.paths import Point
from tracer.pictures.plot.placing import VALUE, Ground, along
from tracer.pictures.plot.plot import Plot
from tracer.pictures.plot.points import DOWN, UP, shape
from tracer.pictures.series_model import Course, Exit, Halt

_SIGN = 4.5  # px: the little arrow is as large as a tick's letters are high
_HALT_WORDS, _EXIT_WORDS = 8, 7  # digits as wide as the template's words beside the number
_MOST_NAMES = 2
_COVERED = 12  # px of a curve under a label: more hides where it goes
_LINE = 14.0  # px: letters of a label with air between lines
_NOWHERE = Label(0, 0, "", VALUE)
# px: beside the end, so that the sign stays free
_SIDES: tuple[tuple[float, Anchor], ...] = ((8.0, "start"), (-8.0, "end"))


def find_ends(
    ground: Ground, courses: Sequence[Course], lines: Sequence[Sequence[Point]], decimals: int
) -> tuple[tuple[Halt, ...], tuple[Exit, ...]]:
    """The marks of both kinds of ends, with words that cover neither each other nor the curves."""
    taken: list[Label] = []
    halts = tuple(_halts(ground, courses, decimals, taken))
    exits = (
        found
        for course, line in zip(courses, lines, strict=True)
        for found in _exits(ground.plot, course, line, decimals)
    )
    return halts, tuple(_told(ground, found, taken) for found in exits)


def _halts(
    ground: Ground, courses: Sequence[Course], decimals: int, taken: list[Label]
) -> Iterator[Halt]:
    """One mark for all curves that end at the same place, the first place first."""
    ends: dict[float, list[Course]] = {}
    for course in courses:
        if course.lost is not None:
            ends.setdefault(course.lost[0], []).append(course)
    for at in sorted(ends):
        ended = ends[at]
        text = ", ".join(dict.fromkeys(show(c.lost[1], decimals) for c in ended if c.lost))
        names = tuple(course.name for course in ended) if len(ended) < len(courses) else ()
        style = ended[0].style if len(ended) == 1 else 0
        told = 0 < len(names) <= _MOST_NAMES
        bare = Halt(names, told, ground.plot.x(at), f"{at:.0f}", text, style, _NOWHERE)
        yield _placed(ground, bare, taken)


def _placed(ground: Ground, halt: Halt, taken: list[Label]) -> Halt:
    """The halt with the place of its words; without names where there is no room for them."""
    names = ", ".join(halt.names) if halt.told else ""
    measure = names + "0" * _HALT_WORDS + halt.at + halt.text
    label = ground.best(along(halt.x, ground.plot, measure), taken)
    if halt.told and not label.box.within(ground.plot.box):
        return _placed(ground, replace(halt, told=False), taken)
    taken.append(label)
    return replace(halt, label=replace(label, text=""))


def _exits(plot: Plot, course: Course, line: Sequence[Point], decimals: int) -> Iterator[Exit]:
    """The first place where the line crosses the top of the plot, and where the bottom."""
    for up, edge, farthest in ((True, plot.box.top, max), (False, plot.box.bottom, min)):
        beyond = [k for k, (_, y) in enumerate(line) if (y < edge if up else y > edge)]
        if beyond:
            x = _crossing(line, beyond[0], edge)
            y = edge + (_SIGN if up else -_SIGN) + 1
            path, text = shape(UP if up else DOWN, _SIGN), show(farthest(course.ys), decimals)
            yield Exit(course.name, tidy(x), tidy(y), path, up, course.style, text, None)


def _crossing(line: Sequence[Point], k: int, edge: float) -> float:
    """The x at which the line crosses ``edge`` on its way to point ``k``."""
    (x0, y0), (x1, y1) = line[max(k - 1, 0)], line[k]
    return x0 + (edge - y0) / (y1 - y0) * (x1 - x0) if k else x1


def _told(ground: Ground, found: Exit, taken: list[Label]) -> Exit:
    """The exit with its value beside it, if that covers nothing."""
    measure, down = "0" * _EXIT_WORDS + found.text, _LINE if found.up else -_LINE
    places = [
        Label(tidy(found.x + side), tidy(found.y + 4 + k * down), measure, VALUE, anchor)
        for k in range(3)
        for side, anchor in _SIDES
    ]
    places = ground.clear(places, taken)
    if not places:
        return found
    label = ground.best(places)
    if ground.covered(label) > _COVERED:
        return found
    taken.append(label)
    return replace(found, label=replace(label, text=""))
