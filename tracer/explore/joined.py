"""The modules of a script as one file: browsers load no modules from a folder without a server.

Each module becomes a function that is called once, in an order in which what it imports is there
before it. Nothing else is changed, so a line of the file is the line of a module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from tracer.errors import TracerError

_IMPORT = re.compile(
    r"^import\s+(?:\*\s+as\s+(?P<all>\w+)|\{(?P<some>[^}]*)\})\s+from\s+\"\./(?P<file>[\w.-]+)\";$",
    re.MULTILINE,
)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function)\s+(\w+))", re.MULTILINE)
_STATEMENT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)

Source = Callable[[str], str]
"""The text of a module by the name of its file."""


class JoinError(TracerError):
    """A module says something that is not understood here."""


def joined(entry: str, source: Source) -> str:
    """The module ``entry`` and all that it imports, as one script without modules.

    Raises:
        JoinError: modules import one another in a circle, or in words that are not known here.
    """
    order = list(dict.fromkeys(_in_order(entry, source, ())))
    parts = [f"const {_name(file)} = (() => {{\n{_body(file, source)}\n}})();" for file in order]
    return "\n".join(["(() => {", '"use strict";', *parts, "})();", ""])


@cache
def script(entry: str) -> str:
    """A module of the pages' scripts with all that it imports, as one script."""
    folder = files("tracer.templates") / "assets" / "explore"
    return joined(entry, lambda file: (folder / file).read_text(encoding="utf-8"))


def _in_order(file: str, source: Source, above: tuple[str, ...]) -> Iterator[str]:
    if file in above:
        raise JoinError(f"{' → '.join((*above, file))} is a circle")
    for found in _IMPORT.finditer(source(file)):
        yield from _in_order(found["file"], source, (*above, file))
    yield file


def _body(file: str, source: Source) -> str:
    """A module as the body of a function that returns what it exports."""
    text = source(file)
    names = [found[1] for found in _EXPORT.finditer(text)]
    text = _EXPORT.sub("", _IMPORT.sub(_import, text))
    if strange := _STATEMENT.search(text):
        raise JoinError(f"{file}: cannot be joined: {strange[0]}")
    return f"{text.rstrip()}\nreturn {{ {', '.join(names)} }};"


def _import(found: re.Match[str]) -> str:
    """The same as a statement on one line for each of its own, so that lines keep their place."""
    name = _name(found["file"])
    if found["all"]:
        return f"const {found['all']} = {name};"
    return f"const {{{found['some'].replace(' as ', ': ')}}} = {name};"


def _name(file: str) -> str:
    return "module_" + re.sub(r"\W", "_", file.removesuffix(".js"))
