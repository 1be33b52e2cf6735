"""What is said of numbers, decided by trees: conditions as data, for Python and for a script.

A tree is evaluated over the numbers of one cycle. Every value is a row of numbers, of truths or of
texts; a single one is a row of one, and goes with each of another row. The scripts of
``templates/assets/explore`` evaluate the same trees, so that no judgement is written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar, Protocol
from weakref import ref

import numpy as np
import numpy.typing as npt

Place = tuple[int, ...]
Row = npt.NDArray[Any]


@dataclass(frozen=True)
class Of:
    """Numbers of a cycle: a quantity of all layers (``layer`` 0) or of one, or some ``places``.

    Places are indices from 1, in the order in which the numbers are wanted; none means all, row by
    row, layer by layer.
    """

    name: str
    layer: int = 0
    places: tuple[Place, ...] = ()

    @cached_property
    def index(self) -> tuple[Row, ...]:
        """The places as an index of one array, from 0."""
        return _index(self.places)

    @cached_property
    def by_layer(self) -> tuple[tuple[int, tuple[Row, ...]], ...]:
        """The same of places that begin with their layer: (layer from 0, index), in their order."""
        runs = groupby(self.places, key=lambda place: place[0])
        return tuple((k - 1, _index([place[1:] for place in run])) for k, run in runs)


def _index(places: Iterable[Place]) -> tuple[Row, ...]:
    return tuple(np.array(units) - 1 for units in zip(*places, strict=True))


class Told(Protocol):
    """What trees ask of a cycle: its numbers, and how they are printed."""

    def numbers(self, of: Of) -> Row:
        """The numbers themselves."""

    def shown(self, of: Of) -> Sequence[str]:
        """Their texts, where each stands alone."""

    def printed(self, of: Of) -> Sequence[str]:
        """The results of the lines that compute them."""


class Evaluating:
    """What evaluates trees over its numbers in a way of its own."""

    def row_of(self, tree: Tree) -> Row:
        """The row that a tree stands for."""
        raise NotImplementedError


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
        made = Tree(self.op, self.args)
        made.__dict__.update(evaluate=_once(self), is_once=True)
        return made

    def __sub__(self, other: Tree | float) -> Tree:
        return _made("minus", self, other)

    def __add__(self, other: Tree | float) -> Tree:
        return _made("plus", self, other)

    def __mul__(self, other: Tree | float) -> Tree:
        return _made("times", self, other)

    def __lt__(self, other: Tree | float) -> Tree:
        return _made("less", self, other)

    def __le__(self, other: Tree | float) -> Tree:
        return _made("at_most", self, other)

    def __gt__(self, other: Tree | float) -> Tree:
        return _made("less", other, self)

    def __and__(self, other: Tree) -> Tree:
        return _made("and", self, other)

    def __or__(self, other: Tree) -> Tree:
        return _made("or", self, other)

    def __invert__(self) -> Tree:
        return _made("not", self)

    def equals(self, other: Tree | float | str) -> Tree:
        """Whether it is the same number or text; nan equals nothing."""
        return _made("equal", self, other)

    def differs(self, other: Tree | float | str) -> Tree:
        """Whether it is another one."""
        return ~self.equals(other)

    def any(self) -> Tree:
        """Whether one of a row holds."""
        return _made("any", self)

    def all(self) -> Tree:
        """Whether all of a row hold."""
        return _made("all", self)

    def count(self) -> Tree:
        """How many of a row hold."""
        return _made("count", self)

    def at(self, index: Tree | float) -> Tree:
        """Those at some places, from 0."""
        return _made("at", self, index)

    def where(self, holds: Tree) -> Tree:
        """Those for which something holds."""
        return _made("where", self, holds)


def _made(op: str, *args: Tree | float | str) -> Tree:
    return Tree(op, tuple(arg if isinstance(arg, Tree) else given(arg) for arg in args))


def given(*values: float | str) -> Tree:
    """A row of values that never change: numbers, truths or texts."""
    return Tree("given", values)


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
    return _made("finite", tree)


def size(tree: Tree) -> Tree:
    """|x| of each."""
    return _made("size", tree)


def larger(one: Tree, other: Tree) -> Tree:
    """The larger of each pair; nan if one is."""
    return _made("larger", one, other)


def select(holds: Tree, one: Tree | float, other: Tree | float) -> Tree:
    """``one`` where something holds, else ``other``."""
    return _made("select", holds, one, other)


def largest(tree: Tree) -> Tree:
    """The place of the largest number, the first of equals."""
    return _made("largest", tree)


def last(tree: Tree) -> Tree:
    """The last place that holds; −1 for none."""
    return _made("last", tree)


def distinct(tree: Tree) -> Tree:
    """Each number once, ascending."""
    return _made("distinct", tree)


def reads_as(texts: Tree, number: float) -> Tree:
    """Whether each text is read as this number."""
    return _made("reads", texts, number)


def text(tree: Tree) -> Tree:
    """Whole numbers as texts."""
    return _made("text", tree)


def joined(*texts: Tree | str) -> Tree:
    """Texts one after the other."""
    return _made("joined", *texts)


def beside(*texts: Tree | str) -> Tree:
    """Texts put together one by one, each with its fellows; a single one goes with all."""
    return _made("beside", *texts)


def row_count(tree: Tree) -> Tree:
    """How many there are."""
    return _made("length", tree)


def choose(*cases: tuple[Tree, Tree | str], otherwise: Tree | str) -> Tree:
    """What follows from the first condition that holds; later ones are not evaluated."""
    flat = [part for case in cases for part in case]
    return _made("choose", *flat, otherwise)


def _reads(texts: Row, number: Row) -> Row:
    return np.array([_read(each) == number[0] for each in texts], dtype=bool)


def _read(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _joined(*texts: Row) -> Row:
    return _texts(["".join(str(each) for row in texts for each in row)])


def _beside(*texts: Row) -> Row:
    rows = np.broadcast_arrays(*texts)
    return _texts("".join(map(str, parts)) for parts in zip(*rows, strict=True))


def _texts(values: Iterable[str]) -> Row:
    return np.array(list(values), dtype=object)


def _last(holds: Row) -> Row:
    places = np.flatnonzero(holds)
    return places[-1:] if places.size else np.array([-1])


def ascending(numbers: Row) -> Row:
    """Each number once, ascending: np.unique, which imports masked arrays to do so (10 ms)."""
    row = np.sort(numbers, axis=None)
    found: Row = row[np.append(True, row[1:] != row[:-1])[: row.size]]
    return found


OPERATIONS: Mapping[str, Callable[..., Row]] = {
    "minus": np.subtract,
    "plus": np.add,
    "times": np.multiply,
    "less": np.less,
    "at_most": np.less_equal,
    "equal": lambda one, other: np.asarray(one == other, dtype=bool),
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "finite": np.isfinite,
    "size": np.abs,
    "larger": np.maximum,
    "select": np.where,
    "any": lambda row: np.array([row.any()]),
    "all": lambda row: np.array([row.all()]),
    "count": lambda row: np.array([np.count_nonzero(row)]),
    "largest": lambda row: np.array([np.argmax(row)]),
    "last": _last,
    "at": lambda row, index: row[index.astype(int)],
    "where": lambda row, holds: row[np.broadcast_to(holds, row.shape)],
    "distinct": ascending,
    "reads": _reads,
    "text": lambda row: _texts(str(int(each)) for each in row),
    "joined": _joined,
    "beside": _beside,
    "length": lambda row: np.array([len(row)]),
}
"""What an operation makes of rows."""


def row_of(tree: Tree, told: Told) -> Row:
    """The row that a tree stands for, of one cycle."""
    if isinstance(told, Evaluating):
        return told.row_of(tree)
    with np.errstate(all="ignore"):
        return tree.evaluate(told)


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
    "shown": lambda leaf: lambda told: _texts(told.shown(leaf)),
    "printed": lambda leaf: lambda told: _texts(told.printed(leaf)),
}
"""What a leaf asks of a cycle."""


def _given(values: tuple[Any, ...]) -> Row:
    return _texts(values) if any(isinstance(v, str) for v in values) else np.array(values)


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
