"""What a release checks: one version everywhere, and a wheel that holds what the checkout holds."""

from __future__ import annotations

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
import yaml

import tracer

ROOT = Path(__file__).resolve().parents[1]
KNOWN = ["tracer/__init__.py", "templates/a/b.j2", "README.md", "tests/test_a.py"]
SHIPPED = ["tracer/__init__.py", "tracer/templates/a/b.j2", "nn_tracer-1.dist-info/METADATA"]


def wheel():
    loader = SourceFileLoader("wheel_check", str(ROOT / ".ci" / "wheel"))
    spec = spec_from_loader("wheel_check", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_version_is_one():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == tracer.__version__


def test_the_changelog_tells_of_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.findall(r"(?m)^## (\S+)", text)[0]
    named = f"To become {tracer.__version__}" in text
    assert newest == tracer.__version__ or (newest == "Unreleased" and named)


def test_a_whole_wheel_has_no_difference():
    assert wheel().difference(KNOWN, SHIPPED) == []


@pytest.mark.parametrize(
    ("shipped", "said"),
    [
        (SHIPPED[1:], "missing: tracer/__init__.py"),
        ([SHIPPED[0]], "missing: tracer/templates/a/b.j2"),
        ([*SHIPPED, "tracer/old.py"], "not in git: tracer/old.py"),
    ],
)
def test_what_is_missing_or_left_over_is_named(shipped, said):
    assert wheel().difference(KNOWN, shipped) == [said]


def test_the_checklist_names_what_there_is():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    release = text.partition("## Make a release")[2]
    files = re.findall(r"(?:\.ci|\.github|tests|tracer)/[\w./-]+\w|[A-Z]{2,}\.\w+", release)
    assert len(set(files)) > 5
    assert [name for name in files if not (ROOT / name).is_file()] == []
