"""The group of all commands: what holds for the arguments and for the help of each of them."""

from __future__ import annotations

from functools import partial
from importlib import import_module

import click

from tracer.files.packs import worked_out
from tracer.writing.foreign import visible

NAMES = ("new", "render", "serve", "trace", "check", "lint", "seeds", "examples", "schema", "cache")
"""Each is a module of this folder, and the command in it."""
_WHOLE = 10_000  # longer than any help text: click must not cut it off


class Commands(click.Group):
    """Refuses arguments that can name nothing, and tells in whole sentences what commands do.

    A command is imported when it is run, or when nobody has kept what it does.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        return _command(cmd_name) if cmd_name in NAMES else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; a click error names the nearest where there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from tracer.experiment.words import did_you_mean

            hint = did_you_mean(args[0], NAMES) or ""
            raise click.UsageError(f"{error.message} {hint}".strip(), ctx) from None

    def all(self) -> dict[str, click.Command]:
        """Every command by its name."""
        return {name: _command(name) for name in NAMES}

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; a click error says which argument is no name."""
        for place, argument in enumerate(args):
            _refuse_empty(ctx, args, place)
            _refuse_unreadable(ctx, argument)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; a long sentence is wrapped, not cut."""
        rows = [(name, worked_out(partial(_help, name), "help", name)) for name in sorted(NAMES)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _command(name: str) -> click.Command:
    found: click.Command = getattr(import_module(f"tracer.cli.{name}"), name)
    return found


def _help(name: str) -> str:
    return _command(name).get_short_help_str(_WHOLE)


def _refuse_empty(ctx: click.Context, args: list[str], place: int) -> None:
    argument, before = args[place], args[place - 1] if place else ""
    name, equals, value = argument.partition("=")
    if name.startswith("--") and equals and not value:
        raise click.UsageError(f"{name} is empty; it needs a value", ctx)
    if not argument.strip():
        what = before if before.startswith("-") else "an argument"
        raise click.UsageError(f"{what} is empty; it needs a value", ctx)


def _refuse_unreadable(ctx: click.Context, argument: str) -> None:
    try:
        argument.encode()
    except UnicodeEncodeError:
        shown = visible(argument)
        raise click.UsageError(f"{shown} is no text in UTF-8; rename the file", ctx) from None
