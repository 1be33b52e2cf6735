"""Conditions come to the same in Python and in the script, whatever the numbers are."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from scripted import ask, repr_of
from tracer.conditions import (
    Numbers,
    Tree,
    beside,
    choose,
    distinct,
    finite,
    given,
    joined,
    larger,
    largest,
    last,
    of,
    reads_as,
    row_count,
    row_of,
    select,
    size,
    text,
)

TREES = 800
NUMBERS = ("0.0", "-0.0", "1.0", "0.5", "-2.5", "nan", "inf", "-inf", "5e-324", "1e308", "3.0")
LENGTH = 4
X, WORDS = of("x"), given("a", "b", "a", "c")


def number_row(draw: random.Random, depth: int) -> Tree:
    """Numbers: as many as there are, or one."""
    if depth == 0:
        return draw.choice((X, given(float(draw.choice(("0", "1", "-2.5", "0.5"))))))
    one, other = number_row(draw, depth - 1), number_row(draw, depth - 1)
    return draw.choice(
        (
            lambda: one - other,
            lambda: one + other,
            lambda: one * other,
            lambda: size(one),
            lambda: larger(one, other),
            lambda: select(truth_row(draw, depth - 1), one, other),
            lambda: X.at(given(draw.randrange(LENGTH))),
        )
    )()


def truth_row(draw: random.Random, depth: int) -> Tree:
    """Truths, as many or one."""
    if depth == 0:
        return X.equals(0)
    one, other = number_row(draw, depth - 1), number_row(draw, depth - 1)
    holds, also = truth_row(draw, depth - 1), truth_row(draw, depth - 1)
    return draw.choice(
        (
            lambda: one < other,
            lambda: one <= other,
            lambda: one > other,
            lambda: one.equals(other),
            lambda: one.differs(other),
            lambda: holds & also,
            lambda: holds | also,
            lambda: ~holds,
            lambda: finite(one),
            holds.any,
            holds.all,
        )
    )()


def whole(draw: random.Random) -> Tree:
    """What a region may ask: a truth, a count, a place, some of a row, or a text."""
    holds, numbers = truth_row(draw, 3), number_row(draw, 2)
    wide = holds & X.equals(X) | X.differs(X)  # as many as there are
    counted = text(wide.count())
    return draw.choice(
        (
            holds.any(),
            wide.count(),
            last(wide),
            row_count(X.where(wide)),
            largest(select(finite(numbers) & X.equals(X), size(numbers), -1)),
            distinct(given(*range(LENGTH)).where(wide)),
            choose(
                (holds.any(), "one"), (wide.all(), joined("all of ", counted)), otherwise="none"
            ),
            beside("n", text(given(*range(LENGTH)).where(wide)), "."),
            WORDS.equals(WORDS.at(draw.randrange(LENGTH))),
            reads_as(given("0.5", "0.50", "", "nan", "1 × 10⁻⁷", "−0.5", "∞"), 0.5),
        )
    )


def exported(tree: Tree) -> dict[str, Any]:
    if tree.op == "of":
        return {"op": "of", "at": list(range(LENGTH))}
    if tree.op == "given":
        return {"op": "given", "of": list(tree.args)}
    return {"op": tree.op, "args": [exported(arg) for arg in tree.args]}


def plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str | bool):
        return value
    return repr_of(float(value) + 0.0).removesuffix(".0")


def test_trees_come_to_the_same() -> None:
    draw = random.Random(3)
    pairs = [(whole(draw), draw.choices(NUMBERS, k=LENGTH)) for _ in range(TREES)]
    told = [Numbers({"x": [float(number) for number in numbers]}, {}) for _, numbers in pairs]
    wanted = [
        [plain(value) for value in row_of(tree, numbers)]
        for (tree, _), numbers in zip(pairs, told, strict=True)
    ]
    asked = [[exported(tree), [repr_of(float(n)) for n in numbers]] for tree, numbers in pairs]
    found = ask({"trees": asked})["trees"]
    assert found == wanted
    assert len({str(row) for row in wanted}) > 20


def test_later_conditions_are_not_evaluated() -> None:
    nothing, holds = Numbers({}, {}), given(1).equals(1)
    found = row_of(choose((holds, "yes"), (of("missing").any(), "no"), otherwise="no"), nothing)
    assert list(found) == ["yes"]
