"""The table of checks, and the run through all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice, product
from xml.etree.ElementTree import fromstring

from sympy import Piecewise, symbols, true

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES
from tracer.check.differences import by_differences
from tracer.check.proof import NOWHERE, Proof, absent
from tracer.check.recompute import recomputed
from tracer.check.sklearn import by_sklearn
from tracer.check.spot import Spot
from tracer.check.symbolic import by_one_expression
from tracer.check.torch import by_torch
from tracer.check.updates import by_program
from tracer.deferred import Z
from tracer.formula import Expr, Form, in_pieces
from tracer.numerals import exact_numeral
from tracer.reread.defined import Defined, name_of
from tracer.reread.grammar import FUNCTIONS
from tracer.reread.mathml import read_math
from tracer.reread.origins import check_origins
from tracer.reread.printed import check_pages
from tracer.reread.reason import because
from tracer.reread.tokens import text_of
from tracer.trace import Trace
from tracer.typeset.compiled import print_latex
from tracer.typeset.mathml import to_mathml

Pages = Mapping[str, str]
Prove = Callable[[Trace, Pages], Proof]
PRINTED, LINKED = "printed_lines", "linked_numbers"
MOST_CHOICES = 64
"""So many sums of constant pieces are told apart; usual losses have one."""


def printed(trace: Trace, pages: Pages) -> Proof:
    """Read every printed line back and evaluate it from its printed digits."""
    text = {path: page for path, page in pages.items() if path.endswith(".md")}
    decimals = trace.experiment.pages.decimals
    checked = check_pages(text, decimals, definitions(trace), constants(trace))
    lines = [(path, line) for path, found in checked.items() for line in found]
    wrong = [(path, line) for path, line in lines if not line.ok]
    spot = Spot.on_page(_slug(wrong[0][0]), wrong[0][1].anchor) if wrong else NOWHERE
    reasons = wrong[0][1].reasons if wrong else ()
    return Proof(PRINTED, len(lines), len(wrong), spot, 0, unit="wrong_lines", reasons=reasons)


def definitions(trace: Trace) -> Defined:
    """What the names of activations stand for that the re-reader does not know by itself."""
    entries = [ACTIVATIONS[layer.activation] for layer in trace.experiment.layers]
    named = {name: entry for entry in entries for name in _names(entry) if not entry.vector}
    return {name: _pieces(entry) for name, entry in named.items() if name not in FUNCTIONS}


def _names(entry: Activation) -> tuple[str, str]:
    """The name of an activation as it is read from LaTeX and from MathML."""
    math = fromstring(f"<math>{to_mathml(entry.latex)}</math>")
    return name_of(entry.latex), text_of(read_math(math))


def constants(trace: Trace) -> Mapping[str, frozenset[str]]:
    """The numbers that the loss, or its slope, is on a piece of it without being computed."""
    entry, units = LOSSES[trace.experiment.training.loss], trace.layer_sizes[-1]
    y, h = symbols(f"y:{units}", real=True), symbols(f"h:{units}", real=True)
    whole = {"loss": entry.definition(y, h), "dL_da": entry.written_slope(y, h, 0)}
    return {name: found for name, each in whole.items() if (found := _constants_of(each))}


def _constants_of(expression: Expr) -> frozenset[str]:
    """What an expression is where each of its Piecewise is on a piece that is a number."""
    parts = tuple(expression.atoms(Piecewise))
    numbers = [[piece.expr for piece in part.args if piece.expr.is_number] for part in parts]
    chosen = islice(product(*numbers), MOST_CHOICES) if parts else ()
    values = [expression.xreplace(dict(zip(parts, each, strict=True))) for each in chosen]
    return frozenset(exact_numeral(float(value)).text for value in values if value.is_number)


def _pieces(entry: Activation) -> list[tuple[str, str]]:
    def latex(expression: Expr) -> str:
        return print_latex(expression, {Z: "z"})

    pieces = Form(in_pieces(entry.definition), (Z,)).branches
    return [(latex(f), "" if where == true else latex(where)) for f, where in pieces]


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
