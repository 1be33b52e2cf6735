"""The command line: the only place of tracer that prints or exits."""

from __future__ import annotations

import codecs
import errno
import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

import click

from tracer import __version__
from tracer.cli.collecting import end_at_once, seldom_collected
from tracer.cli.console import report_error, report_usage
from tracer.cli.group import Commands
from tracer.errors import BuildError, MemoryShortError, Problem, TracerError
from tracer.files.compiling import compiled_once
from tracer.files.importing import modules_kept
from tracer.files.patterns import patterns_kept

# 1 and 2 as click and grep use them, 70 is EX_SOFTWARE of sysexits, 130 is 128 + SIGINT
FAILED, WRONG_INPUT, OWN_FAULT, INTERRUPTED = 1, 2, 70, 130

SPARING = {"PYDANTIC_DISABLE_PLUGINS": "1", "OPENBLAS_THREAD_TIMEOUT": "20"}
"""What libraries shall not do when they start, unless the environment says so: pydantic looks for
plugins among all that is installed, and none has a say in tracer's files; the threads of NumPy's
OpenBLAS wait for work by turning round and round, for 2^26 ticks of the processor's clock, which is
more work than all that a small network needs of NumPy. 2^20 are a third of a millisecond: time
enough for the next of many large products."""

_EPILOG = """\b
Examples:
  tracer new my-network        start a project of your own
  tracer render                render it, or the built-in example where there is none
  tracer serve                 see it in a browser while you change it
  tracer render --build        and build the site with MkDocs
  tracer trace mini.toml       look at the numbers in the terminal
"""


@click.group(cls=Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracer")
def commands() -> None:
    """Every number of a small neural network, written out, linked and provable."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status; ``arguments`` in place of the process's own.

    0: done; 1: a check failed, lint found something, or the system refused (disk, pipe, MkDocs);
    2: the input is wrong; 70: a fault of tracer's own; 130: interrupted.
    """
    _open_what_is_closed()
    _show_what_can_be_shown()
    _end_tidily()
    for name, value in SPARING.items():
        os.environ.setdefault(name, value)
    try:
        with (
            patterns_kept(),
            compiled_once(),
            modules_kept(),
            seldom_collected(to_the_end=arguments is None),
        ):
            status = _status(arguments)
    except KeyboardInterrupt:  # while what was learnt is put away
        status = INTERRUPTED
    if arguments is None:
        end_at_once(status)
    sys.exit(status)


def _status(arguments: list[str] | None) -> int:  # noqa: PLR0911 - one a kind of end
    try:
        return _run(arguments)
    except click.ClickException as error:
        report_usage(error)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except TracerError as error:
        report_error(error)
        return FAILED if isinstance(error, BuildError | MemoryShortError) else WRONG_INPUT
    except (OSError, MemoryError) as error:
        report_error(TracerError(_refusal(error)))
        return FAILED
    except Exception as error:
        if os.environ.get("TRACER_DEBUG"):
            raise
        report_error(TracerError(_unexpected(error)))
        return OWN_FAULT


def _run(arguments: list[str] | None) -> int:
    """The status that the command asked for with ``context.exit``; 0 where it asked for none.

    What is still to be written is written here, where a refusal can be told.
    """
    status = commands.main(arguments, prog_name="tracer", standalone_mode=False)
    sys.stdout.flush()
    return status if isinstance(status, int) else 0


def _open_what_is_closed() -> None:
    """Nobody listens to a stream that is closed from the start: what is written to it is lost."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _show_what_can_be_shown() -> None:
    """A terminal that cannot show a sign, such as ∂, gets a plainer one instead of an error."""
    codecs.register_error("tracer.plain", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="tracer.plain")


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """A hyphen for a minus, so that numbers keep their sign, and a question mark for the rest."""
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join("-" if sign == "−" else "?" for sign in signs), error.end


def _end_tidily() -> None:
    """A request to end is answered as Ctrl-C is: what was begun is put away first."""
    with suppress(ValueError):  # not the main thread
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _refusal(error: OSError | MemoryError) -> Problem:
    """What the system refused, in its words, and what to do; a stream has no name of a file."""
    if isinstance(error, MemoryError):
        hint = "End other programs, raise the limit of this one, or make the experiment smaller."
        return Problem("no memory is left for this", hint=hint)
    file = None if error.filename is None else str(error.filename)
    message = f"the system refuses: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what = "what is printed" if file is None else "it"
        message = f"there is no room to write {what}: {error.strerror}"
        return Problem(message, file, hint="Make room, or write to another place.")
    if file is None:
        return Problem(message, hint="It was reading or printing: is the other end still there?")
    return Problem(message, file, hint="Is it there, and may you read and write it?")


def _unexpected(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"this is a fault of tracer's own ({what}). Set TRACER_DEBUG=1 to see where."
