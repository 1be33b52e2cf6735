"""What comes from data is only text in a terminal, whatever it holds; odd arguments are refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from tracer.cli import commands
from tracer.cli.console import report_error, report_usage, say
from tracer.cli.terminal import PlainConsole
from tracer.errors import Problem, TracerError
from tracer.writing.foreign import visible

ESCAPE = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202eabc\u2066\u200f[red]\r"
COMMANDS = frozenset(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x0D]
) | frozenset([0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
MINE = """
title = "{title}"
[data]
columns = ["u", "t"]
rows = [[0, 0], [1, 1]]
[[layers]]
units = 1
activation = "sigmoid"
[training]
epochs = 1
"""


def harmless(text: str) -> bool:
    """Whether nothing in it commands a terminal or turns the order of what follows."""
    return not any(ord(sign) in COMMANDS for sign in text)


@given(st.text())
def test_a_text_made_visible_is_harmless_and_keeps_what_can_be_seen(text: str) -> None:
    shown = visible(text)
    assert harmless(shown)
    assert "\n" not in shown
    assert harmless(visible(text, lines=True))
    if text.isprintable():
        assert shown == text


def test_what_is_said_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    say(ESCAPE)
    report_error(TracerError(Problem(ESCAPE, file=f"{ESCAPE}\nerror: forged", key=ESCAPE)))
    report_usage(click.UsageError(ESCAPE))
    said = capsys.readouterr().err
    assert said.count("\\x1b]0;owned") == 5
    assert said.count("[red]") == 5
    assert harmless(said)
    assert not any(line.startswith("error: forged") for line in said.splitlines())


def test_a_table_is_harmless_and_nothing_in_it_is_markup() -> None:
    table = Table(ESCAPE, title="[/]")
    table.add_row(ESCAPE)
    shown = StringIO()
    PlainConsole(file=shown, width=200, markup=False, emoji=False).print(table)
    assert harmless(shown.getvalue())
    assert shown.getvalue().count("[red]") == 2
    assert "[/]" in shown.getvalue()


def tracer(*arguments: str | bytes, cwd: Path, **named: str) -> subprocess.CompletedProcess[str]:
    """The real process."""
    program = Path(sys.executable).with_name("tracer")
    return subprocess.run(
        [os.fsencode(program), *(os.fsencode(one) for one in arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, **named},
        check=False,
    )


def test_a_title_reaches_the_terminal_as_text(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(MINE.format(title="a[red]b\\u202Ec"), encoding="utf-8")
    done = tracer("trace", "x.toml", cwd=tmp_path)
    assert harmless(done.stdout + done.stderr)
    if done.returncode == 0:
        assert "a[red]b\\u202ec" in done.stdout


def test_a_file_name_reaches_the_terminal_as_text(tmp_path: Path) -> None:
    done = tracer("trace", "\x1b[31mno.toml", cwd=tmp_path)
    assert done.returncode not in (0, 70)
    assert "1b[31mno.toml" in done.stderr
    assert harmless(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ["trace", ""],
        ["trace", "mini2d", "--save", ""],
        ["trace", "mini2d", "--save="],
        ["render", "mini2d", "--out", ""],
        ["render", "mini2d", "--templates", " "],
        ["check", ""],
        ["lint", ""],
        ["seeds", ""],
        ["new", ""],
        ["examples", "mini2d", "--copy", ""],
    ],
)
def test_an_empty_name_is_refused_by_every_command(arguments: list[str]) -> None:
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 2
    assert "is empty; it needs a value" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["trace", "render", "new"])
def test_a_name_that_is_no_utf8_is_wrong_input(command: str, tmp_path: Path) -> None:
    done = tracer(command, b"a\xff.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "a\\udcff.toml is no text in UTF-8" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_the_help_tells_whole_sentences(columns: int) -> None:
    shown = CliRunner().invoke(commands, ["--help"], terminal_width=columns).stdout
    assert "..." not in shown.replace("[ARGS]...", "")
    assert "…" not in shown
    words = " ".join(shown.split())
    for command in commands.all().values():
        first = " ".join(re.split(r"\.\s", command.help or "")[0].split()).rstrip(".")
        assert first in words
