"""Python's functions of single numbers with NumPy's results where Python raises an error.

Overflow gives ∞, the logarithm of 0 is −∞, 0 / 0 is nan, as IEEE 754 has it and arrays do.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Function = Callable[..., float]


def _both(function: Function, ufunc: Any) -> Function:
    """The first one, and the second where the first raises an error."""

    def call(*arguments: float) -> float:
        try:
            return function(*arguments)
        except (ArithmeticError, ValueError):
            with np.errstate(all="ignore"):
                return float(ufunc(*map(np.float64, arguments)))

    return call


_PEERS: Mapping[str, tuple[Function, Any]] = {
    "pow": (math.pow, np.power),
    "floordiv": (operator.floordiv, np.floor_divide),
    "exp": (math.exp, np.exp),
    "expm1": (math.expm1, np.expm1),
    "log": (math.log, np.log),
    "log1p": (math.log1p, np.log1p),
    "sqrt": (math.sqrt, np.sqrt),
    "tanh": (math.tanh, np.tanh),
    "sinh": (math.sinh, np.sinh),
    "cosh": (math.cosh, np.cosh),
    "sin": (math.sin, np.sin),
    "cos": (math.cos, np.cos),
    "arctan": (math.atan, np.arctan),
}
_SAFE: Mapping[str, Any] = {
    **{function.__name__: function for function in (abs, float, len, math.erf, math.erfc)},
    **{str(number): number for number in (math.nan, math.inf)},
}

RAISING: Mapping[str, Any] = {**_SAFE, **{name: pair[0] for name, pair in _PEERS.items()}}
"""The names that written code may use, as fast as they are; some raise errors."""
CAREFUL: Mapping[str, Any] = {
    **_SAFE,
    **{name: _both(*pair) for name, pair in _PEERS.items()},
    "div": _both(operator.truediv, np.divide),
}
"""The same names for careful code, none of which raises an error."""
