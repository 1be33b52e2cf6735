"""A Python-Markdown extension that puts docstrings where a page names what they are of.

A line ``::: tracer.catalog.losses`` is replaced by what the module offers, and
``::: tracer.registry.register`` by one thing of it: heading, signature and docstring. Nothing is
imported and nothing is written to disk, so the page is always that of the code beside it.

Usable in `mkdocs.yml`, by MkDocs and Zensical alike::

    markdown_extensions:
      - tracer.reference
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor
from markupsafe import Markup

from tracer.errors import Problem, RenderError
from tracer.extras import install_hint
from tracer.writing.templating import environment

if TYPE_CHECKING:
    import griffe

_HEADING = re.compile(r"(#+) ")
_DIRECTIVE = re.compile(r"::: (tracer(?:\.\w+)*)\s*")
_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")
_CODE = re.compile(r"``([^`]+)``|`[^`]+`|<")
_FOR_DOCTEST = re.compile(r"\s*# doctest: .*")
_BEFORE_ALL_OTHERS = 40
"""Python-Markdown cleans the lines at 30 and reads fences at 25: what is put in needs both."""
_WIDEST = 72
"""A longer signature has a line for each parameter: a block of code of a page holds about so
many characters beside the two columns of navigation at 1280 px."""
NOTHING = Markup()


@dataclass(frozen=True)
class Detail:
    """A parameter, an attribute, a result or an error: ``name``, its type, and what it is."""

    name: str
    type: str
    text: Markup


@dataclass(frozen=True)
class Section:
    """A part of a docstring: ``kind`` is text, parameters, attributes, returns, raises, example."""

    kind: str
    text: Markup = NOTHING
    items: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Described:
    """What is said of one module, class, function or value, and of its members."""

    path: str
    name: str
    kind: str
    marks: str
    signature: Markup
    sections: tuple[Section, ...]
    members: tuple[Described, ...]


class ReferencePreprocessor(Preprocessor):
    """Replaces each line that names a part of tracer by what its docstrings say."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines with the docstrings, headed one level below the heading before."""
        return list(self._replaced(lines))

    def _replaced(self, lines: list[str]) -> Iterator[str]:
        level = 1
        for line in lines:
            if heading := _HEADING.match(line):
                level = len(heading[1])
            if named := _DIRECTIVE.fullmatch(line):
                yield from reference(named[1], level + 1).splitlines()
            else:
                yield line


class ReferenceExtension(Extension):
    """Registers the preprocessor; has no settings."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Add the preprocessor before all others: what it puts in is Markdown."""
        made = ReferencePreprocessor(md)
        md.preprocessors.register(made, "tracer_reference", _BEFORE_ALL_OTHERS)


def makeExtension(**settings: object) -> ReferenceExtension:
    """Return the extension; the name is the one that Python-Markdown looks for."""
    return ReferenceExtension(**settings)


def reference(path: str, level: int = 2) -> str:
    """Return as Markdown what the docstrings of ``path`` and of its members say.

    Args:
        path: a module of tracer, or a class, function or documented value in one.
        level: that of its heading; a module has none of its own, only its members have.

    Raises:
        RenderError: there is no such thing, or the library that reads docstrings is missing.
    """
    found = _found(path)
    return environment().get_template("reference.md.j2").render(entry=_entry(found, level))


def members(found: Any) -> list[Any]:
    """What a module or a class offers, in the order of the source, or as ``__all__`` names it."""
    own = [member for member in found.members.values() if not member.is_alias]
    wanted = getattr(found, "exports", None)
    return [member for member in own if _is_offered(member, wanted)]


def _is_offered(member: Any, wanted: Sequence[Any] | None) -> bool:
    if member.is_module or member.docstring is None:
        return False
    return member.name in wanted if wanted is not None else not member.name.startswith("_")


def _found(path: str) -> Any:
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        module, inner = _module(parts[:length]), parts[length:]
        if module is not None:
            try:
                return module[".".join(inner)] if inner else module
            except KeyError:
                break
    raise RenderError(Problem(f"a page names {path}, and there is no such part of tracer"))


def _module(parts: Sequence[str]) -> griffe.Module | None:
    try:
        import griffe
    except ImportError:
        problem = Problem("the reference needs griffe, which is not here", hint=install_hint("dev"))
        raise RenderError(problem) from None
    place = Path(str(files("tracer")), *parts[1:])
    inside, beside = place / "__init__.py", place.parent / f"{place.name}.py"
    file = inside if place.is_dir() else beside
    if not file.is_file():
        return None
    code = file.read_text(encoding="utf-8")
    how: griffe.GoogleOptions = {"returns_multiple_items": False, "warnings": False}
    return griffe.visit(
        ".".join(parts), file, code, docstring_parser="google", docstring_options=how
    )


def _entry(found: Any, level: int) -> Described:
    inside = level if found.is_module else level + 1
    within = members(found) if found.is_module or found.is_class else []
    return Described(
        path=found.path,
        name=found.name,
        kind=_kind(found),
        marks="#" * min(level, 6),
        signature=Markup(_signature(found)),
        sections=tuple(_sections(found)),
        members=tuple(_entry(member, inside) for member in within),
    )


def _kind(found: Any) -> str:
    return "property" if "property" in found.labels else str(found.kind.value)


def _signature(found: Any) -> str:
    if found.is_function:
        result = f" -> {found.returns}" if found.returns else ""
        return _call(found.name, _named(found.parameters), result)
    if found.is_class:
        bases = f"({', '.join(map(str, found.bases))})" if found.bases else ""
        taken = _fields(found)
        return "class " + (_call(found.name, taken, "") if taken else f"{found.name}{bases}")
    if found.is_module:
        return str(found.path)
    if found.annotation:
        return f"{found.name}: {found.annotation}"
    line = f"{found.name} = {found.value}"
    return line if len(line) <= _WIDEST else str(found.name)


def _fields(found: Any) -> list[Any]:
    """The parameters of a class: those of ``__init__``, or the fields of a dataclass."""
    if "__init__" in found.members:
        return _named(found.members["__init__"].parameters)
    attributes = [m for m in found.members.values() if m.is_attribute]
    return [m for m in attributes if "dataclass" in found.labels and "property" not in m.labels]


def _named(parameters: Any) -> list[Any]:
    """The parameters that a caller gives."""
    return [parameter for parameter in parameters if parameter.name not in ("self", "cls")]


def _call(name: str, parameters: Sequence[Any], result: str) -> str:
    said = [_parameter(parameter) for parameter in parameters]
    kinds = [_kind_of(parameter) for parameter in parameters]
    if "keyword_only" in kinds and "var_positional" not in kinds:
        said.insert(kinds.index("keyword_only"), "*")
    line = f"{name}({', '.join(said)}){result}"
    if len(line) <= _WIDEST:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in said), f"){result}"])


def _parameter(parameter: Any) -> str:
    stars = {"var_positional": "*", "var_keyword": "**"}.get(_kind_of(parameter), "")
    annotation = f": {parameter.annotation}" if parameter.annotation else ""
    default = getattr(parameter, "default", None) or getattr(parameter, "value", None)
    given = f"{' = ' if annotation else '='}{default}" if default and not stars else ""
    return f"{stars}{parameter.name}{annotation}{given}"


def _kind_of(parameter: Any) -> str:
    """How a parameter is given, by the name that Python has for it."""
    return str(getattr(parameter, "kind", None) and parameter.kind.name)


def _sections(found: Any) -> Iterator[Section]:
    for part in found.docstring.parsed if found.docstring else ():
        kind = str(part.kind.value)
        if kind == "admonition":
            yield Section(str(part.value.kind), markdown_of(part.value.description))
        elif isinstance(part.value, str):
            yield Section(kind, markdown_of(part.value))
        else:
            yield Section(kind, items=tuple(_item(item) for item in part.value))


def _item(item: Any) -> Detail:
    text = " ".join(item.description.split())
    return Detail(getattr(item, "name", ""), str(item.annotation or ""), markdown_of(text))


def markdown_of(text: str) -> Markup:
    """A docstring's text as Markdown: references as code, sessions of Python in fences."""
    lines: list[str] = []
    fenced = False
    for line in _ROLE.sub(r"`\1`", text).splitlines():
        session = line.startswith(">>>") or (fenced and line.strip() != "")
        if session != fenced:
            lines += ["```", ""] if fenced else ["", "```pycon"]
        fenced = session
        literal = session or line.startswith("    ")
        lines.append(_FOR_DOCTEST.sub("", line) if literal else _CODE.sub(_as_code, line))
    return Markup("\n".join([*lines, "```"] if fenced else lines))


def _as_code(found: re.Match[str]) -> str:
    if found[0] == "<":
        return "&lt;"
    return f"`{found[1]}`" if found[1] else found[0]
