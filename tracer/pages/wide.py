"""What pages show of a layer that is too wide to be written out: pictures, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracer.explain.backward import LayerBackward
from tracer.explain.forward import LayerForward
from tracer.explain.operands import Operands, Pass
from tracer.explain.written import written_units
from tracer.formula import FloatArray
from tracer.notation import Number
from tracer.pages.desk import Desk
from tracer.pictures import HeatPicture, heat_picture
from tracer.refs import Ref
from tracer.trace import Cycle, Trace


@dataclass(frozen=True)
class Rest:
    """The sum of the terms of one line that are not written out, under its anchor."""

    ref: Ref
    number: Number
    unit: int


@dataclass(frozen=True)
class WideLayer:
    """A layer of which only some units are written out, or which gets more than is written out.

    ``units`` (from 1) of ``size`` are written, of ``inputs`` before them those in ``sources``.
    ``left`` counts the terms that each rest adds up.
    """

    layer: int
    size: int
    units: tuple[int, ...]
    inputs: int
    sources: tuple[int, ...]
    rests: tuple[Rest, ...] = ()
    left: int = 0
    pictures: tuple[HeatPicture, ...] = field(default=())


def wide_layer(trace: Trace, layer: int) -> WideLayer | None:
    """The layer if it is one of those; None where all of it is written out."""
    before, after = written_units(trace)[layer - 1 : layer + 1]
    inputs, size = trace.layer_sizes[layer - 1 : layer + 1]
    if (len(before), len(after)) == (inputs, size):
        return None
    return WideLayer(layer, size, after, inputs, before)


def forward_wide(desk: Desk, view: Pass, of: LayerForward, *, drawn: bool) -> WideLayer | None:
    """A layer of a forward pass; ``drawn`` with pictures of what enters it and what it computes."""
    found = wide_layer(view.trace, of.layer)
    if found is None:
        return None
    arrays: list[tuple[str, int, FloatArray]] = []
    if drawn:
        k = of.layer - 1
        signal = view.trace.x[view.row] if k == 0 else view.a[k - 1]
        arrays = [("x" if k == 0 else "a", k, signal)] if k == 0 else []
        arrays += [("W", k + 1, view.trace.W[k][view.update])]
        arrays += [("z", k + 1, view.z[k]), ("a", k + 1, view.a[k])]
    return _told(desk, found, of.rest, found.inputs - len(found.sources), arrays)


def backward_wide(desk: Desk, cycle: Cycle, of: LayerBackward) -> WideLayer | None:
    """A layer of a backward pass, with pictures of its errors and of the slopes by its weights."""
    k, trace = of.layer - 1, cycle.trace
    found = wide_layer(trace, of.layer)
    if found is None and not of.rest:
        return None
    if found is None:
        found = _plain(trace, of.layer)
    arrays = [("dL_dz", of.layer, cycle.dL_dz[k]), ("dL_dW", of.layer, cycle.dL_dW[k])]
    left = 0
    if of.rest:
        left = trace.layer_sizes[of.layer + 1] - len(written_units(trace)[of.layer + 1])
    return _told(desk, found, of.rest, left, arrays)


def _plain(trace: Trace, layer: int) -> WideLayer:
    before, after = written_units(trace)[layer - 1 : layer + 1]
    inputs, size = trace.layer_sizes[layer - 1 : layer + 1]
    return WideLayer(layer, size, after, inputs, before)


def weights_wide(desk: Desk, update: int) -> tuple[WideLayer, ...]:
    """The wide layers with pictures of their weights before an update."""
    trace = desk.walk.trace
    layers = range(1, trace.layers + 1)
    found = (wide_layer(trace, layer) for layer in layers)
    return tuple(
        _told(desk, wide, (), 0, [("W", wide.layer, trace.W[wide.layer - 1][update])])
        for wide in found
        if wide is not None
    )


def _told(
    desk: Desk,
    of: WideLayer,
    rests: Operands,
    left: int,
    arrays: list[tuple[str, int, FloatArray]],
) -> WideLayer:
    numbers = tuple(
        Rest(o.ref, replace(desk.typesetter.number(o), href=""), desk.unit(o.ref.index[0]))
        for o in rests
    )
    pictures = () if desk.is_of_any else tuple(_pictures(desk, arrays))
    return WideLayer(of.layer, of.size, of.units, of.inputs, of.sources, numbers, left, pictures)


def _pictures(desk: Desk, arrays: list[tuple[str, int, FloatArray]]) -> Iterator[HeatPicture]:
    decimals, notation = desk.typesetter.decimals, desk.walk.notation
    for name, layer, values in arrays:

        def symbol(index: tuple[int, ...], name: str = name, layer: int = layer) -> str:
            return desk.plain(name, layer, *notation.place(index))

        yield heat_picture(notation.laid(values), name, layer, symbol, decimals=decimals)
