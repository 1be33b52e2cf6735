"""``tracer trace``: the numbers of a run, for people in the terminal or as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from tracer.cli.console import (
    format_option,
    progress,
    record_text,
    say,
    stdout_for_people,
    stdout_for_programs,
)
from tracer.cli.sources import insist_option, one_experiment, read_experiment
from tracer.cli.wording import speak
from tracer.errors import BuildError, TraceFileError
from tracer.messages import gettext, ngettext
from tracer.writing.foreign import visible

if TYPE_CHECKING:
    from tracer.trace import Trace

SHOWN = 8  # visits that a terminal shows without being asked: about what one screen holds
_NUMBER = re.compile(r"[0-9]{1,18}")
_EPILOG = """\b
Examples:
  tracer trace mini.toml                          the first updates as a table
  tracer trace mini.toml --updates 5:7
  tracer trace mini.toml --format json > run.json
  tracer trace mini.toml --save run.npz           for tracer.Trace.load
"""


class Range(click.ParamType[range]):
    """Update numbers from 1: "5", or "1:10" with both ends."""

    name = "FIRST:LAST"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        """Read the text; a click error says what is expected."""
        first, colon, last = str(value).partition(":")
        ends, shown = (first, last if colon else first), _quoted(value)
        if not all(_NUMBER.fullmatch(end) for end in ends):
            self.fail(f"expected a number such as 5 or a range such as 1:10, found {shown}")
        start, stop = (int(end) for end in ends)
        if not 1 <= start <= stop:
            self.fail(f"updates count from 1, and a range goes upward; found {shown}")
        return range(start, stop + 1)


class EpochNumbers(click.ParamType[frozenset[int]]):
    """Epoch numbers from 1, separated by commas."""

    name = "LIST"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[int]:
        """Read the text; a click error says what is expected."""
        parts, shown = [part.strip() for part in str(value).split(",")], _quoted(value)
        if not all(_NUMBER.fullmatch(part) for part in parts):
            self.fail(f"expected numbers separated by commas, such as 1,5; found {shown}")
        numbers = frozenset(int(part) for part in parts)
        if min(numbers) < 1:
            self.fail(f"epochs count from 1; found {shown}")
        return numbers


def _quoted(value: object) -> str:
    from tracer.experiment.words import found_text

    return found_text(str(value))


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@format_option("table", "A table to read, or JSON with every digit.")
@click.option("--updates", type=Range(), help="Only these updates, such as 1:10.")
@click.option("--epochs", type=EpochNumbers(), help="Only updates of these epochs, such as 1,5.")
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Save the whole trace here too."
)
@insist_option
def trace(
    experiment: str | None,
    *,
    form: str,
    updates: range | None,
    epochs: frozenset[int] | None,
    save: Path | None,
    insist: bool,
) -> None:
    """Train EXPERIMENT (a file or a built-in name) and print the numbers of its updates."""
    from tracer.training import run

    path = one_experiment(experiment)
    if save is not None:
        _check_place(save)
    loaded = read_experiment(path, insist=insist)
    speak(loaded)
    with progress(gettext("training")) as meter:
        made = run(loaded, meter)
    if made.recording is not None:
        say(record_text(made))
    _check(made, updates, epochs)
    if save is not None:
        _save(made, save)
    if form == "json":
        from tracer.trace.json import write_json

        write_json(made, stdout_for_programs(), updates, epochs)
    else:
        _print(made, updates, epochs)


def _check_place(path: Path) -> None:
    """Refuse, before anything is computed, a place where something else stands."""
    from tracer.trace.archive import check_place

    try:
        check_place(path)
    except TraceFileError as error:
        raise click.BadParameter(str(error), param_hint="--save") from None
    if not path.parent.is_dir():
        message = f"{path}: cannot be written: there is no folder {path.parent}"
        raise click.BadParameter(message, param_hint="--save")


def _save(made: Trace, path: Path) -> None:
    try:
        made.save(path)
    except TraceFileError as error:  # the place was right before: now the disk refuses
        raise BuildError(error.problems) from None


def _check(made: Trace, updates: range | None, epochs: Collection[int] | None) -> None:
    if updates is not None and updates[-1] > made.updates:
        raise click.BadParameter(
            f"this run has the updates 1:{made.updates}", param_hint="--updates"
        )
    if epochs is not None and max(epochs) > made.epochs:
        raise click.BadParameter(
            f"this run has the epochs 1 to {made.epochs}", param_hint="--epochs"
        )


def _print(made: Trace, updates: Sequence[int] | None, epochs: Collection[int] | None) -> None:
    from tracer.cli.tables import overview_table, update_lines
    from tracer.trace.json import chosen_updates

    width = get_terminal_size().columns
    stdout_for_people().print(overview_table(made), width=width)
    chosen = list(chosen_updates(made, updates, epochs))
    asked = updates is not None or epochs is not None
    shown = chosen if asked else chosen[:SHOWN]
    for update in shown:
        for line in update_lines(made, update, width):
            print(visible(line))
    if len(shown) < len(chosen):
        say(
            ngettext(
                "%(shown)s of %(num)s update shown; --updates and --epochs choose others",
                "%(shown)s of %(num)s updates shown; --updates and --epochs choose others",
                len(chosen),
                shown=len(shown),
            )
        )
