"""Formulas in both prints: every slot is filled, both say the same, and a line is true."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Sequence
from itertools import chain, product
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from each import each
from examples import examples
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.errors import RenderError
from tracer.explain import forms
from tracer.formula import Form
from tracer.notation import Notation
from tracer.refs import Ref, Visit
from tracer.reread import PrintedLine, check_page
from tracer.reread.latex import read_latex
from tracer.reread.lines import RawLine, lines_of
from tracer.reread.tokens import Numeral, Row, walk
from tracer.typeset import Bound, Line, MatrixLine, MatrixTerm, Operand, SetLine, Typesetter
from tracer.typeset.compiled import compiled
from tracer.typeset.mathml import to_mathml

SLOT = re.compile("[\ue000-\uf8ff]")
BESIDE = {"softmax": [forms.softmax(3, 1), forms.shifted_softmax(3, 1, 2)]}


def forms_of_activations() -> Iterator[tuple[str, Form]]:
    for name, entry in ACTIVATIONS.items():
        written = BESIDE.get(name, [*entry.written, *entry.slope_written])
        yield from ((f"{name} {k}", form) for k, form in enumerate(written))
    yield "error through softmax", forms.softmax_error(3, 1)


def forms_of_losses() -> Iterator[tuple[str, Form]]:
    for name, units in product(LOSSES, (1, 2, 3)):
        yield f"{name} of {units}", forms.loss(name, units)
        yield f"{name} slope of {units}", forms.loss_slope(name, units, units - 1)
        logits = (forms.loss_from_logits(name, units), slope_from_logits(name, units))
        found = ((k, form) for k, form in enumerate(logits) if form is not None)
        yield from ((f"{name} {k} from {units} logits", form) for k, form in found)


def forms_of_sums() -> Iterator[tuple[str, Form]]:
    for column, units in product((False, True), (1, 2, 5)):
        sums = (("sum", forms.weighted_sum(units)), ("errors", forms.error_sum(units)))
        for name, form in sums:
            yield f"{name} of {units}, {column}", form.transposed if column else form
    for size, mean, decay in product((1, 3), (False, True), ("", "whole", "per batch")):
        yield f"batch of {size}, {mean} {decay}", forms.batch_gradient(size, mean, decay)


def forms_of_updates() -> Iterator[tuple[str, Form]]:
    for name, optimizer in OPTIMIZERS.items():
        for variant, program in optimizer.programs.items():
            for k, step in enumerate(program.assignments):
                yield f"{name} {variant} {k}", forms.assignment(step.expression)
    for name, schedule in SCHEDULES.items():
        yield f"{name} rate", forms.assignment(schedule.definition)


def slope_from_logits(name: str, units: int) -> Form | None:
    return forms.loss_slope_from_logits(name, units, units - 1)


FORMS = dict(chain(forms_of_activations(), forms_of_losses(), forms_of_sums(), forms_of_updates()))
"""Every form that a page can print."""


def typesetter(decimals: int = 4) -> Typesetter:
    return Typesetter(decimals, Notation(2), lambda ref: f"#{ref.anchor}")


def operands(values: Sequence[float], exact: Sequence[bool] = ()) -> tuple[Operand, ...]:
    flags = [*exact, *[False] * len(values)]
    return tuple(
        Operand(Ref("a", 1, (k + 1,), Visit(0)), float(value), exact=flags[k])
        for k, value in enumerate(values)
    )


def value_of(form: Form, values: Sequence[float]) -> float:
    """The value by SymPy and mpmath, not by what typesetting evaluates with."""
    with mpmath.workdps(50):
        function = sp.lambdify(form.symbols, form.expression, "mpmath")
        return float(function(*(mpmath.mpf(value) for value in values)))


def line_of(form: Form, values: Sequence[float], exact: Sequence[bool] = ()) -> Line:
    bound = Bound(form, operands(values, exact))
    return Line(Ref("z", 2, (1,), Visit(0)), value_of(form, values), (bound,))


def as_html(line: SetLine) -> str:
    spans = " ".join(f'<span class="{kind}">{html}</span>' for kind, html in line.parts)
    if "noise" in line.flags:
        spans += f'<p class="tr-remark">float64 keeps {line.kept} here</p>'
    return f'<div class="tr-line" id="{line.anchor}" data-search-exclude>{spans}</div>\n'


def as_latex(line: SetLine) -> str:
    return f"$$\n{line.latex}\n$$\n"


def checked(line: SetLine) -> list[PrintedLine]:
    """The line read back from both of its prints."""
    return [*check_page(as_html(line)), *check_page(as_latex(line))]


def numerals(row: Row) -> list[str]:
    return [token.text.strip("−") for token in walk(row) if isinstance(token, Numeral)]


def assert_prints_agree(line: SetLine) -> None:
    """The same numbers, in the same order, in MathML and in LaTeX; and no slot is left."""
    (mathml,) = lines_of(as_html(line))
    (latex,) = lines_of(as_latex(line))
    assert isinstance(mathml, RawLine)
    assert isinstance(latex, RawLine)
    assert numerals(mathml.numbers) == numerals(latex.numbers)
    assert numerals(mathml.result) == numerals(latex.result)
    assert mathml.relation == latex.relation
    assert not SLOT.search(as_html(line) + as_latex(line))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_becomes_a_true_line_in_both_prints(name: str) -> None:
    form, chance = FORMS[name], random.Random(7)
    for low, high in ((0.05, 0.95), (0.05, 0.95), (-3.0, 3.0)):
        values = [round(chance.uniform(low, high), 6) for _ in form.symbols]
        if "rate" in name or "t" in map(str, form.symbols):
            values = [
                abs(v) + 0.01 if str(s) not in "kt" else 3.0
                for s, v in zip(form.symbols, values, strict=True)
            ]
        try:
            line = line_of(form, values)
        except (TypeError, ZeroDivisionError):  # a root or a logarithm of a negative number
            continue
        done = typesetter().line(line)
        assert_prints_agree(done)
        if any(kind == "tr-numbers" for kind, _ in done.parts):
            assert [each.reasons for each in checked(done)] == [(), ()]


@each("name", FORMS)
def test_every_symbol_becomes_a_slot(name: str) -> None:
    form = FORMS[name]
    for (expression, condition), branch in zip(form.branches, compiled(form), strict=True):
        count = len(expression.free_symbols)
        for pieces in (branch.symbolic, branch.numeric):
            found = {slot for piece in pieces for slot in SLOT.findall(piece.latex)}
            assert len(found) >= count
        assert bool(branch.condition) == (condition != sp.true)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_an_activation_is_shown_by_its_name_too(name: str) -> None:
    (branch,) = compiled(forms.named_activation(name))
    assert len(branch.symbolic) == 1
    title = ACTIVATIONS[name].latex
    assert branch.symbolic[0].latex.startswith(title)
    assert "<math" not in to_mathml(branch.symbolic[0].latex)


def test_what_is_no_latex_is_an_error() -> None:
    with pytest.raises(RenderError, match="cannot typeset"):
        to_mathml(r"\frac{1")


# Lines of random numbers


def numbers_to(largest: float) -> st.SearchStrategy[float]:
    """Numbers of all sizes up to one; some are tiny, some have two decimals."""
    return st.one_of(
        st.floats(-10, 10),
        st.floats(-1e-5, 1e-5),
        st.floats(-largest, largest),
        st.integers(-300, 300).map(lambda n: n / 100),
    )


NUMBERS = numbers_to(1e7)


@given(st.data(), st.integers(1, 5), st.integers(1, 8), st.booleans())
@examples(150)
def test_an_affine_line_is_true(data: Any, units: int, decimals: int, column: bool) -> None:
    count = 2 * units + 1
    values = data.draw(st.lists(NUMBERS, min_size=count, max_size=count))
    exact = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    rows = forms.weighted_sum(units)
    form = rows.transposed if column else rows
    signal, weights = np.array(values[:units]), np.array(values[units:-1])
    bound = Bound(form, operands(values, exact))
    value = float(signal @ weights + values[-1])
    done = typesetter(decimals).line(Line(Ref("z", 2, (1,), Visit(0)), value, (bound,)))
    (line,) = check_page(as_html(done), decimals)
    assert line.ok, (line, values)
    assert_prints_agree(done)


@pytest.mark.parametrize(
    "values", [[1.5, 5e-324, 0.0], [0.3, 1e-322, 0.0], [2.5, 1.5e-323, 5e-324]]
)
def test_a_line_at_the_end_of_float64_is_true(values: list[float]) -> None:
    bound = Bound(forms.weighted_sum(1), operands(values, [False] * 3))
    value = values[0] * values[1] + values[2]
    done = typesetter(1).line(Line(Ref("z", 2, (1,), Visit(0)), value, (bound,)))
    (line,) = check_page(as_html(done), 1)
    assert line.ok, line


@given(st.data(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 8))
@examples(60)
def test_a_line_of_matrices_is_true(data: Any, n_in: int, n_out: int, decimals: int) -> None:
    numbers = st.floats(-10, 10, allow_nan=False).map(lambda x: round(x, 6))
    draw = [data.draw(numbers) for _ in range(n_in + n_in * n_out + n_out)]
    x, rest = operands(draw[:n_in]), draw[n_in:]
    weights = [operands(rest[i * n_out : (i + 1) * n_out]) for i in range(n_in)]
    bias = operands(rest[n_in * n_out :])
    z = np.array(draw[:n_in]) @ np.reshape(rest[: n_in * n_out], (n_in, n_out)) + rest[-n_out:]
    form = forms.weighted_sum(n_in)
    entries = tuple(Bound(form, (*x, *(row[j] for row in weights), bias[j])) for j in range(n_out))
    grids = (MatrixTerm((x,)), MatrixTerm(tuple(weights)), MatrixTerm((bias,), sign="+"))
    line = MatrixLine(Ref("z", 1), ("x W + b",), grids, (operands(list(z)),), entries)
    assume(np.all(np.abs(z) > 1e-9))
    done = typesetter(decimals).matrix(line)
    assert [each.reasons for each in checked(done)] == [(), ()]


# Random formulas


def is_nearly_short(form: Form, values: Sequence[float]) -> bool:
    """Whether the value is a short number but for a part such as e^−300, as tanh 64 is 1.

    Typesetting looks for such parts as far as the numbers of a formula lead to them, and not as
    far as the numbers inside a function of a function do.
    """
    if not form.expression.has(sp.Function):
        return False
    with mpmath.workdps(60):
        function = sp.lambdify(form.symbols, form.expression, "mpmath")
        value = mpmath.mpf(function(*(mpmath.mpf(str(value)) for value in values)))
        distance = abs(value - mpmath.nint(value * 10**12) / mpmath.mpf(10) ** 12)
        return bool(distance < mpmath.mpf(10) ** -30)


SYMBOLS = sp.symbols("p q r s", real=True)
Expr = Any


def _less(first: Expr, second: Expr) -> Expr:
    return sp.Add(first, -second, evaluate=False)


def _over(first: Expr, second: Expr) -> Expr:
    return sp.Mul(first, sp.Pow(second, -1, evaluate=False), evaluate=False)


def _grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, inner, inner).map(lambda t: sp.Add(*t, evaluate=False)),
        pairs.map(lambda p: _less(*p)),
        pairs.map(lambda p: sp.Mul(*p, evaluate=False)),
        pairs.map(lambda p: _over(*p) if p[1].free_symbols else _less(*p)),
        inner.map(lambda x: sp.Pow(x, 2, evaluate=False)),
        inner.map(sp.exp),
        inner.map(sp.tanh),
        inner.map(lambda x: sp.log(1 + sp.exp(x))),
    )


FORMULAS = st.recursive(
    st.one_of(st.sampled_from(SYMBOLS), st.sampled_from([sp.Integer(2), sp.Rational(1, 2)])),
    _grow,
    max_leaves=6,
).map(lambda found: found if found.free_symbols else _less(SYMBOLS[0], found))


@given(FORMULAS, st.tuples(*[numbers_to(100)] * len(SYMBOLS)))
@example(
    sp.log(1 + (sp.exp(SYMBOLS[0]) + 1) ** sp.exp(2)), (0.0,) * 4
)  # a power that is no quotient
@examples(200)
def test_a_random_formula_reads_in_both_prints_as_it_was_meant(
    expression: Expr, values: tuple[float, ...]
) -> None:
    used = tuple(symbol for symbol in SYMBOLS if symbol in expression.free_symbols)
    rounded = [round(value, 4) for value in values[: len(used)]]
    form = Form(expression, used)
    try:
        value = value_of(form, rounded)
    except (ZeroDivisionError, ValueError, TypeError, OverflowError):
        assume(False)
    assume(1e-4 < abs(value) < 1e5 and not is_nearly_short(form, rounded))
    bound = Bound(form, operands(rounded, [True] * len(used)))
    done = typesetter(6).line(Line(Ref("z", 2, (1,), Visit(0)), value, (bound,)))
    assert_prints_agree(done)
    if any(kind == "tr-numbers" for kind, _ in done.parts):
        assert [each.reasons for each in checked(done)] == [(), ()]
    assert math.isclose(float(done.result.replace("−", "-")), value, rel_tol=1e-2)


def test_the_latex_of_a_symbol_is_read_as_a_symbol() -> None:
    row = read_latex(Notation(2).symbol("W", 1, (2, 1)))
    assert [type(token).__name__ for token in row] == ["Name", "Power", "Subscript"]


def test_a_sum_that_is_taken_away_several_times_stands_behind_a_minus() -> None:
    x, y = sp.symbols("x y", real=True)
    inner = sp.Add(-x, y, evaluate=False)
    for factor, says in ((-2, "- 2 (- "), (-1, "- (- "), (2, "+ 2 (- ")):
        formula = sp.Add(x, sp.Mul(factor, inner, evaluate=False), evaluate=False)
        operands = tuple(Operand(Ref("x", 0, (k,)), 0.25 * k) for k in (1, 2))
        bound = Bound(Form(formula, (x, y)), operands)
        made = Line(Ref("z", 1, (1,)), 0.25 + factor * 0.25, (bound,))
        line = Typesetter(4, Notation(1), lambda _ref: "").line(made)
        assert says in line.latex
        assert "+ -" not in line.latex
