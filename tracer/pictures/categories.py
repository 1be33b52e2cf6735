"""The words of the data: what is to be predicted, in which categories the rows fall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tracer.numerals import label_text, show
from tracer.pictures.plot.geometry import clean
from tracer.pictures.plot.plot import Wish
from tracer.pictures.plot.points import COLOURS, shape

if TYPE_CHECKING:
    from tracer.experiment.dataset import Dataset, Label
    from tracer.formula import FloatArray

_WORD = 46.0  # px of the template's words in the legend, in its letters
_MOST_KEYS = 24  # a legend of more lines is higher than its plot


def category_names(dataset: Dataset) -> tuple[str, ...]:
    """What the marks tell apart, in words of the data; none for regression."""
    if dataset.task == "regression":
        return ()
    target = ", ".join(dataset.target_names)
    if dataset.classes is not None and dataset.task != "multilabel":
        return tuple(_named(dataset, target, label) for label in dataset.classes)
    return tuple(dict.fromkeys(row_text(dataset, row) for row in _sorted_rows(dataset)))


def row_text(dataset: Dataset, row: int) -> str:
    """What is to be predicted in a row (from 0), such as ``y = −1``."""
    return label_words(dataset, dataset.labels[row])


def answer_words(dataset: Dataset, y_hat: FloatArray, decimals: int) -> str:
    """What an output ŷ (n_L,) means: a class as :func:`row_text` puts it, else its numbers."""
    if dataset.task == "regression":
        return ", ".join(show(float(value), decimals) for value in y_hat)
    return label_words(dataset, dataset.decode(y_hat))


def label_words(dataset: Dataset, label: Label | tuple[Label, ...]) -> str:
    """A label of the data with the name of what it is a label of."""
    if not isinstance(label, tuple):
        return _named(dataset, ", ".join(dataset.target_names), label)
    names = dataset.target_names
    names = names if len(names) == len(label) else dataset.output_names
    return ", ".join(
        f"{clean(n)} = {label_text(v, clean)}" for n, v in zip(names, label, strict=False)
    )


def _named(dataset: Dataset, target: str, label: Label) -> str:
    """A class: its words where the author gave some, else ``y = −1``."""
    words = dataset.story.label(label)
    if words != label:
        return clean(str(words))
    return f"{clean(target)} = {label_text(label, clean)}"


def category_of(dataset: Dataset, row: int, names: Sequence[str]) -> int:
    """Which of ``names`` a row (from 0) belongs to; of shares the largest; 0 without names."""
    text = row_text(dataset, row)
    if text in names:
        return names.index(text)
    return int(np.argmax(dataset.y[row])) if names else 0


def positive_class(dataset: Dataset) -> str:
    """The class whose probability a binary network gives, such as ``y = 1``."""
    target = ", ".join(dataset.target_names)
    return _named(dataset, target, dataset.classes[-1]) if dataset.classes else clean(target)


def category_keys(categories: Sequence[str], dataset: Dataset) -> list[Wish]:
    """The legend of the marks: one entry a category, then what filled and hollow mean."""
    wishes = [
        Wish("class", text, k % COLOURS + 1, shape(k))
        for k, text in enumerate(categories[:_MOST_KEYS])
    ]
    if dataset.test:
        kinds = ("train", "test")
        wishes += [Wish(kind, path=shape(0), width=_WORD) for kind in kinds]
    return wishes


def _sorted_rows(dataset: Dataset) -> list[int]:
    return sorted(range(len(dataset.labels)), key=lambda row: tuple(dataset.y[row]))
