"""The table of checks, and the run through all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tracer.check.differences import by_differences
from tracer.check.proof import NOWHERE, Proof, absent
from tracer.check.recompute import recomputed
from tracer.check.sklearn import by_sklearn
from tracer.check.spot import Spot
from tracer.check.symbolic import by_one_expression
from tracer.check.torch import by_torch
from tracer.check.updates import by_program
from tracer.reread.origins import check_origins
from tracer.reread.printed import check_pages
from tracer.reread.reason import because
from tracer.trace import Trace

Pages = Mapping[str, str]
Prove = Callable[[Trace, Pages], Proof]
PRINTED, LINKED = "printed_lines", "linked_numbers"


def printed(trace: Trace, pages: Pages) -> Proof:
    """Read every printed line back and evaluate it from its printed digits."""
    text = {path: page for path, page in pages.items() if path.endswith(".md")}
    checked = check_pages(text, trace.experiment.pages.decimals)
    lines = [(path, line) for path, found in checked.items() for line in found]
    wrong = [(path, line) for path, line in lines if not line.ok]
    spot = Spot.on_page(_slug(wrong[0][0]), wrong[0][1].anchor) if wrong else NOWHERE
    reasons = wrong[0][1].reasons if wrong else ()
    return Proof(PRINTED, len(lines), len(wrong), spot, 0, unit="wrong_lines", reasons=reasons)


def linked(trace: Trace, pages: Pages) -> Proof:
    """Compare every number that is a link with the number where the link leads."""
    text = {path: page for path, page in pages.items() if path.endswith(".md")}
    count, wrong = check_origins(text, trace.experiment.pages.decimals)
    if count == 0:
        return absent(LINKED, 0, because("no_links"))
    spot = Spot.on_page(_slug(wrong[0].page)) if wrong else NOWHERE
    links = (because("of_link", link=one.href) for one in wrong[:1])
    reasons = (*links, *(one.reason for one in wrong[:1]))
    return Proof(LINKED, count, len(wrong), spot, 0, unit="wrong_links", reasons=reasons)


def _slug(path: str) -> str:
    return path.removesuffix("index.md").removesuffix("/")


PROOFS: tuple[Prove, ...] = (
    recomputed,
    by_differences,
    by_one_expression,
    by_program,
    by_torch,
    by_sklearn,
    printed,
    linked,
)
"""A new check is one function, one entry here, and its words in the templates."""


def prove(trace: Trace, pages: Pages) -> tuple[Proof, ...]:
    """Run every check; ``pages`` are the walkthrough's pages by their path."""
    return tuple(proof(trace, pages) for proof in PROOFS)
