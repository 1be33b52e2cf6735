"""``tracer trace``: the numbers of a run, for people in the terminal or as JSON for programs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.console import format_option, progress, say, stdout_for_people, stdout_for_programs
from tracer.cli.sources import experiment_files, insist_option
from tracer.errors import Problem, TraceFileError

if TYPE_CHECKING:
    from tracer.trace import Trace

SHOWN = 8
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
        try:
            start, stop = int(first), int(last if colon else first)
        except ValueError:
            self.fail(f"expected a number such as 5 or a range such as 1:10, found {value!r}")
        if not 1 <= start <= stop:
            self.fail(f"updates count from 1, and a range goes upward; found {value!r}")
        return range(start, stop + 1)


class Numbers(click.ParamType[frozenset[int]]):
    """Epoch numbers from 1, separated by commas."""

    name = "LIST"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[int]:
        """Read the text; a click error says what is expected."""
        try:
            numbers = frozenset(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"expected numbers separated by commas, such as 1,5; found {value!r}")
        if min(numbers) < 1:
            self.fail(f"epochs count from 1; found {value!r}")
        return numbers


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@format_option("table", "A table to read, or JSON with every digit.")
@click.option("--updates", type=Range(), help="Only these updates, such as 1:10.")
@click.option("--epochs", type=Numbers(), help="Only updates of these epochs, such as 1,5.")
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
    from tracer.experiment import load_experiment
    from tracer.training import run

    path, *others = experiment_files([experiment] if experiment else [], Path())
    if others:
        say(f"{path} is traced; name another experiment to see that one")
    with progress("training") as meter:
        made = run(load_experiment(path, insist=insist), meter)
    _check(made, updates, epochs)
    if save is not None:
        _save(made, save)
    if form == "json":
        from tracer.export import write_json

        write_json(made, stdout_for_programs(), updates, epochs)
    else:
        _print(made, updates, epochs)


def _save(made: Trace, path: Path) -> None:
    try:
        made.save(path)
    except OSError as error:
        problem = Problem(f"cannot be written: {error.strerror}", file=str(path))
        raise TraceFileError(problem) from None


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
    from tracer.cli.tables import overview_table, update_tables
    from tracer.export import chosen_updates

    console = stdout_for_people()
    console.print(overview_table(made))
    chosen = list(chosen_updates(made, updates, epochs))
    asked = updates is not None or epochs is not None
    shown = chosen if asked else chosen[:SHOWN]
    for update in shown:
        for table in update_tables(made, update):
            console.print(table)
    if len(shown) < len(chosen):
        say(f"{len(shown)} of {len(chosen)} updates shown; --updates and --epochs choose others")
