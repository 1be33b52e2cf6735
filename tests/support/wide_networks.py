"""Networks with wide layers: inputs, a hidden layer, two in a row."""

from __future__ import annotations

from functools import cache
from typing import Any

from networks import mapping
from tracer.experiment import Experiment
from tracer.trace import Trace
from tracer.training import run

GLOROT = {"scheme": "glorot_uniform", "seed": 1}


def wide(
    sizes: tuple[int, ...], units: Any = None, convention: str = "row", **training: Any
) -> dict[str, Any]:
    """An experiment with layers of these sizes that is trained for two epochs of two rows."""
    names = (*["relu"] * (len(sizes) - 2), "softmax")
    made = mapping(
        sizes, names, "cross_entropy", rows=3, train=2, init=GLOROT, epochs=2, **training
    )
    chosen = {} if units is None else {"units": units}
    return {**made, "pages": chosen, "notation": {"convention": convention}}


CASES = {
    "inputs": wide((24, 3, 2), "largest 3"),
    "a hidden layer, adam": wide((2, 22, 2), [1, 5, 22], optimizer="adam"),
    "two in a row, in columns": wide((23, 21, 22, 2), "largest 2", "column", l2=0.1, batch_size=2),
}


@cache
def traced(name: str) -> Trace:
    """The trace of one of them."""
    return run(Experiment.from_mapping(CASES[name]))
