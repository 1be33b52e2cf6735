"""Talking to the terminal: errors, progress, tables."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from tracer.errors import TracerError

if TYPE_CHECKING:
    from rich.console import Console

    from tracer.training import Meter

Command = TypeVar("Command", bound=Callable[..., Any])
PATIENCE = 1.0
PIPED_WIDTH = 160


def say(text: str) -> None:
    """Tell the user something on stderr, where it does not mix with what a command writes."""
    click.echo(text, err=True)


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


def stdout_for_people() -> Console:
    """Where tables go: as wide as the terminal, or wide enough for a file."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=PIPED_WIDTH)


def report_error(error: TracerError) -> None:
    """Show every problem of an error, one a line."""
    problems = error.problems
    for problem in problems:
        click.echo(click.style("error: ", fg="red", bold=True) + str(problem), err=True)
    if len(problems) > 1:
        say(f"{len(problems)} problems found.")


@contextmanager
def progress(title: str) -> Iterator[Meter]:
    """A meter that shows a bar once the work has taken a second; silent where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    started, bar = time.monotonic(), Progress(console=Console(stderr=True), transient=True)
    task = bar.add_task(title, total=None)

    def meter(done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - started > PATIENCE:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield meter
    finally:
        bar.stop()
