"""The ways to write the loss of one sample."""

from __future__ import annotations

import numpy as np

from tracer.explain import forms
from tracer.explain.operands import Operands
from tracer.typeset import Bound


def loss_ways(name: str, y: Operands, y_hat: Operands, z: Operands) -> tuple[Bound, ...]:
    """L from y and ŷ, then from the logits, where ŷ has no digits left."""
    units = len(y)
    plain = Bound(forms.loss(name, units), (*y, *y_hat))
    largest = int(np.argmax([operand.value for operand in z]))
    logits = forms.loss_from_logits(name, units, largest)
    if logits is None:
        return (plain,)
    names = (*forms.symbols("y", units), *forms.symbols("z", units))
    known = dict(zip(names, (*y, *z), strict=True))
    return plain, Bound(logits, tuple(known[symbol] for symbol in logits.symbols))
