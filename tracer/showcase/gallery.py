"""The gallery: every built-in experiment with a small picture of what it learned and what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracer.examples import DEFAULT, Example, examples
from tracer.pictures import data_picture, network_picture
from tracer.pictures.network.values import cycle_values
from tracer.pictures.plot.geometry import Picture
from tracer.showcase.errors import Compared, compared, trace_of
from tracer.showcase.figures import printed_figures
from tracer.trace import Trace

FEWEST_ROWS = 3
"""Through two points there is always a line: what a network made of its rows is seen from three on."""
_SENTENCE = re.compile(r".+?[.](?=\s|$)")


@dataclass(frozen=True)
class Exhibit:
    """An example of the gallery.

    Attributes:
        example: what its file says.
        picture: the rows with the network's answers, or the network itself.
        plots: whether it is the former.
        finding: the first sentence of what was found.
        compared: its printed figures, if it has some.
        href: where its walkthrough stands in the site; "" where it has none.
    """

    example: Example
    picture: Picture
    plots: bool
    finding: str
    compared: Compared | None
    href: str


def gallery() -> Mapping[str, Any]:
    """Every example: first the one that the site shows, then those with most wrong figures."""
    found = sorted((_exhibit(one) for one in examples()), key=_interest)
    experiment = trace_of(DEFAULT).experiment
    return {"exhibits": found, "experiment": experiment}


def _interest(one: Exhibit) -> tuple[bool, int]:
    return not one.href, -len(one.compared.wrong) if one.compared else 0


def _exhibit(one: Example) -> Exhibit:
    trace = trace_of(one.name)
    plot = _plot(trace)
    sentence = _SENTENCE.match(one.finding)
    return Exhibit(
        example=one,
        picture=plot or _network(trace),
        plots=plot is not None,
        finding=sentence[0] if sentence else one.finding,
        compared=compared(one.name) if one.name in printed_figures() else None,
        href="index.html" if one.name == DEFAULT else "",
    )


def _plot(trace: Trace) -> Picture | None:
    """The rows and the network's answers, where both can be seen."""
    if len(trace.x) < FEWEST_ROWS:
        return None
    return data_picture(trace, boundary=True, decimals=1, small=True)


def _network(trace: Trace) -> Picture:
    """The network with its starting weights as edges."""
    cycle = trace.cycles(1)[0]
    return network_picture(
        trace.layer_sizes, mode="structure", value=cycle_values(cycle), notation=None
    )
