"""``tracer examples``: the experiments that come with tracer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.console import say, stdout_for_people
from tracer.cli.folders import OutputFolder
from tracer.errors import BuildError, Problem, RenderError
from tracer.messages import gettext

if TYPE_CHECKING:
    from tracer.examples import Example

_EPILOG = """\b
Examples:
  tracer examples                       list them, with their source and what we found
  tracer render mazur                   render one
  tracer examples mazur --copy mine     copy one into the folder mine, to change it
"""


@click.command(epilog=_EPILOG)
@click.argument("name", required=False)
@click.option(
    "--copy",
    "folder",
    type=OutputFolder(),
    metavar="DIR",
    help="Copy the example NAME into this folder. Files there are never overwritten.",
)
def examples(name: str | None, folder: Path | None) -> None:
    """List the built-in experiments, or show NAME only.

    Many are worked examples from elsewhere: each says where it is from and what comes out when it
    is computed again, right or wrong.
    """
    from tracer import examples as builtin

    if name is None and folder is not None:
        raise click.UsageError("--copy needs the NAME of an example")
    if name is None:
        _print(builtin.examples())
    elif folder is None:
        _tell(_named(name))
    else:
        _copy(_named(name), folder)


def _named(name: str) -> Example:
    from tracer import examples as builtin
    from tracer.experiment.words import did_you_mean

    names = builtin.built_in_names()
    if name in names:
        return builtin.example(name)
    hint = did_you_mean(name, names) or f"They are {', '.join(names)}."
    raise RenderError(Problem(f"there is no built-in example {name!r}", hint=hint))


def _print(chosen: Sequence[Example]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_lines=True)
    table.add_column(gettext("name"), no_wrap=True)
    table.add_column(gettext("title and source"), overflow="fold", ratio=2)
    found = gettext("what we find when we compute it again")
    table.add_column(found, overflow="fold", ratio=3)
    for one in chosen:
        about = "\n".join(part for part in (one.title, one.source, one.address) if part)
        table.add_row(Text(one.name), Text(about), Text(one.finding))
    stdout_for_people().print(table)


def _tell(one: Example) -> None:
    for part in (one.title, one.source, one.address, one.finding, str(one.path)):
        if part:
            click.echo(part)


def _copy(one: Example, folder: Path) -> None:
    wanted = {folder / path.name: path for path in one.files}
    present = [path for path in wanted if path.exists()]
    if present:
        hint = "Choose another folder."
        raise RenderError(Problem("is there already", file=str(p), hint=hint) for p in present)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, source in wanted.items():
            with path.open("xb") as stream:
                stream.write(source.read_bytes())
    except OSError as error:
        raise BuildError(Problem(f"cannot be written: {error}", file=str(folder))) from None
    first = next(iter(wanted))
    say(f"{', '.join(str(path) for path in wanted)}. Next: tracer render {first}")
