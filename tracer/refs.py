"""One number of a run: its quantity, its layer and units, and the moment at which it is computed.

A moment says what a number belongs to, and with it where its line stands among the pages:
:mod:`tracer.pages.addresses` has a home for each kind. Moments count from 0, as the trace's arrays
do, except epochs; layers and units count from 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Any, Final, Self, cast

_AFTER = "_after"
"""What the trace, its JSON and the anchors add to the name of a value after the update."""
_Place = tuple[str, int, tuple[int, ...], bool]
_MOMENTS: dict[tuple[Any, ...], Any] = {}
_ANCHOR = re.compile(r"([A-Za-z]\w*)((?:-\d+)*)")


@lru_cache(maxsize=2**14)  # the numbers of the largest network whose pages are allowed
def anchor_of(name: str, layer: int, index: tuple[int, ...], *, after: bool) -> str:
    """The readable, stable name of a number within a page: quantity, layer, units."""
    parts = [name + _AFTER * after, *([layer] if layer else []), *index]
    return "-".join(str(part) for part in parts)


class _Spots(dict[_Place, int]):
    """Numbers for places, in the order in which they were asked for: see :attr:`Ref.spot`."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[_Place] = []
        self._one_at_a_time = Lock()

    def __missing__(self, place: _Place) -> int:
        with self._one_at_a_time:
            if place not in self:
                self.places.append(place)
                self[place] = len(self.places) - 1
        return self[place]


_SPOTS = _Spots()


def place_at(spot: int) -> tuple[str, int, tuple[int, ...], bool]:
    """(name, layer, index, after) of every number with this spot."""
    return _SPOTS.places[spot]


class _Anchors(dict[int, str]):
    """The anchors of places, by their spots, marked as after the update or not."""

    def __init__(self, *, after: bool) -> None:
        super().__init__()
        self.after = after

    def __missing__(self, spot: int) -> str:
        name, layer, index, _ = _SPOTS.places[spot]
        found = self[spot] = anchor_of(name, layer, index, after=self.after)
        return found


ANCHORS = _Anchors(after=False), _Anchors(after=True)
"""The anchor of every number with a spot: as before an update, and as after it."""


class _Moment:
    """A moment is one object, however often it is asked for: pages compare thousands of them."""

    def __new__(cls, *numbers: int) -> Self:
        key = cls, *numbers
        found = _MOMENTS.get(key)
        if found is None:
            made = object.__new__(cls)
            names = getattr(cls, "__match_args__", ())
            made.__dict__.update(zip(names, numbers, strict=True))
            found = _MOMENTS.setdefault(key, made)
        return cast(Self, found)

    def __reduce__(self) -> Any:
        return type(self), tuple(self.__dict__.values())


@dataclass(frozen=True, eq=False, init=False)
class Setting(_Moment):
    """A number of the experiment file; also of a symbol that stands for no number."""


@dataclass(frozen=True, eq=False, init=False)
class Known(_Moment):
    """A number that no line computes: a count, or what starts at 0."""


@dataclass(frozen=True, eq=False, init=False)
class Here(_Moment):
    """A number whose line stands on the page that shows it."""


@dataclass(frozen=True, eq=False, init=False)
class Datum(_Moment):
    """An entry of the data table, in its row."""

    row: int


@dataclass(frozen=True, eq=False, init=False)
class TableRow(_Moment):
    """What the trained network makes of a row of the table."""

    number: int


@dataclass(frozen=True, eq=False, init=False)
class Visit(_Moment):
    """What the cycle of one sample in one update computes."""

    number: int


@dataclass(frozen=True, eq=False, init=False)
class Batch(_Moment):
    """What an update receives, or computes on its way."""

    update: int


@dataclass(frozen=True, eq=False, init=False)
class Before(_Moment):
    """A weight or bias before an update: index ``update`` of the trace's arrays."""

    update: int


@dataclass(frozen=True, eq=False, init=False)
class Memory(_Moment):
    """What the optimizer keeps for a weight or bias, before an update."""

    update: int


@dataclass(frozen=True, eq=False, init=False)
class WholeEpoch(_Moment):
    """What is computed of a whole epoch, from 1."""

    number: int


_SETTING = Setting()
Moment = Setting | Known | Here | Datum | TableRow | Visit | Batch | Before | Memory | WholeEpoch


@dataclass(init=False, eq=False)
class Ref:
    """One number of a run, or the symbol of a quantity where there is no ``index``.

    ``after`` marks a value after the update: a parameter, what the optimizer keeps for it, or a
    number of the second forward pass of a visit, with the updated weights.
    """

    # of a frozen dataclass they would take twice the time to set, and to read
    __slots__ = ("after", "index", "layer", "moment", "name", "spot")
    name: Final[str]
    layer: Final[int]
    index: Final[tuple[int, ...]]
    moment: Final[Moment]
    after: Final[bool]

    def __init__(
        self,
        name: str,
        layer: int = 0,
        index: tuple[int, ...] = (),
        moment: Moment = _SETTING,
        after: bool = False,
    ) -> None:
        self.name, self.layer, self.index = name, layer, index
        self.moment, self.after = moment, after
        self.spot: Final = _SPOTS[name, layer, index, after]
        """A number for what is written of it and called by its name: alike at any moment."""

    def __hash__(self) -> int:
        return hash((self.spot, self.moment))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Ref):
            return NotImplemented
        return self.spot == other.spot and self.moment is other.moment

    def __reduce__(self) -> Any:
        """By its fields: another process has other spots."""
        return Ref, (self.name, self.layer, self.index, self.moment, self.after)

    @classmethod
    def of(cls, traced: str, layer: int = 0, index: tuple[int, ...] = ()) -> Ref:
        """The reference of a name as the trace has it, where W_after is W after the update."""
        name = traced.removesuffix(_AFTER)
        return cls(name, layer, index, after=name != traced)

    @classmethod
    def at(cls, anchor: str) -> Ref | None:
        """What an anchor addresses, if its first number is a layer; None for any other text."""
        found = _ANCHOR.fullmatch(anchor)
        if found is None:
            return None
        layer, *index = (int(number) for number in found[2].split("-")[1:] or ["0"])
        return cls.of(found[1], layer, tuple(index))

    @property
    def traced(self) -> str:
        """The name that the trace has for it."""
        return self.name + _AFTER * self.after

    @property
    def anchor(self) -> str:
        """The readable, stable name within a page: quantity, layer, units."""
        return ANCHORS[self.after][self.spot]

    @property
    def is_of_parameter(self) -> bool:
        """Whether it is a weight, a bias, or what the optimizer keeps for one."""
        return isinstance(self.moment, Before | Memory)

    def at_moment(self, moment: Moment) -> Ref:
        """The same number at another moment."""
        found = object.__new__(Ref)
        found.name, found.layer, found.index = self.name, self.layer, self.index  # type: ignore[misc]
        found.moment, found.after, found.spot = moment, self.after, self.spot  # type: ignore[misc]
        return found

    def marked(self, *, after: bool) -> Ref:
        """The same before the update, or after it."""
        return replace(self, after=after)


@lru_cache(maxsize=2**12)  # the quantities of the layers of some networks
def symbol(name: str, layer: int = 0, *, after: bool = False) -> Ref:
    """The symbol of a quantity, of a layer or of none."""
    return Ref(name, layer, after=after)
