"""The command line: the only place of tracer that prints or exits."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

import click

from tracer import __version__
from tracer.cli.check import check
from tracer.cli.console import report_error, report_usage
from tracer.cli.examples import examples
from tracer.cli.group import Commands
from tracer.cli.lint import lint
from tracer.cli.new import new
from tracer.cli.render import render
from tracer.cli.schema import schema
from tracer.cli.seeds import seeds
from tracer.cli.trace import trace
from tracer.errors import TracerError

_EPILOG = """\b
Examples:
  tracer new my-network        start a project of your own
  tracer render                render it, or the built-in example where there is none
  tracer render --build        and build the site with MkDocs
  tracer trace mini.toml       look at the numbers in the terminal
"""


@click.group(cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracer")
def commands() -> None:
    """Every number of a small neural network, written out, linked and provable."""


for _command in (new, render, trace, check, lint, seeds, examples, schema):
    commands.add_command(_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    _show_what_can_be_shown()
    try:
        commands.main(arguments, prog_name="tracer", standalone_mode=False)
    except click.ClickException as error:
        report_usage(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except TracerError as error:
        report_error(error)
        sys.exit(1)
    except OSError as error:
        report_error(TracerError(str(error)))
        sys.exit(1)
    except Exception as error:
        if os.environ.get("TRACER_DEBUG"):
            raise
        report_error(TracerError(_unexpected(error)))
        sys.exit(70)
    sys.exit(0)


def _show_what_can_be_shown() -> None:
    """A terminal that cannot show a sign, such as ∂, gets a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _unexpected(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"this is a fault of tracer's own ({what}). Set TRACER_DEBUG=1 to see where."
