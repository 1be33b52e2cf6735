"""``tracer seeds``: start values that make a good lesson."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.console import (
    dask_option,
    format_option,
    progress,
    say,
    stdout_for_people,
    stdout_for_programs,
)
from tracer.cli.sources import insist_option, is_built_in, one_experiment, read_experiment
from tracer.cli.wording import number, percent, plain, speak, worded, words
from tracer.errors import ExperimentError, Problem
from tracer.messages import gettext

if TYPE_CHECKING:
    from rich.table import Table

    from tracer.experiment import Experiment
    from tracer.teaching.score import Candidate
    from tracer.teaching.search import SearchResult

# numpy's RandomState, which scikit-learn draws from, takes 32 bits
LARGEST = {"sklearn": 2**32 - 1}
_EPILOG = """\b
Examples:
  tracer seeds mini.toml                          the best ten of the seeds 1 to 1000
  tracer seeds mini.toml --from 1001 --count 5000
  tracer seeds mini.toml --write                  and put the best one into the file
"""


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@click.option(
    "--count", type=click.IntRange(1), default=1000, show_default=True, help="How many are tried."
)
@click.option(
    "--from", "first", type=click.IntRange(0), default=1, show_default=True, help="The first seed."
)
@click.option(
    "--top", type=click.IntRange(1), default=10, show_default=True, help="How many are shown."
)
@click.option("--write", is_flag=True, help="Write the best seed into the experiment file.")
@click.option("--jobs", type=click.IntRange(1), help="Processes. Default: one a processor.")
@dask_option
@format_option("table", "A table to read, or JSON.")
@insist_option
def seeds(
    experiment: str | None,
    *,
    count: int,
    first: int,
    top: int,
    write: bool,
    jobs: int | None,
    dask: str | None,
    form: str,
    insist: bool,
) -> None:
    """Search seeds with which EXPERIMENT (a file or a built-in name) makes a good lesson.

    Tries COUNT seeds and ranks them: units that work, gradients that can be read, a loss that
    falls, right answers. Only the training rows count. --write changes only the seed in the file.
    """
    from tracer.executor import processors
    from tracer.teaching.search import search

    path = one_experiment(experiment)
    loaded, tried = read_experiment(path, insist=insist), range(first, first + count)
    _check(loaded, path, tried, write=write)
    with progress(gettext("trying seeds")) as meter:
        jobs = jobs or processors()
        found = search(loaded, tried, top=top, jobs=jobs, dask=dask, meter=meter)
    if form == "json":
        document = _document(loaded.name, found)
        json.dump(document, stdout_for_programs(), indent=2, ensure_ascii=False, allow_nan=False)
        click.echo()
    else:
        _print(found)
    if write:
        _write(path, found.best[0].seed, loaded.init.chosen)


def _check(loaded: Experiment, path: Path, tried: range, *, write: bool) -> None:
    """Refuse before the search what would fail in it, or after it."""
    from tracer.teaching.search import check_seeds_matter
    from tracer.training.size import check_run, check_search

    speak(loaded)
    check_run(loaded)
    check_search(loaded, tried.stop - tried.start)  # len() ends where addresses do
    check_seeds_matter(loaded)
    if write:
        _check_writable(path)
    last = LARGEST.get(loaded.init.scheme, 2**63 - 1)
    if tried[-1] > last:
        raise click.BadParameter(f"seeds end at {last}", param_hint="--from")


def _check_writable(path: Path) -> None:
    """Raise ExperimentError for an experiment that is not the user's own."""
    if is_built_in(path):
        hint = gettext("Copy it first: tracer examples %(name)s --copy DIR", name=path.stem)
        message = gettext("a built-in example is not changed")
        raise ExperimentError(Problem(message, path.stem, hint=hint))


def _write(path: Path, seed: int, chosen: str) -> None:
    from tracer.cli.seedfile import write_seed

    changed = write_seed(path, seed)
    if not changed:
        say(gettext("%(path)s: seed = %(seed)s, as before", path=path, seed=seed))
        return
    say(gettext("%(path)s: seed = %(seed)s", path=path, seed=seed))
    if chosen:
        say(
            gettext("%(path)s: [init] chosen still tells how the seed before was chosen", path=path)
        )


def _print(found: SearchResult) -> None:
    from tracer.teaching.score import PARTS

    console = stdout_for_people()
    console.print(_table(found.best))
    best = [_words(one) for one in found.best]
    names = [part.name for part in PARTS]
    counts = {"tried": found.tried, "dropped": found.dropped}
    text = worded("seeds", best=best, parts=names, **counts)
    console.print(text, markup=False, highlight=False)


def _table(best: Sequence[Candidate]) -> Table:
    from rich import box
    from rich.table import Table

    from tracer.teaching.score import PARTS

    table = Table(box=box.SIMPLE_HEAD)
    parts = words("seeds").parts
    shares = (parts[part.name]["heading"] for part in PARTS)
    for heading in (gettext("seed"), gettext("score"), *shares, gettext("lint")):
        table.add_column(heading, justify="right")
    for one in best:
        cells = (percent(one.parts[p.name]) if p.name in one.parts else "–" for p in PARTS)
        lint = str(len(one.findings)) if one.findings else "–"
        table.add_row(str(one.seed), f"{one.score:.1f}", *cells, lint)
    return table


def _words(one: Candidate) -> dict[str, Any]:
    return {
        "seed": one.seed,
        "hidden": one.hidden,
        "started": one.started,
        "ended": one.ended,
        "gradients": percent(one.parts["gradients"]),
        "before": number(one.loss[0]),
        "after": number(one.loss[1]),
        "steady": percent(one.parts["steady"]) if "steady" in one.parts else "",
        "findings": ", ".join(one.findings),
        "train": one.train,
    }


def _document(name: str, found: SearchResult) -> dict[str, Any]:
    counts = {"tried": found.tried, "dropped": found.dropped}
    return {"experiment": name, **counts, "best": [_candidate(one) for one in found.best]}


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "seed": one.seed,
        "score": one.score,
        "parts": dict(one.parts),
        "findings": list(one.findings),
        "units": {"hidden": one.hidden, "started": one.started, "ended": one.ended},
        "loss": [plain(value) for value in one.loss],
        "right": {"train": one.train},
    }
