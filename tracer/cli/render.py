"""``tracer render``: experiments → pages, and on request the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from tracer.cli.console import progress, say
from tracer.cli.folders import OutputFolder
from tracer.cli.html import render_folder, render_single
from tracer.cli.runs import trained
from tracer.cli.sources import FOLDER, check_names, experiment_files, insist_option, read_experiment
from tracer.errors import ExperimentError, Problem, RenderError, TracerError
from tracer.experiment.words import count_text

if TYPE_CHECKING:
    from tracer.check.proof import Proof
    from tracer.experiment import Experiment
    from tracer.files.tree import Tree, WriteReport
    from tracer.trace import Trace
    from tracer.writing.project import Project
    from tracer.writing.site import Prover as ProverOfPages
    from tracer.writing.templating import DataTemplates

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
  tracer render --prune              and remove what else is in the folder for the pages
"""


@click.command(epilog=_EPILOG)
@click.argument("experiments", nargs=-1)
@click.option(
    "--out",
    type=OutputFolder(),
    help="Folder for the pages. Default: the folder 'examples' among the project's pages; 'html'"
    " with --html. With --single also a file.",
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
@insist_option
@click.pass_context
def render(
    context: click.Context,
    experiments: tuple[str, ...],
    *,
    out: Path | None,
    html: bool,
    single: bool,
    build: bool,
    check: bool,
    prune: bool,
    math: str,
    templates: Path | None,
    insist: bool,
) -> None:
    """Train each of EXPERIMENTS and write its walkthrough as MkDocs pages, or as finished HTML.

    EXPERIMENTS are files, or names of built-in experiments. Files that tracer did not write are
    never touched; pages that no longer belong to a walkthrough go away.
    """
    from tracer.api import own_templates
    from tracer.files.tree import write_trees
    from tracer.writing import building, checked, origin, site
    from tracer.writing.project import find_project

    project = find_project(Path())
    folder = out or (project.out if project else Path("site") / "examples")
    loaded = _load(experiment_files(experiments, Path()), insist=insist)
    check_names(loaded)
    listing = _lists(project, folder, math)
    prover = Prover() if check else checked.recall_proofs
    if html or single:
        _refuse_beside_html(build=build, prune=prune, math=math)
        write = render_single if single else render_folder
        write(loaded, None if experiments else project, out, templates, prover)
        _end(context, prover)
        return
    _check(loaded, folder, listing, prune=prune, math=math)
    if build:
        building.check(_needed(project))
    wanted = partial(_render, out=folder, math=math, replaces=prune, prove=prover)
    trees = [wanted(one, templates=templates or own_templates(one)) for one in loaded]
    shared = [site.shared_tree(folder)] if math == "mathml" else []
    gone = origin.others(folder, [e.name for e in loaded]) if prune else []
    if not (experiments or prune):
        gone = origin.outdated(folder, Path(FOLDER))
    reports = write_trees([*gone, *trees, *shared])
    for tree, report in zip([*gone, *trees], reports, strict=False):
        _tell(tree, report)
    if listing is not None:
        site.write_navigation(listing, folder)
    if build:
        say(f"{building.build(_needed(project))}: the site is built")
    _end(context, prover)


def _end(context: click.Context, prover: object) -> None:
    if isinstance(prover, Prover) and prover.failed:
        context.exit(1)


def _refuse_beside_html(*, build: bool, prune: bool, math: str) -> None:
    """Raise a usage error for options that have no meaning where HTML is written."""
    given = {"--build": build, "--prune": prune, "--math latex": math != "mathml"}
    for name, is_given in given.items():
        if is_given:
            raise click.UsageError(f"{name} does not go with --html and --single: leave it away")


class Wanted(TypedDict):
    """How a walkthrough is to be written: see :func:`tracer.writing.site.walkthrough_tree`."""

    out: Path
    math: str
    templates: Path | DataTemplates | None
    replaces: bool
    prove: ProverOfPages


class Prover:
    """Runs the checks, tells what they found, and remembers whether one failed."""

    def __init__(self) -> None:
        self.failed = False

    def __call__(self, trace: Trace, pages: Mapping[str, str]) -> tuple[Proof, ...]:
        """What the checks find for a trace and its pages."""
        from tracer.writing.checked import prove_anew

        proofs = prove_anew(trace, pages)
        wrong = [proof.key for proof in proofs if not proof.ok]
        name = trace.experiment.name
        passed = count_text(sum(proof.applies for proof in proofs) - len(wrong), "check")
        say(f"{name}: {passed} passed" + (f", failed: {', '.join(wrong)}" if wrong else ""))
        self.failed |= bool(wrong)
        return proofs


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
    from tracer.writing import site

    places = [site.place_of(experiment, out, replaces=prune) for experiment in loaded]
    check_trees([*places, *([site.shared_tree(out)] if math == "mathml" else [])])
    if listing is not None:
        site.check_navigation(listing, out)


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


def _render(experiment: Experiment, **wanted: Unpack[Wanted]) -> Tree:
    """Train an experiment, and make the pages of its walkthrough."""
    from tracer.writing.site import walkthrough_tree

    trace, studies = trained(experiment)
    with progress(f"{experiment.name}: building and writing the pages") as meter:
        return walkthrough_tree(trace, studies, meter=meter, **wanted)


def _tell(tree: Tree, report: WriteReport) -> None:
    """One line for a walkthrough, with the names of what was removed; one for each file kept."""
    removed = f"{len(report.removed)} removed"
    if tree.files:
        names = ": " * bool(report.removed) + ", ".join(report.removed)
        counts = f"{len(report.written)} written, {len(report.unchanged)} unchanged"
        say(f"{tree.root}: {counts}, {removed}{names}")
    else:
        say(f"{tree.root}: the walkthrough is removed, {removed}")
    for kept in report.kept:
        say(f"{tree.root / kept}: was changed by hand, so it is left as it is")
