"""A folder that the command line names to be written into."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

#: How the names of files end that people mean when they ask for pages, numbers or a project.
FILES = frozenset(
    suffix
    for suffixes in (
        (".csv", ".json", ".npz", ".toml", ".tsv", ".txt", ".xlsx", ".yaml", ".yml", ".zip"),
        (".docx", ".htm", ".html", ".ipynb", ".md", ".pdf", ".png", ".rst", ".svg", ".tex"),
    )
    for suffix in suffixes
)

#: The options that write one file, by how its name ends: with them a file may be named too.
ONE_FILE = {".html": "single", ".pdf": "pdf"}


class OutputFolder(click.Path):
    """A folder, there or not; an empty name, or that of a file, is a mistake."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the folder's path, or fail with what is wrong about the name."""
        name = str(value)
        if not name.strip():
            self.fail("the name of the folder is empty; '.' is the current one", param, ctx)
        suffix = Path(name).suffix.lower()
        if ctx is not None and ctx.params.get(ONE_FILE.get(suffix, "")):
            return Path(name)
        if suffix in FILES and not Path(name).is_dir():
            self.fail(f"{name!r} is the name of {_instead(Path(name), ctx)}", param, ctx)
        there = next((place for place in (Path(name), *Path(name).parents) if place.exists()), None)
        if there is not None and not there.is_dir():
            self.fail(f"{str(there)!r} is no folder: name another one", param, ctx)
        return super().convert(value, param, ctx)


def _instead(path: Path, ctx: Any) -> str:
    """What is wrong about the name of a file, and a name that would be right."""
    given = ctx.params if ctx is not None else {}
    one = next((suffix for suffix, option in ONE_FILE.items() if given.get(option)), None)
    if one is not None:
        right = str(path.with_suffix(one))
        return f"another kind of file: name a file that ends in {one}, such as {right!r}"
    right = str(path.with_suffix(""))
    return f"a file, and many files are written: name a folder, such as {right!r}"
