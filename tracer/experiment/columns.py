"""Which columns of the table are inputs, and which are targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracer.experiment.report import KeyPath
from tracer.experiment.sections import Draft
from tracer.experiment.table import Table
from tracer.experiment.words import did_you_mean, found_text, list_text


@dataclass(frozen=True)
class Columns:
    """Positions of columns; None where the file does not tell them rightly."""

    inputs: tuple[int, ...] | None
    targets: tuple[int, ...] | None


def target_names(draft: Draft) -> tuple[str, ...] | None:
    """The targets that the file names, None where it names none."""
    target = draft.data.target
    return (target,) if isinstance(target, str) else target


def pick_columns(table: Table, draft: Draft) -> Columns:
    """Resolve `data.inputs` and `data.target` against the table's columns."""
    targets = _targets(table, draft)
    inputs = _inputs(table, draft, targets)
    if inputs and targets:
        _check_apart(table, inputs, targets)
    return Columns(inputs, targets)


def _targets(table: Table, draft: Draft) -> tuple[int, ...] | None:
    names = target_names(draft)
    if not draft.ok("data.target"):
        return None
    if names is None:
        return (len(table.names) - 1,)
    several = not isinstance(draft.data.target, str)
    return _positions(table, names, ("data", "target"), several=several)


def _inputs(table: Table, draft: Draft, targets: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if not draft.ok("data.inputs"):
        return None
    if draft.data.inputs is not None:
        return _positions(table, draft.data.inputs, ("data", "inputs"), several=True)
    if targets is None:
        return None
    inputs = tuple(index for index in range(len(table.names)) if index not in targets)
    if not inputs:
        found = f"found only {list_text(table.names)}"
        path = table.report.first(("data", "path"), ("data", "columns"))
        message = f"expected at least one column beside the target, {found}"
        table.report.add(path, message)
        return None
    return inputs


def _positions(
    table: Table, names: Sequence[str], path: KeyPath, *, several: bool
) -> tuple[int, ...] | None:
    if not names:
        table.report.add(path, "expected at least one column name, found an empty list")
        return None
    found: list[int] = []
    for index, name in enumerate(names):
        place = (*path, index) if several else path
        position = _position(table, name.strip(), place)
        if position in found:
            table.report.add(place, f"expected each column once, found {found_text(name)} again")
        elif position is not None:
            found.append(position)
    return tuple(found) if len(found) == len(names) else None


def _position(table: Table, name: str, path: KeyPath) -> int | None:
    if name in table.names:
        return table.names.index(name)
    message = f"expected one of the columns {list_text(table.names)}; found {found_text(name)}"
    table.report.add(path, message, did_you_mean(name, table.names))
    return None


def _check_apart(table: Table, inputs: tuple[int, ...], targets: tuple[int, ...]) -> None:
    for index, position in enumerate(inputs):
        if position in targets:
            name = found_text(table.names[position])
            path = table.report.first(("data", "inputs", index), ("data", "inputs"))
            message = f"expected a column that is not the target, found {name}"
            hint = None if table.report.has(("data", "target")) else f"The target is {name}."
            table.report.add(path, message, hint)
            table.broken = True
