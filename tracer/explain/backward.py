"""The loss and the backward pass: errors of every layer, then gradients of every parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES
from tracer.deferred import A
from tracer.explain import forms
from tracer.explain.losses import loss_ways
from tracer.explain.matrices import column_of, row_of, transpose_of
from tracer.explain.operands import Operands, Pass
from tracer.explain.written import others, written_units
from tracer.formula import FloatArray
from tracer.refs import Ref, symbol
from tracer.trace import Cycle, Trace
from tracer.typeset import Bound, Line, MatrixLine, Operand, SymbolPart


@dataclass(frozen=True, eq=False)
class LayerBackward:
    """One layer of the backward pass.

    ``da_dz`` is empty for softmax, which has a Jacobian instead of one slope a unit.
    ``dL_da_matrix`` and ``dL_dz_matrix`` are None where the entries say it all (output layer).
    Of a wide layer only some ``units`` (from 1) have lines, and there are no matrix forms. ``rest``
    are the sums of what the units of the layer after it send back that are not written out.
    """

    layer: int
    activation: Activation
    is_output: bool
    fused: bool
    dL_da: tuple[Line, ...]
    da_dz: tuple[Line, ...]
    dL_dz: tuple[Line, ...]
    dL_dW_matrix: MatrixLine | None
    dL_dW: tuple[Line, ...]
    dL_db: tuple[Line, ...]
    dL_da_matrix: MatrixLine | None = None
    dL_dz_matrix: MatrixLine | None = None
    units: tuple[int, ...] = ()
    rest: Operands = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the layer."""
        return (*self.dL_da, *self.da_dz, *self.dL_dz, *self.dL_dW, *self.dL_db)

    @property
    def known(self) -> tuple[Ref, ...]:
        """What is known before the layer's errors are."""
        layer = self.layer
        own = Ref("z", layer), Ref("a", layer - 1)
        if self.is_output:
            return Ref("y"), Ref("a", layer), *own
        return Ref("dL_dz", layer + 1), Ref("W", layer + 1), *own

    @property
    def wanted(self) -> tuple[Ref, ...]:
        """What is found here."""
        return tuple(Ref(name, self.layer) for name in ("dL_da", "dL_dz", "dL_dW", "dL_db"))


def loss_line(view: Pass, value: float) -> Line:
    """L of one sample from y and ŷ, or from the logits where ŷ has no digits left."""
    name, y = view.trace.experiment.training.loss, view.y()
    layers = view.trace.layers
    y_hat = view.units("a", layers, view.a[-1])
    ways = loss_ways(name, y, y_hat, view.weighted_sums(layers))
    return Line(Ref("loss", moment=view.moment, after=view.after), value, ways)


def backward(cycle: Cycle, view: Pass) -> tuple[LayerBackward, ...]:
    """The layers of a cycle's backward pass, from the output to the first."""
    return tuple(
        _BackwardLayer(cycle, view, layer).explain() for layer in range(len(cycle.W), 0, -1)
    )


class _BackwardLayer:
    """The numbers of one layer of a backward pass, bound to their formulas."""

    def __init__(self, cycle: Cycle, view: Pass, layer: int) -> None:
        self.view, self.layer = view, layer
        experiment = view.trace.experiment
        self.loss = LOSSES[experiment.training.loss]
        self.activation = ACTIVATIONS[experiment.layers[layer - 1].activation]
        self.is_output = layer == view.trace.layers
        self.z, self.a = view.weighted_sums(layer), view.units("a", layer, view.a[layer - 1])
        self.dL_da = view.units("dL_da", layer, cycle.dL_da[layer - 1])
        self.dL_dz = view.units("dL_dz", layer, cycle.dL_dz[layer - 1])
        with np.errstate(all="ignore"):
            slopes = self.activation.slope(cycle.z[layer - 1], cycle.a[layer - 1])
        self.da_dz = view.units("da_dz", layer, slopes)
        self.dL_db = view.units("dL_db", layer, cycle.dL_db[layer - 1])
        self.signal = view.signal(layer - 1)
        self.units, self.sources = view.written(layer), view.written(layer - 1)
        slopes_of = view.slopes("W", layer, cycle.dL_dW[layer - 1])
        self.dL_dW = tuple([tuple([slopes_of[i, j] for j in self.units]) for i in self.sources])
        # a line and an entry of its matrix are one: what is found out of one holds for the other
        self.outer: dict[tuple[int, int], Bound] = {}
        self.chains: dict[int, Bound] = {}
        self.next_errors: Operands = ()
        if not self.is_output:
            self.next_errors = view.units("dL_dz", layer + 1, cycle.dL_dz[layer])
            self.receivers = view.written(layer + 1)

    def explain(self) -> LayerBackward:
        """All lines of the layer."""
        units = tuple(unit - 1 for unit in self.units)
        errors = tuple(self._error(j) for j in units)
        arriving = tuple(self._arriving(j) for j in units)
        hidden, whole = not self.is_output, self.view.is_whole
        squared = hidden and not self.activation.vector and whole(self.layer)
        return LayerBackward(
            layer=self.layer,
            activation=self.activation,
            is_output=self.is_output,
            fused=self.is_output and self.loss.fused,
            dL_da=_lines(tuple(self.dL_da[j] for j in units), arriving),
            da_dz=() if self.activation.vector else self._slopes(),
            dL_dz=errors,
            dL_dW_matrix=(self._gradient_matrix() if whole(self.layer - 1, self.layer) else None),
            dL_dW=self._weight_gradients(),
            dL_db=tuple(
                Line(self.dL_db[j].ref, self.dL_db[j].value, (Bound(forms.itself(), (e,)),))
                for j, e in ((j, self.dL_dz[j]) for j in units)
            ),
            dL_da_matrix=(
                self._arriving_matrix(arriving)
                if hidden and whole(self.layer, self.layer + 1)
                else None
            ),
            dL_dz_matrix=self._error_matrix() if squared else None,
            units=self.units,
            rest=() if self.is_output else tuple(o for j in units for o in self._rest(j)),
        )

    def _rest(self, unit: int) -> Operands:
        """What the units after it that are not written out send back to a unit (from 0)."""
        layer = self.layer
        if self.view.is_whole(layer + 1):
            return ()
        errors = np.array([operand.value for operand in self.next_errors])
        value = rest_of_errors(self.view.trace, self.view.update, layer, unit, errors)
        return (Operand(Ref("rest_dL_da", layer, (unit + 1,), self.view.moment), value),)

    def _arriving(self, unit: int) -> tuple[Bound, ...]:
        """∂L/∂a of one unit: from the loss for the output, else from the layer after it."""
        if self.is_output:
            return self._from_loss(unit)
        errors = tuple(self.next_errors[j - 1] for j in self.receivers)
        weights = tuple(self.view.weight(self.layer + 1, unit + 1, j) for j in self.receivers)
        rest = self._rest(unit)
        form = forms.error_sum(len(errors), len(rest))
        return (Bound(form, (*errors, *weights, *rest)),)

    def _from_loss(self, unit: int) -> tuple[Bound, ...]:
        """∂L/∂ŷ of one output: from y and ŷ, or from the logits where ŷ has no digits left."""
        name, y, units = self.loss.name, self.view.y()[unit], len(self.a)
        bounds = [Bound(forms.loss_slope(name, units, unit), (y, self.a[unit]))]
        logits = forms.loss_slope_from_logits(name, units, unit)
        if logits is not None:
            known = dict(zip(forms.symbols("z", units), self.z, strict=True))
            operands = tuple(known.get(symbol, y) for symbol in logits.symbols)
            bounds.append(Bound(logits, operands))
        return tuple(bounds)

    def _slopes(self) -> tuple[Line, ...]:
        def bounds(unit: int) -> tuple[Bound, ...]:
            of = {A: self.a[unit]}
            return tuple(
                Bound(form, tuple(of.get(symbol, self.z[unit]) for symbol in form.symbols))
                for form in self.activation.slope_written
            )

        written = ((unit - 1, self.da_dz[unit - 1]) for unit in self.units)
        return tuple(Line(o.ref, o.value, bounds(j)) for j, o in written)

    def _error(self, unit: int) -> Line:
        target, chain = self.dL_dz[unit], self._chain(unit)
        if self.is_output and self.loss.fused:
            plain = Bound(forms.difference(), (self.a[unit], self.view.y()[unit]))
            named = None if self.activation.vector else chain
            return Line(target.ref, target.value, (plain,), named)
        return Line(target.ref, target.value, (chain,))

    def _chain(self, unit: int) -> Bound:
        if unit not in self.chains:
            self.chains[unit] = self._chain_anew(unit)
        return self.chains[unit]

    def _chain_anew(self, unit: int) -> Bound:
        if self.activation.vector:
            return Bound(forms.softmax_error(len(self.a), unit), (*self.a, *self.dL_da))
        return Bound(forms.product(), (self.dL_da[unit], self.da_dz[unit]))

    def _weight_gradients(self) -> tuple[Line, ...]:
        return tuple(
            Line(slope.ref, slope.value, (self._outer(i - 1, j - 1),))
            for i, row in zip(self.sources, self.dL_dW, strict=True)
            for j, slope in zip(self.units, row, strict=True)
        )

    def _outer(self, i: int, j: int) -> Bound:
        if (i, j) not in self.outer:
            self.outer[i, j] = Bound(forms.weight_gradient(), (self.signal[i], self.dL_dz[j]))
        return self.outer[i, j]

    def _arriving_matrix(self, arriving: Sequence[tuple[Bound, ...]]) -> MatrixLine:
        layer = self.layer
        return MatrixLine(
            symbol=symbol("dL_da", layer),
            formula=(
                symbol("dL_dz", layer + 1),
                SymbolPart(symbol("W", layer + 1), transposed=True),
            ),
            grids=(row_of(self.next_errors), transpose_of(self.view.weights(layer + 1))),
            result=(self.dL_da,),
            entries=tuple(bound for bounds in arriving for bound in bounds),
        )

    def _error_matrix(self) -> MatrixLine:
        layer = self.layer
        return MatrixLine(
            symbol=symbol("dL_dz", layer),
            formula=(symbol("dL_da", layer), r"\odot", symbol("da_dz", layer)),
            grids=(row_of(self.dL_da), row_of(self.da_dz, sign=r"\odot")),
            result=(self.dL_dz,),
            entries=tuple(self._chain(j) for j in range(len(self.z))),
        )

    def _gradient_matrix(self) -> MatrixLine:
        layer, inputs, units = self.layer, range(len(self.signal)), range(len(self.z))
        return MatrixLine(
            symbol=symbol("dL_dW", layer),
            formula=(SymbolPart(symbol("a", layer - 1), transposed=True), symbol("dL_dz", layer)),
            grids=(column_of(self.signal), row_of(self.dL_dz)),
            result=self.dL_dW,
            entries=tuple(self._outer(i, j) for i in inputs for j in units),
        )


def _lines(targets: Operands, ways: Sequence[tuple[Bound, ...]]) -> tuple[Line, ...]:
    return tuple(Line(o.ref, o.value, bounds) for o, bounds in zip(targets, ways, strict=True))


def rest_of_errors(trace: Trace, update: int, layer: int, unit: int, errors: FloatArray) -> float:
    """Σ ∂L/∂z_j W_ij to a ``unit`` (from 0) of ``layer``, over the j that are not written out.

    ``errors`` are those of all units of the layer after it.
    """
    places = others(written_units(trace)[layer + 1], len(errors))
    with np.errstate(all="ignore"):
        return float((errors[places] * trace.W[layer][update, unit, places]).sum())
