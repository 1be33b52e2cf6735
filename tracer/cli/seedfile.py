"""Writing a seed into an experiment file, and nothing else: comments and spacing stay."""

from __future__ import annotations

import contextlib
import stat
import tomllib
from pathlib import Path
from typing import Any, BinaryIO

from tracer.errors import ExperimentError, Problem
from tracer.files.tree import write_atomically

BOM = "\ufeff"


def write_seed(path: Path, seed: int) -> bool:
    """Set ``init.seed`` in the file; whether that changed it.

    Raises:
        ExperimentError: where the file cannot be changed without changing something else too.
    """
    text = path.read_bytes().decode("utf-8")
    changed = _with_seed(text.removeprefix(BOM), seed)
    if changed is None:
        return False
    wanted = _values(text)
    wanted["init"] = {**wanted.get("init", {}), "seed": seed}
    if _values(changed) != wanted:
        hint = f"Write seed = {seed} into [init] by hand."
        raise ExperimentError(Problem("its seed cannot be changed safely", str(path), hint=hint))
    content = (BOM * text.startswith(BOM) + changed).encode()
    place, mode = path.resolve(), stat.S_IMODE(path.stat().st_mode)

    def write(stream: BinaryIO) -> None:
        with contextlib.suppress(OSError):  # where the file system knows no modes
            Path(stream.name).chmod(mode)
        stream.write(content)

    write_atomically(place, write)
    return True


def _with_seed(text: str, seed: int) -> str | None:
    """The text with the seed; None where it has it already."""
    import tomlkit

    document: Any = tomlkit.parse(text)
    if document.get("init", {}).get("seed") == seed:
        return None
    if "init" not in document:
        document["init"] = tomlkit.table()
    document["init"]["seed"] = seed
    return tomlkit.dumps(document)


def _values(text: str) -> dict[str, Any]:
    return tomllib.loads(text.removeprefix(BOM))
