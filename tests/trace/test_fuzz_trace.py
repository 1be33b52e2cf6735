"""Damaged and forged traces: one kind of error, quickly, in bounded memory, or nothing is lost."""

from __future__ import annotations

import io
import time
import tracemalloc
import warnings
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import TraceFileError
from tracer.trace import Trace
from traces import same, trace_of

NAME = "one batch"
MOST_MEMORY, MOST_TIME = 2**23, 5.0


@cache
def content():
    with TemporaryDirectory() as folder:
        trace_of(NAME).save(Path(folder) / "run.npz")
        return (Path(folder) / "run.npz").read_bytes()


@cache
def parts():
    with zipfile.ZipFile(io.BytesIO(content())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def load(damaged: bytes) -> Trace | str:
    """The trace in a file of these bytes, or why it is none: one line about that file."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        path = Path(folder) / "damaged.npz"
        path.write_bytes(damaged)
        try:
            return Trace.load(path)
        except TraceFileError as error:
            return str(error).removeprefix(f"{path}: ")


def attempt(damaged: bytes, *, may_differ: bool = False) -> None:
    """Load the bytes as a file, quickly and in little memory: refused, or the very trace."""
    tracemalloc.start()
    started = time.thread_time()
    found = load(damaged)
    most, took = tracemalloc.get_traced_memory()[1], time.thread_time() - started
    tracemalloc.stop()
    assert most < MOST_MEMORY
    assert took < MOST_TIME
    if isinstance(found, str):
        assert found.startswith("not a trace: ")
        assert found.isprintable()
    else:
        assert may_differ or same(found, trace_of(NAME))


def packed(members: dict[str, bytes], compression: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


names = st.deferred(lambda: st.sampled_from(sorted(parts())))
sizes = st.integers(0, 8) | st.sampled_from([2**31, 2**62, -1, 10**30])
descriptions = st.sampled_from(["<f8", ">f8", "<f4", "<i8", "|O", "|b1", "<U9", "|S4", "|V8"])
headers = st.builds(
    lambda shape, descr, fortran: {"shape": shape, "descr": descr, "fortran_order": fortran},
    st.lists(sizes, max_size=3).map(tuple),
    descriptions,
    st.booleans(),
)


def written(header: dict[str, object], data: bytes) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + data


@given(data=st.data())
def test_flipped_bytes(data: st.DataObject) -> None:
    damaged = bytearray(content())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    attempt(bytes(damaged))


@given(data=st.data())
def test_bytes_flipped_inside_members_whose_sums_are_right(data: st.DataObject) -> None:
    members = dict(parts())
    name = data.draw(names)
    damaged = bytearray(members[name])
    place = st.integers(0, len(damaged) - 1) | st.integers(0, min(127, len(damaged) - 1))
    if name.removesuffix(".npy") in ("experiment", "format", "x", "y", "row", "loss"):
        damaged[data.draw(place)] = data.draw(st.integers(0, 255))
    else:  # other numbers make another trace, which nobody can tell from a right one
        damaged[data.draw(st.integers(0, 127))] = data.draw(st.integers(0, 255))
    # Another loss, title or input is nothing that could be told from a right one.
    free = name in ("loss.npy", "experiment.npy", "x.npy")
    attempt(packed({**members, name: bytes(damaged)}, zipfile.ZIP_STORED), may_differ=free)


@given(data=st.data())
def test_members_dropped_doubled_renamed_or_added(data: st.DataObject) -> None:
    members = dict(parts())
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(members)))
        other = data.draw(st.sampled_from(["-", "x.npy", "../x.npy", "a/9.npy", "format", "é.npy"]))
        match data.draw(st.sampled_from(["drop", "rename", "copy"])):
            case "drop" if len(members) > 1:
                del members[name]
            case "rename":
                members[other] = members.pop(name)
            case _:
                members[other] = members[name]
    # Another input is nothing that could be told from a right one.
    free = members.get("x.npy") != parts()["x.npy"]
    kind = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    attempt(packed(members, kind), may_differ=free)


@given(name=names, header=headers, data=st.binary(max_size=64))
def test_headers_that_promise_anything(name: str, header: dict[str, object], data: bytes) -> None:
    attempt(packed({**parts(), name: written(header, data)}, zipfile.ZIP_STORED))


@given(
    name=names,
    text=st.sampled_from(["(" * 900, "{'descr':", "[" * 9000, "1if 1else 2", "\0", "{}", "()"]),
    size=st.integers(0, 65535),
)
def test_headers_that_are_none(name: str, text: str, size: int) -> None:
    made = b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + text.encode()
    attempt(packed({**parts(), name: made}, zipfile.ZIP_STORED))


@given(content=st.binary(max_size=400))
def test_noise(content: bytes) -> None:
    attempt(content)
