"""Trees evaluated over lists of Python's numbers: for rows as short as those of a page.

NumPy takes longer to begin than a list of ten numbers takes to end. What is not written here is
left to :data:`tracer.conditions.OPERATIONS`; a test holds both to the same.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from tracer.conditions import OPERATIONS, Of, Tree, chosen

Values = Sequence[Any]


class Listed(Protocol):
    """What trees ask of a cycle, in lists."""

    def listed(self, of: Of) -> Values:
        """The numbers themselves."""

    def shown(self, of: Of) -> Sequence[str]:
        """Their texts, where each stands alone."""

    def printed(self, of: Of) -> Sequence[str]:
        """The results of the lines that compute them."""


Evaluate = Callable[[Any], Values]


def listed(tree: Tree) -> Evaluate:
    """What evaluates a tree, made once."""
    found: Evaluate | None = tree.__dict__.get("listed")
    if found is None:
        found = _function(tree)
        if tree.is_once:
            found = _once(found)
        tree.__dict__["listed"] = found
    return found


def _function(tree: Tree) -> Evaluate:
    if tree.op == "given":
        values = tree.args
        return lambda _: values
    if tree.op in _LEAVES:
        return _LEAVES[tree.op](tree.args[0])
    parts = [listed(arg) for arg in tree.args]
    if tree.op == "choose":
        return chosen(list(zip(parts[:-1:2], parts[1::2], strict=True)), parts[-1])
    if tree.op in _SINGLE:
        return _of_one(_SINGLE[tree.op], parts[0])
    if tree.op in _PAIRS:
        return _of_two(_PAIRS[tree.op], *parts)
    return _by_arrays(OPERATIONS[tree.op], parts)


_LEAVES: Mapping[str, Callable[[Of], Evaluate]] = {
    "of": lambda leaf: lambda told: told.listed(leaf),
    "shown": lambda leaf: lambda told: told.shown(leaf),
    "printed": lambda leaf: lambda told: told.printed(leaf),
}
_SINGLE: Mapping[str, Callable[[Values], Values]] = {
    "not": lambda row: [not each for each in row],
    "finite": lambda row: list(map(math.isfinite, row)),
    "size": lambda row: list(map(abs, row)),
    "any": lambda row: [any(row)],
    "all": lambda row: [all(row)],
    "count": lambda row: [sum(map(bool, row))],
    "length": lambda row: [len(row)],
}
_PAIRS: Mapping[str, Callable[[Any, Any], Any]] = {
    "minus": operator.sub,
    "plus": operator.add,
    "times": operator.mul,
    "less": operator.lt,
    "at_most": operator.le,
    "equal": operator.eq,
    "and": lambda one, other: bool(one) and bool(other),
    "or": lambda one, other: bool(one) or bool(other),
}


def _of_one(operation: Callable[[Values], Values], part: Evaluate) -> Evaluate:
    return lambda told: operation(part(told))


def _of_two(operation: Callable[[Any, Any], Any], one: Evaluate, other: Evaluate) -> Evaluate:
    def evaluate(told: Listed) -> Values:
        first, second = one(told), other(told)
        if len(second) == 1:
            (value,) = second
            return [operation(each, value) for each in first]
        if len(first) == 1:
            (value,) = first
            return [operation(value, each) for each in second]
        return [operation(*pair) for pair in zip(first, second, strict=True)]

    return evaluate


def _by_arrays(operation: Callable[..., Any], parts: Sequence[Evaluate]) -> Evaluate:
    def evaluate(told: Listed) -> Values:
        with np.errstate(all="ignore"):
            found: Values = operation(*[_array(part(told)) for part in parts]).tolist()
        return found

    return evaluate


def _array(row: Values) -> Any:
    is_text = any(isinstance(each, str) for each in row)
    return np.array(row, dtype=object) if is_text else np.array(row)


def _once(evaluate: Evaluate) -> Evaluate:
    def once(told: Any) -> Values:
        found: Values | None = told.known.get(evaluate)
        if found is None:
            found = told.known[evaluate] = evaluate(told)
        return found

    return once


def comparisons(trees: Iterable[Tree]) -> list[Tree] | None:
    """What trees compare: all that they say follows from it; None where they ask for more."""
    found: dict[Any, Tree] = {}
    for tree in trees:
        if tree.op in _LEAVES:
            return None
        if tree.op in _COMPARED and all(arg.op in ("of", "given") for arg in tree.args):
            found[tree.op, *[arg.args for arg in tree.args]] = tree
            continue
        inner = comparisons(arg for arg in tree.args if isinstance(arg, Tree))
        if inner is None:
            return None
        found |= {(each.op, *[arg.args for arg in each.args]): each for each in inner}
    return list(found.values())


_COMPARED = frozenset(["equal", "less", "at_most"])
