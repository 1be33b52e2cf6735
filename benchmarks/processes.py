"""Whole processes: `tracer render` of the built-in example against scikit-learn's own program.

The other program is what somebody writes who has the same table and the same network: it reads the
table, fits scikit-learn's classifier and prints what it predicts. Nothing of it is recorded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path

from benchmarks.measure import Comparison, Row, Way, at_most, timed
from benchmarks.serving import save_rate

PROGRAM = """
import pandas
from sklearn.neural_network import MLPClassifier

table = pandas.read_csv("mini2d.csv")
x, y = table.iloc[:, :-1].to_numpy(), table.iloc[:, -1].to_numpy()
model = MLPClassifier((3, 2), solver="sgd", learning_rate_init=0.1, momentum=0.0, alpha=0.0,
    batch_size=1, max_iter=300, n_iter_no_change=301, tol=0.0, shuffle=False, random_state=7)
model.fit(x[:8], y[:8])
print(model.predict(x[8:]), model.coefs_, model.intercepts_)
"""


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    with comparisons() as found:
        yield from timed(found, repeat)


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """Nothing changed; another learning rate, never seen before; nothing kept between runs.

    The last but one leaves what is compiled of tracer's own source where Python has compiled its
    modules; the last one compiles that anew, too.
    """
    with tempfile.TemporaryDirectory() as name, as_file(files("tracer") / "examples") as examples:
        folder = Path(name)
        for file in ("mini2d.toml", "mini2d.csv"):
            shutil.copy(examples / file, folder)
        other, rates = Way("scikit-learn's program", lambda: _program(folder)), count(1)

        def edited() -> None:
            save_rate(folder, next(rates))
            _render(folder)

        def emptied(**environment: str) -> None:
            shutil.rmtree(folder / "cache", ignore_errors=True)
            save_rate(folder, next(rates))
            _render(folder, **environment)

        yield [
            Comparison(
                "render what did not change",
                Way("whole", lambda: _render(folder)),
                other,
                at_most(0.25),
            ),
            Comparison("render a changed learning rate", Way("whole", edited), other, at_most(0.5)),
            Comparison("render with an empty cache", Way("whole", emptied), other, at_most(2)),
            Comparison(
                "render with templates not compiled either",
                Way("whole", lambda: emptied(PYTHONDONTWRITEBYTECODE="1")),
                other,
                at_most(2),
            ),
        ]


def _render(folder: Path, **environment: str) -> None:
    _run(folder, "-m", "tracer", "render", "mini2d.toml", "--out", "out", **environment)


def _program(folder: Path) -> None:
    _run(folder, "-W", "ignore", "-c", PROGRAM)


def _run(folder: Path, *arguments: str, **environment: str) -> None:
    known = {**os.environ, "TRACER_CACHE": str(folder / "cache")}
    known.pop("PYTHONDONTWRITEBYTECODE", None)
    command, known = [sys.executable, *arguments], {**known, **environment}
    subprocess.run(command, cwd=folder, env=known, check=True, capture_output=True)
