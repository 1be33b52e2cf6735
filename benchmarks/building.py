"""Building the site with the Markdown extension of tracer, against building it without."""

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

from benchmarks.example import studies, trace
from benchmarks.measure import Comparison, Row, Way, at_most, timed
from benchmarks.serving import save_rate
from tracer.writing.navigating import write_navigation
from tracer.writing.project import find_project
from tracer.writing.site import write_shared, write_walkthrough

RATES = count(1)
EXTENSION = "  - tracer.markdown"
WITHOUT = "without.yml"


def rows(repeat: int) -> Iterator[Row]:
    """The rows of the comparisons."""
    with comparisons() as found:
        yield from timed(found, repeat)


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """The walkthrough of the built-in example in a project of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = _project(folder)
        yield [
            Comparison(
                f"render and build {pages} pages",
                Way("tracer render, mkdocs build", lambda: _rendered_and_built(folder)),
                Way("mkdocs build", lambda: _build(folder, "mkdocs.yml")),
                at_most(1.25),
            ),
            Comparison(
                f"build {pages} pages with MkDocs",
                Way("with tracer.markdown", lambda: _build(folder, "mkdocs.yml")),
                Way("without it", lambda: _build(folder, WITHOUT)),
            ),
        ]


def _rendered_and_built(folder: Path) -> None:
    """After the learning rate was changed to one that was never seen before."""
    save_rate(folder, next(RATES))
    out = str(folder / "site" / "examples")
    command = [sys.executable, "-m", "tracer", "render", "mini2d.toml", "--out", out, "--prune"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    _build(folder, "mkdocs.yml")


def _project(folder: Path) -> int:
    """Write a project with a rendered walkthrough and both configurations; return its pages."""
    with as_file(files("tracer.templates") / "project" / "mkdocs.yml") as path:
        config = path.read_text(encoding="utf-8")
    lines = config.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(EXTENSION)]
    assert len(kept) == len(lines) - 1
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    (folder / WITHOUT).write_text("".join(kept), encoding="utf-8")
    (folder / "site").mkdir()
    with as_file(files("tracer") / "examples") as examples:
        for file in ("mini2d.toml", "mini2d.csv"):
            shutil.copy(examples / file, folder)
    (folder / "site" / "index.md").write_text("# Home\n", encoding="utf-8")
    project = find_project(folder)
    assert project is not None
    write_shared(project.out)
    write_walkthrough(trace(), studies(), project.out)
    write_navigation(project, project.out)
    return len(list(project.docs.rglob("*.md")))


def _build(folder: Path, config: str) -> None:
    quiet = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", config]
    subprocess.run(command, cwd=folder, env={**os.environ, **quiet}, check=True)
