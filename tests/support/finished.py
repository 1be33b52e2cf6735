"""Finished HTML for the tests: small sites of one experiment."""

from __future__ import annotations

from pathlib import Path

from rendering import DEFAULT, studies_of, trace_of
from sharing import shared_folder
from sites import SMALL, project, small_project, succeed
from tracer.experiment import Experiment, load_experiment
from tracer.files.tree import write_tree
from tracer.html.single import single_file, write_single
from tracer.html.walkthrough import walkthrough_part
from tracer.html.website import Maker, Website, base_of, website
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.project import Project, find_project


def site_of(experiments: list[Experiment], project: Project | None = None) -> Website:
    """The site of some experiments."""
    traces = [run(experiment) for experiment in experiments]
    parts = [walkthrough_part(trace, study(trace), base_of(project)) for trace in traces]
    return website(project, parts, Maker.of(project))


def small_site() -> Path:
    """The folder of a small site, with the same as one file in ``single/``; made once in a run."""
    return shared_folder("small html", _fill)


def small_mkdocs() -> Path:
    """The project of the same experiment, built by MkDocs into ``public/``; once in a run."""
    return shared_folder("small site", _build)


def whole_site() -> Path:
    """The folder of this checkout's whole site, with the built-in walkthrough, in ``html/``."""
    return shared_folder("whole html", _fill_whole)


def _fill_whole(folder: Path) -> None:
    home = find_project(project(folder))
    part = walkthrough_part(trace_of(DEFAULT), studies_of(DEFAULT), base_of(home))
    site = website(home, [part], Maker.of(home))
    write_tree(folder / "html", {path: site.content(path) for path in site.paths})


def _build(folder: Path) -> None:
    small_project(folder)
    succeed("tracer", "render", cwd=folder)
    succeed("mkdocs", "build", "--quiet", cwd=folder)


def _fill(folder: Path) -> None:
    path = folder / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    site = site_of([load_experiment(path)])
    write_tree(folder / "html", {path: site.content(path) for path in site.paths})
    write_single(folder / "single" / "small.html", single_file(site))
