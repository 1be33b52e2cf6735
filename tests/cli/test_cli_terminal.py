"""The command line and the terminal: pipes, interruptions, faults, progress."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import tracer.cli
import tracer.training
import warm
from sites import SMALL, command
from tracer.cli import console, main

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
FULL = Path("/dev/full")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with one experiment."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return tmp_path


def status(*arguments: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


# Pipes


def test_quiet_when_piped(folder: Path) -> None:
    rendered = command("tracer", "render", "small.toml", "--out", "o", cwd=folder)
    shown = command("tracer", "trace", "small.toml", cwd=folder)
    failed = command("tracer", "trace", "gone.toml", cwd=folder)
    assert [done.returncode for done in (rendered, shown, failed)] == [0, 0, 2]
    for done in (rendered, shown, failed):
        assert CONTROL.findall(done.stdout + done.stderr) == []
    assert rendered.stdout == failed.stdout == ""
    assert len(rendered.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["trace", "small.toml", "--format", "json"], ["trace", "small.toml"], ["schema"]]
)
def test_a_reader_that_goes_away(folder: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = warm.ended("tracer", arguments, folder, out=pipe)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no full device")
@pytest.mark.parametrize("arguments", [["trace", "--format", "json"], ["trace"], ["schema"]])
def test_a_full_disk_is_no_fault_of_ours(folder: Path, arguments: list[str]) -> None:
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tracer", *arguments],
            cwd=folder,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"error: [^\n]*No space left[^\n]*\n", done.stderr)


def test_a_terminal_without_our_signs(folder: Path) -> None:
    plain = {"PYTHONIOENCODING": "ascii"}
    table = command("tracer", "trace", "small.toml", cwd=folder, **plain)
    assert (table.returncode, table.stderr.count("\n")) == (0, 1)
    assert "? = " in table.stdout
    assert re.search(r" -\d", table.stdout)
    data = command("tracer", "trace", "small.toml", "--format", "json", cwd=folder, **plain)
    assert json.loads(data.stdout)["title"] == "Three rows"


# Interruptions and faults


def test_ctrl_c_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setattr(tracer.training, "run", lambda *_: signal.raise_signal(signal.SIGINT))
    assert status("render", "small.toml", "--out", "o") == 130
    said = capsys.readouterr()
    assert (said.out, said.err.strip()) == ("", "")
    assert {path.name for path in folder.iterdir()} == {"small.toml"}


def test_ctrl_c_while_the_command_puts_its_things_away(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    @contextmanager
    def interrupted() -> Iterator[None]:
        yield
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(tracer.cli, "modules_kept", interrupted)
    assert status("trace", "small.toml", "--updates", "1:1") == 130


#: The command, which tells when it begins to train, however long the imports took, and never ends.
LONG = """
import sys
import tracer.training
from tracer.cli import main
run = tracer.training.run
def told(*given, **named):
    print("begun", file=sys.stderr, flush=True)
    while True:
        run(*given, **named)
tracer.training.run = told
main(["trace", "small.toml"])
"""


def test_a_real_ctrl_c_ends_a_long_run(folder: Path) -> None:
    long = SMALL.replace("epochs = 3", "epochs = 30_000")
    (folder / "small.toml").write_text(long, encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, "-c", LONG],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stderr is not None
        assert started.stderr.readline() == "begun\n"
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=60)
    finally:
        started.kill()
    assert (started.returncode, out, err.strip()) == (130, "", "")


@pytest.mark.parametrize("error", [RuntimeError("one\ntwo"), KeyError("x")])
def test_a_fault_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(tracer.training, "run", fail)
    monkeypatch.delenv("TRACER_DEBUG", raising=False)
    assert status("trace", "small.toml") == 70
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(
        rf"error: [^\n]*{type(error).__name__}[^\n]*TRACER_DEBUG=1[^\n]*\n", said.err
    )
    monkeypatch.setenv("TRACER_DEBUG", "1")
    with pytest.raises(type(error)):
        main(["trace", "small.toml"])


# Progress


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (1000.0, False)])
def test_a_bar_is_shown_where_somebody_waits(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    patience: float,
    shown: bool,
) -> None:
    monkeypatch.setattr(console, "PATIENCE", patience)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert status("trace", "small.toml", "--format", "json") == 0
    said = capsys.readouterr()
    json.loads(said.out)
    assert ("training" in said.err) is shown
    assert bool(said.err) is shown


def test_no_bar_where_nobody_looks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "PATIENCE", 0.0)
    assert status("trace", "small.toml", "--format", "json") == 0
    assert capsys.readouterr().err == ""
