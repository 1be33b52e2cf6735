"""``tracer serve``: experiments → pages in the browser, which follow the files."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.console import progress, report_error, say
from tracer.cli.sources import (
    check_names,
    check_there,
    experiment_files,
    insist_option,
    read_experiment,
)
from tracer.errors import TracerError
from tracer.examples import built_in

if TYPE_CHECKING:
    from tracer.errors import Problem
    from tracer.experiment import Experiment
    from tracer.meters import Meter

#: What `mkdocs serve` takes too: whoever changes from one to the other finds the pages there.
PORT = 8000
HIGHEST = 65535  # ports have 16 bits
TITLES = {
    "train": "{name}: training",
}
_EPILOG = """\b
Examples:
  tracer serve                 the project's pages and experiments, or the built-in example
  tracer serve mine.toml       one experiment
  tracer serve --open          and open a browser
  tracer serve --port 0        at any free port
"""


@click.command(epilog=_EPILOG)
@click.argument("experiments", nargs=-1)
@click.option(
    "--port",
    type=click.IntRange(0, HIGHEST),
    default=PORT,
    show_default=True,
    help="The port of this machine; 0 takes a free one.",
)
@click.option("--open", "opens", is_flag=True, help="Open the first page in a browser.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of templates that come before the built-in ones, as for `tracer render`.",
)
@click.option("--poll", is_flag=True, help="Look at the files, and do not wait to be told.")
@insist_option
def serve(
    experiments: tuple[str, ...],
    *,
    port: int,
    opens: bool,
    templates: Path | None,
    poll: bool,
    insist: bool,
) -> None:
    """Show the pages of EXPERIMENTS in a browser, and each change as soon as it is saved.

    Nothing is written. Experiments, tables, templates and the pages of the project are watched;
    a mistake is told here and in the page until it is mended. Ctrl-C ends it.
    """
    from tracer.serving.board import Board
    from tracer.serving.inputs import Inputs
    from tracer.serving.loop import Crew, watch_and_serve
    from tracer.serving.server import Server
    from tracer.serving.watching import Watch
    from tracer.serving.workshop import Workshop

    def read(path: Path) -> Experiment:
        return _read(path, insist=insist)

    found = tuple(experiment_files(experiments, Path()))
    check_there(found)
    named = found if experiments or found == (built_in(),) else ()
    inputs, board = Inputs(Path(), named, templates), Board()
    server = Server(board, port, templates)
    say(f"{server.address} shows the pages; Ctrl-C ends it")
    crew = Crew(Workshop(inputs, board, read, check_names, _step), board, Told())
    if opens:
        webbrowser.open(server.address)
    watch_and_serve(server, crew, Watch(inputs, polls=poll))


def _read(path: Path, *, insist: bool) -> Experiment:
    from tracer.studies.size import check_walkthrough

    experiment = read_experiment(path, insist=insist)
    check_walkthrough(experiment)
    return experiment


@contextmanager
def _step(name: str, experiment: str) -> Iterator[Meter]:
    with progress(TITLES[name].format(name=experiment)) as meter:
        yield meter


class Told:
    """Says on the terminal what became of a change."""

    def __init__(self) -> None:
        self._wrong: tuple[Problem, ...] = ()

    def __call__(self, problems: tuple[Problem, ...]) -> None:
        """Tell problems; and once they are mended, that."""
        if problems:
            report_error(TracerError(problems))
        else:
            mended = ", and nothing is wrong any more" if self._wrong else ""
            say(f"{time.strftime('%H:%M:%S')} the pages are up to date{mended}")
        self._wrong = problems
