"""Jinja over the project's templates: everything that is emitted is worded there."""

from __future__ import annotations

import re
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
)
from markupsafe import Markup, escape

from tracer.numerals import exact_numeral, show

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()+\-.!|~^$=:]|(?<!&)#)")


def environment(extra: Path | None = None) -> Environment:
    """The template environment; templates under ``extra`` come before the built-in ones.

    A template that replaces a built-in one may extend it as ``tracer/pages/task.md.j2``.
    """
    built_in = FileSystemLoader(str(files("tracer.templates")))
    loaders: list[BaseLoader] = [FileSystemLoader(str(extra))] if extra else []
    loaders += [built_in, PrefixLoader({"tracer": built_in})]
    made = Environment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["md"] = escape_markdown
    made.filters["line"] = one_line
    made.filters["yaml"] = yaml_text
    made.filters["label"] = label_text
    return made


def with_decimals(env: Environment, decimals: int) -> Environment:
    """The environment for one experiment: its filter ``num`` shows a number with its digits."""
    made = env.overlay()
    made.filters = {**env.filters, "num": partial(_show, decimals=decimals)}
    return made


def escape_markdown(text: Any) -> Markup:
    """User text, or HTML that is marked as such, as Markdown that shows exactly that text."""
    shown = " ".join(str(escape(text)).split())
    return Markup(_MARKDOWN.sub(lambda found: "\\" + found[1], shown))


def one_line(text: Any) -> Markup:
    """A block of HTML on one line, as Markdown wants it."""
    return Markup(" ".join(part.strip() for part in str(text).splitlines() if part.strip()))


def label_text(label: Any) -> str:
    """A label of the data table, or several: numbers with a true minus sign, words as they are."""
    if isinstance(label, list | tuple):
        return ", ".join(label_text(part) for part in label)
    if isinstance(label, bool) or not isinstance(label, int | float):
        return str(label)
    return exact_numeral(float(label)).text


def yaml_text(text: Any) -> Markup:
    """A string as a quoted YAML scalar that stands for the same text in HTML."""
    escaped = " ".join(str(escape(text)).split()).replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in escaped)
    return Markup(f'"{plain}"')


def _show(value: float, decimals: int) -> str:
    return show(float(value), decimals)
