"""``tracer render``: experiments → pages, and on request the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from tracer.cli.again import Asked
from tracer.cli.console import dask_option, say
from tracer.cli.folders import OutputFolder
from tracer.cli.making import Made, Prover, Wanted, all_made
from tracer.cli.sources import FOLDER, check_names, experiment_files, insist_option, read_experiment
from tracer.errors import ExperimentError, Problem, RenderError, TracerError
from tracer.registry import outside

if TYPE_CHECKING:
    from tracer.cli.html import Left
    from tracer.experiment import Experiment
    from tracer.files.tree import Tree, WriteReport
    from tracer.writing.project import Project

_EPILOG = """\b
Examples:
  tracer render                      every experiment of ./experiments, or the built-in one
  tracer render mine.toml            one experiment
  tracer render mine.toml --out docs/walks
  tracer render mine.toml --out notes --math latex
  tracer render --build              and build the site, strictly
  tracer render --check              and check every number of the pages
  tracer render --html               finished HTML in the folder html, without MkDocs
  tracer render mine.toml --single   one file, mine.html, to mail or to upload
  tracer render mine.toml --pdf      mine.pdf, printed with Chromium
  tracer render --prune              and remove what else is in the folder for the pages
  tracer render --jobs 4             by up to four processes
"""


@click.command(epilog=_EPILOG)
@click.argument("experiments", nargs=-1)
@click.option(
    "--out",
    type=OutputFolder(),
    help="Folder for the pages. Default: the folder 'examples' among the project's pages; 'html'"
    " with --html. With --single or --pdf also a file.",
)
@click.option(
    "--html",
    is_flag=True,
    help="Write finished HTML, which needs no MkDocs and can be read from its folder.",
)
@click.option(
    "--single",
    is_flag=True,
    is_eager=True,
    help="Write finished HTML as one file that holds everything, to mail or to upload.",
)
@click.option(
    "--pdf",
    is_flag=True,
    is_eager=True,
    help="Print all pages into one PDF with bookmarks; needs Chromium and the extra 'pdf'.",
)
@click.option(
    "--paper",
    type=click.Choice(["A4", "letter"], case_sensitive=False),
    default="A4",
    show_default=True,
    help="The size of the sheets of --pdf.",
)
@click.option("--build", is_flag=True, help="Run MkDocs strictly afterwards.")
@click.option(
    "--check",
    is_flag=True,
    help="Check the pages too, as `tracer check` does; the status is 1 if a check fails.",
)
@click.option(
    "--prune",
    is_flag=True,
    help="Remove, or replace, also walkthroughs in the folder that something else made.",
)
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
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes for experiments, or for the pages of one; the pages are the same."
    " Default: one a processor, where more than one pays.",
)
@dask_option
@insist_option
@click.pass_context
def render(
    context: click.Context,
    experiments: tuple[str, ...],
    *,
    out: Path | None,
    html: bool,
    single: bool,
    pdf: bool,
    paper: str,
    build: bool,
    check: bool,
    prune: bool,
    math: str,
    templates: Path | None,
    jobs: int | None,
    dask: str | None,
    insist: bool,
) -> None:
    """Train each of EXPERIMENTS and write its walkthrough as MkDocs pages, or as finished HTML.

    EXPERIMENTS are files, or names of built-in experiments. Files that tracer did not write are
    never touched; pages that no longer belong to a walkthrough go away.
    """
    if html + single + pdf > 1:
        raise click.UsageError("--html, --single and --pdf exclude each other: choose one")
    if not pdf and context.get_parameter_source("paper") is not ParameterSource.DEFAULT:
        raise click.UsageError("--paper is the size of the sheets of --pdf: say --pdf too")
    files = tuple(experiment_files(experiments, Path()))
    options = f"{prune} {insist} {bool(experiments)}"
    form = "single" if single else "html" if html else math
    beside = None if experiments or form == math else _pages_beside()
    always = outside() or pdf or check
    asked = None if always else Asked.of(files, out, form, templates, options, pages=beside)
    if asked and not build and (said := asked.said_already()) is not None:
        for text in said:
            say(text)
        return
    from tracer.executor import processors
    from tracer.writing.project import find_project

    project, jobs = find_project(Path()), jobs or processors()
    loaded = load_beside_font(files, insist=insist, copied=jobs > 1 and math != "latex")
    check_names(loaded)
    if html or single or pdf:
        from tracer.cli.html import render_folder, render_pdf, render_single

        _refuse_beside_html(build=build, prune=prune, math=math)
        own = None if experiments else project
        write = (
            partial(render_pdf, paper=paper) if pdf else render_single if single else render_folder
        )
        write = partial(write, jobs=jobs, dask=dask)
        failed = _html(write, loaded, own, out, templates, check=check, asked=asked)
    else:
        folder = out or (project.out if project else Path("site") / "examples")
        wanted = Wanted(out=folder, math=math, templates=templates, replaces=prune, jobs=jobs)
        make = partial(all_made, loaded, wanted, check=check, dask=dask, asked=asked)
        gone = partial(_gone, folder, loaded, prune=prune, all_of_them=not experiments)
        failed = _pages(loaded, project, wanted, make, gone, build=build, asked=asked)
    if failed:
        context.exit(1)


def _pages(
    loaded: Sequence[Experiment],
    project: Project | None,
    wanted: Wanted,
    make: Callable[[], Iterator[Made]],
    gone: Callable[[], Sequence[Tree]],
    *,
    build: bool,
    asked: Asked | None,
) -> bool:
    """Write the walkthroughs as pages for MkDocs; whether a check failed."""
    from tracer.files.tree import write_trees
    from tracer.writing import navigating, site
    from tracer.writing.project import NAVIGATION

    folder, math = wanted["out"], wanted["math"]
    listing = _lists(project, folder, math)
    _check(loaded, folder, listing, prune=wanted["replaces"], math=math)
    if build:
        from tracer.writing import building

        building.check(_needed(project))
    made = list(make())
    trees = [*gone(), *(one.tree for one in made)]
    shared = [site.shared_tree(folder)] if math == "mathml" else []
    reports = write_trees([*trees, *shared])
    for tree, report in zip(trees, reports, strict=False):
        _tell(tree, report)
    if listing is not None:
        navigating.write_navigation(listing, folder)
    if asked is not None:
        same = [_line(one.tree, 0, len(one.tree.files), 0) for one in made]
        said = [text for one in made for text in one.said]
        kept = {key: digest for one in made for key, digest in one.asked.items()}
        left = [*(one.tree for one in made), *shared]
        listed = [listing.docs, listing.root / NAVIGATION] if listing else []
        asked.keep(left, listed, kept, [*said, *same])
    if build:
        say(f"{building.build(_needed(project))}: the site is built")
    return any(one.failed for one in made)


def _gone(
    folder: Path, loaded: Sequence[Experiment], *, prune: bool, all_of_them: bool
) -> Sequence[Tree]:
    """The walkthroughs that are to go: all others, or those whose experiments are gone."""
    from tracer.writing import origin

    if prune:
        return origin.others(folder, [experiment.name for experiment in loaded])
    return origin.outdated(folder, Path(FOLDER)) if all_of_them else []


def _html(
    write: Callable[..., Left | None],
    loaded: Sequence[Experiment],
    project: Project | None,
    out: Path | None,
    templates: Path | None,
    *,
    check: bool,
    asked: Asked | None,
) -> bool:
    """Write finished HTML, or its print; whether a check failed."""
    from tracer.writing.checked import Recalling

    prover, recalling = Prover(), Recalling()
    left = write(loaded, project, out, templates, prover if check else recalling)
    if asked is not None and left is not None:
        asked.keep_files(left.files, left.folders, recalling.asked, left.said)
    for text in prover.said:
        say(text)
    return prover.failed


def _pages_beside() -> Path | None:
    """The folder of a project's own pages, which finished HTML takes up."""
    from tracer.writing.project import find_project

    project = find_project(Path())
    return None if project is None else project.docs


def _refuse_beside_html(*, build: bool, prune: bool, math: str) -> None:
    """Raise a usage error for options that have no meaning where HTML is written."""
    given = {"--build": build, "--prune": prune, "--math latex": math != "mathml"}
    for name, is_given in given.items():
        if is_given:
            said = f"{name} does not go with --html, --single and --pdf: leave it away"
            raise click.UsageError(said)


def _needed(project: Project | None) -> Project:
    if project is None:
        hint = "Run it in a project; `tracer new DIR` makes one."
        raise RenderError(Problem("there is no mkdocs.yml here to build with", hint=hint))
    return project


def _lists(project: Project | None, folder: Path, math: str) -> Project | None:
    """The project whose navigation lists what is rendered into a folder, if there is one."""
    here = folder.resolve()
    if project is None or math != "mathml" or project.docs.resolve() not in (here, *here.parents):
        return None
    return project


def _check(
    loaded: Sequence[Experiment], out: Path, listing: Project | None, *, prune: bool, math: str
) -> None:
    """Stop before the training where something stands in the way of the pages."""
    from tracer.files.tree import check_trees
    from tracer.writing import navigating, site

    places = [site.place_of(experiment, out, replaces=prune) for experiment in loaded]
    check_trees([*places, *([site.shared_tree(out)] if math == "mathml" else [])])
    if listing is not None:
        navigating.check_navigation(listing, out)


def load_beside_font(paths: Sequence[Path], *, insist: bool, copied: bool) -> list[Experiment]:
    """Read all experiments; a copy of this process makes the font where none is kept."""
    from tracer.executor import aside
    from tracer.writing.fonts import is_to_be_made, math_font

    if not (copied and is_to_be_made()):
        return _load(paths, insist=insist)
    with aside(math_font) as font:
        loaded = _load(paths, insist=insist)
        font()
    return loaded


def _load(paths: Sequence[Path], *, insist: bool) -> list[Experiment]:
    """Read all experiments before any is rendered; all their problems are reported at once."""
    from tracer.api import own_templates
    from tracer.studies.size import check_walkthrough
    from tracer.writing.language import language_of

    loaded: list[Experiment] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(read_experiment(path, insist=insist))
            own_templates(loaded[-1])
            language_of(loaded[-1])
            check_walkthrough(loaded[-1])
        except TracerError as error:
            problems += error.problems
    if problems:
        raise ExperimentError(problems)
    return loaded


def _tell(tree: Tree, report: WriteReport) -> None:
    """One line for a walkthrough, with the names of what was removed; one for each file kept."""
    if tree.files:
        names = ": " * bool(report.removed) + ", ".join(report.removed)
        counts = (len(report.written), len(report.unchanged), len(report.removed))
        say(_line(tree, *counts) + names)
    else:
        say(f"{tree.root}: the walkthrough is removed, {len(report.removed)} removed")
    for kept in report.kept:
        say(f"{tree.root / kept}: was changed by hand, so it is left as it is")


def _line(tree: Tree, written: int, unchanged: int, removed: int) -> str:
    return f"{tree.root}: {written} written, {unchanged} unchanged, {removed} removed"
