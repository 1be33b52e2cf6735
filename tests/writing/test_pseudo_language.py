"""Every word that tracer says on a page stands in the catalog of messages.

A language is made of the catalog in which no English letter is left; pages are rendered in it, and
whatever still reads as English was welded to the logic. The user's own words are in other letters.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from messages import Pseudo, english, extracted
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.pages import kinds
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.language import Language
from tracer.writing.site import build_pages, page_renderer

#: Names of persons' and libraries' things, which no language translates.
NAMES = frozenset(
    [
        "PyTorch",
        "kB",
        "SymPy",
        "scikit",
        "learn",
        "NumPy",
        "float64",
        "tracer",
        "ReLU",
        "Python",
        "CSV",
        "ln",
        "nan",
    ]
)


def _experiment(**sections: Any) -> dict[str, Any]:
    return {"title": "Ж 1", **sections}


TWO = {"columns": ["ж", "щ", "ю"], "target": "ю"}
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "binary": _experiment(
        data={**TWO, "rows": [[0, 1, 0], [1, 0.5, 1], [0.25, 1, 1], [0.5, 0.5, 0]], "train": 3},
        layers=[{"units": 2, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}],
        init={"seed": 3, "decimals": 2},
        training={"loss": "binary_cross_entropy", "epochs": 3, "l2": 0.1},
    ),
    "classes by Adam": _experiment(
        data={
            **TWO,
            "rows": [[0, 1, "я"], [1, 0.5, "э"], [0.25, 1, "й"], [0.5, 0.5, "я"]],
            "task": "multiclass",
        },
        layers=[{"units": 2, "activation": "tanh"}, {"units": 3, "activation": "softmax"}],
        init={"seed": 3},
        training={
            "loss": "cross_entropy",
            "optimizer": "adam",
            "epochs": 2,
            "batch_size": 2,
            "schedule": "step",
        },
    ),
    "some rows of a wide network": _experiment(
        data={
            "columns": [*(f"ж{k}" for k in range(22)), "ю"],
            "rows": [[(k * r) % 5 / 4 for k in range(22)] + [r % 2] for r in range(6)],
            "train": 4,
        },
        layers=[{"units": 21, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        init={"seed": 2, "decimals": 2},
        training={"epochs": 2, "batch_size": "all"},
        pages={"rows": "hardest 2", "units": "largest 2"},
    ),
    "regression that diverges": _experiment(
        data={**TWO, "rows": [[1, 2, 3], [2, 1, 4], [0, 1, 1]], "task": "regression"},
        layers=[{"units": 2, "activation": "elu"}, {"units": 1, "activation": "identity"}],
        init={"seed": 1},
        training={"optimizer": "momentum", "learning_rate": 40.0, "epochs": 40, "shuffle": True},
    ),
}


@cache
def _pages(name: str) -> tuple[tuple[str, str, str], ...]:
    """(template, path, text) of each page in the made language."""
    trace = run(Experiment.from_mapping(EXPERIMENTS[name]))
    spoken = Pseudo()
    with patch("tracer.writing.site.language_of", lambda _: Language("xx", spoken)):
        render = page_renderer(trace.experiment)
        built = build_pages(trace, study(trace))
    made = tuple((k.template, page.path, render(page)) for k, page in built if not k.proves)
    assert spoken.asked <= extracted().keys()
    return made


def _names() -> frozenset[str]:
    titles = {row.title for table in (ACTIVATIONS, OPTIMIZERS) for row in table.values()}
    at_start = {title[0].upper() + title[1:] for title in titles}  # of a heading
    tables = (ACTIVATIONS, OPTIMIZERS, LOSSES)
    return NAMES | titles | at_start | {row.source for table in tables for row in table.values()}


@pytest.mark.parametrize("template", sorted({kind.template for kind in kinds() if not kind.proves}))
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_no_english_word_is_left(name: str, template: str) -> None:
    for kind, path, text in _pages(name):
        if kind == template:
            assert english(text, _names()) == [], path
