"""What can go wrong, told to the user: problems, and the errors that carry them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, what was expected and what was found.

    `str()` gives one line: ``mini.toml:12: training.loss: expected …, found …. Did you mean …?``

    Attributes:
        message: what was expected and what was found, without a full stop.
        file: the file as the user named it.
        line: its line, counted from 1.
        key: the key or the column, such as ``layers[1].activation`` (lists count from 1).
        hint: a sentence of advice.
    """

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        file = self.file if self.file is not None else "line" if self.line is not None else None
        place = file if self.line is None else f"{file}{':' if self.file else ' '}{self.line}"
        text = ": ".join(part for part in (place, self.key, self.message) if part)
        if self.hint is None:
            return text
        return f"{text if text.endswith(('.', '?', '!')) else text + '.'} {self.hint}"


class TracerError(Exception):
    """The root of every error that tracer raises on purpose.

    Takes problems, or plain sentences, one by one or as one list:
    ``TracerError("message")``, ``TracerError(problem, problem)``, ``TracerError(problems)``.
    """

    def __init__(self, *problems: Problem | str | Iterable[Problem | str]) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = tuple(_flatten(problems))

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class CatalogError(TracerError):
    """A row cannot be taken up in a table of the catalog."""


class ExperimentError(TracerError):
    """The experiment file, or the table it names, is wrong: all its problems at once."""


class DataError(TracerError):
    """A table of data does not fit what is asked of it."""


class MemoryShortError(TracerError):
    """What was asked for needs more memory than there is."""


class TraceFileError(TracerError):
    """A trace file is damaged, or is no trace file."""


class RenderError(TracerError):
    """A page cannot be made or written."""


class BuildError(RenderError):
    """The system refused, and not because of what it was given: the disk, or MkDocs."""


def _flatten(items: Iterable[Problem | str | Iterable[Problem | str]]) -> Iterable[Problem]:
    for item in items:
        if isinstance(item, Problem):
            yield item
        elif isinstance(item, str):
            yield Problem(item)
        else:
            yield from _flatten(item)
