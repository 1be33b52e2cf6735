"""SymPy's part in a formula as it is printed: asked once an architecture, and kept after that.

SymPy prints LaTeX around the slots of a formula, and writes the functions that compute it; what
comes out is text.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import sympy as sp

from tracer.algebra import Named, first_conditions
from tracer.deferred import Z, real
from tracer.errors import RenderError
from tracer.formula import EXACT_FUNCTIONS, Expr, Form, functions_of
from tracer.messages import gettext
from tracer.typeset.bounding import bounded_source, exact_source, factors, noise_bound_tree
from tracer.typeset.calculation import Calculation, arithmetic
from tracer.typeset.losing import noise_tree
from tracer.typeset.pieces import LONG_SUM, SLOT, Piece, Prepared, mark_bare, plain_slot, slot
from tracer.typeset.reach import is_rational, reach_of
from tracer.unevaluated import times


def prepare(form: Form, chosen: tuple[int, ...] | None) -> Prepared:
    """A form in the branch of the chosen pieces, or of the first ones."""
    form = form.real
    expression, condition = form.first_branch if chosen is None else form.branch(chosen)
    names = {symbol: slot(k) for k, symbol in enumerate(form.symbols)}
    conditions = [] if condition is sp.true else [Piece("", print_latex(condition, names, "dot"))]
    result = Prepared(
        symbolic=_pieces(expression, names, None),
        numeric=_pieces(expression, names, "dot"),
        condition=tuple(conditions),
        value=calculation(form.symbols, expression),
        noise=noise_tree(expression, partial(calculation, form.symbols)),
        reach=reach_of(expression),
        exact=exact_source(form.symbols, expression),
        bounded=bounded_source(form.symbols, expression),
        noise_bound=noise_bound_tree(form.symbols, expression),
        factors=factors(form.symbols, expression),
    )
    _check_slots(expression, names, result)
    return result


def asked(form: Form, chosen: tuple[int, ...]) -> tuple[Calculation, ...]:
    """The conditions of the next pieces after those that were chosen; () where none are left."""
    form = form.real
    conditions = first_conditions(form.branch(chosen)[0])
    return tuple(calculation(form.symbols, condition) for condition in conditions)


def _check_slots(expression: Expr, names: dict[Expr, str], result: Prepared) -> None:
    wanted = {names[symbol] for symbol in expression.free_symbols}
    for pieces in (result.symbolic, result.numeric):
        if {plain_slot(s) for piece in pieces for s in SLOT.findall(piece.latex)} != wanted:
            raise RenderError(
                gettext("a symbol of %(formula)s did not become a slot", formula=expression)
            )


def _pieces(expression: Expr, names: dict[Expr, str], dot: str | None) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for before, term, behind in _terms(expression, names, dot):
        text = before + print_latex(term, names, dot) + behind
        sign = "+" if pieces else ""
        if pieces and text.startswith("-"):
            sign, text = "-", text[1:].strip()
        pieces.append(Piece(sign, mark_bare(text)))
    return tuple(pieces)


def _terms(
    expression: Expr, names: dict[Expr, str], dot: str | None
) -> Iterator[tuple[str, Expr, str]]:
    """The terms of a sum, also of one that is multiplied: (what stands before, term, behind)."""
    for term in sp.Add.make_args(expression):
        if not _is_scaled_sum(term):
            yield "", term, ""
            continue
        *factors, inner = term.args
        scale = times(*factors)
        sign = r" \cdot" if dot and not scale.is_number else ""
        before = "-" if scale == -1 else f"{print_latex(scale, names, dot)}{sign} "
        last = len(inner.args) - 1
        for k, part in enumerate(inner.args):
            yield f"{before}(" if k == 0 else "", part, ")" if k == last else ""


def _is_scaled_sum(term: Expr) -> bool:
    """Whether a term is a number times a sum, or anything times a sum too long for one stretch."""
    if not (isinstance(term, sp.Mul) and isinstance(term.args[-1], sp.Add)):
        return False
    *factors, inner = term.args
    if any(isinstance(factor, sp.Add) for factor in factors):
        return False
    return all(factor.is_number for factor in factors) or len(inner.args) > LONG_SUM


def print_latex(expression: Expr, names: Mapping[Expr, str], dot: str | None = None) -> str:
    """LaTeX of an expression with ``names`` for its symbols and ``dot`` between factors."""
    return str(
        sp.latex(
            real(expression),
            symbol_names={real(symbol): name for symbol, name in names.items()},
            order="none",
            mul_symbol=dot,
            ln_notation=True,
            diff_operator="rd",
            fold_func_brackets=False,
        )
    )


def calculation(symbols: tuple[Expr, ...], expression: Expr) -> Calculation:
    """What computes an expression: exactly where it is rational, else in many digits."""
    named = {type(node).__name__: _pieces_of(type(node).definition) for node in _named(expression)}
    space: Mapping[str, Any] = {"mpf": None, **EXACT_FUNCTIONS}
    if not is_rational(expression):
        space = {**functions_of(arithmetic), **dict.fromkeys(named)}
    function = sp.lambdify(symbols, expression, modules=[dict(space), "mpmath"])
    return Calculation(
        inspect.getsource(function), is_rational(expression), tuple(sorted(named.items()))
    )


def _named(expression: Expr) -> set[Expr]:
    found: set[Expr] = expression.atoms(Named)
    return found


def _pieces_of(definition: Expr) -> tuple[tuple[Calculation, Calculation], ...]:
    """(value, condition) of each piece of a function's own definition."""
    form = Form(definition, (Z,)).real
    return tuple(
        (calculation(form.symbols, value), calculation(form.symbols, holds))
        for value, holds in form.branches
    )
