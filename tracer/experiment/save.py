"""An experiment as the text of a file: TOML with every digit, its table inside."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracer.errors import ExperimentError, Problem
from tracer.files.tree import write_atomically

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 100  # characters: a list that fits a line of an editor stays on one


def toml_text(document: Mapping[str, Any]) -> str:
    """A document of plain numbers, texts, lists and tables as TOML, which reads back the same."""
    plain = {key: value for key, value in document.items() if not _is_section(value)}
    parts = ["\n".join(_pairs(plain))]
    for name, value in document.items():
        if isinstance(value, Mapping):
            parts.append("\n".join([f"[{_key(name)}]", *_pairs(value)]))
        elif _is_section(value):
            parts += ["\n".join([f"[[{_key(name)}]]", *_pairs(table)]) for table in value]
    return "\n\n".join(part for part in parts if part) + "\n"


def write_new(path: Path, text: str, *, overwrite: bool) -> None:
    """Write a file, whole or not at all, where nothing stands yet.

    Raises:
        ExperimentError: something stands there, unless ``overwrite``; or the disk refuses.
    """
    try:
        if os.path.lexists(path) and (path.is_dir() or not overwrite):
            hint = "Choose another name, or say overwrite=True."
            raise ExperimentError(Problem("is there already", file=str(path), hint=hint))
        data = text.encode()
        write_atomically(path, lambda stream: stream.write(data))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExperimentError(Problem(f"cannot be written: {reason}", file=str(path))) from None


def _is_section(value: Any) -> bool:
    listed = isinstance(value, list) and value
    return all(isinstance(item, Mapping) for item in (value if listed else [value]))


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(key)} = {_long(value)}" for key, value in table.items())


def _long(value: Any) -> str:
    """A value; a list that is too wide, or holds lists, goes over several lines."""
    text = _value(value)
    deep = isinstance(value, list) and value and isinstance(value[0], list)
    if not isinstance(value, list) or not (deep or len(text) > _WIDE):
        return text
    return "[\n" + "".join(f"  {_value(item)},\n" for item in value) + "]"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(v)}" for key, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return _text(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    # JSON escapes as TOML does, but for the one control character that TOML forbids as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
