"""What the activation functions of a network make of a few simple sums, as a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.numerals import exact_numeral, show
from tracer.trace import Trace

SUMS = (-2.0, -1.0, 0.0, 1.0, 2.0)  # both sides and the kink, reckoned in one's head


@dataclass(frozen=True)
class Sampled:
    """A function with its values at the sums; a vector function takes them all together."""

    entry: Activation
    values: tuple[str, ...]


@dataclass(frozen=True)
class Samples:
    """The sums, and each function that the network uses, once."""

    sums: tuple[str, ...]
    functions: tuple[Sampled, ...]


def samples(trace: Trace) -> Samples:
    """The table of the functions of ``trace``, in the order of its layers."""
    names = dict.fromkeys(layer.activation for layer in trace.experiment.layers)
    decimals = trace.experiment.pages.decimals
    found = []
    for name in names:
        values = ACTIVATIONS[name].kernel(np.array([SUMS]))[0]
        texts = tuple(show(float(value), decimals) for value in values)
        found.append(Sampled(ACTIVATIONS[name], texts))
    return Samples(tuple(exact_numeral(value).text for value in SUMS), tuple(found))
