"""Trees as they are written down: each operation by its word."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.conditions.leaves import Of, Place
from tracer.conditions.tree import Tree, made


def of(name: str, layer: int = 0, places: Iterable[Place] = ()) -> Tree:
    """Numbers of the cycle."""
    return Tree("of", (Of(name, layer, tuple(places)),))


def shown(name: str, layer: int = 0, places: Iterable[Place] = ()) -> Tree:
    """Their texts, where each stands alone."""
    return Tree("shown", (Of(name, layer, tuple(places)),))


def printed(name: str, layer: int = 0, places: Iterable[Place] = ()) -> Tree:
    """The results of the lines that compute them."""
    return Tree("printed", (Of(name, layer, tuple(places)),))


def finite(tree: Tree) -> Tree:
    """Whether each is a finite number."""
    return made("finite", tree)


def size(tree: Tree) -> Tree:
    """|x| of each."""
    return made("size", tree)


def larger(one: Tree, other: Tree) -> Tree:
    """The larger of each pair; nan if one is."""
    return made("larger", one, other)


def select(holds: Tree, one: Tree | float, other: Tree | float) -> Tree:
    """``one`` where something holds, else ``other``."""
    return made("select", holds, one, other)


def largest(tree: Tree) -> Tree:
    """The place of the largest number, the first of equals."""
    return made("largest", tree)


def last(tree: Tree) -> Tree:
    """The last place that holds; −1 for none."""
    return made("last", tree)


def distinct(tree: Tree) -> Tree:
    """Each number once, ascending."""
    return made("distinct", tree)


def reads_as(texts: Tree, number: float) -> Tree:
    """Whether each text is read as this number."""
    return made("reads", texts, number)


def text(tree: Tree) -> Tree:
    """Whole numbers as texts."""
    return made("text", tree)


def joined(*texts: Tree | str) -> Tree:
    """Texts one after the other."""
    return made("joined", *texts)


def beside(*texts: Tree | str) -> Tree:
    """Texts put together one by one, each with its fellows; a single one goes with all."""
    return made("beside", *texts)


def row_count(tree: Tree) -> Tree:
    """How many there are."""
    return made("length", tree)


def choose(*cases: tuple[Tree, Tree | str], otherwise: Tree | str) -> Tree:
    """What follows from the first condition that holds; later ones are not evaluated."""
    flat = [part for case in cases for part in case]
    return made("choose", *flat, otherwise)
