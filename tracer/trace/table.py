"""The trace as a tidy table: one number a line, with where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from tracer.errors import Problem, TracerError
from tracer.extras import install_hint
from tracer.formula import FloatArray
from tracer.trace import IntArray, Trace
from tracer.trace.fields import IN_UPDATES, TABLE, Over, TraceField
from tracer.trace.layout import expanded, of_epochs, of_updates, of_visits, shown_fields

if TYPE_CHECKING:
    from pandas import DataFrame


def quantities_shown() -> dict[str, TraceField]:
    """The fields of the table by name: those of a visit, of an update, of an epoch."""
    fields = shown_fields(TABLE)
    ordered = (*of_visits(fields), *of_updates(fields), *of_epochs(fields))
    return {field.name: field for field in ordered}


def to_dataframe(
    trace: Trace, epochs: Iterable[int] | None = None, quantities: Iterable[str] | None = None
) -> DataFrame:
    """Every number of a run as a tidy pandas table: epoch, row, layer, quantity, index, value.

    Epochs, rows and layers count from 1; x, y and the loss have the layer 0. The index is text:
    "2" is unit 2, "1,2" the weight from unit 1 to unit 2, "" the loss. What belongs to a whole
    batch (``W``, ``b`` before its update, ``grad_W``, ``grad_b``, the optimizer's state and
    ``W_after``, ``b_after``) stands once, at the batch's last row. The optimizer's variables are
    called ``state.v.W``, ``state.v.b`` and so on, as they are after the update. The lines are in
    the order of training.

    Args:
        trace: the run.
        epochs: only these epochs, from 1. Default: all.
        quantities: only these of x, y, z, a, loss, dL_da, dL_dz, dL_dW, dL_db, W, b, grad_W,
            grad_b, state, W_after, b_after. Default: all.

    Example:
        >>> frame = trace.to_dataframe(epochs=[1], quantities=["a", "loss"])
        >>> list(frame.columns)
        ['epoch', 'row', 'layer', 'quantity', 'index', 'value']
        >>> output = frame[(frame["quantity"] == "a") & (frame["layer"] == 2)]
        >>> [int(row) for row in output["row"]]
        [1, 2, 3, 4]

    Raises:
        TracerError: pandas is not installed, or there is no such epoch or quantity.
    """
    columns = tidy_columns(trace, epochs, quantities)
    try:
        import pandas as pd
    except ImportError:
        hint = install_hint("pandas")
        raise TracerError(Problem("a data frame needs pandas", hint=hint)) from None
    return pd.DataFrame(columns)


def tidy_columns(
    trace: Trace, epochs: Iterable[int] | None = None, quantities: Iterable[str] | None = None
) -> dict[str, Any]:
    """The columns of :func:`to_dataframe` as arrays of the same length, by name."""
    fields = quantities_shown()
    names = tuple(fields if quantities is None else quantities)
    for name in names:
        if name not in fields:
            known = ", ".join(fields)
            raise TracerError(f"there is no quantity {name!r}: a trace has {known}")
    visits = _visits(trace, epochs)
    blocks = list(chain.from_iterable(_blocks(trace, fields[name], visits) for name in names))
    where = np.concatenate([np.repeat(b.visits, b.width) for b in blocks] or [visits[:0]])
    order = np.argsort(where, kind="stable")
    where = where[order]
    return {
        "epoch": trace.epoch_of[where] + 1,
        "row": trace.row[where] + 1,
        "layer": _column([np.full(b.size, b.layer) for b in blocks], order),
        "quantity": _column([np.full(b.size, b.quantity, dtype=object) for b in blocks], order),
        "index": _column([np.tile(b.index, len(b.visits)) for b in blocks], order),
        "value": _column([b.values.ravel() for b in blocks], order),
    }


def _column(parts: Sequence[Any], order: IntArray) -> Any:
    return np.concatenate(parts)[order] if parts else np.array([])


@dataclass(frozen=True)
class _Block:
    """A quantity of one layer: ``values`` (visits, …), each entry's units in the index."""

    quantity: str
    layer: int
    visits: IntArray
    values: FloatArray

    @property
    def width(self) -> int:
        return int(np.prod(self.values.shape[1:]))

    @property
    def size(self) -> int:
        return self.values.size

    @property
    def index(self) -> Any:
        units = np.ndindex(*self.values.shape[1:])
        return np.array([",".join(str(i + 1) for i in unit) for unit in units], dtype=object)


def _visits(trace: Trace, epochs: Iterable[int] | None) -> IntArray:
    if epochs is None:
        return np.arange(len(trace.loss))
    wanted = tuple(epochs)
    for epoch in wanted:
        if not 1 <= epoch <= trace.epochs:
            raise TracerError(
                f"there is no epoch {epoch}: this run has the epochs 1 to {trace.epochs}"
            )
    return np.flatnonzero(np.isin(trace.epoch_of + 1, wanted))


def _blocks(trace: Trace, field: TraceField, visits: IntArray) -> Iterator[_Block]:
    """A block of the whole field or of each layer; what a batch or an epoch has, at its end."""
    where = visits
    if field.over in IN_UPDATES or field.over is Over.EPOCHS:
        number = trace.epoch_of if field.over is Over.EPOCHS else trace.update_of
        ends = np.append(number[1:] != number[:-1], True)
        where = visits[ends[visits]]
    for part in expanded(field, tuple(trace.state)):
        values = part.at(trace, where)
        layers = enumerate(values, start=1) if part.layered else [(0, values)]
        for layer, numbers in layers:
            yield _Block(part.name, layer, where, numbers)
