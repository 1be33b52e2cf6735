"""What the docstrings of the catalog's tables say of each row is what the row computes.

Their formulas are code in the text; here they are read and evaluated beside the row's own numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from each import each
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.reference import reference

TABLES: Mapping[str, Mapping[str, Any]] = {
    "activations.ACTIVATIONS": ACTIVATIONS,
    "losses.LOSSES": LOSSES,
    "optimizers.OPTIMIZERS": OPTIMIZERS,
    "schedules.SCHEDULES": SCHEDULES,
    "initializers.INITIALIZERS": INITIALIZERS,
}
ROWS = [(table, name) for table, rows in TABLES.items() for name in rows]
CHOICE = re.compile(r'With `(\w+) = "(\w+)"`:')
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?")
#: From the signs of the text to Python's.
SIGNS = {
    "−": "-",
    "·": "*",
    "²": "**2",
    "^": "**",
    "Σ": "total",
    "ln": "log",
    "ŷ": "y_hat",
    "m̂": "m_hat",
    "v̂": "v_hat",
    "β₁": "beta1",
    "β₂": "beta2",
    "η₀": "eta0",
    "π": "pi",
    "μ": "momentum",
    "ρ": "rho",
    "ε": "epsilon",
    "λ": "weight_decay",
    "η": "eta",
}
POINTS = np.array([-2.5, -1.0, -0.25, 0.0, 0.5, 1.0, 3.0])


@cache
def said_of_rows(table: str) -> dict[str, str]:
    """The part of a table's docstring that speaks of each row."""
    parts = re.split(r"(?m)^#### (\w+)$", reference(f"tracer.catalog.{table}"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def formulas(text: str, sign: str) -> Iterator[tuple[str, str]]:
    """(left side, right side in Python) of each piece of code in the text with that sign."""
    for code in re.findall(r"`([^`]+)`", text):
        left, found, right = " ".join(code.split()).partition(f" {sign} ")
        if found and '"' not in right:
            yield python(left), python(right)


def python(text: str) -> str:
    for sign, name in SIGNS.items():
        text = text.replace(sign, name)
    return re.sub(r"√(\w+)", r"sqrt(\1)", text).replace("√", "sqrt")


def value(expression: str, names: Mapping[str, Any]) -> Any:
    known = {"e": math.e, "pi": math.pi, "log": np.log, "sqrt": np.sqrt, "erf": math.erf}
    return eval(expression, {"__builtins__": {}, "max": max, **known, **names})


@pytest.mark.parametrize("table", TABLES)
def test_each_row_has_its_part_and_each_part_its_row(table):
    assert list(said_of_rows(table)) == list(TABLES[table])


@each(("table", "name"), ROWS)
def test_options_defaults_and_sources_are_named(table, name):
    row, said = TABLES[table][name], said_of_rows(table)[name]
    numbers = {float(number) for number in NUMBER.findall(said)}
    for option, default in getattr(row, "options", {}).items():
        assert f"`{option}`" in said
        assert f'("{default}")' in said if isinstance(default, str) else default in numbers
    assert all(year in said for year in re.findall(r"\b\d{4}\b", row.source))


@each("name", [name for name, row in ACTIVATIONS.items() if not row.vector])
def test_activations(name):
    row, found = (
        ACTIVATIONS[name],
        dict(formulas(said_of_rows("activations.ACTIVATIONS")[name], "=")),
    )
    a = row.kernel(POINTS)
    values = [value(found["a"], {"z": z}) for z in POINTS.tolist()]
    pairs = zip(POINTS.tolist(), a.tolist(), strict=True)
    slopes = [value(found["da/dz"], {"z": z, "a": one}) for z, one in pairs]
    np.testing.assert_allclose(values, a, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes, row.slope(POINTS, a), rtol=1e-12, atol=1e-15)


@each("name", LOSSES)
def test_losses(name):
    row, found = LOSSES[name], dict(formulas(said_of_rows("losses.LOSSES")[name], "="))
    z, y = np.array([[0.5, -1.0, 2.0]]), np.array([[0.25, 0.75, 0.0]])
    y_hat = ACTIVATIONS[row.output_activation or "identity"].kernel(z)
    names = {"y": y, "y_hat": y_hat, "n": 3, "total": lambda terms: np.sum(terms, axis=-1)}
    np.testing.assert_allclose(value(found["L"], names), row.kernel(y, y_hat, z), rtol=1e-12)
    slope = value(found["∂L/∂y_hat"], names)
    np.testing.assert_allclose(slope, row.slope(y, y_hat, z), rtol=1e-12, atol=1e-15)


def programs() -> Iterator[tuple[str, str]]:
    for name, row in OPTIMIZERS.items():
        yield from ((name, variant) for variant in row.programs)


@each(("name", "variant"), list(programs()))
def test_optimizers(name, variant):
    row, said = OPTIMIZERS[name], said_of_rows("optimizers.OPTIMIZERS")[name]
    start, *parts = CHOICE.split(said)
    chosen = {(key, kind): text for key, kind, text in zip(*[iter(parts)] * 3, strict=True)}
    text = chosen[row.variant, variant] if variant else start
    options = {**row.options, **({row.variant: variant} if variant else {})}
    state = {key: np.array([0.3, 0.02]) for key in row.program(options).variables}
    given = {"w": np.array([0.5, -2.0]), "g": np.array([0.7, -0.1]), "eta": 0.1, "t": 3}
    values = {**options, **state, **given}
    expected = row.program(options).apply(values)
    for target, expression in formulas(text, "←"):
        values[target] = value(expression, values)
    for key, right in expected.items():
        np.testing.assert_allclose(values[key], right, rtol=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    row, found = SCHEDULES[name], dict(formulas(said_of_rows("schedules.SCHEDULES")[name], "="))
    names = {**row.options, "eta0": 0.3, "k": 4}
    assert value(found["eta"], names) == pytest.approx(row.derived(names), rel=1e-12)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers(name):
    row, said = INITIALIZERS[name], said_of_rows("initializers.INITIALIZERS")[name]
    names = {"n_in": 3, "n_out": 2, "low": -0.5, "high": 0.25, "std": 0.4}
    code = re.findall(r"`([^`]+)`", said)[0]
    said_numbers = np.ravel(value(python(code), names))
    stated = [row.spread] if row.spread is not None else [row.low, row.high]
    expected = [float(part.subs({s: names[str(s)] for s in part.free_symbols})) for part in stated]
    np.testing.assert_allclose(said_numbers, expected, rtol=1e-12)


def test_a_wrong_formula_would_be_found():
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(value(python("z² + √(4)"), {"z": 3.0}), 10.0, rtol=1e-12)
    assert value(python("z² + √(4)"), {"z": 3.0}) == 11.0
