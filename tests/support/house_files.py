"""The laws of the house on files: their length, what they may name, what is shipped."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

LONGEST = 400
OF_A_MACHINE = re.compile(
    r"/(?:wor[k]|roo[t]|tm[p]|hom[e]|User[s])/[A-Za-z]"
    r"|pyp[i]\.org|pythonhoste[d]|/simpl[e]/|index-ur[l]|npmj[s]\.|\"resolve[d]\":"
)


def no_long_files(root: Path) -> Iterator[str]:
    """No file is longer than a person reads at once."""
    for folder in ("tracer", "templates", "tests", "benchmarks"):
        for kind in ("py", "j2", "css", "js"):
            for path in sorted((root / folder).rglob(f"*.{kind}")):
                lines = len(path.read_text(encoding="utf-8").splitlines())
                if lines > LONGEST:
                    yield f"{path.relative_to(root)}: {lines} lines"


def nothing_of_one_machine(root: Path) -> Iterator[str]:
    """No path of one machine and no address of a package registry."""
    for name in _files(root):
        path = root / name
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if found := OF_A_MACHINE.search(line):
                yield f"{name}:{number}: {found[0]}"


def _files(root: Path) -> Iterable[str]:
    """Return the files that git has or would take; outside a repository, every file."""
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        return sorted(filter(None, listed.stdout.split("\0")))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def every_package_is_shipped(root: Path) -> Iterator[str]:
    """The list of packages in pyproject.toml names each folder with an ``__init__.py``."""
    listed = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        ".".join(path.parent.relative_to(root).parts)
        for path in (root / "tracer").rglob("__init__.py")
    }
    shipped = set(listed["tool"]["setuptools"]["packages"]) - {"tracer.templates"}
    yield from (f"{name} is not listed" for name in sorted(found - shipped))
    yield from (f"{name} does not exist" for name in sorted(shipped - found))
