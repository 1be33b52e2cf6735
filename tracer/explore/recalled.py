"""What a run file tells beside its numbers, kept from one rendering to the next.

The score and the sentences of the explorer hold for every cycle of a run, so they hold for the
cycles of another run too that differs in its numbers alone: in its learning rate. They are kept by
all else that decides them: the experiment without its rate (with it where a schedule makes other
rates of it), the cycle that the page shows, how the pages are called, how symbols are said, and
tracer's own source and templates. Where a number could decide more than itself (one that is not
finite, or nearly so), or somebody else has a say, nothing is kept.
"""

from __future__ import annotations

import json
import pickle
import zlib
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from tracer.explain.rate import rate_line
from tracer.explore.quantities import Key, Place, exactness, name_of
from tracer.files.keeping import keep, recall
from tracer.inputs import own_digest
from tracer.pages.explore import ExplorerDesk
from tracer.registry import outside
from tracer.trace import Trace

MOST_NUMBERS = 100_000
"""Of larger tables nothing is kept: to look at what they hold would take longer than it saves."""
FAR_FROM_ENDLESS = 1e50
"""Below this in every number, the square of a product of two is below 1e200, and no sum of such
leaves float64's range, which ends at 1.8e308: so every change of the loss is foreseen."""
_PACKED = 1
"""How well it is packed: at zlib's first level a tenth is left, in a millisecond."""
_UNREADABLE = (pickle.UnpicklingError, zlib.error, EOFError, ValueError, TypeError)


class Told(NamedTuple):
    """What is the same for all cycles: two parts as JSON has them, and where the quantities stand.

    Between the parts stands what is of this run alone.
    """

    score: str
    sentences: str
    places: tuple[Place, ...]


def dumped(told: Any) -> str:
    """JSON as a run file holds it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def recalled(desk: ExplorerDesk, make: Callable[[], Told]) -> Told:
    """What ``make`` gives, or what an earlier run with another rate has kept."""
    key = told_key(desk)
    if key is None:
        return make()
    found = _read(key)
    if found is None:
        found = make()
        keep(key, zlib.compress(pickle.dumps(_plain(found)), _PACKED))
    return found


def told_key(desk: ExplorerDesk) -> bytes | None:
    """All that decides what is told, but for the rate; None where that is not to be told."""
    walk, trace = desk.walk, desk.cycle.trace
    data = trace.experiment.dataset
    is_large = data.x.size + data.y.size > MOST_NUMBERS
    if outside() or is_large or walk.wide_layers or not _is_moderate(trace):
        return None
    said = (
        _without_rate(trace),
        (trace.epochs, trace.updates, desk.cycle.visit),
        (
            walk.math,
            desk.slug,
            [page.slug for page in walk.pages],
            sorted(walk.voice.words.items()),
        ),
        [(name_of(o.ref, desk.cycle), exactness(o, desk.cycle)) for o in desk.numbers.values()],
    )
    return b"told " + sha256(repr(said).encode() + own_digest()).digest()


def _without_rate(trace: Trace) -> dict[str, Any]:
    """The experiment as it would be written, with no learning rate where no line starts from it."""
    found = {**trace.experiment.to_mapping(), "classes": trace.experiment.dataset.classes}
    if rate_line(trace, 0) is None:
        found["training"] = {**found["training"], "learning_rate": None}
    return found


def _is_moderate(trace: Trace) -> bool:
    """Whether all numbers are there, and none is near the end of what a float can be."""
    if trace.recording is not None:
        return False
    parameters = (trace.W, trace.b, trace.grad_W, trace.grad_b)
    kept = (trace.z, trace.a, trace.dL_da, trace.dL_dz, *parameters)
    arrays = [trace.loss, *(array for layers in kept for array in layers)]
    with np.errstate(all="ignore"):
        return all(np.abs(array).max(initial=0.0) < FAR_FROM_ENDLESS for array in arrays)


def _plain(told: Told) -> tuple[Any, ...]:
    places = [(*place.key, place.entry, place.shift, place.start) for place in told.places]
    return told.score, told.sentences, places


def _read(key: bytes) -> Told | None:
    found = recall(key)
    if found is None:
        return None
    try:  # the folder is the user's own: see keeping
        score, sentences, places = pickle.loads(zlib.decompress(found))
        return Told(score, sentences, tuple(Place(Key(*p[:2]), *p[2:]) for p in places))
    except _UNREADABLE:
        return None
