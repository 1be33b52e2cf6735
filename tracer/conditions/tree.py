"""A condition as a tree of operations, and the row that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from weakref import ref

import numpy as np

from tracer.conditions.leaves import Of, Row, Told
from tracer.conditions.operations import OPERATIONS, text_row


@dataclass(frozen=True, eq=False)
class Tree:
    """An operation of trees; of leaves, ``args`` are an :class:`Of`, or the values themselves."""

    op: str
    args: tuple[Any, ...]
    is_once: ClassVar[bool] = False

    @cached_property
    def evaluate(self) -> Callable[[Told], Row]:
        """The row that it stands for, of any cycle: made once, since a page asks it for each."""
        return _function(self)

    def once(self) -> Tree:
        """The same, evaluated once for a cycle however often other trees ask for it in a row."""
        same = Tree(self.op, self.args)
        same.__dict__.update(evaluate=_once(self), is_once=True)
        return same

    def __sub__(self, other: Tree | float) -> Tree:
        return made("minus", self, other)

    def __add__(self, other: Tree | float) -> Tree:
        return made("plus", self, other)

    def __mul__(self, other: Tree | float) -> Tree:
        return made("times", self, other)

    def __lt__(self, other: Tree | float) -> Tree:
        return made("less", self, other)

    def __le__(self, other: Tree | float) -> Tree:
        return made("at_most", self, other)

    def __gt__(self, other: Tree | float) -> Tree:
        return made("less", other, self)

    def __and__(self, other: Tree) -> Tree:
        return made("and", self, other)

    def __or__(self, other: Tree) -> Tree:
        return made("or", self, other)

    def __invert__(self) -> Tree:
        return made("not", self)

    def equals(self, other: Tree | float | str) -> Tree:
        """Whether it is the same number or text; nan equals nothing."""
        return made("equal", self, other)

    def differs(self, other: Tree | float | str) -> Tree:
        """Whether it is another one."""
        return ~self.equals(other)

    def any(self) -> Tree:
        """Whether one of a row holds."""
        return made("any", self)

    def all(self) -> Tree:
        """Whether all of a row hold."""
        return made("all", self)

    def count(self) -> Tree:
        """How many of a row hold."""
        return made("count", self)

    def at(self, index: Tree | float) -> Tree:
        """Those at some places, from 0."""
        return made("at", self, index)

    def where(self, holds: Tree) -> Tree:
        """Those for which something holds."""
        return made("where", self, holds)


def made(op: str, *args: Tree | float | str) -> Tree:
    """An operation of trees and values."""
    return Tree(op, tuple(arg if isinstance(arg, Tree) else given(arg) for arg in args))


def given(*values: float | str) -> Tree:
    """A row of values that never change: numbers, truths or texts."""
    return Tree("given", values)


def _function(tree: Tree) -> Callable[[Told], Row]:
    if tree.op == "given":
        row = _given(tree.args)
        row.flags.writeable = False
        return lambda _: row
    if tree.op in LEAVES:
        return LEAVES[tree.op](*tree.args)
    parts = [arg.evaluate for arg in tree.args]
    if tree.op == "choose":
        return chosen(list(zip(parts[:-1:2], parts[1::2], strict=True)), parts[-1])
    return _applied(OPERATIONS[tree.op], parts)


def _once(tree: Tree) -> Callable[[Told], Row]:
    last: tuple[Callable[[], Any], Row] = (lambda: None), np.array([])

    def evaluate(told: Told) -> Row:
        nonlocal last
        known = last  # one pair, which another thread may replace
        if known[0]() is not told:
            known = last = ref(told), tree.evaluate(told)
        return known[1]

    return evaluate


def _applied(
    operation: Callable[..., Row], parts: Sequence[Callable[[Told], Row]]
) -> Callable[[Told], Row]:
    if len(parts) == 1:
        (one,) = parts
        return lambda told: operation(one(told))
    if len(parts) == 2:
        one, two = parts
        return lambda told: operation(one(told), two(told))
    return lambda told: operation(*[part(told) for part in parts])


def chosen(
    cases: Sequence[tuple[Callable[[Any], Any], Callable[[Any], Any]]],
    otherwise: Callable[[Any], Any],
) -> Callable[[Any], Any]:
    """The function of the first case that holds, else the other one."""

    def choose(told: Any) -> Any:
        for holds, result in cases:
            (found,) = holds(told)
            if found:
                return result(told)
        return otherwise(told)

    return choose


LEAVES: Mapping[str, Callable[[Of], Callable[[Told], Row]]] = {
    "of": lambda leaf: lambda told: told.numbers(leaf),
    "shown": lambda leaf: lambda told: text_row(told.shown(leaf)),
    "printed": lambda leaf: lambda told: text_row(told.printed(leaf)),
}
"""What a leaf asks of a cycle."""


def _given(values: tuple[Any, ...]) -> Row:
    return text_row(values) if any(isinstance(v, str) for v in values) else np.array(values)
