"""Formulas that are noted first and made later are the formulas that SymPy would make at once."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import sympy

from tracer.deferred import Deferred, real

X, TWO = Deferred("sympy:Symbol", "x"), Deferred("sympy:Integer", 2)
WAYS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARED = [operator.lt, operator.le, operator.gt, operator.ge]


@pytest.mark.parametrize("way", WAYS)
def test_reckoning_is_that_of_sympy_on_either_side(way: Callable[[Any, Any], Any]) -> None:
    x = sympy.Symbol("x")
    assert real(way(X, 3)) == way(x, 3)
    assert real(way(3, X)) == way(3, x)
    assert real(way(X, TWO)) == way(x, 2)


@pytest.mark.parametrize("way", COMPARED)
def test_comparisons_are_those_of_sympy(way: Callable[[Any, Any], Any]) -> None:
    assert way(X, TWO) == way(sympy.Symbol("x"), 2)


def test_a_number_that_is_noted_can_be_used_as_one() -> None:
    assert int(TWO) == 2
    assert float(TWO / 4) == 0.5
    assert bool(TWO)
    assert not bool(TWO - TWO)
    assert sympy.Integer(2) == TWO
    assert sympy.Integer(3) != TWO
    assert real(-TWO) == -2


def test_what_is_noted_survives_being_stored() -> None:
    formula = X**TWO + 1
    again = pickle.loads(pickle.dumps(formula))
    assert again == formula
    assert again.text == formula.text
    assert real(again) == sympy.Symbol("x") ** 2 + 1
