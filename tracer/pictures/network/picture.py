"""The network as a picture: its pieces, one sample's forward pass, or its backward pass.

Data flows from the top to the bottom. Forward: the inputs stand at the top, the loss at the
bottom; backward the same upside down.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracer.notation import Notation
from tracer.pictures.network.layout import lay_out
from tracer.pictures.network.model import Mode, NetworkPicture, NumberSource, ValueSource
from tracer.pictures.network.outline import outlined
from tracer.pictures.network.plan import Names, plan


def network_picture(
    sizes: Sequence[int],
    number: NumberSource | None = None,
    *,
    mode: Mode,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    activations: Sequence[str] = (),
    value: ValueSource | None = None,
    notation: Notation | None = None,
    written: Sequence[Sequence[int]] = (),
) -> NetworkPicture:
    """The picture of a network of ``sizes`` (n_0, …, n_L).

    Args:
        sizes: units of every layer, inputs first.
        number: texts and links; needed by "forward" and "backward".
        mode: "structure" shows names only; "forward" x, b, W, z, a, y and the loss; "backward"
            the loss, ŷ, ∂L/∂a, the layer errors, ∂L/∂b and ∂L/∂W, upside down.
        inputs: names of the features.
        outputs: names of the output units.
        activations: the name of each layer's activation, L of them.
        value: floats by which edges get sign and strength and dead units are found; without it
            all edges look the same.
        written: of each layer the units (from 1) that have numbers; all of them by default.
        notation: how symbols and the numbers of units are written; the usual one by default.

    Raises:
        ValueError: fewer than two sizes, a size below 1, or no ``number`` where it is needed.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"expected two or more layers of at least one unit, found {sizes!r}")
    if number is None and mode != "structure":
        raise ValueError(f"the {mode} picture needs numbers")
    known = notation or Notation(len(sizes) - 1)
    names = Names(tuple(inputs), tuple(outputs), tuple(activations), known, tuple(written))
    if number is None or mode == "structure":
        return lay_out(plan(tuple(sizes), mode, names, number, value))
    shared = outlined(tuple(sizes), mode, names, number, value)
    return shared or lay_out(plan(tuple(sizes), mode, names, number, value))
