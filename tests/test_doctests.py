"""What the documentation shows in Python is what Python does."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import tracer
from pytorch import standins

GUIDE = Path(__file__).resolve().parents[1] / "site" / "guide"
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = (
    "tracer",
    "tracer.experiment.experiment",
    "tracer.trace.table",
    "tracer.api",
)
PAGES = ("python.md", "from-pytorch-and-keras.md")


@pytest.fixture
def names(tmp_path, monkeypatch):
    """An empty folder to work in, and the names that docstrings take as known."""
    monkeypatch.chdir(tmp_path)
    experiment = tracer.Experiment(
        data=([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]),
        layers=[(3, "tanh"), (1, "sigmoid")],
        training={"epochs": 2},
    )
    return {"trace": tracer.run(experiment), "folder": tmp_path}


@pytest.mark.parametrize("module", MODULES)
def test_docstrings(module, names):
    found = doctest.testmod(importlib.import_module(module), extraglobs=names, optionflags=FLAGS)
    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("names")
def test_pages_of_the_guide(page, monkeypatch):
    if "pytorch" in page and importlib.util.find_spec("torch") is None:
        stand_in = SimpleNamespace(nn=standins.nn, optim=standins.optim)
        monkeypatch.setitem(sys.modules, "torch", stand_in)
    text = (GUIDE / page).read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```", text)
    shown = [block for block in blocks if block.startswith(">>>")]
    test = doctest.DocTestParser().get_doctest("\n".join(shown), {}, page, page, 0)
    assert test.examples
    assert not doctest.DocTestRunner(optionflags=FLAGS).run(test).failed
