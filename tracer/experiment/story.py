"""The words of [data] for columns and classes, held against the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tracer.experiment.dataset import Label, Story
from tracer.experiment.limits import name_fault
from tracer.experiment.numbers import parse_number
from tracer.experiment.report import Report
from tracer.experiment.sections import Draft
from tracer.experiment.table import Table
from tracer.experiment.targets import Targets
from tracer.experiment.words import did_you_mean, found_text, list_text

MAX_QUESTION = 300  # characters: two long sentences, the first thing that a page says


def read_story(draft: Draft, table: Table, targets: Targets, report: Report) -> Story:
    """What the file says of its question, columns and classes; every problem goes to `report`."""
    data = draft.data
    question = " ".join(data.question.split())
    fault = name_fault(question, MAX_QUESTION)
    if fault is not None:
        report.add(("data", "question"), f"expected {fault[0]}, found {fault[1]}")
    meaning = dict(_meaning(data.meaning, table, report))
    words = dict(_words(data.words, targets, report))
    return Story(question, tuple(meaning.items()), tuple(words.items()))


def _meaning(given: Mapping[str, str], table: Table, report: Report) -> Iterator[tuple[str, str]]:
    for key, text in _sound(given, "meaning", report):
        name = key.strip()
        if name in table.names:
            yield name, text
            continue
        message = (
            f"expected columns of the table, {list_text(table.names)}; found {found_text(key)}"
        )
        report.add(("data", "meaning", key), message, did_you_mean(name, table.names))


def _words(
    given: Mapping[str, str], targets: Targets, report: Report
) -> Iterator[tuple[Label, str]]:
    if given and (targets.classes is None or targets.task == "multilabel"):
        kind = f"for the task {found_text(targets.task)}, which has no classes"
        report.add(("data", "words"), f"expected no words {kind}, found some")
        return
    classes = targets.classes or ()
    for key, text in _sound(given, "words", report):
        label = _label(key, classes)
        if label is not None:
            yield label, text
            continue
        names = tuple(map(str, classes))
        message = f"expected classes, {list_text(names)}; found {found_text(key)}"
        report.add(("data", "words", key), message, did_you_mean(key, names))
    _check_apart(dict(given), report)


def _label(key: str, classes: tuple[Label, ...]) -> Label | None:
    """The class that a key means: a text by itself, a number in any way to write it."""
    number = parse_number(key.strip())
    same = (c for c in classes if c == key.strip() or (number is not None and c == number))
    return next(same, None)


def _check_apart(given: Mapping[str, str], report: Report) -> None:
    """Two classes of one name could not be told apart on a page."""
    seen: dict[str, str] = {}
    for key, text in given.items():
        folded = " ".join(text.split())
        if folded in seen:
            message = f"expected other words than for {found_text(seen[folded])}"
            report.add(("data", "words", key), f"{message}, found {found_text(text)} again")
        seen.setdefault(folded, key)


def _sound(given: Mapping[str, str], section: str, report: Report) -> Iterator[tuple[str, str]]:
    for key, text in given.items():
        words = " ".join(text.split())
        fault = name_fault(words) if words else ("words", "only blanks")
        if fault is None:
            yield key, words
            continue
        report.add(("data", section, key), f"expected {fault[0]}, found {fault[1]}")
