"""The law of the house on numbers: one that somebody chose says why beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

#: Whole numbers that are no choice: nothing, one, a pair.
NO_CHOICE = frozenset([0, 1, 2])
#: So few words give no reason.
LEAST_WORDS = 4
WRITTEN = re.compile(r"-?\d+(\.\d+)?(e-?\d+)?")
#: What may stand in a value that is made of numbers.
MADE_OF = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Dict),
    *(ast.Call, ast.keyword, ast.expr_context, ast.operator, ast.unaryop),
)
CALLED = re.compile(r"[A-Z_0-9]+")


def numbers_say_why(root: Path) -> Iterator[str]:
    """A constant of a module that is made of numbers has a reason: in words, and next to it.

    That is a docstring below it, a comment at its end, or a comment on the lines above it. A table
    whose values are no numbers (rows, texts, formulas) is none, and neither
    is a whole 0, 1 or 2: 2 layers are a pair, 2.0 seconds are a choice.
    """
    for path in sorted((root / "tracer").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        body, lines = ast.parse(text, str(path)).body, text.splitlines()
        for node, after in zip_longest(body, body[1:]):
            if _is_chosen(node) and not _has_reason(node, after, lines):
                yield f"{path.relative_to(root)}:{node.lineno}: {lines[node.lineno - 1]}"


def _is_chosen(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[target], value=value):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            pass
        case _:
            return False
    names = [part.id for part in ast.walk(target) if isinstance(part, ast.Name)]
    numbers = _numbers(value)
    constant = all(CALLED.fullmatch(name) for name in names)
    return constant and numbers is not None and not all(map(_is_plain, numbers))


def _is_plain(number: float) -> bool:
    return number in NO_CHOICE and (isinstance(number, int) or not number)


def _numbers(value: ast.expr) -> list[float] | None:
    """The numbers that a value is made of; None for what is more than numbers and their names."""
    parts = list(ast.walk(value))
    if not all(isinstance(part, MADE_OF) for part in parts) or any(map(_takes_text, parts)):
        return None
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    texts = [float(text) for part in parts for text in _texts(part)]
    # A truth value is an int to isinstance, but no number here.
    return texts + [n for n in values if isinstance(n, int | float) and not isinstance(n, bool)]


def _takes_text(node: ast.AST) -> bool:
    """Whether it is a call with words: what it makes is no number."""
    return not all(WRITTEN.fullmatch(text) for text in _texts(node))


def _texts(node: ast.AST) -> list[str]:
    """The texts that a call is given, such as that of a decimal number."""
    if not isinstance(node, ast.Call):
        return []
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    values = [part.value for part in given if isinstance(part, ast.Constant)]
    return [text for text in values if isinstance(text, str)]


def _has_reason(node: ast.stmt, after: ast.stmt | None, lines: list[str]) -> bool:
    said = [lines[number].partition("#")[2] for number in range(node.lineno - 1, _end(node))]
    above = node.lineno - 2
    while above >= 0 and lines[above].startswith("#"):
        said.append(lines[above].lstrip("#:"))
        above -= 1
    match after:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            said.append(text)
    return len(" ".join(said).split()) >= LEAST_WORDS


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
