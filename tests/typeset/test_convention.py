"""The column convention: every line and formula that was built in rows, transposed once."""

from __future__ import annotations

import ast
from pathlib import Path

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from tracer.explain import forms
from tracer.explain.matrices import column_of, row_of
from tracer.refs import Ref
from tracer.typeset import Bound, MatrixLine, MatrixTerm, Operand, SymbolPart, transposed_rows
from tracer.typeset.convention import (
    as_it_lies,
    bound_in_columns,
    matrix_in_columns,
    written_in_columns,
)

ROOT = Path(__file__).resolve().parents[2]
ROOMS, ASKED = ("explain", "pages", "pictures", "typeset"), {"column", "convention"}
NUMBERS = st.integers(-9, 9)
SIZES = st.tuples(st.integers(1, 3), st.integers(1, 3))


def operands(name: str, values: list[int]) -> tuple[Operand, ...]:
    return tuple(Operand(Ref(name, 1, (k,)), v) for k, v in enumerate(values, start=1))


@st.composite
def sums(draw: st.DrawFn) -> MatrixLine:
    """z = a W + b of a layer of any size, with any numbers."""
    n_in, n_out = draw(SIZES)
    a = operands("a", draw(st.lists(NUMBERS, min_size=n_in, max_size=n_in)))
    b = operands("b", draw(st.lists(NUMBERS, min_size=n_out, max_size=n_out)))
    rows = [draw(st.lists(NUMBERS, min_size=n_out, max_size=n_out)) for _ in range(n_in)]
    W = tuple(operands("W", row) for row in rows)
    form = forms.weighted_sum(n_in)
    entries = tuple(Bound(form, (*a, *(row[j] for row in W), b[j])) for j in range(n_out))
    return MatrixLine(
        Ref("z", 1),
        (Ref("a", 1), Ref("W", 1), "+", Ref("b", 1)),
        (row_of(a), MatrixTerm(W), row_of(b, sign="+")),
        (operands("z", [int(value_of(entry)) for entry in entries]),),
        entries,
    )


@st.composite
def gradients(draw: st.DrawFn) -> MatrixLine:
    """∂L/∂W = aᵀ ∂L/∂z of a layer of any size."""
    n_in, n_out = draw(SIZES)
    a = operands("a", draw(st.lists(NUMBERS, min_size=n_in, max_size=n_in)))
    e = operands("dL_dz", draw(st.lists(NUMBERS, min_size=n_out, max_size=n_out)))
    entries = tuple(Bound(forms.weight_gradient(), (p, q)) for p in a for q in e)
    result = tuple(operands("dL_dW", [int(p.value * q.value) for q in e]) for p in a)
    formula = (SymbolPart(Ref("a", 0), transposed=True), Ref("dL_dz", 1))
    return MatrixLine(Ref("dL_dW", 1), formula, (column_of(a), row_of(e)), result, entries)


def value_of(bound: Bound) -> float:
    numbers = {symbol: operand.value for symbol, operand in bound.of.items()}
    return float(bound.form.expression.subs(numbers))


def product_of(first: MatrixTerm, second: MatrixTerm) -> list[list[float]]:
    columns = list(zip(*second.rows, strict=True))
    return [
        [sum(p.value * q.value for p, q in zip(row, column, strict=True)) for column in columns]
        for row in first.rows
    ]


def holds(line: MatrixLine) -> None:
    """What the grids come to is the result, and so is what the entries do, row by row."""
    first, second, *rest = line.grids
    found = product_of(first, second)
    for grid in rest:
        assert grid.sign == "+"
        pairs = zip(found, grid.rows, strict=True)
        found = [[p + q.value for p, q in zip(*rows, strict=True)] for rows in pairs]
    wanted = [[operand.value for operand in row] for row in line.result]
    assert found == wanted
    assert [value_of(entry) for entry in line.entries] == [v for row in wanted for v in row]


@given(st.one_of(sums(), gradients()))
def test_a_line_of_matrices_holds_in_both_conventions(line: MatrixLine) -> None:
    holds(line)
    turned = matrix_in_columns(line)
    holds(turned)
    assert turned.result == transposed_rows(line.result)
    assert [grid.sign for grid in turned.grids] == [grid.sign for grid in line.grids]


def factors(bound: Bound) -> list[tuple[sp.Expr, ...]]:
    terms = sp.Add.make_args(bound.form.real.expression)
    return [term.args for term in terms if isinstance(term, sp.Mul)]


@given(st.one_of(sums(), gradients()))
def test_entries_are_the_same_numbers_with_their_factors_exchanged(line: MatrixLine) -> None:
    for entry in line.entries:
        turned = bound_in_columns(entry)
        assert set(turned.operands) == set(entry.operands)
        assert value_of(turned) == value_of(entry)
        assert factors(turned) == [pair[::-1] for pair in factors(entry)] != []


def test_factors_of_a_product_of_matrices_exchange_places_and_nothing_else_does() -> None:
    a, W, b, eta = Ref("a", 1), Ref("W", 2), Ref("b", 2), Ref("eta")
    assert written_in_columns((a, W, "+", b)) == (W, a, "+", b)
    assert written_in_columns((W, "-", eta, W)) == (W, "-", eta, W)
    assert written_in_columns((a, r"\odot", b)) == (a, r"\odot", b)
    entries = Ref("W", 2, (1, 1)), Ref("a", 1, (1,))
    assert written_in_columns(entries) == entries
    weights = SymbolPart(W, transposed=True)
    assert as_it_lies(weights) == SymbolPart(W)


def test_a_number_in_front_and_a_sign_stay_where_they_are() -> None:
    a, b = operands("a", [1, 2]), operands("b", [3, 4])
    eta = MatrixTerm(((Operand(Ref("eta"), 5),),), sign="-", scalar=True)
    line = MatrixLine(Ref("W", 1), (), (row_of(a), eta, row_of(b)), (a,), ())
    turned = matrix_in_columns(line)
    assert [grid.rows for grid in turned.grids] == [column_of(a).rows, eta.rows, column_of(b).rows]
    assert [grid.sign for grid in turned.grids] == ["", "-", ""]


def test_only_symbols_and_typesetting_know_the_convention() -> None:
    paths = (p for room in ROOMS for p in (ROOT / "tracer" / room).rglob("*.py"))
    knowing = {f"{path.parent.name}/{path.name}" for path in paths if ASKED & attributes(path)}
    assert knowing == {"typeset/symbol_setter.py", "typeset/typesetter.py"}


def attributes(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
