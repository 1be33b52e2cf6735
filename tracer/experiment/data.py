"""The [data] section as a whole: open the table, pick columns, encode, split off the test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tracer.catalog.losses import LOSSES
from tracer.experiment.columns import Columns, pick_columns, target_names
from tracer.experiment.csvfile import csv_table
from tracer.experiment.dataset import Dataset, Dialect, FloatArray
from tracer.experiment.model import DataSection
from tracer.experiment.report import Report
from tracer.experiment.sections import Draft
from tracer.experiment.story import read_story
from tracer.experiment.table import Table, inline_table
from tracer.experiment.targets import Targets, infer_task, read_targets
from tracer.experiment.textcolumns import flag_words, word_columns
from tracer.experiment.words import found_text

DEFAULT_LOSS = "half_squared_error"
Inputs = FloatArray | list[dict[int, float]]
"""The inputs as a whole, or a column after the other, by row."""
OF_LABELS = ("binary", "multilabel")
"""The tasks whose targets are labels, 0 or 1 each."""


@dataclass(frozen=True)
class DataFacts:
    """What is known after reading the data: None where the file does not tell it rightly.

    `train` are the training rows, from 0; `section` is the resolved [data] section; `names` are
    those of all columns.
    """

    inputs: int | None = None
    train: tuple[int, ...] | None = None
    targets: Targets | None = None
    dataset: Dataset | None = None
    section: DataSection | None = None
    names: tuple[str, ...] = ()


def read_data(draft: Draft, report: Report, base: Path) -> DataFacts:
    """Read the table that [data] names or holds; every problem goes to `report`."""
    table = _open(draft, report, base)
    if table is None:
        return _without_table(draft)
    columns = pick_columns(table, draft)
    if not table.settle_mark((*(columns.inputs or ()), *(columns.targets or ()))):
        return _without_table(draft)
    x = _inputs(table, columns)
    targets = _targets(draft, table, columns)
    train = _train(draft, len(table.rows), report)
    inputs = len(columns.inputs) if columns.inputs else None
    if x is None or targets is None or targets.y is None or train is None or table.broken:
        return DataFacts(inputs, train, targets, names=table.names)
    story = read_story(draft, table, targets, report)
    dataset = replace(_dataset(table, columns, x, targets, train), story=story)
    return DataFacts(inputs, train, targets, dataset, _resolved(draft.data, dataset), table.names)


def default_loss(task: str | None, activation: str | None) -> str:
    """The loss that fits the task and the output layer, where the file names none.

    The first one that is made for this output layer and such targets, else half the squared error;
    regression takes that whatever the output layer is.
    """
    made = (row for row in LOSSES.values() if activation and row.output_activation == activation)
    fitting = (row.name for row in made if row.targets == "shares" or task in OF_LABELS)
    return DEFAULT_LOSS if task == "regression" else next(fitting, DEFAULT_LOSS)


def _open(draft: Draft, report: Report, base: Path) -> Table | None:
    data = draft.data
    if not draft.ok("data.path", "data.rows", "data.columns", "data.header"):
        return None
    if data.path is not None and data.rows is not None:
        report.add(("data", "rows"), "expected either path or rows, found both")
        return None
    if data.path is not None:
        return csv_table(base / data.path, data, report)
    if data.header is not None:
        report.add(("data", "header"), "expected no header without path, found one")
    if data.rows is None:
        report.add(("data",), "expected path (a CSV file) or rows with columns, found neither")
        return None
    if not data.columns:
        found = "nothing" if data.columns is None else "an empty list"
        report.add(("data", "columns"), f"expected the names of the columns of rows, found {found}")
        return None
    return inline_table(data.columns, data.rows, report)


def _without_table(draft: Draft) -> DataFacts:
    """What [data] tells even though its table cannot be read."""
    inputs, names, data = draft.data.inputs, target_names(draft), draft.data
    units = None
    if data.task == "binary":
        units = 1
    elif data.task in ("multilabel", "regression") and names:
        units = len(names)
    targets = Targets(data.task, units, f'for the task "{data.task}"') if units else None
    return DataFacts(inputs=len(inputs) if inputs else None, targets=targets)


def _inputs(table: Table, columns: Columns) -> Inputs | None:
    if columns.inputs is None:
        return None
    whole = table.matrix(columns.inputs)
    if whole is not None:
        return whole
    words = word_columns(table, columns.inputs)
    flag_words(table, words)
    return [{} if column in words else table.numbers(column) for column in columns.inputs]


def _targets(draft: Draft, table: Table, columns: Columns) -> Targets | None:
    if columns.targets is None:
        return None
    task = infer_task(draft, table, columns.targets)
    if task is None:
        return None
    return read_targets(draft, table, columns.targets, task, _loss(draft, task))


def _loss(draft: Draft, task: str) -> str:
    """The loss that the targets must fit; "" where it is not known, or wrong by itself."""
    activation = draft.output.activation
    if activation is None or not draft.ok("training.loss"):
        return ""
    loss = draft.training.loss or default_loss(task, activation)
    return loss if LOSSES[loss].output_activation in (None, activation) else ""


def _train(draft: Draft, rows: int, report: Report) -> tuple[int, ...] | None:
    if not draft.ok("data.train") or not rows:
        return None
    given, path = draft.data.train, ("data", "train")
    if given is None:
        return tuple(range(rows))
    if isinstance(given, int):
        if given > rows:
            report.add(
                path, f"expected at most {rows}, the number of rows, found {found_text(given)}"
            )
            return None
        return tuple(range(given))
    if not given:
        report.add(path, "expected at least one row to train on, found an empty list")
        return None
    return _listed(given, rows, report)


def _listed(given: tuple[int, ...], rows: int, report: Report) -> tuple[int, ...] | None:
    seen: set[int] = set()
    right = True
    for index, row in enumerate(given):
        if row > rows or row in seen:
            expected = f"row numbers from 1 to {rows}" if row > rows else "each row once"
            again = " again" if row in seen else ""
            message = f"expected {expected}, found {found_text(row)}{again}"
            report.add(("data", "train", index), message)
            right = False
        seen.add(row)
    return tuple(sorted(row - 1 for row in seen)) if right else None


def _dataset(
    table: Table,
    columns: Columns,
    x: Inputs,
    targets: Targets,
    train: tuple[int, ...],
) -> Dataset:
    chosen = set(train)
    assert targets.y is not None
    return Dataset(
        input_names=tuple(table.names[column] for column in columns.inputs or ()),
        target_names=tuple(table.names[column] for column in columns.targets or ()),
        output_names=targets.names,
        task=targets.task,
        classes=targets.classes,
        x=np.ascontiguousarray(
            x if isinstance(x, np.ndarray) else np.array([list(column.values()) for column in x]).T
        ),
        y=targets.y,
        labels=targets.labels,
        train=train,
        test=tuple(row for row in range(len(table.rows)) if row not in chosen),
        dialect=_dialect(table),
    )


def _dialect(table: Table) -> Dialect | None:
    decimal = "comma" if table.mark == "," else "point"
    return table.dialect and replace(table.dialect, decimal=decimal)


def _resolved(data: DataSection, dataset: Dataset) -> DataSection:
    """The section with its defaults filled in."""
    names = dataset.target_names
    update = {
        "inputs": dataset.input_names,
        "target": names[0] if len(names) == 1 else names,
        "task": dataset.task,
        "classes": dataset.classes,
        "train": tuple(row + 1 for row in dataset.train),
    }
    return data.model_copy(update=update)
