"""From the mapping of a file to the validated parts of an experiment, or all its problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracer.errors import ExperimentError
from tracer.experiment.data import default_loss, read_data
from tracer.experiment.dataset import Dataset
from tracer.experiment.model import DataSection, Init, Layer, Notation, Pages, Record, Training
from tracer.experiment.naming import check_name
from tracer.experiment.report import Report
from tracer.experiment.rules import check_rules
from tracer.experiment.sections import Draft, read_sections
from tracer.experiment.weights import check_init


@dataclass(frozen=True)
class ExperimentParts:
    """Everything that an experiment consists of, resolved and consistent."""

    title: str
    data: DataSection
    dataset: Dataset
    layers: tuple[Layer, ...]
    init: Init
    training: Training
    notation: Notation
    pages: Pages
    record: Record
    defaults: tuple[str, ...]


DECIDING = (
    "data.target",
    "data.task",
    "init.scheme",
    "init.seed",
    "training.loss",
    "training.optimizer",
    "training.learning_rate",
    "training.epochs",
    "training.batch_size",
)
"""The keys that decide the numbers of a run, so that a reader should know who chose them."""


def resolve(document: Mapping[str, Any], report: Report, base: Path, name: str) -> ExperimentParts:
    """Validate a document and fill in its defaults.

    Raises:
        ExperimentError: with every problem of the document and of its table.
    """
    check_name(name, report)
    draft = read_sections(document, report)
    found = read_data(draft, report, base)
    check_rules(draft, found, report)
    check_init(draft, found, report)
    problems = report.problems()
    if problems or found.dataset is None or found.section is None:
        raise ExperimentError(problems or "the experiment cannot be read")
    return ExperimentParts(
        title=draft.title or name,
        data=found.section,
        dataset=found.dataset,
        layers=tuple(layer.whole for layer in draft.layers if layer.whole is not None),
        init=_init(draft.init),
        training=_training(draft, found.dataset),
        notation=draft.notation,
        pages=draft.pages.model_copy(update={"epochs": tuple(sorted(draft.pages.epochs))}),
        record=draft.record.model_copy(update={"epochs": tuple(sorted(draft.record.epochs))}),
        defaults=_defaults(draft),
    )


def _defaults(draft: Draft) -> tuple[str, ...]:
    """The deciding keys that the document leaves out; a seed only where something is drawn."""
    given = {f"data.{key}" for key in draft.data.model_fields_set}
    given |= {f"init.{key}" for key in draft.init.model_fields_set}
    given |= {f"training.{key}" for key in draft.training.model_fields_set}
    if draft.init.scheme in ("given", "zeros") and not draft.training.shuffle:
        given.add("init.seed")
    return tuple(key for key in DECIDING if key not in given)


def _init(init: Init) -> Init:
    """Given weights come with zero biases where none are listed."""
    zeros = init.scheme == "given" and init.biases == "same"
    return init.model_copy(update={"biases": "zeros"}) if zeros else init


def _training(draft: Draft, dataset: Dataset) -> Training:
    loss = draft.training.loss or default_loss(dataset.task, draft.output.activation)
    return draft.training.model_copy(update={"loss": loss})
