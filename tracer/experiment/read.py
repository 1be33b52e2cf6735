"""Reading an experiment file: bytes → TOML → experiment, or every problem with its line."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from tracer.errors import ExperimentError, Problem
from tracer.experiment.experiment import Experiment, build
from tracer.experiment.files import (
    NotAFileError,
    TooLargeError,
    first_wrong_byte,
    not_utf8,
    open_regular,
    what_helps,
    why_unreadable,
)
from tracer.experiment.limits import MAX_FILE_BYTES, size_text
from tracer.experiment.locate import locate
from tracer.experiment.report import key_text
from tracer.experiment.words import found_text


def load_experiment(path: str | Path, *, insist: bool = False) -> Experiment:
    """Read and validate an experiment file (TOML) with its table.

    ``insist`` takes files, tables, runs and walkthroughs that are refused for their size alone.

    Example:
        >>> load_experiment("mini2d.toml").layer_sizes  # doctest: +SKIP
        (2, 3, 2, 1)

    Raises:
        ExperimentError: with every problem of the file and of its table, each with file, line,
            key, what was expected and what was found.
    """
    path = Path(path)
    text = _read(path, None if insist else MAX_FILE_BYTES)
    document = _parse(text, path)
    place: dict[str, Any] = {"base": path.parent, "source": path, "lines": locate(text)}
    return build(document, name=path.stem, insist=insist, **place)


def problem_at(
    source: Path | None, key: tuple[str, ...], message: str, hint: str | None = None
) -> Problem:
    """What is wrong with a key of an experiment that was read, with its line in the file."""
    if source is None:
        return Problem(message, key=key_text(key), hint=hint)
    line = locate(_read(source, None)).get(key)
    return Problem(message, str(source), line, key_text(key), hint)


def _read(path: Path, limit: int | None) -> str:
    try:
        with open_regular(path, limit) as stream:
            data = stream.read()
    except (OSError, ValueError, NotAFileError, TooLargeError) as error:
        large = f" of at most {size_text(MAX_FILE_BYTES)}"
        kind = f"an experiment file{large if isinstance(error, TooLargeError) else ''}"
        message = f"expected {kind}, found {why_unreadable(path, error)}"
        raise ExperimentError(Problem(message, hint=what_helps(path, error))) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        with io.BytesIO(data) as again:
            raise ExperimentError(not_utf8(str(path), data[:4], first_wrong_byte(again))) from None


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        _raise_syntax(text, path, str(error))
    except RecursionError:
        problem = Problem("expected lists at most a few levels deep, found hundreds", str(path))
    except ValueError:
        problem = Problem(
            "expected numbers that a computer can hold, found a longer one", str(path)
        )
    raise ExperimentError(problem)


_WORDS: Mapping[str, str] = {
    "Invalid statement": "a key, a [section] or a comment",
    "Expected '='": "= after the key",
    "Invalid initial character for a key part": "a key",
    "Cannot declare": "each [section] once (tables of a list as [[section]])",
    "Cannot mutate": "each key and section once",
    "Cannot overwrite": "each key once in its section",
    "Duplicate inline table key": "each key once",
    "Expected newline": "the end of the line after a value",
    "Expected ']]'": "]] after the name of the section",
    "Expected ']'": "] after the name of the section",
    "Unclosed array": "a comma or ] in the list that is open here",
    "Unclosed inline table": "a comma or } in the table that is open here",
    "Unterminated string": "a closing quote",
    'Expected "': "a closing quote",
    "Expected \"'": "a closing quote",
    "Unescaped '\\'": "a known escape after \\ (or 'text' in single quotes, which knows none)",
    "Invalid value": 'a value: a number, a "text" in quotes, true, false or a [list]',
    "Invalid date": "a date that exists",
    "Illegal character": "a closing quote, or no control characters",
    "Found invalid character": "text without control characters",
}
_HINTS: tuple[tuple[str, str], ...] = (
    (r"=\s*[+-]?\d+,\d+\s*(#.*)?$", "Numbers are written with a point: 0.1."),
    (r"=\s*(True|False)\b", "true and false are written small."),
    (r"=\s*(None|null|nil)\b", "Leave the key out instead."),
    (r"=\s*[^\W\d][\w./-]*\s*(#.*)?$", 'Text stands in quotes: "text".'),
    (r"^\s*[\w-]+\s*:", "Write key = value."),
    (r"(^|\s)(//|;|--|/\*|<!--)", "Comments begin with #."),
    (r"[“”„‘’]", 'Use straight quotes: "text".'),
    (r"=\s*[+-]?[\d.]+\s*%", "Write a share as a number: 0.1."),
    (r"=\s*\S", "A line holds one key = value; text stands in quotes, comments begin with #."),
)


def _last(lines: list[str]) -> int:
    """The number of the last line that is not blank."""
    filled = (number for number, line in enumerate(lines, start=1) if line.strip())
    return max(filled, default=1)


def _raise_syntax(text: str, path: Path, error: str) -> NoReturn:
    lines = text.replace("\r\n", "\n").split("\n")
    place = re.search(r"\(at line (\d+), column \d+\)$", error)
    number = int(place.group(1)) if place else _last(lines)
    line = lines[number - 1].strip()
    expected = next((words for part, words in _WORDS.items() if part in error), None)
    found = found_text(line) if place else "the end of the file"
    message = f"expected {expected}, found {found}" if expected else f"{error}: {found}"
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, line)), None)
    raise ExperimentError(Problem(message, str(path), number, hint=hint)) from None
