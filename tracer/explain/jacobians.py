"""The matrix rules, entry by entry: how each weighted sum of a layer moves with what it is made of.

z = a W + b is written out as one sum a unit and differentiated by SymPy by every input, weight and
bias. What comes out are the rules ∂z/∂a = Wᵀ, ∂z/∂W = aᵀ and ∂z/∂b = I, here with this layer's
own shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tracer.catalog.facts import fact
from tracer.deferred import Expr, real
from tracer.explain import forms
from tracer.explain.operands import Operands, Pass
from tracer.formula import Form
from tracer.refs import Here, Known, Ref
from tracer.typeset import Bound, Line, Operand, ProductEntry
from tracer.unevaluated import less, times


@dataclass(frozen=True, eq=False)
class SlopeEntry:
    """One slope: the number it is, or 0 or 1 where ``operand`` is None."""

    expression: str
    operand: Operand | None

    @property
    def constant(self) -> int:
        """0 or 1 of an entry that is no number of the network."""
        return int(self.expression)


EXCERPT = 4
"""Of a wide layer so many inputs and units show the pattern: their slopes make 4 rows of 16."""


@dataclass(frozen=True, eq=False)
class SlopeTable:
    """Slopes: a row for each weighted sum, a column for each of ``columns``."""

    columns: tuple[Ref, ...]
    entries: tuple[tuple[SlopeEntry, ...], ...]


@dataclass(frozen=True, eq=False)
class LayerRules:
    """One layer: every weighted sum written out, and its slopes.

    ``sums`` are (symbol of z, the sum).
    """

    layer: int
    sums: tuple[tuple[Ref, Bound], ...]
    by_inputs: SlopeTable
    by_weights: SlopeTable
    by_biases: SlopeTable


def layer_rules(view: Pass, layer: int) -> LayerRules:
    """The rules of a layer (from 1) at the numbers of a forward pass."""
    return _RuledLayer(view, layer).explain()


class _RuledLayer:
    """The numbers of a layer, and a SymPy symbol for each."""

    def __init__(self, view: Pass, layer: int) -> None:
        self.layer = layer
        whole = view.is_whole(layer - 1, layer)
        sources, units = (view.written(k)[: None if whole else EXCERPT] for k in (layer - 1, layer))
        z, signal = view.weighted_sums(layer), view.signal(layer - 1)
        self.z, self.signal = tuple(z[j - 1] for j in units), tuple(signal[i - 1] for i in sources)
        self.weights = tuple(tuple(view.weight(layer, i, j) for j in units) for i in sources)
        self.biases = tuple(view.bias(layer, j) for j in units)
        n_in, n_out = len(self.signal), len(self.z)
        self.rest = forms.symbols("r", 0 if n_in == len(signal) else n_out)
        self.a, self.b = forms.symbols("a", n_in), forms.symbols("b", n_out)
        self.w = [forms.symbols(f"w{i}_", n_out) for i in range(n_in)]
        self.of: dict[Expr, Operand] = dict(zip(self.a, self.signal, strict=True))
        self.of |= dict(zip(self.b, self.biases, strict=True))
        for symbols, operands in zip(self.w, self.weights, strict=True):
            self.of |= dict(zip(symbols, operands, strict=True))
        for symbol, sum_ in zip(self.rest, self.z, strict=False):
            self.of[symbol] = Operand(Ref("rest", layer, sum_.ref.index, Known()), 0.0)
        self.sums = [self._sum(j) for j in range(n_out)]

    def _sum(self, unit: int) -> Bound:
        weights, bias = [row[unit] for row in self.w], self.b[unit]
        plus = (*self.rest[unit : unit + 1], bias)
        symbols = (*self.a, *weights, *plus)
        form = ProductEntry(zip(self.a, weights, strict=True), symbols, plus=plus)
        return Bound(form, tuple(self.of[symbol] for symbol in symbols))

    def explain(self) -> LayerRules:
        flat = tuple(symbol for row in self.w for symbol in row)
        return LayerRules(
            layer=self.layer,
            sums=tuple((z.ref, s) for z, s in zip(self.z, self.sums, strict=True)),
            by_inputs=self._table(self.a),
            by_weights=self._table(flat),
            by_biases=self._table(self.b),
        )

    def _table(self, by: tuple[Expr, ...]) -> SlopeTable:
        named = {str(symbol): operand for symbol, operand in self.of.items()}
        rows = tuple(
            tuple(SlopeEntry(slope, named.get(slope)) for slope in _slopes(total.form, by))
            for total in self.sums
        )
        return SlopeTable(tuple(self.of[symbol].ref for symbol in by), rows)


def _slopes(total: Form, by: tuple[Expr, ...]) -> tuple[str, ...]:
    """∂ ``total`` / ∂ each of ``by``: a number, or the name of a symbol."""

    def differentiated(formula: Expr) -> tuple[str, ...]:
        return tuple(str(formula.diff(real(symbol))) for symbol in by)

    return fact(("slopes", *by), total.expression, differentiated)


def softmax_jacobian(view: Pass, layer: int) -> tuple[Line, ...]:
    """∂a_i/∂z_j of every pair of units of a softmax layer: a_i (1 − a_i), else −a_i a_j."""
    a = view.units("a", layer, view.a[layer - 1])
    return tuple(_slope_of(a, i, j) for i in range(len(a)) for j in range(len(a)))


def _slope_of(a: Operands, i: int, j: int) -> Line:
    p, q = a[i].value, a[j].value
    value = p * (1.0 - p) if i == j else -p * q
    operands = (a[i],) if i == j else (a[i], a[j])
    target = Ref("jacobian", a[i].ref.layer, (i + 1, j + 1), Here())
    return Line(target, value, (Bound(_own() if i == j else _other(), operands),))


@cache
def _own() -> Form:
    """p (1 − p)."""
    (p,) = forms.symbols("p", 1)
    return Form(times(p, less(1, p)), (p,))


@cache
def _other() -> Form:
    """−p q."""
    p, q = forms.symbols("p", 2)
    return Form(times(-1, p, q), (p, q))
