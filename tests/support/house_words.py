"""The law of messages: every word that a template says can be translated."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from jinja2 import nodes

from house import MARKUP, PROSE, VALUE, _templates

#: What is no word in a template: HTML, entities, keys of front matter, attributes, LaTeX, code.
NO_WORD = re.compile(
    r"<[^<>]*>|&#?\w+;|^[\w-]+:(?=\s)|\{:?[#.][^}]*\}|\\(?:begin|end)\{\w+\}|\\[A-Za-z]+"
    r"|`[^`]*`|<!--.*?-->|https?:\S+|^!!! \w+",
    re.MULTILINE,
)
SAID_IN_TAGS = re.compile(r'(?:aria-label|alt|title|placeholder)="([^"]*)"')
WORDS = re.compile(r"[^\W\d_]{2,}")
CLASSES = re.compile(r"(?:tr-[\w-]*\s*)+")
#: The mark by which tracer knows the file of a project's navigation: the same in every language.
MARKS = frozenset(["templates/nav.head.yml.j2"])
TRANSLATE = frozenset(["gettext", "ngettext", "_"])


def sentences_are_messages(root: Path) -> Iterator[str]:
    """Every word that a template says stands in a message of the catalog."""
    for path, tree in _templates(root):
        if path.as_posix() not in MARKS:
            yield from (f"{path}:{line}: {words!r}" for line, words in _plain_words(tree))
            yield from (f"{path}:{line}: {words!r}" for line, words in _prose_in_strings(tree))


def _plain_words(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Words outside of expressions, with their lines; a tag may hold conditions."""
    parts = [
        (part.data if isinstance(part, nodes.TemplateData) else VALUE, part.lineno)
        for output in tree.find_all(nodes.Output)
        for part in output.nodes
    ]
    text = "".join(data for data, _ in parts)
    starts = list(accumulate((len(data) for data, _ in parts), initial=0))
    plain = NO_WORD.sub(lambda found: " " * len(found[0]), text)
    said = [(found.start(), found[0]) for found in WORDS.finditer(plain)]
    said += [(one.start(1), one[1]) for one in SAID_IN_TAGS.finditer(text) if WORDS.search(one[1])]
    for place, word in said:
        part = bisect_right(starts, place) - 1
        data, line = parts[part]
        yield line + data.count("\n", 0, place - starts[part]), word


def _prose_in_strings(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    messages = {
        part
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATE
        for part in call.args
    }
    for const in tree.find_all(nodes.Const):
        text = const.value if isinstance(const.value, str) and const not in messages else ""
        if not CLASSES.fullmatch(text) and PROSE.search(MARKUP.sub("", text)):
            yield const.lineno, text
