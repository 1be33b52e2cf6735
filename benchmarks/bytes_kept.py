"""Bytes: a saved trace against its numbers, and the pages of the built-in example."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.example import studies, trace
from benchmarks.measure import Row, at_most, counted
from benchmarks.peers import made_up
from tracer.trace import Trace
from tracer.trace.fields import stored
from tracer.trace.layout import stored_fields
from tracer.training import run
from tracer.writing.site import walkthrough_tree

IMAGES = 200


def rows(_repeat: int) -> Iterator[Row]:
    """Archives with many small numbers and with a wide table; pages, and what they are packed."""
    wide = run(made_up(IMAGES, {"epochs": 1, "batch_size": IMAGES, "learning_rate": 0.01}))
    for name, one in (("mini2d", trace()), ("784-128-10", wide)):
        yield counted(f"archive of {name}", saved(one), raw(one), "bytes", at_most(1.1))
    with tempfile.TemporaryDirectory() as folder:
        texts = walkthrough_tree(trace(), studies(), Path(folder)).contents.values()
    yield counted("walkthrough of mini2d", sum(map(len, texts)), raw(trace()), "bytes")


def saved(one: Trace) -> int:
    """Bytes of the file of a trace."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        one.save(path)
        return path.stat().st_size


def raw(one: Trace) -> int:
    """Bytes of the numbers alone."""
    fields = (stored(one, field.name) for field in stored_fields(one.experiment))
    arrays = (part for found in fields for part in (found if isinstance(found, tuple) else [found]))
    return sum(int(array.nbytes) for array in arrays)
