"""What the units that are not written out add to the lines of wide layers, for many cycles.

Each number is computed as the line computes it that it stands in, so it is the same bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from tracer.explain.backward import rest_of_errors
from tracer.explain.objective import rest_of_penalty
from tracer.explain.operands import Pass, after_pass, cycle_pass
from tracer.explain.predicted import rest_of_change
from tracer.explain.written import written_units
from tracer.formula import FloatArray
from tracer.network import Layers
from tracer.trace import Cycle, Trace
from tracer.trace.trace import IntArray

OF_VISITS = frozenset(["rest", "rest_dL_da"])
"""Those of every cycle; the others are one an update."""


def rests(trace: Trace, name: str, layer: int, visits: IntArray) -> FloatArray:
    """The rests of ``layer`` (from 1) by their ``name``, for the cycles of ``visits``.

    Shape (visits,), or (visits, units) with nan for units that are not written out.
    """
    cycles = (Cycle(trace, int(visit)) for visit in visits)
    return np.array([_OF[name](cycle, layer) for cycle in cycles], dtype=np.float64)


def _of_units(cycle: Cycle, layer: int, of: Callable[[int], float]) -> FloatArray:
    found = np.full(cycle.trace.layer_sizes[layer], np.nan)
    for unit in written_units(cycle.trace)[layer]:
        found[unit - 1] = of(unit)
    return found


def _sums(view: Pass, cycle: Cycle, layer: int) -> FloatArray:
    return _of_units(cycle, layer, lambda unit: view.rest(layer, unit)[0].value)


def _errors(cycle: Cycle, layer: int) -> FloatArray:
    errors, update = cycle.dL_dz[layer], cycle.update
    return _of_units(
        cycle, layer, lambda unit: rest_of_errors(cycle.trace, update, layer, unit - 1, errors)
    )


_OF: Mapping[str, Callable[[Cycle, int], float | FloatArray]] = {
    "rest": lambda cycle, layer: _sums(cycle_pass(cycle), cycle, layer),
    "rest_after": lambda cycle, layer: _sums(after_pass(cycle), cycle, layer),
    "rest_dL_da": _errors,
    "rest_penalty": lambda cycle, layer: rest_of_penalty(cycle.trace, layer, cycle.update),
    "rest_square": lambda cycle, layer: rest_of_change(cycle, layer, plain=True),
    "rest_gain": lambda cycle, layer: rest_of_change(cycle, layer, plain=False),
}
NAMES = frozenset(_OF)
"""What rests are called."""


def second_passes(trace: Trace, visits: IntArray) -> tuple[Layers, Layers]:
    """z and a of cycles with the updated weights, one by one.

    Long sums of many rows at once end in other bits.
    """
    views = [after_pass(Cycle(trace, int(visit))) for visit in visits]
    z, a = ([np.array(layer) for layer in zip(*rows, strict=True)] for rows in _both(views))
    return tuple(z), tuple(a)


def _both(views: Sequence[Pass]) -> tuple[list[Layers], list[Layers]]:
    return [view.z for view in views], [view.a for view in views]


def written_terms(trace: Trace, layer: int, kind: str, terms: FloatArray) -> FloatArray:
    """Of terms (cycles, …) of all parameters of a layer those that are written out, (cycles, n)."""
    if is_whole(trace, layer):
        return terms.reshape(len(terms), -1)
    before, after = (list(_from_0(trace, each)) for each in (layer - 1, layer))
    some = terms[:, before][:, :, after] if kind == "W" else terms[:, after]
    return np.ascontiguousarray(some.reshape(len(terms), -1))


def _from_0(trace: Trace, layer: int) -> Iterator[int]:
    return (unit - 1 for unit in written_units(trace)[layer])


def is_whole(trace: Trace, layer: int) -> bool:
    """Whether all parameters of a layer (from 1) are written out."""
    units, sizes = written_units(trace), trace.layer_sizes
    return all(len(units[each]) == sizes[each] for each in (layer - 1, layer))
