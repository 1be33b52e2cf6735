"""``tracer render --html``, ``--single`` and ``--pdf``: finished HTML, and its print."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracer.cli.console import progress, say
from tracer.cli.runs import trained
from tracer.registry import outside

if TYPE_CHECKING:
    from tracer.executor import Executor
    from tracer.experiment import Experiment
    from tracer.html.walkthrough import Part
    from tracer.html.website import Website
    from tracer.writing.project import Project
    from tracer.writing.site import Prover


class Left(NamedTuple):
    """What was written: files, the folders that hold nothing else, and what is said next time."""

    files: Sequence[Path]
    folders: Sequence[Path]
    said: Sequence[str]


FOLDER = "html"
SUFFIX = ".html"
PDF_SUFFIX = ".pdf"


def render_folder(
    loaded: Sequence[Experiment],
    project: Project | None,
    out: Path | None,
    templates: Path | None,
    prove: Prover,
    *,
    jobs: int = 1,
    dask: str | None = None,
) -> Left | None:
    """Write the site of some experiments, with the pages of their project, into a folder."""
    from tracer.files.tree import Tree, check_trees, write_tree

    folder = out or Path(FOLDER)
    check_trees([Tree(folder, {})])
    files = _contents(site_of(loaded, project, templates, prove, jobs=jobs, dask=dask))
    report = write_tree(folder, files)
    counts = f"{len(report.written)} written, {len(report.unchanged)} unchanged"
    say(f"{folder}: {counts}, {len(report.removed)} removed")
    for kept in report.kept:
        say(f"{folder / kept}: was changed by hand, so it is left as it is")
    first = f"{folder / 'index.html'}: the first page"
    say(first)
    if report.kept:
        return None
    again = f"{folder}: 0 written, {len(files)} unchanged, 0 removed"
    return Left([folder / path for path in files], [folder], [again, first])


def render_single(
    loaded: Sequence[Experiment],
    project: Project | None,
    out: Path | None,
    templates: Path | None,
    prove: Prover,
    *,
    jobs: int = 1,
    dask: str | None = None,
) -> Left:
    """Write the same site as one file."""
    from tracer.html.single import check_single, single_file, write_single

    path = _file(loaded, out, SUFFIX)
    check_single(path)
    site = site_of(loaded, project, templates, prove, jobs=jobs, dask=dask)
    with progress("binding the pages into one file") as meter:
        text = single_file(site, meter)
    write_single(path, text)
    size = len(text.encode()) / 2**20
    said = f"{path}: {len(site.sources)} pages in one file of {size:.1f} MiB"
    say(said)
    return Left([path], [], [said])


def render_pdf(
    loaded: Sequence[Experiment],
    project: Project | None,
    out: Path | None,
    templates: Path | None,
    prove: Prover,
    *,
    paper: str,
    jobs: int = 1,
    dask: str | None = None,
) -> None:
    """Print the same site into one PDF."""
    from tracer.html.owned import PDF, check_owned, write_owned
    from tracer.html.paper import print_of
    from tracer.html.printing import check_printing, pdf_of

    path = _file(loaded, out, PDF_SUFFIX)
    check_owned(path, PDF)
    check_printing()
    site = site_of(loaded, project, templates, prove, jobs=jobs, dask=dask)
    with progress("binding the pages into one document") as meter:
        document = print_of(site, paper, meter)
    with progress("printing"):
        content = pdf_of(document)
    write_owned(path, content, PDF)
    say(f"{path}: {len(site.sources)} pages in one PDF of {len(content) / 2**20:.1f} MiB")


def _file(loaded: Sequence[Experiment], out: Path | None, suffix: str) -> Path:
    """The file that is named; else one called after the experiment, or after this folder."""
    if out is not None and out.suffix.lower() == suffix and not out.is_dir():
        return out
    name = loaded[0].name if len(loaded) == 1 else Path.cwd().name or FOLDER
    return (out or Path()) / f"{name}{suffix}"


def site_of(
    loaded: Sequence[Experiment],
    project: Project | None,
    templates: Path | None,
    prove: Prover,
    *,
    jobs: int = 1,
    dask: str | None = None,
) -> Website:
    """Train all experiments, and build their site; a cluster makes the runs beside them."""
    from tracer.executor.dask_cluster import cluster
    from tracer.html.website import Maker, base_of, website

    maker, base = Maker.of(project, templates), base_of(project)
    with cluster(dask) if dask and not outside() else nullcontext(None) as many:
        parts = [_part(one, base, templates, prove, jobs=jobs, many=many) for one in loaded]
    return website(project, parts, maker)


def _part(
    experiment: Experiment,
    base: str,
    templates: Path | None,
    prove: Prover,
    *,
    jobs: int,
    many: Executor | None,
) -> Part:
    from tracer.api import own_templates
    from tracer.html.walkthrough import walkthrough_part

    trace, studies = trained(experiment, many=many)
    own = templates or own_templates(experiment)
    with progress(f"{experiment.name}: working out the pages") as meter:
        return walkthrough_part(
            trace, studies, base, templates=own, meter=meter, prove=prove, jobs=jobs
        )


def _contents(site: Website) -> dict[str, str | bytes]:
    files: dict[str, str | bytes] = {}
    with progress("writing HTML") as meter:
        for path in site.paths:
            files[path] = site.content(path)
            meter(len(files), len(site.paths))
    return files
