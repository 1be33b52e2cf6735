"""True values of the catalog's definitions, to fifty digits at least."""

from __future__ import annotations

from functools import cache

import mpmath
import numpy as np
import sympy as sp

from tracer.catalog.activations import softmax_entry

#: Digits of exact values: 50 and as many more as a difference can lose above float64's smallest.
DIGITS = 50 + 308
#: Enough for numbers with a point; equal everywhere else.
SMALLEST = 1e-300


def exactly(expression, **values):
    """The value of a SymPy expression at these values, to fifty digits at least."""
    names, function = _program(sp.sympify(expression))
    with mpmath.workdps(DIGITS):
        return mpmath.mpf(function(*(mpmath.mpf(values[name]) for name in names)))


@cache
def _program(expression):
    """The names in an expression, and what computes it: written once for all its values."""
    names = sorted(expression.free_symbols, key=str)
    with mpmath.workdps(DIGITS):
        return [*map(str, names)], sp.lambdify(names, expression, "mpmath")


def close(found, true, rel=1e-12, ab=SMALLEST):
    """Whether a number is the true value, up to rounding."""
    with mpmath.workdps(DIGITS):
        exact = found if isinstance(found, mpmath.mpf) else mpmath.mpf(float(found))
        return abs(exact - true) <= rel * abs(true) + ab


def one(kernel, *values):
    """A kernel's answer for single numbers."""
    return kernel(*(np.array([value], dtype=np.float64) for value in values))[0]


def exact_softmax(z):
    """Softmax to fifty digits at least, from its written form."""
    names = sp.symbols(f"z0:{len(z)}")
    values = dict(zip(map(str, names), z, strict=True))
    return [exactly(softmax_entry(names, unit), **values) for unit in range(len(z))]
