"""From the target columns to a task, its classes and the encoded targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment.dataset import FloatArray, Label, encode_binary, encode_one_hot, sort_labels
from tracer.experiment.limits import INSIST, name_fault
from tracer.experiment.numbers import parse_number
from tracer.experiment.report import Report
from tracer.experiment.sections import Draft
from tracer.experiment.table import Table, TableCell
from tracer.experiment.words import count_text, found_text, list_text

SUM_TOLERANCE = 1e-6  # shares that were written with six digits may miss 1 by as much
MAX_ENCODED = 50_000_000  # numbers of 8 bytes: 400 MB, less than half of what a trace may take


@dataclass(frozen=True)
class Targets:
    """What the target columns say: `units` output units are needed, `why` says it in words.

    `y` and `labels` are None where some cell is wrong.
    """

    task: str
    units: int | None
    why: str
    classes: tuple[Label, ...] | None = None
    names: tuple[str, ...] = ()
    labels: tuple[Label | tuple[Label, ...], ...] = ()
    y: FloatArray | None = None


@dataclass(frozen=True)
class _Labels:
    """The labels of one column by row; numbers only where the whole column is numeric."""

    by_row: Mapping[int, Label]
    numeric: bool

    @property
    def distinct(self) -> tuple[Label, ...]:
        return sort_labels(self.by_row.values())


def infer_task(draft: Draft, table: Table, targets: tuple[int, ...]) -> str | None:
    """The task that fits output layer, loss and targets; None where they cannot be relied on.

    softmax → multiclass; sigmoid with binary cross-entropy (or no loss named) → multilabel for
    several targets of 0 and 1, binary for two classes; everything else → regression.
    """
    if draft.data.task or not draft.ok("data.task"):
        return draft.data.task or None
    activation = draft.output.activation
    if activation is None or not draft.ok("training.loss"):
        return None
    gives = ACTIVATIONS[activation].gives
    if gives == "shares":
        return "multiclass"
    if gives == "probability" and _is_of_labels(draft.training.loss):
        if len(targets) > 1:
            return _task_of_several(draft, table, targets)
        return "binary" if _looks_binary(_labels(table, targets[0])) else "regression"
    return "regression"


def _is_of_labels(loss: str) -> bool:
    """Whether a loss is made for labels from 0 to 1, or may be chosen so."""
    return not loss or LOSSES[loss].targets == "labels"


def _task_of_several(draft: Draft, table: Table, targets: tuple[int, ...]) -> str:
    """Several sigmoid outputs: labels where all are 0 or 1 or the loss is named, else numbers."""
    if draft.training.loss:
        return "multilabel"
    labels = [_labels(table, target) for target in targets]
    bits = all(not each.numeric or set(each.distinct) <= {0, 1} for each in labels)
    return "multilabel" if bits else "regression"


def _looks_binary(labels: _Labels) -> bool:
    values = labels.distinct
    if not labels.numeric or set(values) <= {0, 1}:
        return True
    shares = all(not isinstance(value, str) and 0 <= value <= 1 for value in values)
    return len(values) == 2 and not shares


def read_targets(
    draft: Draft, table: Table, targets: tuple[int, ...], task: str, loss: str
) -> Targets:
    """Encode the target columns for `task`, noting every cell and key that does not fit."""
    if task == "binary" and len(targets) > 1:
        path = table.report.first(("data", "task"), ("data", "target"))
        found = f"found {len(targets)}"
        hint = 'For several yes-or-no targets use task = "multilabel".'
        table.report.add(path, f'expected one target for the task "binary", {found}', hint)
        return Targets(task, 1, 'for the task "binary"')
    if task == "binary" or (task == "multiclass" and len(targets) == 1):
        return _read_classes(draft, table, targets[0], task)
    return _read_numbers(draft, table, targets, task, loss)


def _labels(table: Table, column: int) -> _Labels:
    cells = [
        (row, cell) for row, cell in table.column(column) if cell.number is not None or cell.text
    ]
    numeric = all(cell.number is not None for _, cell in cells)
    if not numeric:
        return _Labels({row: cell.text for row, cell in cells}, numeric=False)
    numbers = {row: cell.number for row, cell in cells if cell.value is not None}
    return _Labels({row: n for row, n in numbers.items() if n is not None}, numeric=True)


def _read_classes(draft: Draft, table: Table, column: int, task: str) -> Targets:
    labels = _labels(table, column)
    _flag_cells(table, column, labels)
    classes = _classes(draft, table, labels, table.names[column], task)
    units = 1 if task == "binary" else None if classes is None else len(classes)
    why = f'for the task "{task}"'
    if classes is None:
        return Targets(task, units, why)
    if task == "multiclass":
        why = f"one for each class ({list_text(classes)})"
    names = (table.names[column],) if task == "binary" else tuple(str(c) for c in classes)
    place = {label: index for index, label in enumerate(classes)}
    known = {row: label for row, label in labels.by_row.items() if label in place}
    for row, label in labels.by_row.items():
        if row not in known:
            expected = f"expected one of the classes {list_text(classes)}"
            table.flag(row, column, f"{expected}, found {found_text(label)}")
    unlike = task == "multiclass" and draft.output.units not in (None, len(classes))
    # What does not fit the network is not encoded: it may be very large.
    if unlike or table.broken or not _fits_in_memory(table, len(classes), column, task):
        return Targets(task, units, why, classes, names)
    ordered = [classes[place[label]] for label in known.values()]
    encode = encode_binary if task == "binary" else encode_one_hot
    return Targets(task, units, why, classes, names, tuple(ordered), encode(ordered, classes))


def _fits_in_memory(table: Table, classes: int, column: int, task: str) -> bool:
    """Whether one number a row and class is not too much; a problem where it is."""
    size = len(table.rows) * classes
    if task == "binary" or size <= MAX_ENCODED or table.report.insist:
        return True
    found = f"{len(table.rows):,} rows of {classes:,} classes"
    message = f"expected at most {MAX_ENCODED:,} numbers of encoded targets, found {found}"
    hint = f"Is {found_text(table.names[column])} the number of a row, and no class? {INSIST}"
    table.report.add(table.report.first(("data", "target"), ("data",)), message, hint)
    table.broken = True
    return False


def _flag_cells(table: Table, column: int, labels: _Labels) -> None:
    """Note every cell of a target column that is no label."""
    _flag_booleans(table, column)
    if labels.numeric:
        table.numbers(column)
    else:
        _flag_empty(table, column)


def _flag_booleans(table: Table, column: int) -> None:
    """true and false of a file are neither numbers nor texts: one problem for the column."""
    rows = [row for row, cell in table.column(column) if cell.boolean]
    if rows:
        more = f" (and {len(rows) - 1} more like it)" if len(rows) > 1 else ""
        found = table.cell((table.rows[rows[0]] or ())[column]).text
        message = f"expected a number or text, found {found}{more}"
        table.flag(rows[0], column, message, "Write 1 and 0, or texts in quotes.")


def _flag_empty(table: Table, column: int) -> None:
    for row, cell in table.column(column):
        if not cell.text:
            table.flag(row, column, "expected a label, found an empty cell")


def _classes(
    draft: Draft, table: Table, labels: _Labels, name: str, task: str
) -> tuple[Label, ...] | None:
    if not draft.ok("data.classes"):
        return None
    if draft.data.classes is not None:
        classes = tuple(_as_label(label, numeric=labels.numeric) for label in draft.data.classes)
        return classes if _right_classes(classes, task, table.report) else None
    classes = labels.distinct
    if task == "binary" and len(classes) < 2 and labels.numeric and set(classes) <= {0, 1}:
        classes = (0, 1)
    if len(classes) == 2 or (task == "multiclass" and len(classes) > 2):
        return classes
    if not table.broken or len(classes) > 2:
        _refuse_default(classes, task, name, table.report)
    return None


def _refuse_default(classes: tuple[Label, ...], task: str, name: str, report: Report) -> None:
    number = "two" if task == "binary" else "at least two"
    found = f"found {count_text(len(classes), 'label')}: {list_text(classes)}"
    hint = "Name the classes in data.classes."
    if len(classes) > 2:
        hint = 'Use task = "multiclass" with a softmax output'
        hint += ', or task = "regression" for probabilities.'
    path = report.first(("data", "task"), ("data", "target"), ("data",))
    report.add(path, f"expected {number} classes in the column {found_text(name)}, {found}", hint)


def _as_label(label: Label, *, numeric: bool) -> Label:
    """A class of the file as the column has it: 1, 1.0 and "1" are one in a numeric column."""
    if not numeric:
        return label.strip() if isinstance(label, str) else str(label)
    number = parse_number(label.strip()) if isinstance(label, str) else label
    return label if number is None else number


def _right_classes(classes: tuple[Label, ...], task: str, report: Report) -> bool:
    path = ("data", "classes")
    lost = [c for c in classes if not isinstance(c, str) and TableCell(c, c).value is None]
    if lost:
        report.add(path, f"expected finite numbers or texts, found {list_text(lost)}")
        return False
    strange = next((fault for c in classes if (fault := name_fault(str(c)))), None)
    if strange is not None:
        report.add(path, f"expected classes with {strange[0]}, found {strange[1]}")
        return False
    if len(set(classes)) != len(classes):
        report.add(path, f"expected different classes, found {list_text(classes)}")
        return False
    if (len(classes) != 2) if task == "binary" else (len(classes) < 2):
        number = "two" if task == "binary" else "at least two"
        message = f'expected {number} classes for the task "{task}", found {len(classes)}'
        report.add(path, message)
        return False
    return True


def _read_numbers(
    draft: Draft, table: Table, targets: tuple[int, ...], task: str, loss: str
) -> Targets:
    names = tuple(table.names[column] for column in targets)
    classes: tuple[Label, ...] | None = names if task == "multiclass" else None
    _check_no_classes(draft, table.report, task)
    what = "class" if classes else "target"
    why = f'one for each {what} ({list_text(names)}) for the task "{task}"'
    columns = [_numbers(draft, table, column, task) for column in targets]
    _check_range(table, targets, columns, task, loss)
    if table.broken or any(len(column) != len(table.rows) for column in columns):
        return Targets(task, len(names), why, classes, names)
    y = np.array([list(column.values()) for column in columns]).T.copy()
    labels = _row_labels(table, targets, y, classes)
    return Targets(task, len(names), why, classes, names, labels, y)


def _row_labels(
    table: Table, targets: tuple[int, ...], y: FloatArray, classes: tuple[Label, ...] | None
) -> tuple[Label | tuple[Label, ...], ...]:
    if classes is not None:
        return tuple(classes[int(np.argmax(shares))] for shares in y)
    columns = ([cell.number for _, cell in table.column(column)] for column in targets)
    rows = zip(*columns, strict=True)
    found = [tuple(number for number in row if number is not None) for row in rows]
    return tuple(row[0] if len(row) == 1 else row for row in found)


def _check_no_classes(draft: Draft, report: Report, task: str) -> None:
    if draft.data.classes is None:
        return
    hint = "The target columns are the classes." if task == "multiclass" else None
    message = f'expected no classes for the task "{task}"'
    if task == "multiclass":
        message = "expected no classes beside several target columns"
    report.add(("data", "classes"), f"{message}, found {list_text(draft.data.classes)}", hint)


def _numbers(draft: Draft, table: Table, column: int, task: str) -> dict[int, float]:
    cells = [cell for _, cell in table.column(column)]
    if not cells or any(cell.number is not None for cell in cells):
        return table.numbers(column)
    table.broken = True
    inferred = "" if draft.data.task else " (which was inferred)"
    hint = 'For labels use a sigmoid output with one unit and task = "binary", or a softmax '
    hint += 'output with a unit a class and task = "multiclass".'
    table.report.add(
        table.report.first(("data", "target"), ("data", "task"), ("data",)),
        f'expected numbers in the column {found_text(table.names[column])} for the task "{task}"'
        f"{inferred}, found {found_text(cells[0].text)}",
        hint,
    )
    return {}


def _check_range(
    table: Table,
    targets: tuple[int, ...],
    columns: list[dict[int, float]],
    task: str,
    loss: str,
) -> None:
    wanted = LOSSES[loss].targets if loss else ""
    shares = task == "multiclass" or wanted == "shares"
    if not (shares or task == "multilabel" or wanted == "labels"):
        return
    cause = f'the task "{task}"' if task in ("multiclass", "multilabel") else f'the loss "{loss}"'
    for column, values in zip(targets, columns, strict=True):
        for row, value in values.items():
            if not 0 <= value <= 1:
                message = f"expected a target from 0 to 1 for {cause}, found {value!r}"
                table.flag(row, column, message)
    for row in range(len(table.rows)) if shares else ():
        parts = [values[row] for values in columns if row in values]
        if len(parts) == len(columns) and abs(sum(parts) - 1) > SUM_TOLERANCE:
            message = f"expected targets that add up to 1 for {cause}, found {sum(parts)!r}"
            table.flag(row, None, message)
