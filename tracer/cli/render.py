"""``tracer render``: experiments → pages, and on request the site."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.console import progress, say
from tracer.cli.sources import check_names, experiment_files
from tracer.errors import ExperimentError, Problem, RenderError, TracerError

if TYPE_CHECKING:
    from tracer.experiment import Experiment
    from tracer.templating import DataTemplates

_EPILOG = """\b
Examples:
  tracer render                      every experiment of ./experiments, or the built-in one
  tracer render mine.toml            one experiment
  tracer render mine.toml --out docs/walks
  tracer render mine.toml --out notes --math latex
  tracer render --build              and build the site, strictly
"""


@click.command(epilog=_EPILOG)
@click.argument("experiments", nargs=-1)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pages. Default: the folder 'examples' among the project's pages.",
)
@click.option("--build", is_flag=True, help="Run MkDocs strictly afterwards.")
@click.option(
    "--math",
    type=click.Choice(["mathml", "latex"]),
    default="mathml",
    show_default=True,
    help="MathML for a site; LaTeX for GitHub, Jupyter, Quarto, Pandoc (pictures as tables).",
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of templates that come before the built-in ones. They are trusted: they can run"
    " code. Templates that an experiment file names run in a sandbox.",
)
def render(
    experiments: tuple[str, ...], out: Path | None, build: bool, math: str, templates: Path | None
) -> None:
    """Train each of EXPERIMENTS and write its walkthrough as MkDocs pages.

    EXPERIMENTS are files, or names of built-in experiments. Files that tracer did not write are
    never touched; pages that no longer belong to a walkthrough go away.
    """
    from tracer import site
    from tracer.project import find_project
    from tracer.walkthrough import own_templates

    project = find_project(Path())
    if build and project is None:
        hint = "Run it in a project; `tracer new DIR` makes one."
        raise RenderError(Problem("there is no mkdocs.yml here to build with", hint=hint))
    folder = out or (project.out if project else Path("site") / "examples")
    loaded = _load(experiment_files(experiments, Path()))
    check_names(loaded)
    names = [_render(e, folder, math, templates or own_templates(e)) for e in loaded]
    if math == "mathml":
        site.write_shared(folder)
    if not experiments:
        site.remove_others(folder, names)
    if project is not None and math == "mathml" and project.docs.resolve() in _parents(folder):
        site.write_navigation(project, folder)
    if build and project is not None:
        _build(project.root, project.site)


def _parents(folder: Path) -> tuple[Path, ...]:
    here = folder.resolve()
    return (here, *here.parents)


def _load(paths: Sequence[Path]) -> list[Experiment]:
    """Read all experiments before any is rendered; all their problems are reported at once."""
    from tracer.experiment import load_experiment
    from tracer.walkthrough import own_templates

    loaded: list[Experiment] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(load_experiment(path))
            own_templates(loaded[-1])
        except TracerError as error:
            problems += error.problems
    if problems:
        raise ExperimentError(problems)
    return loaded


def _render(
    experiment: Experiment, out: Path, math: str, templates: Path | DataTemplates | None
) -> str:
    from tracer.site import write_walkthrough
    from tracer.studies.run import study
    from tracer.training import run

    with progress(f"training {experiment.name}") as meter:
        trace = run(experiment, meter)
    with progress(f"comparing {experiment.name}") as meter:
        studies = study(trace, meter)
    with progress(f"writing {experiment.name}") as meter:
        report = write_walkthrough(trace, studies, out, math=math, templates=templates, meter=meter)
    where = out / experiment.name
    counts = f"{len(report.written)} written, {len(report.unchanged)} unchanged"
    say(f"{where}: {counts}, {len(report.removed)} removed")
    for kept in report.kept:
        say(f"{where / kept}: was changed by hand, so it is left as it is")
    return experiment.name


def _build(root: Path, site: Path) -> None:
    """Run ``mkdocs build --strict`` in ``root``."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]  # --quiet would undo --strict
    quiet = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(
        command, cwd=root, env={**os.environ, **quiet}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RenderError(Problem(f"mkdocs build --strict failed:\n{done.stdout}{done.stderr}"))
    say(f"{site / 'index.html'}: the site is built")
