"""Several curves over epochs or updates: accuracy, errors, parameters, runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tracer.numerals import show
from tracer.pictures.plot.geometry import tidy
from tracer.pictures.plot.paths import Point, within
from tracer.pictures.plot.placing import Ground
from tracer.pictures.plot.plot import Plot, Range, Size, Wish, legend, make_plot
from tracer.pictures.plot.points import COLOURS
from tracer.pictures.plot.ranges import near_losses, near_parameters, value_range
from tracer.pictures.plot.scale import Tick, spans_decades, whole_ticks
from tracer.pictures.series_ends import find_ends
from tracer.pictures.series_model import Course, Series, SeriesKind, SeriesPicture, Strand

MOST_NAMED = 14
"""With more curves than these, parameters are told apart by their layer only."""

_SIZE = Size(height=210.0)  # px: low enough that curve and table are seen together
_SHARES: Range = (0.0, 1.0)  # none and all: such curves are only compared on the whole range
# px of the template's words in the legend, in its letters
_WORD, _WORDS = 44.0, {"train": 82.0, "test": 60.0, "slope": 38.0, "step": 150.0}
_SIGNED = frozenset(["parameters", "steps"])
_MOST_COLUMNS = 6  # ticks along a phone's width whose numbers do not touch
# so many of all curves keep a page small; 600 are more than a curve has px, below 60 it has corners
_LEAST_POINTS, _MOST_POINTS, _ALL_POINTS = 60, 600, 3600


def series_picture(series: Sequence[Series], kind: SeriesKind, *, decimals: int) -> SeriesPicture:
    """The picture of the series; ``kind`` says what they are, and so the words of the axes.

    A curve ends before its first value that is nan or infinite, which is marked. Values far from
    those of the best curve do not flatten the others: such a curve leaves the plot, and a sign
    says so. The axis is logarithmic where losses or errors span more than three powers of ten.

    Raises:
        ValueError: no series, or one whose x and y are not as many and at least one.
    """
    if not series or any(s.x.shape != s.y.shape or s.x.ndim != 1 or not s.x.size for s in series):
        raise ValueError("expected series with as many x as y, and at least one of each")
    grouped = kind == "parameters" and len(series) > MOST_NAMED
    courses = [_course(one, k, grouped) for k, one in enumerate(series)]
    near = [] if kind == "accuracy" else _near(courses, kind)
    log = kind not in _SIGNED and spans_decades(near)
    plot = _plot(series, _SHARES if kind == "accuracy" else value_range(near, log), log)
    most = min(max(_ALL_POINTS // len(courses), _LEAST_POINTS), _MOST_POINTS)
    lines = [course.pixels(plot, most) for course in courses]
    halts, exits = find_ends(Ground(plot, [*map(plot.pinned, lines)]), courses, lines, decimals)
    if kind == "parameters":  # that all go the same way, about at once
        halts, exits = halts[:1], tuple(replace(found, label=None) for found in exits)
    keys, bottom = legend(_wishes(series, courses, grouped), plot)
    columns = _whole(series, _MOST_COLUMNS)
    return SeriesPicture(
        width=_SIZE.width,
        height=tidy(bottom + 2),
        kind=kind,
        plot=plot,
        strands=tuple(_strand(plot, *pair) for pair in zip(courses, lines, strict=True)),
        exits=exits,
        halts=halts,
        keys=keys,
        grouped=grouped,
        log=log,
        columns=tuple(tick.text for tick in columns),
        twin=tuple(_row(one, columns, decimals) for one in series),
    )


def _course(series: Series, k: int, grouped: bool) -> Course:
    bad = np.flatnonzero(~np.isfinite(series.y))
    end = int(bad[0]) if bad.size else series.y.size
    own = max(series.group, 1) if grouped else series.style or k + 1
    style, round_of_colours = (own - 1) % COLOURS, (own - 1) // COLOURS
    return Course(
        series.text,
        series.x[:end],
        series.y[:end],
        (float(series.x[end]), float(series.y[end])) if bad.size else None,
        style + 1,
        (style + 3 * round_of_colours) % COLOURS + 1,
    )


def _near(courses: Sequence[Course], kind: SeriesKind) -> list[float]:
    """The values that the plot has room for: of curves that run away only the first ones."""
    curves = [course.ys for course in courses if course.ys.size]
    if not curves:
        return []
    if kind in _SIGNED:
        return near_parameters(curves)
    return near_losses(curves, comparable=kind != "error")


def _whole(series: Sequence[Series], count: int) -> tuple[Tick, ...]:
    low, high = (pick(float(pick(one.x)) for one in series) for pick in (min, max))
    return whole_ticks(int(low), int(high), count)


def _plot(series: Sequence[Series], y_range: Range, log: bool) -> Plot:
    ends = [tick.value for tick in _whole(series, 2)]
    x_range = (ends[0], ends[-1]) if len(ends) > 1 else (ends[0] - 0.5, ends[0] + 0.5)
    return make_plot(x_range, y_range, _SIZE, x_ticks=lambda n: _whole(series, n), log=log)


def _wishes(series: Sequence[Series], courses: Sequence[Course], grouped: bool) -> list[Wish]:
    """The legend: one entry a curve, or one a layer."""
    if grouped:
        layers = {one.group: course for one, course in zip(series, courses, strict=True)}
        kept = [("layer", str(layer), layers[layer]) for layer in sorted(layers)]
    else:
        kept = [("series", course.name, course) for course in courses]
    return [
        Wish(kind, text, course.style, width=_WORDS.get(text, _WORD), dash=course.dash)
        for kind, text, course in kept
    ]


def _strand(plot: Plot, course: Course, line: Sequence[Point]) -> Strand:
    lone = line if len(line) == 1 else ()
    dot = next(((x, tidy(y)) for x, y in lone if plot.box.top <= y <= plot.box.bottom), None)
    return Strand(course.name, course.style, course.dash, within(plot, line), dot)


def _row(series: Series, columns: Sequence[Tick], decimals: int) -> tuple[str, ...]:
    """The name and, for each column, the last value up to there; "" where the series is not."""
    ends = float(series.x[0]), float(series.x[-1])
    at = [int(np.searchsorted(series.x, tick.value, side="right")) - 1 for tick in columns]
    inside = [ends[0] <= tick.value <= ends[1] for tick in columns]
    values = zip(at, inside, strict=True)
    return series.text, *(
        show(float(series.y[k]), decimals) if is_in else "" for k, is_in in values
    )
