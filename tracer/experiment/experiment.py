"""An experiment: a table, a network, its starting values and its training, frozen and valid."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tracer.errors import ExperimentError, Problem
from tracer.experiment.arguments import document as document_of
from tracer.experiment.dataset import Dataset, Story
from tracer.experiment.model import DataSection, Init, Layer, Notation, Pages, Record, Training
from tracer.experiment.naming import slug
from tracer.experiment.report import KeyPath, Report
from tracer.experiment.resolve import resolve
from tracer.experiment.save import toml_text, write_new
from tracer.experiment.weights import meaningful_keys
from tracer.experiment.words import found_text

PARTS: Mapping[str, type] = {
    "title": str,
    "data": DataSection,
    "dataset": Dataset,
    "layers": tuple,
    "init": Init,
    "training": Training,
    "notation": Notation,
    "pages": Pages,
    "record": Record,
    "defaults": tuple,
}
"""What an experiment consists of, beside its name and where it comes from."""


@dataclass(frozen=True, eq=False, init=False)
class Experiment:
    """Everything that decides a run; every default is filled in.

    It is made from Python arguments by :meth:`of`, from a mapping by :meth:`from_mapping`, from a
    file by :func:`load_experiment`: each makes the document of a file, which is validated in one
    way. `Experiment(…)` is `Experiment.of(…)`.

    Two experiments are equal if they give the same `to_mapping`, wherever they come from and
    whatever is kept of their runs.

    Example:
        >>> xor = Experiment(
        ...     data=([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]),
        ...     layers=[(3, "tanh"), (1, "sigmoid")],
        ...     training={"learning_rate": 0.5, "epochs": 200},
        ... )
        >>> xor.layer_sizes, xor.training.loss
        ((2, 3, 1), 'binary_cross_entropy')

    Raises:
        ExperimentError: with every problem of the sections and of the table, each with its key.

    Attributes:
        title: what the site is called.
        name: a word for files and folders: the file's stem, else "experiment".
        source: the file it was read from, None for one made from a mapping.
        data: the [data] section; `train` holds row numbers from 1.
        dataset: the table as arrays.
        layers: the layers after the input.
        init: starting values.
        training: how the network learns; `options` holds the optimizer's own keys,
            `schedule_options` the schedule's.
        notation: how formulas are written.
        pages: what is shown; `epochs` ascending, from 1.
        record: what is kept of the run.
        defaults: the keys that nobody gave and that decide numbers, such as "training.loss".
        insist: whether what is only large is taken all the same: tables, runs, walkthroughs.
    """

    title: str
    name: str
    source: Path | None
    data: DataSection
    dataset: Dataset
    layers: tuple[Layer, ...]
    init: Init
    training: Training
    notation: Notation
    pages: Pages
    record: Record
    defaults: tuple[str, ...]
    insist: bool

    def __init__(  # noqa: PLR0917  in the order of the file
        self,
        data: Any,
        layers: Any,
        init: Any = None,
        training: Any = None,
        notation: Any = None,
        pages: Any = None,
        title: str | None = None,
        name: str = "experiment",
        source: Path | None = None,
        dataset: Dataset | None = None,
        defaults: tuple[str, ...] = (),
        insist: bool = False,
        record: Any = None,
    ) -> None:
        """The same as :meth:`of`.

        With a dataset, which `dataclasses.replace` hands over, all parts are resolved already.
        """
        sections = {"init": init, "training": training, "notation": notation, "pages": pages}
        sections["record"] = record
        if dataset is None:
            made = self.of(data, layers, **sections, title=title, name=name, insist=insist)
            parts = {key: getattr(made, key) for key in PARTS}
        else:
            given = {"title": title, "data": data, "dataset": dataset, "layers": layers}
            parts = {**given, **sections, "record": record or Record(), "defaults": defaults}
        self._settle(parts, name, source, insist=insist)

    def _settle(
        self, parts: Mapping[str, Any], name: str, source: Path | None, *, insist: bool
    ) -> None:
        """Take the parts, each of which is what :func:`resolve` makes of a document."""
        for key, kind in PARTS.items():
            if not isinstance(parts[key], kind):
                hint = "Experiment.of takes Python values; replace takes finished sections."
                message = f"expected a {kind.__name__}, found {found_text(parts[key])}"
                raise ExperimentError(Problem(message, key=key, hint=hint))
        place = {"name": slug(name), "source": source, "insist": insist}
        for key, value in {**parts, **place}.items():
            object.__setattr__(self, key, value)

    @classmethod
    def of(  # noqa: PLR0917  in the order of the file
        cls,
        data: Any,
        layers: Any,
        init: Any = None,
        training: Any = None,
        notation: Any = None,
        pages: Any = None,
        *,
        title: str | None = None,
        name: str = "experiment",
        insist: bool = False,
        record: Any = None,
    ) -> Experiment:
        """Make an experiment from Python values.

        The sections are those of an experiment file, as dicts. `data` may also be (X, y), arrays
        of shape (N, n_0) and (N,) or (N, n_L); a data frame, whose last column is the target;
        (frame, target), with one name or several; or a dict with "x" and "y" beside other keys of
        [data]. A layer may also be the pair (units, activation).

        Example:
            >>> table = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
            >>> Experiment.of(table, [(3, "tanh"), (1, "sigmoid")]).dataset.task
            'binary'

        Raises:
            ExperimentError: with every problem of the sections and of the table, each with its key.
        """
        sections = {"init": init, "training": training, "notation": notation, "pages": pages}
        sections["record"] = record
        document = document_of(data, layers, sections, title, insist=insist)
        return build(document, name=name or "experiment", base=Path(), insist=insist)

    @cached_property
    def layer_sizes(self) -> tuple[int, ...]:
        """(n_0, …, n_L): the number of inputs, then the units of each layer."""
        return (self.dataset.x.shape[1], *(layer.units for layer in self.layers))

    @classmethod
    def from_mapping(
        cls, mapping: Mapping[str, Any], base: Path | None = None, *, insist: bool = False
    ) -> Experiment:
        """Make an experiment from what a file would hold; a "name" is taken too.

        `data.path` is relative to `base`, by default the current folder. `insist` takes what is
        refused for its size alone.

        Raises:
            ExperimentError: with every problem of the mapping and of its table.
        """
        if not isinstance(mapping, Mapping):
            raise ExperimentError(Problem(f"expected a table, found {found_text(mapping)}"))
        document = {key: value for key, value in mapping.items() if key != "name"}
        name = mapping.get("name", "experiment")
        if not isinstance(name, str):
            raise ExperimentError(
                Problem(f"expected text in quotes, found {found_text(name)}", key="name")
            )
        return build(document, name=name or "experiment", base=base or Path(), insist=insist)

    def to_mapping(self, *, table: bool = True) -> dict[str, Any]:
        """The experiment as plain lists, numbers and texts, its table inside: fit for JSON.

        `Experiment.from_mapping(experiment.to_mapping())` equals the experiment. Without the
        `table` there are no rows.
        """
        record = self.record.given
        return {
            "title": self.title,
            "name": self.name,
            "data": _data_mapping(self, table=table),
            "layers": [layer.model_dump(mode="json") for layer in self.layers],
            "init": _init_mapping(self.init),
            "training": _training_mapping(self.training),
            "notation": self.notation.model_dump(mode="json"),
            "pages": self.pages.model_dump(mode="json", exclude_none=True),
            **({"record": record} if record else {}),
        }

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the experiment to a file, with its table inside, that gives the very same trace.

        It holds every digit, every default and every key; its name is then the file's.

        Raises:
            ExperimentError: something stands there, unless `overwrite`; the disk refuses; or no
                file can hold the experiment, because a text is no Unicode.
        """
        target = Path(path)
        document = {key: value for key, value in self.to_mapping().items() if key != "name"}
        folder = self.pages.templates
        if folder is not None:
            base = self.source.parent if self.source else Path()
            place = os.path.relpath(base / folder, target.parent)
            document["pages"] = {**document["pages"], "templates": Path(place).as_posix()}
        write_new(target, toml_text(document), overwrite=overwrite)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Experiment):
            return NotImplemented
        if self.dataset != other.dataset:
            return False
        mine, yours = self.to_mapping(table=False), other.to_mapping(table=False)
        return {**mine, "record": None} == {**yours, "record": None}

    def __hash__(self) -> int:
        return hash((self.title, self.name, self.layers, self.dataset))


def build(
    document: Mapping[str, Any],
    *,
    name: str,
    base: Path,
    source: Path | None = None,
    lines: Mapping[KeyPath, int] | None = None,
    insist: bool = False,
) -> Experiment:
    """Validate a document; `source` and `lines` say where its keys stand.

    Raises:
        ExperimentError: with every problem of the document and of its table.
    """
    report = Report(str(source) if source else None, lines, insist=insist)
    parts = resolve(document, report, base, name)
    return Experiment(**vars(parts), name=name, source=source, insist=insist)


def _story_mapping(story: Story) -> dict[str, Any]:
    """The keys of [data] that say what the table is about; only those that say something."""
    words = {str(label): text for label, text in story.words}
    found = {"question": story.question, "meaning": dict(story.meaning), "words": words}
    return {key: value for key, value in found.items() if value}


def _rows(dataset: Dataset) -> list[list[Any]]:
    """The rows of the table: the inputs, then the targets."""
    several = len(dataset.target_names) > 1
    ends = dataset.y.tolist() if several else [[label] for label in dataset.labels]
    return [[*x, *end] for x, end in zip(dataset.x.tolist(), ends, strict=True)]


def _data_mapping(experiment: Experiment, *, table: bool) -> dict[str, Any]:
    data, dataset = experiment.data, experiment.dataset
    several = len(dataset.target_names) > 1
    mapping: dict[str, Any] = {
        "columns": [*dataset.input_names, *dataset.target_names],
        **({"rows": _rows(dataset)} if table else {}),
        "inputs": list(dataset.input_names),
        "target": list(dataset.target_names) if several else dataset.target_names[0],
        "task": dataset.task,
        "train": list(data.train) if isinstance(data.train, tuple) else data.train,
    }
    if dataset.classes is not None and not several:
        mapping["classes"] = list(dataset.classes)
    mapping.update(_story_mapping(dataset.story))
    return mapping


def _init_mapping(init: Init) -> dict[str, Any]:
    keys = set(meaningful_keys(init.scheme))
    return init.model_dump(mode="json", include=keys, exclude_none=True)


def _training_mapping(training: Training) -> dict[str, Any]:
    own = {"options", "schedule_options"}
    mapping = training.model_dump(mode="json", exclude=own, exclude_none=True)
    return {**mapping, **training.options, **training.schedule_options}
