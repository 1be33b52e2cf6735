"""A finished trace as pages, from Python: what ``tracer render`` does after training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tracer.errors import ExperimentError, Problem, RenderError
from tracer.experiment import Experiment
from tracer.experiment.read import problem_at
from tracer.files.tree import WriteReport, write_trees
from tracer.studies.run import study
from tracer.studies.size import check_walkthrough
from tracer.trace import Trace
from tracer.writing.checked import prove_anew, recall_proofs
from tracer.writing.navigating import check_navigation, write_navigation
from tracer.writing.project import find_project
from tracer.writing.site import shared_tree, walkthrough_tree
from tracer.writing.templating import DataTemplates

MATHS = ("mathml", "latex")
ASSETS = "assets"


def render(
    trace: Trace, folder: str | Path, *, math: str = "mathml", check: bool = False
) -> WriteReport:
    """Write the walkthrough of ``trace`` as Markdown, with what its pages share.

    The pages go into ``folder/NAME``, where NAME is the experiment's name; styles, script and font
    into ``folder/assets``. Files that tracer did not write are never touched, and pages of an
    earlier call that are not wanted any more go away. The navigation of a MkDocs project is
    written by :func:`to_site` and by the command ``tracer render``.

    Args:
        trace: the run.
        folder: where to write; made if it is missing.
        math: "mathml" for a site, "latex" for GitHub, Jupyter, Quarto or Pandoc (no assets).
        check: whether every number is worked out again by other means, for the page of checks.
            Without it that page shows what an earlier check of the same pages found, if there was
            one.

    Returns:
        What was written, unchanged, removed and kept, as paths relative to ``folder``.

    Example:
        >>> report = trace.render(folder, math="latex")
        >>> "experiment/epoch-1/index.md" in report.written
        True

    Raises:
        RenderError: a file that is not tracer's stands in the way, or the disk refuses.
        ExperimentError: the folder of templates that the experiment names does not exist, or the
            experiment is called "assets", or the walkthrough would be larger than is sensible
            (unless its ``insist`` is true).
    """
    check_walkthrough(trace.experiment)
    if math not in MATHS:
        names = " or ".join(repr(name) for name in MATHS)
        raise RenderError(Problem(f"expected {names}, found {math!r}", key="math"))
    _check_name(trace.experiment)
    out, templates = Path(folder), own_templates(trace.experiment)
    prove = prove_anew if check else recall_proofs
    trees = [
        walkthrough_tree(trace, study(trace), out, math=math, templates=templates, prove=prove)
    ]
    trees += [shared_tree(out)] if math == "mathml" else []
    reports = [
        (tree.root.name, report) for tree, report in zip(trees, write_trees(trees), strict=True)
    ]
    return WriteReport(
        written=_paths((part, report.written) for part, report in reports),
        unchanged=_paths((part, report.unchanged) for part, report in reports),
        removed=_paths((part, report.removed) for part, report in reports),
        kept=_paths((part, report.kept) for part, report in reports),
    )


def to_site(
    trace: Trace, folder: str | Path, *, build: bool = False, check: bool = False
) -> WriteReport:
    """Make ``trace`` a part of the site in ``folder``: pages, what they share, and navigation.

    A folder with an ``mkdocs.yml`` is a project already: the walkthrough comes to the others. In
    any other folder a project is made, as by ``tracer new``, without its sample. Then
    ``mkdocs serve`` shows the site; ``build`` builds it at once, strictly.

    Args:
        trace: the run.
        folder: the project; made if it is missing.
        build: whether MkDocs builds the site, as with ``tracer render --build``.
        check: whether the pages are checked, as for :func:`render`.

    Returns:
        What was written, unchanged, removed and kept, as paths relative to the folder of the
        walkthroughs.

    Example:
        >>> report = trace.to_site(folder / "site")  # doctest: +SKIP
        >>> "experiment/index.md" in report.written  # doctest: +SKIP
        True

    Raises:
        RenderError: a file that is not tracer's stands in the way, or the disk refuses.
        ExperimentError: as for :func:`render`.
    """
    from tracer.writing import building
    from tracer.writing.starting import start_project

    root = Path(folder)
    _check_name(trace.experiment)
    own_templates(trace.experiment)
    project = find_project(root) or start_project(root)[0]
    check_navigation(project, project.out)
    if build:
        building.check(project)
    report = render(trace, project.out, check=check)
    write_navigation(project, project.out)
    if build:
        building.build(project)
    return report


def _check_name(experiment: Experiment) -> None:
    """Refuse an experiment whose pages would be written where the assets belong."""
    if experiment.name == ASSETS:
        raise ExperimentError(
            Problem(
                f"the folder {ASSETS!r} is taken by the styles and scripts",
                key="name",
                hint="Give it another name.",
            )
        )


def _paths(parts: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    return tuple(sorted(f"{part}/{path}" for part, paths in parts for path in paths))


def own_templates(experiment: Experiment) -> DataTemplates | None:
    """The experiment's own folder of templates, beside its file; None where it names none.

    Data names it, so its templates run in a sandbox. Raises ExperimentError where there is no such
    folder, or where it is not inside the folder of the experiment's file.
    """
    name, source = experiment.pages.templates, experiment.source
    if name is None:
        return None
    home = source.parent if source else Path()
    folder, key = home / name, ("pages", "templates")
    if not _is_inside(home, folder):
        hint = "To use templates from elsewhere, give their folder by hand: --templates DIR."
        message = f"the folder {name!r} is not inside the folder of the experiment"
        raise ExperimentError(problem_at(source, key, message, hint))
    if not folder.is_dir():
        raise ExperimentError(problem_at(source, key, f"there is no folder {folder}"))
    return DataTemplates(folder)


def _is_inside(home: Path, folder: Path) -> bool:
    """Whether a folder lies inside another one, with all links followed."""
    try:
        return folder.resolve().is_relative_to(home.resolve())
    except (OSError, RuntimeError, ValueError):
        return False
