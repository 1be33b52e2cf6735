"""What trees come to, of one cycle or of numbers that are told of none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.conditions.leaves import Of, Row, Told
from tracer.conditions.tree import Tree


class Evaluating:
    """What evaluates trees over its numbers in a way of its own."""

    def row_of(self, tree: Tree) -> Row:
        """The row that a tree stands for."""
        raise NotImplementedError


def row_of(tree: Tree, told: Told) -> Row:
    """The row that a tree stands for, of one cycle."""
    if isinstance(told, Evaluating):
        return told.row_of(tree)
    with np.errstate(all="ignore"):
        return tree.evaluate(told)


def decide(tree: Tree, told: Told) -> Any:
    """The single value that a tree comes to: a truth, a number or a key."""
    (value,) = row_of(tree, told)
    return value.item() if isinstance(value, np.generic) else value


@dataclass(frozen=True)
class Numbers:
    """Numbers by their names, with what they are printed as: all that is told of no cycle."""

    values: Mapping[str, Sequence[float]]
    texts: Mapping[str, Sequence[str]]

    def numbers(self, of: Of) -> Row:
        """The numbers of a name."""
        return np.asarray(self.values[of.name], dtype=np.float64)

    def shown(self, of: Of) -> Sequence[str]:
        """The texts of a name."""
        return self.texts[of.name]

    printed = shown
