"""The built-in experiments, and what they say of themselves at the top of their files.

A file begins with lines ``# Source: …``, ``# Address: …`` and ``# Finding: …``; a line that goes on
begins with ``#`` and at least two spaces.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

DEFAULT = "mini2d"
_HEAD = re.compile(r"# (Source|Address|Finding): +(\S.*)")
_MORE = re.compile(r"#  +(\S.*)")


def built_in(name: str = DEFAULT) -> Path:
    """The file of a built-in experiment."""
    return Path(str(files("tracer") / "examples" / f"{name}.toml"))


def built_in_names() -> tuple[str, ...]:
    """The names of the built-in experiments."""
    folder = Path(str(files("tracer") / "examples"))
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


@dataclass(frozen=True)
class Example:
    """One built-in experiment; what its file does not say is ""."""

    name: str
    path: Path
    title: str
    source: str
    address: str
    finding: str

    @property
    def files(self) -> tuple[Path, ...]:
        """The experiment file, and its table where that is a file of its own."""
        data = tomllib.loads(self.path.read_text(encoding="utf-8"))["data"]
        return (self.path, *([self.path.parent / data["path"]] if "path" in data else []))


def examples() -> tuple[Example, ...]:
    """Every built-in experiment, by name."""
    return tuple(example(name) for name in built_in_names())


def example(name: str) -> Example:
    """The built-in experiment of that name."""
    path = built_in(name)
    text = path.read_text(encoding="utf-8")
    said = header(text)
    return Example(
        name=name,
        path=path,
        title=str(tomllib.loads(text).get("title", name)),
        source=said.get("Source", ""),
        address=said.get("Address", ""),
        finding=said.get("Finding", ""),
    )


def header(text: str) -> dict[str, str]:
    """What the comments at the top of an experiment file say, by its word."""
    said: dict[str, str] = {}
    word = ""
    for line in text.splitlines():
        if found := _HEAD.fullmatch(line):
            word = found[1]
            said[word] = found[2]
        elif word and (more := _MORE.fullmatch(line)):
            said[word] += f" {more[1]}"
        else:
            break
    return said
