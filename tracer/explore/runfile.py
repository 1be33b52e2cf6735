"""The file of a run: its score, and the arrays of the cycles that are carried, as one script.

The arrays are float64, little end first, one after the other; of each the first bytes of all its
numbers come first, then the second: so they are packed better. The script sets one global, which
works from a server and from files alike.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from math import prod

import numpy as np

from tracer.explore.columns import MOMENTS, ROWS, UPDATES, VISITS, Carried, Column, Columns
from tracer.explore.exporting import Place as PlaceOf
from tracer.explore.quantities import Json, Key, Place
from tracer.explore.recalled import Told, dumped, recalled
from tracer.explore.score import Score
from tracer.formula import FloatArray
from tracer.pages.explore import ExplorerDesk

GLOBAL = "tracerRun"
BUDGET = 1_000_000
"""So many numbers a run file carries by itself: 8 MB, packed about 3, which a phone opens in a
second. The built-in example has 0.6 million."""
AT_A_TIME = 2**25
"""Bytes of weights that are held of a wide network at a time, some 40 updates of 784-128-10. Those
that were computed again are then still held (``trace.recording.MAX_CACHE``): one of Adam is six
times as large as the weights. Twice as many took eight times the updates."""
_SCORE, _ARRAYS = 6, 1
"""How well the two are packed. Text at zlib's usual level; of numbers most bytes are chance, and
its first level takes 30 ms instead of 70 for the built-in example, for 3 % more bytes."""
_NOTHING = "{}"


@dataclass
class RunFile:
    """The score of a walkthrough's network, and the arrays of the epochs that are carried.

    ``more`` is what stands beside the score, by name.
    """

    desk: ExplorerDesk
    more: Json = field(default_factory=dict)
    choices: Callable[[PlaceOf], Json] | None = None
    """What the page tells by its numbers, made by what renders it: given where numbers stand."""
    budget: int = BUDGET
    is_kept: bool = False
    """Whether what is told by numbers is tracer's own, and may be kept for another rate."""

    @cached_property
    def score(self) -> Score:
        """What is the same for all cycles."""
        return Score(self.desk)

    @cached_property
    def columns(self) -> Columns:
        """The arrays of the epochs that are carried: of the page's own cycle always."""
        trace, own = self.desk.walk.trace, self.desk.cycle.epoch
        match trace.experiment.pages.explore:
            case "all":
                epochs: Sequence[int] = range(1, trace.epochs + 1)
            case None:
                whole = self._all_at_once()
                if whole is not None:
                    return whole
                epochs = self._within_budget()
            case wanted:
                epochs = sorted({own, *(epoch for epoch in wanted if epoch <= trace.epochs)})
        return self._of(Carried(trace, epochs))

    def _of(self, carried: Carried) -> Columns:
        """The arrays of some cycles: what of them is named."""
        return Columns(carried, {k: [*np.array([*n]).T] for k, n in self._named.items()})

    def _within_budget(self) -> Sequence[int]:
        """All epochs, or as many as the budget holds."""
        trace, own = self.desk.walk.trace, self.desk.cycle.epoch
        size = self._size(Carried(trace, [own]))
        first = (own, *self.desk.walk.epochs, trace.epochs, 1)
        return chosen_epochs(trace.epochs, max(1, self.budget // size), first)

    def _all_at_once(self) -> Columns | None:
        """The arrays of all epochs where the budget surely holds them, else None.

        Of an update the moments before it and after it are counted, so one epoch may take up to
        twice its share of the run.
        """
        trace = self.desk.walk.trace
        if trace.recording is not None or sum(layer.size for layer in trace.W) > self.budget:
            return None
        whole = Carried(trace, range(1, trace.epochs + 1))
        return self._of(whole) if 2 * self._size(whole) <= self.budget else None

    def _size(self, of: Carried) -> int:
        """The numbers of all arrays that do not hold for all epochs, told from one update."""
        one = self._of(next(of.pieces(1)))
        counts = {VISITS: of.visits, UPDATES: of.updates, MOMENTS: of.moments}
        columns = (one.column(key) for key in self._keys)
        return sum(
            len(counts[column.over]) * prod(column.values.shape[1:])
            for column in columns
            if column.over != ROWS
        )

    @cached_property
    def told(self) -> Told:
        """What is told beside the numbers of the run."""
        return recalled(self.desk, self.told_anew) if self.is_kept else self.told_anew()

    def told_anew(self) -> Told:
        """The score, and the sentences with the symbols of all that they name."""
        quantities, sentences = self.score.quantities, {}
        score = self.score.json
        if self.choices is not None:
            place = partial(quantities.number, cycle=self.desk.cycle)
            sentences["choices"] = self.choices(place)
        symbols = [self.desk.symbol_of(ref, linked=False) for ref in quantities.refs]
        score = {**score, "names": list(quantities.names)}
        told = dumped({**sentences, "symbols": symbols})
        return Told(dumped(score), told, tuple(quantities.places))

    @property
    def _keys(self) -> list[Key]:
        """The arrays in which the quantities of the score stand, each once."""
        return list(dict.fromkeys(place.key for place in self.told.places))

    def parts(self) -> tuple[Json, bytes]:
        """The score with its places, and the bytes of the arrays."""
        text, data = self._text_and_data
        return json.loads(text), data

    @cached_property
    def _text_and_data(self) -> tuple[str, bytes]:
        """The score with its places as JSON, and the bytes of the arrays."""
        columns = {**self._order(), **self._arrays()}
        arrays, data = _laid(columns)
        number = {key: k for k, key in enumerate(columns)}
        places = [self._place(place, number, columns) for place in self.told.places]
        last = {"arrays": arrays, "places": places, "counts": self._counts()}
        parts = (self.told.score, dumped(self.more), self.told.sentences, dumped(last))
        return f"{{{','.join(part[1:-1] for part in parts if part != _NOTHING)}}}", data

    @cached_property
    def _named(self) -> dict[Key, dict[tuple[int, ...], int]]:
        """The places of each array that are named, each with its number among them.

        Empty for a network that is written out whole: all its numbers are carried.
        """
        found: dict[Key, dict[tuple[int, ...], int]] = {}
        if self.desk.walk.wide_layers:
            for key, entry in sorted({(p.key, p.entry) for p in self.told.places}):
                if entry:
                    named = found.setdefault(key, {})
                    named[entry] = len(named)
        return found

    def _arrays(self) -> dict[Key, Column]:
        """What is carried; of a wide network for some updates at a time: all of each is large."""
        if not self._named:
            return {key: self.columns.column(key) for key in self._keys}
        carried = self.columns.carried
        each = max(1, AT_A_TIME // sum(W[0].nbytes for W in carried.trace.W))
        pieces: list[dict[Key, Column]] = []
        last = -1
        for piece in carried.pieces(each):
            columns, begun = self._of(piece), {MOMENTS: int(piece.updates[0] == last)}
            found = {key: columns.column(key) for key in self._keys}
            pieces.append(
                {k: replace(c, values=c.values[begun.get(c.over, 0) :]) for k, c in found.items()}
            )
            last = int(piece.updates[-1]) + 1  # the moment after it is the first of the next piece
        return {key: _joined([piece[key] for piece in pieces]) for key in self._keys}

    def _place(self, place: Place, number: dict[Key, int], columns: dict[Key, Column]) -> list[int]:
        """[array, place in an entry, shift, whether it is counted from the start of the batch]."""
        shape = columns[place.key].values.shape[1:]
        named = self._named.get(place.key)
        if named is not None:
            entry = named[place.entry]
        else:
            entry = int(np.ravel_multi_index(place.entry, shape)) if shape else 0
        return [number[place.key], entry, place.shift, int(place.start)]

    @cached_property
    def script(self) -> str:
        """The file's text."""
        text, data = self._text_and_data
        score = _packed(text.encode(), _SCORE)
        held = f'{{"score": "{score}", "arrays": "{_packed(data, _ARRAYS)}"}}'
        return f"globalThis.{GLOBAL} = {held};\n"

    def _order(self) -> dict[Key, Column]:
        """What says which cycle is which: counted from 0, within what is carried."""
        carried, trace = self.columns.carried, self.desk.walk.trace
        visits, updates = carried.visits, carried.updates
        found = {
            "epoch": (VISITS, trace.epoch_of[visits]),
            "row": (VISITS, trace.row[visits]),
            "update": (VISITS, np.searchsorted(updates, trace.update_of[visits])),
            "number": (UPDATES, updates),
            "first": (UPDATES, np.searchsorted(trace.update_of[visits], updates)),
            "moment": (UPDATES, np.searchsorted(carried.moments, updates)),
        }
        return {Key(n): Column(over, v.astype(np.float64)) for n, (over, v) in found.items()}

    def _counts(self) -> Json:
        carried, trace = self.columns.carried, self.desk.walk.trace
        return {
            "epochs": trace.epochs,
            "rows": len(trace.x),
            "visits": len(trace.row),
            "updates": trace.updates,
            "carried": [int(epoch) for epoch in carried.epochs],
        }


def _laid(columns: dict[Key, Column]) -> tuple[list[Json], bytes]:
    """Where each array stands, counted in numbers, and all of them as bytes."""
    arrays, data, offset = [], [], 0
    for (name, layer), column in columns.items():
        shape = list(column.values.shape)
        arrays.append(
            {"name": name, "layer": layer, "over": column.over, "offset": offset, "shape": shape}
        )
        data.append(_shuffled(column.values))
        offset += prod(shape)
    return arrays, b"".join(data)


def _joined(pieces: Sequence[Column]) -> Column:
    """An array of pieces; what holds for all cycles is the same in each."""
    if pieces[0].over == ROWS:
        return pieces[0]
    return replace(pieces[0], values=np.concatenate([piece.values for piece in pieces]))


def _shuffled(values: FloatArray) -> bytes:
    flat = np.ascontiguousarray(values, dtype="<f8").reshape(-1).view(np.uint8)
    return np.ascontiguousarray(flat.reshape(-1, 8).T).tobytes()


def _packed(data: bytes, level: int) -> str:
    """The bytes as a text that JSON has as it is."""
    return base64.b64encode(zlib.compress(data, level)).decode()


def chosen_epochs(epochs: int, most: int, first: Sequence[int]) -> tuple[int, ...]:
    """So many epochs (from 1) at the most, ascending: some ``first``, the rest spread evenly."""
    if most >= epochs:
        return tuple(range(1, epochs + 1))
    chosen = list(dict.fromkeys(first))[:most]
    steps = max(1, most - 1)
    spread = (1 + k * (epochs - 1) // steps for k in range(most))
    return tuple(sorted([*chosen, *(e for e in spread if e not in chosen)][:most]))
