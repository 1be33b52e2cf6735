"""Two traces of one experiment, made by two engines: whether they are the same run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tracer.experiment import Experiment
from tracer.trace import Trace
from tracer.trace.fields import ENGINES, stored
from tracer.trace.layout import stored_fields
from tracer.training import run

#: Relative to the largest number of its kind: what is far below that is the noise of a sum.
SAME = 1e-12


def both(experiment: Experiment) -> tuple[Trace, Trace]:
    """The run by each engine, which must be the one that was asked for."""
    numpy, scalar = (run(experiment, engine=engine) for engine in ENGINES)
    assert (numpy.engine, scalar.engine) == ENGINES
    return numpy, scalar


def differences(one: Trace, other: Trace) -> Iterator[str]:
    """Everything in which two runs differ, but for noise."""
    for field in stored_fields(one.experiment):
        pairs = zip(
            _arrays(stored(one, field.name)), _arrays(stored(other, field.name)), strict=True
        )
        for layer, (a, b) in enumerate(pairs, start=1):
            if a.dtype.kind == "i":
                same = np.array_equal(a, b)
            else:
                finite = a[np.isfinite(a)]
                scale = np.abs(finite).max(initial=0.0)
                same = a.shape == b.shape and np.allclose(
                    a, b, rtol=SAME, atol=SAME * scale, equal_nan=True
                )
            if not same:
                yield f"{field.name} of layer {layer}"
    if str(one.first_nonfinite) != str(other.first_nonfinite):  # nan is not equal to nan
        yield "where it first is no number"
    yield from _decisions(one, other)


def _decisions(one: Trace, other: Trace) -> Iterator[str]:
    """On which side of 0 each weighted sum lies, where it is more than noise; the epochs."""
    for layer, (a, b) in enumerate(zip(one.z, other.z, strict=True), start=1):
        clear = np.abs(a) > SAME * np.abs(a[np.isfinite(a)]).max(initial=0.0)
        if a.shape == b.shape and not np.array_equal(np.sign(a)[clear], np.sign(b)[clear]):
            yield f"the side of z in layer {layer}"
    if one.epochs != other.epochs:
        yield "the number of epochs"


def _arrays(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
