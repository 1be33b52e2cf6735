"""Talking to the terminal: errors, progress, tables."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from tracer.errors import TracerError
from tracer.messages import gettext, ngettext
from tracer.writing.foreign import visible

if TYPE_CHECKING:
    from rich.console import Console

    from tracer.meters import Meter
    from tracer.trace import Trace

Command = TypeVar("Command", bound=Callable[..., Any])
PATIENCE = 1.0  # seconds: what is done sooner needs no bar, which would only flicker
PIPED_WIDTH = 160  # a pipe has no width; the widest of our tables fit, and an editor still shows it


def say(text: str) -> None:
    """Tell the user something on stderr, where it does not mix with what a command writes."""
    click.echo(visible(text, lines=True), err=True)


def stdout_for_programs() -> TextIO:
    """Standard output as programs expect it: UTF-8 with plain line ends, whatever the locale."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="\n")
    return sys.stdout


def format_option(to_read: str, about: str) -> Callable[[Command], Command]:
    """The option ``--format``: ``to_read`` for people, which is the default, or json."""
    return click.option(
        "--format",
        "form",
        type=click.Choice([to_read, "json"]),
        default=to_read,
        show_default=True,
        help=about,
    )


def record_text(trace: Trace) -> str:
    """What of a run is kept, where that is not everything, and what the rest takes."""
    from tracer.training.size import replay_seconds

    record = trace.record
    furthest = record.get("every", trace.updates // trace.epochs)
    time = _short_time(replay_seconds(trace.experiment, furthest))
    if "every" in record:
        return ngettext(
            "kept: what each update begins with; the rest is computed again in %(time)s at most,"
            " or so",
            "kept: every %(num)s updates; any other is computed again in %(time)s at most, or so",
            record["every"],
            time=time,
        )
    return gettext(
        "kept: the epochs %(numbers)s; an update of others is computed again in %(time)s at most,"
        " or so",
        numbers=", ".join(map(str, record["epochs"])),
        time=time,
    )


def _short_time(seconds: float) -> str:
    """A time of which nobody wants to know more than its first digits."""
    return f"{seconds:.2g} s" if seconds >= 1 else f"{max(1.0, float(f'{seconds * 1e3:.2g}')):g} ms"


def dask_option(command: Command) -> Command:
    """The option ``--dask``: a cluster that does the work instead of this machine."""
    option = click.option(
        "--dask",
        metavar="ADDRESS",
        help="The scheduler of a Dask cluster that does the work, such as tcp://host:8786.",
    )
    return option(command)


def stdout_for_people() -> Console:
    """Where tables go: as wide as the terminal, or wide enough for a file.

    Nothing in them is markup, and a sign that would command the terminal is named instead.
    """
    from tracer.cli.terminal import PlainConsole

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return PlainConsole(width=width, markup=False, emoji=False)


def report_error(error: TracerError) -> None:
    """Show every problem of an error, one a line."""
    problems = error.problems
    for problem in problems:
        file, key = (text and visible(text) for text in (problem.file, problem.key))
        said = visible(str(replace(problem, file=file, key=key)), lines=True)
        click.echo(click.style("error: ", fg="red", bold=True) + said, err=True)
    if len(problems) > 1:
        say(f"{len(problems)} problems found.")


def report_usage(error: click.ClickException) -> None:
    """Show what is wrong with the command line."""
    shown = StringIO()
    error.show(file=shown)
    say(shown.getvalue().rstrip("\n"))


@contextmanager
def progress(title: str) -> Iterator[Meter]:
    """A meter that shows a bar once the work has taken a second; silent where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    started, bar = time.monotonic(), Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(escape(visible(title)), total=None)

    def meter(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - started > PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield meter
    finally:
        bar.stop()
