"""A network that was rendered before needs no SymPy, and its pages are the same to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sites import contents, python, succeed
from tracer.files.keeping import FOLDER

HEAVY = [
    "sympy",
    "pydantic",
    "yaml",
    "numpy.ma",
    "numpy.random",
    "xml.etree",
    "sklearn",
    "pandas",
    "fontTools",
    "matplotlib",
    "scipy",
    "torch",
    "mkdocs",
]
PROJECT = "site_name: Warm\nINHERIT: mkdocs.nav.yml\ndocs_dir: out\n"
TRIES = {"first": 0.1, "again": 0.1, "changed": 0.173, "damaged": 0.1}
FILE = """
title = "Warm"
[data]
columns = ["p", "q", "y"]
rows = [[0, 1, 0], [1, 0, 1], [1, 1, 1]]
target = "y"
task = "binary"
[[layers]]
units = 2
activation = "relu"
[[layers]]
units = 1
activation = "sigmoid"
[init]
seed = 3
decimals = 2
[training]
loss = "binary_cross_entropy"
learning_rate = {rate}
epochs = 2
"""
DRIVER = """
import json, sys
from tracer.cli import main
try:
    main(sys.argv[2:])
finally:
    print(json.dumps([name for name in json.loads(sys.argv[1]) if name in sys.modules]))
"""


class Runs:
    """Renders of one network by processes of their own; each is made once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.done = folder, dict[str, tuple[dict[str, bytes], list[str]]]()
        for name, rate in TRIES.items():
            if name == "damaged":
                self.damage()
            self.done[name] = self.render(rate)
        self.uncached = self.render_uncached()

    def damage(self) -> None:
        for path in (self.folder / "cache").iterdir():
            path.write_bytes(path.read_bytes()[:-1] + b"!")

    def render(self, rate: float) -> tuple[dict[str, bytes], list[str]]:
        asked = ["-c", DRIVER, json.dumps(HEAVY), *self.asked(rate, "out")]
        # Then compiled code stands in the same folder: the first run finds none, one finds damage.
        alone = {FOLDER: str(self.folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = python(*asked, cwd=self.folder, **alone)
        assert done.returncode == 0, done.stderr
        return contents(self.folder / "out"), json.loads(done.stdout)

    def render_uncached(self) -> dict[str, bytes]:
        succeed("tracer", *self.asked(TRIES["first"], "uncached"), cwd=self.folder, **{FOLDER: ""})
        return contents(self.folder / "uncached")

    def asked(self, rate: float, out: str) -> list[str]:
        file = self.folder / "warm.toml"
        file.write_text(FILE.format(rate=rate), encoding="utf-8")
        (self.folder / "mkdocs.yml").write_text(PROJECT, encoding="utf-8")
        return ["render", str(file), "--out", str(self.folder / out)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("warm"))


def test_the_first_run_needs_sympy(runs: Runs) -> None:
    assert {"sympy", "numpy.random"} <= set(runs.done["first"][1])  # a copy makes the font


@pytest.mark.parametrize("name", ["again", "changed"])
def test_a_network_that_was_rendered_before_needs_nothing_heavy(runs: Runs, name: str) -> None:
    assert runs.done[name][1] == []


@pytest.mark.parametrize("name", ["again", "damaged"])
def test_its_pages_are_the_same_to_the_byte(runs: Runs, name: str) -> None:
    assert runs.done[name][0] == runs.done["first"][0]


def test_its_pages_are_the_same_where_nothing_is_kept(runs: Runs) -> None:
    assert runs.uncached == runs.done["first"][0]


def test_another_rate_gives_other_pages(runs: Runs) -> None:
    assert runs.done["changed"][0] != runs.done["first"][0]
