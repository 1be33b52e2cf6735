"""Losses of other learning rates are recalled for the same content only, and are the same."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sites import SMALL
from tracer.executor import Here
from tracer.experiment import Experiment
from tracer.files.keeping import FOLDER, clear
from tracer.studies import recalled
from tracer.studies.rates import LEAST, search
from tracer.studies.recalled import RecalledRuns
from tracer.training import run

RATE = 0.3
OTHERS = [
    ("seed = 3", "seed = 4"),
    ("[0.25, 1, 1]", "[0.25, 0.5, 1]"),
    ("train = 3", "train = [1, 2, 4]"),
    ('"tanh"', '"relu"'),
    ("units = 2", "units = 3"),
    ("epochs = 3", "epochs = 2"),
    ("epochs = 3", "epochs = 3\nbatch_size = 2"),
    ("epochs = 3", 'epochs = 3\noptimizer = "momentum"'),
    ("epochs = 3", "epochs = 3\nl2 = 0.1"),
    ("epochs = 3", "epochs = 3\nshuffle = true"),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))


def made(text: str) -> Experiment:
    return Experiment.from_mapping(tomllib.loads(text))


class Noted(Here):
    """An executor that notes the learning rates of what it is handed."""

    def __init__(self) -> None:
        self.rates: list[float] = []

    def map(self, function: Any, items: Iterable[Any]) -> Generator[Any, None, None]:
        items = list(items)
        self.rates += [item.training.learning_rate for item in items]
        return super().map(function, items)


def never(_: Experiment) -> None:
    raise AssertionError("it runs again")


def test_an_executor_makes_every_run_of_the_search_and_the_same_is_found() -> None:
    trace, many = run(made(SMALL)), Noted()
    found = search(trace, many)
    tried = {one.rate for one in found.tried} - {trace.experiment.training.learning_rate}
    assert len(tried) > 2 * LEAST
    assert tried <= set(many.rates)
    assert len(many.rates) == len(set(many.rates))
    # nothing is recalled: the folder of what is kept is cleared
    clear(Path(os.environ[FOLDER]))
    assert list(map(vars, search(trace).tried)) == list(map(vars, found.tried))


def test_what_is_recalled_is_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    first = RecalledRuns(made(SMALL), 3)
    found = first.run(RATE)
    first.keep()
    with monkeypatch.context() as patched:
        patched.setattr(recalled, "run_beside", never)
        other_rate = SMALL.replace("epochs = 3", "epochs = 3\nlearning_rate = 0.7")
        again = RecalledRuns(made(other_rate), 3).run(RATE)
    assert (again.losses.tobytes(), again.updates.tobytes()) == (
        found.losses.tobytes(),
        found.updates.tobytes(),
    )
    assert again.rate == found.rate == RATE
    again = RecalledRuns(made(SMALL), 3).run(RATE)
    assert np.array_equal(again.trace.W[0], found.trace.W[0])


@pytest.mark.parametrize(("old", "new"), OTHERS)
def test_other_content_is_not_recalled(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    first = RecalledRuns(made(SMALL), made(SMALL).training.epochs)
    first.run(RATE)
    first.keep()
    assert old in SMALL
    other = made(SMALL.replace(old, new))
    monkeypatch.setattr(recalled, "run_beside", never)
    with pytest.raises(AssertionError, match="it runs again"):
        RecalledRuns(other, other.training.epochs).run(RATE)


def test_a_search_finds_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = run(made(SMALL))
    found = [search(trace) for _ in range(2)]
    monkeypatch.setenv(FOLDER, "")
    found.append(search(trace))
    told = [[(t.rate, t.first, t.last, t.verdict, t.lowest) for t in one.tried] for one in found]
    assert told[0] == told[1] == told[2]
