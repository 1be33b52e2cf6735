"""Forms as data for a script that settles digits in the page: trees, conditions, pieces of MathML.

A tree is the number of a slot, an exact number as text ("-3", "1/2"), or {"op": …, "args": […]}.
The scripts of ``templates/assets/explore`` read them, so that they define no formula themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import sympy as sp

from tracer.algebra import Named, first_conditions
from tracer.deferred import Z
from tracer.errors import RenderError
from tracer.formula import Expr, Form
from tracer.messages import gettext
from tracer.typeset.compiled import Compiled, chosen_branch
from tracer.typeset.losing import noise_tree
from tracer.typeset.mathml import to_mathml
from tracer.typeset.noise import NoiseTree
from tracer.typeset.pieces import Piece
from tracer.typeset.reach import is_rational

_FUNCTIONS = (sp.exp, sp.log, sp.tanh, sp.erf, sp.sin, sp.cos, sp.atan)

OPERATIONS: Mapping[Any, str] = {
    sp.Add: "add",
    sp.Mul: "times",
    sp.Pow: "power",
    sp.Max: "max",
    sp.Min: "min",
    sp.Abs: "abs",
    sp.sign: "sign",
    sp.StrictLessThan: "lt",
    sp.LessThan: "le",
    sp.StrictGreaterThan: "gt",
    sp.GreaterThan: "ge",
    sp.Equality: "eq",
    sp.Unequality: "ne",
    sp.And: "and",
    sp.Or: "or",
    sp.Not: "not",
    **{function: function.__name__ for function in _FUNCTIONS},
}
"""What SymPy calls an operation, and what the scripts do."""

Worded = Callable[[str], str]
"""LaTeX with the names of functions that a notation chose."""
Slots = Mapping[Expr, int]


def exported(form: Form, worded: Worded = str) -> dict[str, Any]:
    """A form as JSON has it: a branch, or conditions and what follows from each.

    Raises RenderError for a function that the scripts do not know.
    """
    return _node(form, (), worded)


def _node(form: Form, chosen: tuple[int, ...], worded: Worded) -> dict[str, Any]:
    whole = form.real
    slots = {symbol: k for k, symbol in enumerate(whole.symbols)}
    expression, _ = whole.branch(chosen)
    conditions = first_conditions(expression)
    if not conditions:
        return {"branch": _branch(chosen_branch(form, chosen), expression, slots, worded)}
    return {
        "conditions": [_calculation(slots, condition) for condition in conditions],
        "then": [_node(form, (*chosen, k), worded) for k in range(len(conditions))],
    }


def _branch(found: Compiled, expression: Expr, slots: Slots, worded: Worded) -> dict[str, Any]:
    looks = {"symbolic": found.symbolic, "numeric": found.numeric, "condition": found.condition}
    return {
        "value": _calculation(slots, expression),
        "reach": found.reach,
        "noise": _noise(noise_tree(expression, partial(_calculation, slots))),
        "constant": found.is_constant,
        "lone": found.is_lone,
        **{name: [_piece(piece, worded) for piece in pieces] for name, pieces in looks.items()},
    }


def _piece(piece: Piece, worded: Worded) -> dict[str, str]:
    return {"sign": piece.sign, "mathml": to_mathml(worded(piece.latex))}


def _calculation(slots: Slots, expression: Expr) -> Any:
    return {"exact": is_rational(expression), "tree": _tree(expression, slots)}


def _noise(tree: NoiseTree) -> dict[str, Any] | None:
    if tree is None:
        return None
    kind, first, second = tree
    if kind == "sum":
        return {"kind": kind, "terms": list(first), "inside": [_noise(each) for each in second]}
    if kind == "power":
        return {"kind": kind, "base": _noise(first), "exponent": second}
    return {"kind": kind, "scale": first, "inner": _noise(second)}


def _tree(expression: Expr, slots: Slots) -> int | str | dict[str, Any]:
    if expression in slots:
        return slots[expression]
    if expression.is_Rational:
        return str(expression)
    if isinstance(expression, Named):
        return {"op": "named", "args": _args(expression, slots), "pieces": _pieces(expression)}
    known: dict[Expr, dict[str, Any]] = {
        sp.pi: {"op": "pi"},
        sp.E: {"op": "exp", "args": ["1"]},
        sp.true: {"op": "and"},  # of nothing: it holds
    }
    if expression in known:
        return known[expression]
    name = OPERATIONS.get(expression.func)
    if name is None:
        raise RenderError(gettext("no script knows how to compute %(formula)s", formula=expression))
    return {"op": name, "args": _args(expression, slots)}


def _args(expression: Expr, slots: Slots) -> list[Any]:
    return [_tree(part, slots) for part in expression.args]


def _pieces(function: Expr) -> list[Any]:
    """(value, condition) of each piece of a function's own definition."""
    form = Form(type(function).definition, (Z,)).real
    slots = {symbol: k for k, symbol in enumerate(form.symbols)}
    return [list(_pair(slots, *branch)) for branch in form.branches]


def _pair(slots: Slots, value: Expr, holds: Expr) -> Iterator[Any]:
    yield _calculation(slots, value)
    yield _calculation(slots, holds)
