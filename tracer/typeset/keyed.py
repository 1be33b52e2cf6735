"""What decides how a part of a formula is written: by it, what was written once is found again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from tracer.refs import Ref, place_at
from tracer.typeset.line import Bound, Operand, SymbolPart


def key_of(part: str | Ref | SymbolPart) -> Any:
    """What decides how a part of a formula is written: a symbol is the same at any moment."""
    if isinstance(part, str):
        return part
    if isinstance(part, Ref):
        return place_at(part.spot)
    return place_at(part.ref.spot), part.sample, part.transposed


def spot_of(part: str | Ref | SymbolPart) -> Hashable:
    """The same by its number of this process."""
    if isinstance(part, str):
        return part
    if isinstance(part, Ref):
        return part.spot
    return part.ref.spot, part.transposed, part.sample


def refs_of(bound: Bound | None) -> list[Ref]:
    """What the operands of a form stand for."""
    return [] if bound is None else [operand.ref for operand in bound.operands]


def read_of(operand: Operand) -> tuple[Any, ...]:
    """What decides the symbol of an operand, in every process."""
    place = place_at(operand.ref.spot)
    return (place, operand.sample) if operand.sample else place
