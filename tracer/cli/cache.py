"""``tracer cache``: what is kept between runs, and how to be rid of it."""

from __future__ import annotations

import click

from tracer.cli.console import say

_EPILOG = """\b
Examples:
  tracer cache             where it is, and how large
  tracer cache --clear     remove all of it
"""


@click.command(epilog=_EPILOG)
@click.option("--clear", "clearing", is_flag=True, help="Remove everything that is kept.")
def cache(*, clearing: bool) -> None:
    """Show what tracer keeps between runs, so that the next one starts sooner.

    Nothing of it is needed. TRACER_CACHE names another folder; an empty name keeps nothing.
    """
    from tracer.experiment.limits import size_text
    from tracer.experiment.words import count_text
    from tracer.files.keeping import cache_folder, clear, size

    folder = cache_folder()
    if folder is None:
        say("nothing is kept: TRACER_CACHE is empty, or its folder cannot be written")
    elif clearing:
        say(f"{folder}: {count_text(clear(folder), 'file')} removed")
    else:
        say(f"{folder}: {size_text(size(folder))}")
