"""Lines of many cycles looked at together: one formula for all of them, reckoned over arrays.

What :mod:`tracer.typeset.soon` finds out of a line at the first look is found here for all lines
of a form at once, by the same bound of what float64 loses, and left with the line. A line in doubt
is left as it is. Sums and products alone are looked at: what is computed for each unit is made of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from tracer.formula import FloatArray
from tracer.numerals import Numeral, numeral
from tracer.typeset.bounded import SPACE, TINY, UNIT, Upper
from tracer.typeset.compiled import Compiled
from tracer.typeset.line import Bound
from tracer.typeset.noise import ROUNDING, NoiseTree
from tracer.typeset.soon import Look, known, printed_soon

FEW = 8
"""Fewer lines of a form are sooner looked at one by one: some forty steps over arrays take as long
as five of them."""
ALMOST = 1 - 1e-9
"""Far more than float64 loses of a power of ten, and far less than a multiple of it."""
Pair = tuple[Bound, float]


class _Arrays(NamedTuple):
    """A form over arrays: its value with its bound, and how many digits its exact value has."""

    bounded: Callable[..., tuple[Any, Any]]
    places: Callable[..., Any] | None


def look_ahead(lines: Iterable[Pair], decimals: int) -> None:
    """Look at bound forms with the values that they have, all lines of a form together."""
    groups: dict[Compiled, list[Pair]] = {}
    for bound, value in lines:
        branch = known(bound.form).branch
        if branch is not None:
            groups.setdefault(branch, []).append((bound, value))
    for branch, pairs in groups.items():
        over = _over_arrays(branch) if len(pairs) >= FEW else None
        if over is not None:
            with np.errstate(all="ignore"):
                _look_at(branch, over, pairs, decimals)


@lru_cache(maxsize=2**12)  # the forms of a network: some for each layer
def _over_arrays(branch: Compiled) -> _Arrays | None:
    bounded, exact = _function(branch.bounded_source), branch.exact_source
    if bounded is None:
        return None
    larger = np.maximum
    space = {"add": larger, "multiply": np.add, "max": larger, "min": larger, "D": _places_of}
    return _Arrays(bounded, eval(exact, space) if exact else None)


@lru_cache(maxsize=2**12)  # as above, and the terms of their sums
def _function(source: str | None) -> Callable[..., tuple[Any, Any]] | None:
    """What a source defines, over arrays; None where it asks which way to go, or calls functions.

    Both are left to a look at one line: few lines have them.
    """
    if source is None or " if " in source or "m." in source:
        return None
    largest, least = (lambda *each, of=of: reduce(of, each) for of in (np.maximum, np.minimum))
    space: dict[str, Any] = {**SPACE, "abs": np.abs, "max": largest, "min": least}
    exec(source, space)
    found: Callable[..., tuple[Any, Any]] = space["bounded"]
    return found


def _places_of(text: str) -> int:
    """How many digits a number has behind its point."""
    return len(text.partition(".")[2])


def _look_at(branch: Compiled, over: _Arrays, pairs: Sequence[Pair], decimals: int) -> None:
    real = np.array([[o.value for o in bound.operands] for bound, _ in pairs])
    values = np.array([value for _, value in pairs])
    finite = np.isfinite(real).all(axis=1) & np.isfinite(values)
    noise = np.broadcast_to(_noise(branch.noise_bound_tree, real.T), values.shape)
    usual = finite & ((values == 0) | (branch.noise is None) | (np.abs(values) > noise))
    chosen = [pair for pair, holds in zip(pairs, usual, strict=True) if holds]
    if not chosen:
        return
    texts = [printed_soon(bound.operands, decimals, 0) for bound, _ in chosen]
    goals = [numeral(value, decimals) for _, value in chosen]
    for (bound, value), found, relation in zip(
        chosen, texts, _relations(over, texts, goals), strict=True
    ):
        bound.looks[value] = True
        if relation is not ...:
            bound.looks[value, decimals, 0] = Look(found, branch, relation)


def _relations(
    over: _Arrays, texts: Sequence[Sequence[Numeral]], goals: Sequence[Numeral]
) -> list[Any]:
    """The relation of each line, "=", "≈" or None for neither; ``...`` where it is in doubt."""
    value, lost = over.bounded(*np.array([[text.near for text in row] for row in texts]).T)
    shown = np.array([goal.near for goal in goals])
    quantum = np.array([float(goal.quantum) for goal in goals])
    distance = np.abs(value - shown)
    lost = lost + (np.abs(shown) + distance + quantum) * UNIT + TINY
    apart = distance > quantum / 2 + lost
    about = (shown != 0) & (lost < distance) & (distance < quantum / 2 - lost)
    same = _same(over, texts, goals, distance + lost)
    found = np.select([same, apart, about], [0, 1, 2], 3)
    return [("=", None, "≈", ...)[k] for k in found.tolist()]


def _same(
    over: _Arrays,
    texts: Sequence[Sequence[Numeral]],
    goals: Sequence[Numeral],
    reach: FloatArray,
) -> Any:
    """Where two multiples of a power of ten differ by less than it: there they are one number."""
    if over.places is None:
        return np.zeros(len(goals), dtype=bool)
    places = over.places(*np.array([[_places(text) for text in row] for row in texts]).T)
    most = np.maximum(places, [_places(goal) for goal in goals])
    return reach < ALMOST * 10.0**-most


def _places(text: Numeral) -> int:
    """How many digits a printed number has behind its point, if it is written without a power."""
    _, _, behind = text.mantissa.partition(".")
    return max(0, len(behind) - (text.exponent or 0))


def _noise(tree: NoiseTree, operands: FloatArray) -> Any:
    """At least what float64 may lose in the sums of a formula; inf where that is not known."""
    if tree is None:
        return 0.0
    kind, first, second = tree
    if kind == "power":
        return _noise(first, operands) ** second
    if kind == "product":
        return _size(first, operands) * _noise(second, operands)
    largest = reduce(np.maximum, [_size(term, operands) for term in first])
    return len(first) * ROUNDING * largest + sum(_noise(each, operands) for each in second)


def _size(term: Upper, operands: FloatArray) -> Any:
    """|value| and what it may have lost; inf where that is not known."""
    function = _function(term.source)
    if function is None:
        return np.inf
    value, lost = function(*operands)
    found = np.abs(value) + lost
    return np.where(np.isnan(found), np.inf, found)
