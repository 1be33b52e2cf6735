"""The law of the pages: their order, addresses and names are told by the one table of pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import nodes

from house import VALUE, _strings, _templates, modules, walked

TABLE = "tracer.pages"
#: It reads the written pages back, and knows where a cycle stands as any reader does.
READS_BACK = frozenset(["tracer.check.spot"])
BY_ADDRESS = frozenset(["Address", "Desk", "link", "relative", "Place"])
BY_NAME = frozenset(["desk_of", "has", "link_to", "page", "slug"])
#: What is given the walk first, and then the page.
OF_WALK = frozenset(["Desk", "desk_of"])
FRONT_MATTER = re.compile(r"^title: *\S", re.MULTILINE)


def pages_are_named_in_one_table(root: Path) -> Iterator[str]:
    """Elsewhere a page is spoken of by the name of its row: no address is typed, and no title.

    Right are names in links (``link_to("start")``), in lists of a word's homes and in the words of
    the table. An address that is also a name ("task") is told from it by the call it stands in.
    """
    yield from _addresses_in_code(root)
    yield from _addresses_in_templates(root)
    yield from _words_without_rows(root)


@cache
def _rows(root: Path) -> dict[str, dict[str, object]]:
    """The rows of the table by name: those of their keys that are written as they are."""
    found: dict[str, dict[str, object]] = {}
    for node in ast.walk(modules(root).get(TABLE, ast.Module([], []))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keys: dict[str, object] = {
                str(k.arg): k.value.value
                for k in node.keywords
                if isinstance(k.value, ast.Constant)
            }
            if node.func.id == "PageKind":
                found[str(keys["name"])] = keys
    return found


@cache
def _addresses(root: Path) -> set[str]:
    """The addresses that are no names, with a sign for what varies, and what stands before it."""
    slugs = {re.sub(r"\{\w+\}", VALUE, str(row["slug"])) for row in _rows(root).values()}
    return {slug for slug in slugs if slug} - _rows(root).keys()


def _addresses_in_code(root: Path) -> Iterator[str]:
    for module, tree in modules(root).items():
        if module != TABLE and module not in READS_BACK:
            for line, text in _strings(tree, set()):
                if text.partition("#")[0] in _addresses(root):
                    yield f"{module}:{line}: the address {text.replace(VALUE, '…')}"
        if module.startswith(TABLE):
            for node in walked(tree):
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    page = node.args[-1] if name in OF_WALK else node.args[0]
                    given = getattr(page, "value", None)
                    yield from _call(root, f"{module}:{node.lineno}", name, given)


def _addresses_in_templates(root: Path) -> Iterator[str]:
    for path, tree in _templates(root):
        for const in tree.find_all(nodes.Const):
            if "/" in str(const.value) and const.value in _addresses(root):
                yield f"{path}:{const.lineno}: the address {const.value}"
        for call in tree.find_all(nodes.Call):
            name = getattr(call.node, "attr", getattr(call.node, "name", ""))
            first = call.args[0] if call.args else None
            yield from _call(root, f"{path}:{call.lineno}", name, getattr(first, "value", None))
            if name == "term":
                yield from _homes(root, path, call)
        for data in tree.find_all(nodes.TemplateData):
            if "pages" in path.parts and FRONT_MATTER.search(data.data):
                yield f"{path}:{data.lineno}: a title that is typed"


def _homes(root: Path, path: Path, call: nodes.Call) -> Iterator[str]:
    """The homes of a word of the glossary, which are names of pages."""
    for part in call.args[-1].find_all(nodes.Const):
        yield from _call(root, f"{path}:{call.lineno}", "page", part.value)


def _call(root: Path, where: str, name: str, given: object) -> Iterator[str]:
    """What is wrong with a call of ``name`` that is given a text as it is written."""
    if not isinstance(given, str):
        return
    if name in BY_ADDRESS:
        yield f"{where}: {name} is given the address {given!r}"
    elif name in BY_NAME and given not in _rows(root):
        yield f"{where}: no row of the table is called {given!r}"


def _words_without_rows(root: Path) -> Iterator[str]:
    """Rows without a title or a teaser, and words of no row."""
    trees = [tree for path, tree in _templates(root, "words") if path.name == "pages.j2"]
    words = {macro.name for tree in trees for macro in tree.find_all(nodes.Macro)}
    for name, row in _rows(root).items():
        wanted = {f"title_{name}"} | ({f"teaser_{name}"} if row.get("listed", True) else set())
        yield from (f"words/pages.j2: there is no {word}" for word in sorted(wanted - words))
    for word in sorted(words):
        if word.partition("_")[2] not in _rows(root):
            yield f"words/pages.j2: {word} is of no row"
