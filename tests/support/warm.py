"""Real processes that need not import tracer again: each is forked from one that has done so.

Such a process has its own streams, folder, environment, status and end, as one that is started
anew; what it saves is the seconds in which the first one imports, and reads what it needs of
templates, formulas and other libraries. What is proved about the start itself (the
script, streams closed from the start, other encodings, a Python prepared for it) is not for these.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout, suppress
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

POSSIBLE = hasattr(os, "fork") and hasattr(socket, "send_fds")
QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
#: What the processes begin with.
IMPORTED = (
    *("sympy", "tracer.cli", "tracer.api", "tracer.check.proofs", "tracer.pictures"),
    *("tracer.studies.run", "tracer.teaching", "tracer.training", "tracer.writing.site"),
    *("mkdocs.commands.build", "mkdocs.config.base", "material.plugins.search.plugin"),
)
STATUS = struct.Struct("i")
SHARED = "TRACER_TESTS_SHARED"  # the folder of the run
GREETED = b"!"
ENDED, STARTED, LOOKED = b"?", b"&", b"#"
"""What is asked: run one to its end, start one, say whether one has ended."""
RUNNING = 1000  # no status of a process: these end at 255
LOOK = 0.02  # seconds from one look to the next
PATIENCE = 60.0  # seconds: for a busy machine


def ended(
    module: str,
    arguments: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    out: IO[bytes] | None = None,
) -> subprocess.CompletedProcess[str]:
    """What ``python -m module arguments`` did in a folder, and what it said.

    ``out`` is its standard output, where that is to be something else than a file.
    """
    command = [sys.executable, "-m", module, *arguments]
    hand_over()
    environment = {**os.environ, **QUIET, **(environment or {})}
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as err:
        if POSSIBLE:
            status = _server().run(module, arguments, cwd, environment, out or file, err)
        else:
            status = subprocess.run(
                command, cwd=cwd, env=environment, stdout=out or file, stderr=err, check=False
            ).returncode
        said = [_text(stream) for stream in (file, err)]
    return subprocess.CompletedProcess(command, status, *said)


def hand_over() -> None:
    """Let the processes that start from now on begin with what this one has worked out."""
    from tracer.files.packs import write_packs

    write_packs()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n")


def started(
    module: str, arguments: Sequence[str], cwd: Path, out: IO[bytes]
) -> Started | subprocess.Popen[bytes]:
    """The same, which goes on while the test does; all that it says goes to ``out``."""
    environment = {**os.environ, **QUIET}
    if POSSIBLE:
        return Started(_server(), _server().start(module, arguments, cwd, environment, out))
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=cwd, env=environment, stdout=out, stderr=out)


class Started:
    """A process that runs, with the ways of ``subprocess.Popen``."""

    def __init__(self, server: Server, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its status, if it has ended."""
        if self._status is None:
            found = self._server.status(self.pid)
            self._status = None if found == RUNNING else found
        return self._status

    def wait(self, timeout: float = PATIENCE) -> int:
        """Its status, as soon as it has ended."""
        until = time.monotonic() + timeout
        while (status := self.poll()) is None:
            assert time.monotonic() < until, f"process {self.pid} goes on"
            time.sleep(LOOK)
        return status

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Server:
    """A line to the process that the others are forked from, which all test processes share.

    It forks one for each line, which answers one request after the other.
    """

    def __init__(self) -> None:
        place = Path(os.environ.get(SHARED) or tempfile.mkdtemp()) / "warm"
        self.process: subprocess.Popen[bytes] | None = None
        with FileLock(f"{place}.lock"):
            self.line = _line_to(place) or self._start(place)
        atexit.register(self.end)

    def _start(self, place: Path) -> socket.socket:
        """Start the process, which ends when this one does; later lines go to another then."""
        place.unlink(missing_ok=True)
        self.owner, theirs = socket.socketpair()
        with socket.socket(socket.AF_UNIX) as listener, theirs:
            listener.bind(str(place))
            listener.listen()
            handles = [listener.fileno(), theirs.fileno()]
            self.process = subprocess.Popen(
                [sys.executable, __file__, *map(str, handles)],
                pass_fds=handles,
                env={**os.environ, **QUIET},
                start_new_session=True,  # a ctrl-C is for the tests
            )
        line = _line_to(place)
        assert line is not None
        return line

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        *streams: IO[bytes],
    ) -> int:
        """The status of one process that writes to ``streams``."""
        asked = _command(module, arguments, cwd, environment)
        return self._ask(ENDED, asked, *streams)

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        out: IO[bytes],
    ) -> int:
        """The number of a process that goes on."""
        return self._ask(STARTED, _command(module, arguments, cwd, environment), out, out)

    def status(self, pid: int) -> int:
        """The status of a process that went on, or that it is running."""
        with Path(os.devnull).open("wb") as nothing:
            return self._ask(LOOKED, {"pid": pid}, nothing, nothing)

    def _ask(self, kind: bytes, asked: Mapping[str, Any], *streams: IO[bytes]) -> int:
        with tempfile.TemporaryFile() as request, Path(os.devnull).open("rb") as nothing:
            request.write(json.dumps(asked).encode())
            request.seek(0)
            given: tuple[IO[bytes], ...] = (request, nothing, *streams)
            handles = [stream.fileno() for stream in given]
            socket.send_fds(self.line, [kind], handles)
            answer = self.line.recv(STATUS.size)
        (status,) = STATUS.unpack(answer)
        return int(status)

    def end(self) -> None:
        """End the line, and the process if it was started here."""
        self.line.close()
        if self.process is not None:
            self.owner.close()
            self.process.wait()


def _line_to(place: Path) -> socket.socket | None:
    """A line to the process that listens at a place, as soon as it greets; None without one."""
    line = socket.socket(socket.AF_UNIX)
    with suppress(OSError):
        line.connect(str(place))
        if line.recv(1) == GREETED:
            return line
    line.close()
    return None


def _command(
    module: str, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> dict[str, Any]:
    asked = {"module": module, "arguments": [*arguments], "cwd": str(cwd)}
    return {**asked, "environment": {**environment}}


@cache
def _server() -> Server:
    return Server()


def _greeted(listener: socket.socket, owner: socket.socket) -> socket.socket | None:
    """In a process that is forked for it: a line. None where the one that started all has ended."""
    while True:
        ready, _, _ = select.select([listener, owner], [], [])
        if owner in ready:
            return None
        line, _ = listener.accept()
        if not os.fork():
            listener.close()
            owner.close()
            line.sendall(GREETED)
            return line
        line.close()


def _requested(line: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """In a process that is to run one: what, and its streams. None at the end of all."""
    while True:
        kind, handles, _, _ = socket.recv_fds(line, 1, 4)
        if not kind:
            return None
        if kind == LOOKED:
            answer = _status(_read(os.dup(handles[0]))["pid"], os.WNOHANG)
        elif child := os.fork():
            answer = child if kind == STARTED else _status(child, 0)
        else:
            line.close()
            return _read(handles[0]), handles[1:]
        for handle in handles:
            os.close(handle)
        line.sendall(STATUS.pack(answer))


def _read(handle: int) -> dict[str, Any]:
    with os.fdopen(handle, "rb") as request:
        asked: dict[str, Any] = json.load(request)
    return asked


def _status(pid: int, how: int) -> int:
    ended, status = os.waitpid(pid, how)
    return os.waitstatus_to_exitcode(status) if ended else RUNNING


def _become(asked: dict[str, Any], handles: list[int]) -> None:
    """Take folder, environment and streams of the request."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout = open(0, encoding="utf-8"), open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115
    # What runs finds its modules from the folder it is started in, as with `python -m`.
    sys.path[0] = asked["cwd"]
    sys.argv = [asked["module"], *asked["arguments"]]


def _render_once() -> None:
    """Render and check an experiment, so that what is read when it is first needed is there."""
    from sites import TINY
    from tracer.cli import main

    with tempfile.TemporaryDirectory() as folder, chdir(folder), ExitStack() as quiet:
        Path("tiny.toml").write_text(TINY, encoding="utf-8")
        quiet.enter_context(redirect_stdout(StringIO()))
        quiet.enter_context(redirect_stderr(StringIO()))
        with suppress(SystemExit):
            main(["render", "tiny.toml", "--check"])


def _compile_themes_once() -> None:
    """Keep what Jinja makes of the theme's templates, for all builds of the run."""
    import jinja2
    from mkdocs.theme import Theme

    kept = Path(os.environ[SHARED], "jinja") if SHARED in os.environ else None
    make = Theme.get_env

    def with_kept(theme: Theme) -> jinja2.Environment:
        env = make(theme)
        env.bytecode_cache = jinja2.FileSystemBytecodeCache(str(kept))
        return env

    if kept is not None:
        kept.mkdir(exist_ok=True)
        setattr(Theme, "get_env", with_kept)  # noqa: B010


def _run(module: str) -> None:
    """Run a module as the program, and end as it does.

    Python would take all apart at the end that was imported before, and so copy it. Where something
    else than a number says how the program ended, Python ends it.
    """
    status: Any = None
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = ended.code
        if not isinstance(status, int | None):
            raise
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):  # else Python is left to tell that nobody reads
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit((status or 0) & 0xFF)
    sys.exit(status)


if __name__ == "__main__":
    for _name in IMPORTED:
        import_module(_name)
    _compile_themes_once()
    _render_once()
    gc.freeze()
    _line = _greeted(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
    _found = _requested(_line) if _line is not None else None
    if _found is not None:
        _become(*_found)
        _run(_found[0]["module"])
