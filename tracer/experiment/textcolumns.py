"""Input columns that hold words: what they hold, and how such a column becomes numbers."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.errors import Problem
from tracer.experiment.table import TRUE_FALSE, Cell, Table
from tracer.experiment.words import found_text, list_text, name_text

FEW = 12  # more texts than these are free text, for which a column each is no advice
_TRUTH = {"true", "false"}


def word_columns(table: Table, columns: Iterable[int]) -> dict[int, list[str]]:
    """The columns without a single number whose cells are words, each with its distinct words."""
    found: dict[int, list[str]] = {}
    for column in columns:
        words = _words(cell for _, cell in table.column(column))
        if words:
            found[column] = sorted(words)
    return found


def flag_words(table: Table, columns: dict[int, list[str]]) -> None:
    """One problem for all columns of words: what was found, and what to write instead."""
    if not columns:
        return
    table.broken = True
    several = len(columns) > 1
    found = [
        _found(words) + (f" in {found_text(table.names[column])}" if several else "")
        for column, words in columns.items()
    ]
    expected = "numbers in every input column" if several else "numbers"
    message = f"expected {expected}, found {'; '.join(found)}"
    advice = dict.fromkeys(_advice(table, column, words) for column, words in columns.items())
    _add(table, tuple(columns), message, " ".join(advice))
    for column in columns:
        for row, cell in table.column(column):
            if not cell.text:
                table.flag(row, column, "expected a number, found an empty cell")


def _words(cells: Iterable[Cell]) -> set[str]:
    """The distinct texts of a column; none where one of its cells is more than a word."""
    words: set[str] = set()
    for cell in cells:
        if cell.number is not None or (cell.text and not _is_word(cell)):
            return set()
        words |= {cell.text} - {""}
    return words


def _is_word(cell: Cell) -> bool:
    return cell.boolean or (cell.number is None and cell.fault is None)


def _is_truth(words: Iterable[str]) -> bool:
    return {word.casefold() for word in words} <= _TRUTH


def _found(words: list[str]) -> str:
    if _is_truth(words):
        return " and ".join(sorted({word.casefold() for word in words}))
    return f"{'the text' if len(words) == 1 else 'the texts'} {list_text(words, 3)}"


def _advice(table: Table, column: int, words: list[str]) -> str:
    if _is_truth(words):
        return TRUE_FALSE
    name = table.names[column]
    if len(words) == 1 or len(words) > FEW:
        return f"Name the inputs without {found_text(name)}: inputs = [...]."
    names = [f"{name}={word}" for word in words]
    if len(words) == 2:
        return f"Write 0 and 1 for the two texts of {found_text(name)}."
    return f"Write a column of 0 and 1 for each text of {found_text(name)}: {list_text(names)}."


def _add(table: Table, columns: tuple[int, ...], message: str, hint: str) -> None:
    row, _ = next((row, cell) for row, cell in table.column(columns[0]) if cell.text)
    if table.file is None:
        inner = (row, columns[0]) if len(columns) == 1 else ()
        table.report.add(("data", "rows", *inner), message, hint)
        return
    key = name_text(table.names[columns[0]]) if len(columns) == 1 else None
    table.report.add_foreign(Problem(message, table.file, table.lines[row], key, hint))
