"""The group of all commands: what holds for the arguments and for the help of each of them."""

from __future__ import annotations

import click

from tracer.writing.foreign import visible

_WHOLE = 10_000  # longer than any help text: click must not cut it off


class Commands(click.Group):
    """Refuses arguments that can name nothing, and tells in whole sentences what commands do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line; a click error says which argument is no name."""
        for place, argument in enumerate(args):
            _refuse_empty(ctx, args, place)
            _refuse_unreadable(ctx, argument)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; a long sentence is wrapped, not cut."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(_WHOLE)) for name, one in found if one is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


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
