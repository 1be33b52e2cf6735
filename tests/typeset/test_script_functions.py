"""Functions of many digits are the same in the scripts of the pages as in mpmath."""

from __future__ import annotations

import random
from decimal import Decimal

import mpmath
import pytest
import sympy as sp

from scripted import Asking, ask
from tracer.formula import Form
from tracer.refs import Ref
from tracer.typeset import Bound, Line, Operand
from tracer.typeset.exported import OPERATIONS
from tracer.unevaluated import added, over

POSITIVE = ("log",)
NAMES = ("exp", "log", "tanh", "erf", "sin", "cos", "atan")
EDGES = ("0", "1", "0.5", "1e-40", "25", "0.999999999999999999999", "1.0000000000000000000001")


def arguments(name: str, draw: random.Random) -> list[str]:
    """Numbers of many sizes, and those where a series loses digits."""
    sizes = (draw.uniform(0.1, 9) * 10.0 ** draw.randrange(-12, 3) for _ in range(60))
    found = [*EDGES, *(f"{size!r}" for size in sizes)]
    signs = ("",) if name in POSITIVE else ("", "-")
    return [sign + text for text in found for sign in signs if not (name == "log" and text == "0")]


@pytest.mark.parametrize("name", NAMES)
def test_functions_have_the_same_digits(name: str) -> None:
    draw = random.Random(name)
    cases = [(text, draw.choice([20, 60, 60, 200])) for text in arguments(name, draw)]
    found = ask({"functions": [[name, text, digits] for text, digits in cases]})["functions"]
    for (text, digits), shown in zip(cases, found, strict=True):
        with mpmath.workdps(digits):
            # both round to these digits at the end: a unit of the last one is no difference
            wanted = getattr(mpmath, name)(mpmath.mpf(text))
            apart = abs(mpmath.mpf(shown) - wanted)
            assert apart <= abs(wanted) * mpmath.mpf(10) ** (1 - digits), (name, text, digits)


def test_each_function_that_is_exported_is_tried() -> None:
    known = {name for made, name in OPERATIONS.items() if issubclass(made, sp.Function)}
    assert known - {"max", "min", "abs", "sign"} == set(NAMES)


@pytest.mark.parametrize("decimals", [1, 4, 12])
@pytest.mark.parametrize(
    ("w", "m", "v"), [(1.192092896e-07, 2.75e41, 1e-126), (0.5, 1.25, 0.25), (0.0, 3.0, 2.25)]
)
def test_a_tie_over_a_root_is_told_alike(decimals: int, w: float, m: float, v: float) -> None:
    symbols = sp.symbols("w m v e eta", real=True)
    a, b, c, e, eta = symbols
    form = Form(added(a, -over(eta * b, added(sp.sqrt(c), e))), symbols)
    values = (w, m, v, 1e-8, 0.001)
    operands = tuple(Operand(Ref("a", 1, (k + 1,)), value) for k, value in enumerate(values))
    found = w - 0.001 * m / (float(Decimal(v).sqrt()) + 1e-8)
    asked = Asking()
    asked.line(Line(Ref("z", 1, (1,)), found, (Bound(form, operands),)), decimals)
    assert asked.differences() == []
