"""The exit status of every command, as the shell sees it: through the script and ``-m``."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import warm
from sites import SMALL, TINY

SCRIPT = [str(Path(sys.executable).with_name("tracer"))]
MODULE = [sys.executable, "-m", "tracer"]
GOOD, FOUND, WRONG = 0, 1, 2
SPOILED = """
import dataclasses
from types import MappingProxyType
import tracer.training.step as training
table = training.ACTIVATIONS
wrong = dataclasses.replace(table["sigmoid"], slope=lambda z, a: 1 - a)
training.ACTIVATIONS = MappingProxyType({**table, "sigmoid": wrong})
"""

STATUSES = [
    (["--version"], GOOD),
    (["--help"], GOOD),
    (["nosuch"], WRONG),
    (["schema"], GOOD),
    (["schema", "more"], WRONG),
    (["examples"], GOOD),
    (["examples", "nosuch"], WRONG),
    (["new", "made"], GOOD),
    (["new", "project"], WRONG),
    (["render", "tiny.toml", "--out", "made"], GOOD),
    (["render", "tiny.toml", "--out", " "], WRONG),
    (["render", "wrong.toml"], WRONG),
    (["render", "missing.toml"], WRONG),
    (["render", "small.toml", "--build"], WRONG),
    (["trace", "small.toml"], GOOD),
    (["trace", "wrong.toml"], WRONG),
    (["trace", "small.toml", "--epochs", "9"], WRONG),
    (["check", "tiny.toml"], GOOD),
    (["check", "tiny.toml", "--format", "json"], GOOD),
    (["check", "wrong.toml"], WRONG),
    (["check", "n" * 300], WRONG),
    (["check", "small.toml", "--format", "xml"], WRONG),
    (["lint", "mini2d"], GOOD),
    (["lint", "small.toml"], FOUND),
    (["lint", "small.toml", "--format", "json"], FOUND),
    (["lint", "wrong.toml"], WRONG),
    (["seeds", "small.toml", "--count", "3"], GOOD),
    (["seeds", "small.toml", "--count", str(2**63)], WRONG),
    (["seeds", "wrong.toml"], WRONG),
    (["seeds", "mini2d", "--write"], WRONG),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    (tmp_path / "wrong.toml").write_text("title = 1\n", encoding="utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mkdocs.yml").write_text("site_name: mine\n", encoding="utf-8")
    return tmp_path


def ended(arguments, folder, **options):
    return subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, check=False, **options
    )


@pytest.mark.parametrize(("arguments", "status"), STATUSES)
def test_every_command(folder, arguments, status):
    done = warm.ended("tracer", arguments, folder)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    if status == WRONG:
        assert done.stdout == ""
        assert done.stderr


@pytest.mark.parametrize("command", [SCRIPT, MODULE], ids=["script", "module"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["schema"], GOOD), (["lint", "small.toml"], FOUND), (["check", "wrong.toml"], WRONG)],
)
def test_the_script_and_the_module(folder, command, arguments, status):
    done, same = ended([*command, *arguments], folder), warm.ended("tracer", arguments, folder)
    assert done.returncode == status, done.stderr
    # The other tests start warm processes, which do the same.
    assert (same.returncode, same.stdout, same.stderr) == (status, done.stdout, done.stderr)


#: Ctrl-C while a library is imported; `sitecustomize` is imported before anything of tracer's.
EARLY = """
import signal, sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == "click":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupted())
"""


def test_ctrl_c_while_the_command_is_imported(folder):
    (folder / "sitecustomize.py").write_text(EARLY, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = ended([*MODULE, "schema"], folder, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert '\ntracer = "tracer.__main__:main"\n' in project  # the script does the same


ENDINGS = {
    "by itself": "print('said')",
    "with a number": "raise SystemExit(3)",
    "with a large number": "print('said'); raise SystemExit(256 + 7)",
    "with words": "raise SystemExit('no')",
    "with an error": "print('said'); raise ValueError('no')",
    "by ctrl-C": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "after others": "import atexit, threading; atexit.register(print, 'last')\n"
    "threading.Timer(0.1, print, ['later']).start()",
    "nobody listens": "import sys; sys.stdout.close()",
}


@pytest.mark.parametrize("program", ENDINGS.values(), ids=ENDINGS)
def test_a_warm_process_ends_as_any_other(tmp_path, program):
    (tmp_path / "ends.py").write_text(program, encoding="utf-8")
    done, same = ended([sys.executable, "-m", "ends"], tmp_path), warm.ended("ends", [], tmp_path)
    assert (same.returncode, same.stdout) == (done.returncode, done.stdout)
    assert same.stderr.splitlines()[-1:] == done.stderr.splitlines()[-1:]


@pytest.mark.parametrize(
    ("command", "form"), [(SCRIPT, "table"), (MODULE, "json")], ids=["script", "module"]
)
def test_a_check_that_fails(folder, command, form):
    # The slope of the output stands in the gradient of this loss, and in that of TINY's not.
    squared = TINY.replace("binary_cross_entropy", "mean_squared_error")
    (folder / "tiny.toml").write_text(squared, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(SPOILED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = ended([*command, "check", "tiny.toml", "--format", form], folder, env=environment)
    assert done.returncode == FOUND, done.stderr
    assert "failed" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="a shell closes the stream")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [("schema", GOOD), ("trace small.toml", GOOD), ("lint small.toml", FOUND), ("check x", WRONG)],
)
def test_streams_that_are_closed_from_the_start(folder, arguments, status):
    for closed in (">&-", ">&- 2>&-"):
        done = ended(f"'{SCRIPT[0]}' {arguments} {closed}", folder, shell=True)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_little_text_that_the_disk_refuses(folder):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*SCRIPT, "examples"], cwd=folder, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == FOUND
    assert b"No space left" in done.stderr


def test_a_disk_that_refuses_a_trace_is_no_wrong_input(folder, monkeypatch, call_main):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.chdir(folder)
    monkeypatch.setattr("tracer.trace.archive.write_atomically", full)
    status, _, said = call_main("trace", "small.toml", "--save", "kept.npz")
    assert (status, "kept.npz: cannot be written: No space" in said) == (FOUND, True)


# Which experiment


@pytest.mark.parametrize(
    "arguments", [("lint",), ("check",), ("trace", "--updates", "1:1"), ("seeds", "--count", "1")]
)
def test_of_several_experiments_it_is_said_which_is_taken(
    folder, monkeypatch, call_main, arguments
):
    monkeypatch.chdir(folder)
    (folder / "experiments").mkdir()
    for name in ("one", "two"):
        (folder / f"experiments/{name}.toml").write_text(SMALL, encoding="utf-8")
    assert "experiments/one.toml is the one that is taken" in call_main(*arguments)[2]
    assert "that is taken" not in call_main(*arguments, "experiments/two.toml")[2]
