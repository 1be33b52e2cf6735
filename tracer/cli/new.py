"""``tracer new``: a project of the user's own."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.console import say
from tracer.cli.folders import OutputFolder


@click.command(epilog="\b\nExample:\n  tracer new my-network && cd my-network && tracer render\n")
@click.argument("directory", type=OutputFolder())
def new(directory: Path) -> None:
    """Make a project in DIRECTORY: mkdocs.yml, an experiment, its data.

    Afterwards `tracer serve` works in it at once, and so does `tracer render && mkdocs serve`.
    Files that are there already are never overwritten.
    """
    from tracer.writing.starting import start_project

    _, count = start_project(directory, sample=True)
    say(f"{directory}: {count} files. Next: cd {directory}; tracer serve")
