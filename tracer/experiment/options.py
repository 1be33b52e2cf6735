"""The optimizer's and the schedule's own keys of [training]: who takes them, what they may hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from tracer.catalog.limits import ANY, LIMITS, Limit
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.experiment.fields import Choice
from tracer.experiment.report import Report
from tracer.experiment.words import found_text

Value = float | str
Tables = tuple[Mapping[str, Any], ...]


class _Names(Collection[str]):
    """The options of all rows of these tables, as many as there are by now."""

    def __init__(self, tables: Callable[[], Tables]) -> None:
        self.tables = tables

    def __iter__(self) -> Iterator[str]:
        rows = (row for table in self.tables() for row in table.values())
        yield from dict.fromkeys(name for row in rows for name in row.options)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in tuple(self)


def _tables() -> Tables:
    return OPTIMIZERS, SCHEDULES


SCHEDULE_OPTION_NAMES: Collection[str] = _Names(lambda: (SCHEDULES,))
OPTION_NAMES: Collection[str] = _Names(_tables)


def takers(option: str) -> tuple[str, ...]:
    """The optimizers or schedules that take an option."""
    return tuple(name for table in _tables() for name in table if option in table[name].options)


def _limit(option: str, row: Any) -> Limit:
    """What an option may be for the row that takes it, or for the first that does."""
    rows = (table[name] for table in _tables() for name in table if option in table[name].options)
    own: Mapping[str, Limit] = getattr(row or next(rows, None), "limits", {})
    return own.get(option, LIMITS.get(option, ANY))


def _choice(option: str) -> Choice | None:
    """The names that an option may hold which chooses a program; None for any other option."""
    rows = (row for row in OPTIMIZERS.values() if getattr(row, "variant", "") == option)
    names = dict.fromkeys(name for row in rows for name in row.programs)
    return Choice(tuple(names)) if names else None


def limit_text(limit: Limit) -> str:
    """The end of the sentence "expected …"."""
    if limit.whole:
        return f"a whole number (below 2 to the 63rd) of at least {limit.at_least}"
    if None not in (limit.at_least, limit.at_most):
        return f"a number from {limit.at_least} to {limit.at_most}"
    words = {"at_least": "of at least", "above": "above", "below": "below", "at_most": "of at most"}
    known = {name: getattr(limit, name) for name in words}
    bounds = [f"{words[name]} {bound}" for name, bound in known.items() if bound is not None]
    return " ".join(("a number", " and ".join(bounds))).strip()


def _limit_schema(limit: Limit) -> dict[str, Any]:
    if limit == ANY:
        return {"type": ["number", "string"]}
    bounds = {
        "minimum": limit.at_least,
        "exclusiveMinimum": limit.above,
        "maximum": limit.at_most,
        "exclusiveMaximum": limit.below,
    }
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": "integer" if limit.whole else "number", **known}


def check_options(
    given: Mapping[str, Any], optimizer: str | None, report: Report
) -> dict[str, Value]:
    """The optimizer's options, its defaults filled in; `optimizer` is None where it is not known.

    Notes each option that the optimizer does not take, or whose value it cannot take.
    """
    return _checked(given, "optimizer", optimizer, OPTIMIZERS, report)


def check_schedule_options(
    given: Mapping[str, Any], schedule: str | None, report: Report
) -> dict[str, int | float]:
    """The same for the schedule's own keys."""
    return _checked(given, "schedule", schedule, SCHEDULES, report)


def _checked(
    given: Mapping[str, Any],
    kind: str,
    chosen: str | None,
    table: Mapping[str, Any],
    report: Report,
) -> dict[str, Any]:
    row = table.get(chosen) if chosen else None
    allowed: dict[str, Any] = dict(row.options) if row else {}
    for name, value in given.items():
        if row is not None and name not in allowed:
            _refuse(name, f"{kind} {found_text(chosen)}", row.options, report)
        elif _fits(name, value, row, report):
            whole = isinstance(value, str) or _limit(name, row).whole
            allowed[name] = value if whole else float(value)
    return allowed if row else {}


def _refuse(name: str, chosen: str, options: Mapping[str, Any], report: Report) -> None:
    own = ", ".join(options) or "it has none"
    message = f"expected a key of the {chosen} ({own}), found {name}"
    report.add(("training", name), message, f"{name} belongs to: {', '.join(takers(name))}.")


def _fits(name: str, value: Any, row: Any, report: Report) -> bool:
    choice, limit = _choice(name), _limit(name, row)
    if choice is not None:
        text, right, hint = choice.text, value in choice.names, choice.hint(value)
    else:
        text, hint = limit_text(limit), None
        right = _is_finite(value) and limit.holds(float(value))
        right = right and (not limit.whole or isinstance(value, int))
    if not right:
        report.add(("training", name), f"expected {text}, found {found_text(value)}", hint)
    return right


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def option_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one option."""
    about = {
        "title": name.replace("_", " ").title(),
        "description": f"An option of {', '.join(takers(name))}.",
    }
    choice = _choice(name)
    if choice is not None:
        return about | {"type": "string", "enum": list(choice.names)}
    return about | _limit_schema(_limit(name, None))
