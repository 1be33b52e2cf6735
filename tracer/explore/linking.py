"""The scripts of the explorer as one: modules do not open from files, one plain script does.

Each module becomes a function that runs once, after those that it imports, and gives what it
exports. Only the plain forms are taken: ``import {…} from``, ``import * as``, and ``export`` in
front of a declaration that never changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from tracer.errors import RenderError
from tracer.messages import gettext

FOLDER = "explore"
_IMPORT = re.compile(
    r'^import\s+(?:\{([^}]*)\}|\*\s+as\s+(\w+))\s+from\s+"\./([\w.-]+)";$', re.MULTILINE
)
_EXPORT = re.compile(r"^export\s+((?:async\s+)?(?:function|class|const))\s+(\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(import|export)\b.*$", re.MULTILINE)


def modules() -> dict[str, str]:
    """The text of every module by its name."""
    folder = files("tracer.templates") / "assets" / FOLDER
    scripts = sorted((item for item in folder.iterdir() if item.name.endswith(".js")), key=_name)
    return {item.name: item.read_text(encoding="utf-8") for item in scripts}


def _name(item: Any) -> str:
    return str(item.name)


def linked(texts: Mapping[str, str]) -> str:
    """One script of all modules, which sets no global.

    Raises RenderError for modules that import each other in a circle, or in a form that is not
    known.
    """
    bodies = "\n".join(_body(name, texts[name]) for name in _ordered(texts))
    return f'(() => {{\n"use strict";\nconst modules = {{}};\n{bodies}\n}})();\n'


def _ordered(texts: Mapping[str, str]) -> list[str]:
    """The modules, each after those that it imports."""
    found: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise RenderError(gettext("the scripts %(names)s import each other", names=above))
        if name not in found:
            for _, _, other in _IMPORT.findall(texts[name]):
                visit(other, (*above, name))
            found.append(name)

    for name in texts:
        visit(name, ())
    return found


def _body(name: str, text: str) -> str:
    names = [exported for _, exported in _EXPORT.findall(text)]
    body = _EXPORT.sub(r"\1 \2", _IMPORT.sub(_imported, text))
    if other := _OTHER.search(body):
        raise RenderError(gettext("%(name)s: unknown form: %(line)s", name=name, line=other[0]))
    given = ", ".join(names)
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {given} }};\n}})();'


def _imported(found: re.Match[str]) -> str:
    some, whole, name = found.groups()
    into = whole or f"{{ {', '.join(_renamed(some))} }}"
    return f'const {into} = modules["{name}"];'


def _renamed(names: str) -> Iterator[str]:
    for name in names.split(","):
        if name.strip():
            yield ": ".join(part.strip() for part in name.split(" as "))
