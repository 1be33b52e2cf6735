"""The forward pass: every weighted sum and every activation of a layer, as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.explain import forms
from tracer.explain.matrices import row_of
from tracer.explain.operands import Operands, Pass
from tracer.formula import FloatArray
from tracer.refs import Ref, symbol
from tracer.typeset import Bound, Line, MatrixLine, MatrixTerm

# the quotient of e^100 and e^−100, 10^87, is still within the 10^±99 of a pocket calculator
LARGE_LOGIT = 100.0


@dataclass(frozen=True, eq=False)
class LayerForward:
    """One layer of a forward pass: its matrix forms and a line for every unit.

    Of a wide layer only some ``units`` (from 1) have lines, and there are no matrix forms where one
    would have to hold all. ``rest`` are the sums of what the inputs add that are not written out.
    """

    layer: int
    activation: Activation
    z_matrix: MatrixLine | None
    z: tuple[Line, ...]
    a_matrix: MatrixLine | None
    a: tuple[Line, ...]
    units: tuple[int, ...]
    rest: Operands = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the layer."""
        return (*self.z, *self.a)

    @property
    def known(self) -> tuple[Ref, ...]:
        """What is known before the layer is computed."""
        after = self.z[0].target.after
        signal = Ref("a", self.layer - 1, after=after and self.layer > 1)
        return signal, Ref("W", self.layer, after=after), Ref("b", self.layer, after=after)

    @property
    def wanted(self) -> tuple[Ref, ...]:
        """What the layer computes."""
        after = self.z[0].target.after
        return Ref("z", self.layer, after=after), Ref("a", self.layer, after=after)


def forward(view: Pass) -> tuple[LayerForward, ...]:
    """The layers of a forward pass, from the first to the output."""
    return tuple(_layer(view, layer) for layer in range(1, view.trace.layers + 1))


def _layer(view: Pass, layer: int) -> LayerForward:
    entry = _entry_of(view, layer)
    z, a = view.weighted_sums(layer), view.units("a", layer, view.a[layer - 1])
    units = view.written(layer)
    sums = tuple(_weighted_sum(view, layer, unit) for unit in units)
    lines = ((z[unit - 1], bound) for unit, bound in zip(units, sums, strict=True))
    found = tuple(_activation(entry, z, a, unit - 1) for unit in units)
    return LayerForward(
        layer=layer,
        activation=entry,
        z_matrix=_z_matrix(view, layer, z, sums) if view.is_whole(layer - 1, layer) else None,
        z=tuple(Line(o.ref, o.value, (bound,)) for o, bound in lines),
        a_matrix=_a_matrix(view, layer, z, a, found) if view.is_whole(layer) else None,
        a=found,
        units=units,
        rest=tuple(operand for unit in units for operand in view.rest(layer, unit)),
    )


def _entry_of(view: Pass, layer: int) -> Activation:
    return ACTIVATIONS[view.trace.experiment.layers[layer - 1].activation]


def _weighted_sum(view: Pass, layer: int, unit: int) -> Bound:
    """z of a unit (from 1): the inputs that are written out, the sum of the others, the bias."""
    signal, sources = view.signal(layer - 1), view.written(layer - 1)
    inputs = tuple([signal[source - 1] for source in sources])
    of = view.parameters("W", layer)
    weights = tuple([of[source, unit] for source in sources])
    rest = view.rest(layer, unit)
    form = forms.weighted_sum(len(inputs), len(rest))
    return Bound(form, (*inputs, *weights, *rest, view.bias(layer, unit)))


def _activation(entry: Activation, z: Operands, a: Operands, unit: int) -> Line:
    target = a[unit]
    if entry.vector:
        return Line(target.ref, target.value, softmax_ways(z, unit))
    bounds = tuple(Bound(form, (z[unit],)) for form in forms.activation(entry.name))
    named = None
    if not entry.is_identity and not entry.is_its_own_name:
        named = Bound(forms.named_activation(entry.name), (z[unit],))
    return Line(target.ref, target.value, bounds, named)


def softmax_ways(z: Operands, unit: int) -> tuple[Bound, ...]:
    """The ways to write softmax of a unit (from 0): as defined, and with the largest z taken out.

    Which comes first, and which z is the largest, depends on the numbers alone.
    """
    values = np.array([operand.value for operand in z])
    shifted = forms.shifted_softmax(len(z), unit, int(np.argmax(values)))
    plain = Bound(forms.softmax(len(z), unit), z)
    if are_large(values):
        return (Bound(shifted, z), plain)
    return (plain, Bound(shifted, z))


def are_large(logits: FloatArray) -> bool:
    """Whether the largest logit is taken out of softmax first."""
    return bool(np.max(np.abs(logits)) > LARGE_LOGIT)


def _z_matrix(view: Pass, layer: int, z: Operands, sums: tuple[Bound, ...]) -> MatrixLine:
    after = view.after
    signal = symbol("a", layer - 1, after=after and layer > 1)
    weights, bias = symbol("W", layer, after=after), symbol("b", layer, after=after)
    return MatrixLine(
        symbol=symbol("z", layer, after=after),
        formula=(signal, weights, "+", bias),
        grids=(
            row_of(view.signal(layer - 1)),
            MatrixTerm(view.weights(layer)),
            row_of(view.biases(layer), sign="+"),
        ),
        result=(z,),
        entries=sums,
    )


def _a_matrix(
    view: Pass, layer: int, z: Operands, a: Operands, lines: Sequence[Line]
) -> MatrixLine:
    entry = _entry_of(view, layer)
    sums = symbol("z", layer, after=view.after)
    name = "" if entry.is_identity else entry.latex
    entries = tuple(line.bounds[0 if entry.vector else -1] for line in lines)
    return MatrixLine(
        symbol=symbol("a", layer, after=view.after),
        formula=(rf"{name}\left(", sums, r"\right)") if name else (sums,),
        grids=(MatrixTerm((z,), name=name),),
        result=(a,),
        entries=entries,
    )
