"""Pages that are rendered once in a run, for tests of what becomes of pages: not of what they say.

Such tests render the same experiment again and again to see what is written, kept, removed or
refused. That the same experiment gives the same pages is tested where rendering is tested.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sharing import shared
from tracer.meters import Meter, no_meter
from tracer.registry import outside
from tracer.studies.model import Studies
from tracer.trace import Trace
from tracer.writing.checked import recall_proofs
from tracer.writing.site import Prover, render_pages

Pages = dict[str, str]
OWN = {"templates", "proofs"}
"""Whoever gives these asks for pages of their own."""


def pages_once(
    trace: Trace,
    studies: Studies,
    *,
    math: str = "mathml",
    meter: Meter = no_meter,
    prove: Prover = recall_proofs,
    beside: bool = False,
    jobs: int = 1,
    **own: Any,
) -> Pages:
    """Give what ``render_pages`` gives, from an earlier call where there was one.

    That the pages are the same for any number of ``jobs`` is tested where they are spread.
    """
    told = {key: value for key, value in own.items() if key not in OWN or value is not None}
    if told or outside() or trace.experiment.pages.language != "en":
        how: Any = {"math": math, "meter": meter, "prove": prove, "beside": beside}
        how["jobs"] = jobs
        return render_pages(trace, studies, **how, **own)
    asked = json.dumps(trace.experiment.to_mapping(), sort_keys=True)
    noted = _Noted(prove)
    key = f"written {math} {beside} {asked}"
    found: tuple[Pages, Pages, str] = shared(
        key, lambda: noted.rendered(trace, studies, math, beside=beside)
    )
    meter(1, 1)
    pages, others, proofs = found
    if noted.is_asked:
        return pages
    again = prove(trace, others)
    if repr(again) == proofs:
        return pages
    return render_pages(trace, studies, math=math, prove=lambda *_: again, beside=beside)


class _Noted:
    """A prover whose answer is kept beside the pages that tell it."""

    def __init__(self, prove: Prover) -> None:
        self.prove, self.is_asked = prove, False

    def rendered(
        self, trace: Trace, studies: Studies, math: str, *, beside: bool
    ) -> tuple[Pages, Pages, str]:
        """All pages; those that the prover saw; what it said of them."""
        seen: list[Any] = []

        def noting(trace: Trace, rendered: Mapping[str, str]) -> Any:
            self.is_asked = True
            seen[:] = [dict(rendered), self.prove(trace, rendered)]
            return seen[1]

        pages = render_pages(trace, studies, math=math, prove=noting, beside=beside)
        return pages, seen[0], repr(seen[1])
