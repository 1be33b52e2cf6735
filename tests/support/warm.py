"""Real processes that need not import tracer again: each is forked from one that has done so.

Such a process has its own streams, folder, environment, status and end, as one that is started
anew; what it saves is the second that the imports take. What is proved about the start itself (the
script, streams closed from the start, other encodings, a Python prepared for it) is not for these.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

POSSIBLE = hasattr(os, "fork") and hasattr(socket, "send_fds")
QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
#: What the processes begin with.
IMPORTED = (
    *("sympy", "tracer.cli", "tracer.api", "tracer.check.proofs", "tracer.pictures"),
    *("tracer.studies.run", "tracer.teaching", "tracer.training", "tracer.writing.site"),
    *("mkdocs.commands.build", "mkdocs.config.base", "material.plugins.search.plugin"),
)
STATUS = struct.Struct("i")


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
    from tracer.files.packs import code_pack, pack

    pack().write()
    code_pack().write()


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode().replace("\r\n", "\n")


class Server:
    """The process that the others are forked from; it answers one request after the other."""

    def __init__(self) -> None:
        self.line, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, **QUIET},
            start_new_session=True,  # a ctrl-C is for the tests
        )
        theirs.close()
        atexit.register(self.end)

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        cwd: Path,
        environment: Mapping[str, str],
        *streams: IO[bytes],
    ) -> int:
        """The status of one process that writes to ``streams``."""
        asked: dict[str, Any] = {"module": module, "arguments": [*arguments], "cwd": str(cwd)}
        with tempfile.TemporaryFile() as request, Path(os.devnull).open("rb") as nothing:
            request.write(json.dumps({**asked, "environment": {**environment}}).encode())
            request.seek(0)
            given: tuple[IO[bytes], ...] = (request, nothing, *streams)
            handles = [stream.fileno() for stream in given]
            socket.send_fds(self.line, [b"?"], handles)
            answer = self.line.recv(STATUS.size)
        (status,) = STATUS.unpack(answer)
        return int(status)

    def end(self) -> None:
        """End the process."""
        self.line.close()
        self.process.wait()


@cache
def _server() -> Server:
    return Server()


def _requested(line: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """In a process that is to run one: what, and its streams. None at the end of all."""
    while True:
        asked, handles, _, _ = socket.recv_fds(line, 1, 4)
        if not asked:
            return None
        child = os.fork()
        if not child:
            line.close()
            with os.fdopen(handles[0], "rb") as request:
                return json.load(request), handles[1:]
        for handle in handles:
            os.close(handle)
        _, status = os.waitpid(child, 0)
        line.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))


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


if __name__ == "__main__":
    for _name in IMPORTED:
        import_module(_name)
    gc.freeze()
    _found = _requested(socket.socket(fileno=int(sys.argv[1])))
    if _found is not None:
        _become(*_found)
        runpy.run_module(_found[0]["module"], run_name="__main__", alter_sys=True)
