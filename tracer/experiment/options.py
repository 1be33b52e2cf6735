"""The optimizer's and the schedule's own keys of [training]: who takes them, what they may hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.experiment.fields import Choice
from tracer.experiment.report import Report
from tracer.experiment.words import found_text

Value = float | str
Rule = tuple[str, Callable[[float], bool]]

_FRACTION: Rule = ("a number of at least 0 and below 1", lambda value: 0 <= value < 1)
_POSITIVE: Rule = ("a number above 0", lambda value: value > 0)
_NOT_NEGATIVE: Rule = ("a number of at least 0", lambda value: value >= 0)
_ABOVE_ONE: Rule = ("a number above 1", lambda value: value > 1)
_EXPONENT: Rule = ("a number from 0 to 100", lambda value: 0 <= value <= 100)
_COUNT: Rule = (
    "a whole number (below 2 to the 63rd) of at least 1",
    lambda value: 1 <= value < 2**63,
)
_ANY: Rule = ("a number", math.isfinite)

_RULES: Mapping[str, Rule] = {
    "momentum": _FRACTION,
    "beta1": _FRACTION,
    "beta2": _FRACTION,
    "rho": _FRACTION,
    "epsilon": _NOT_NEGATIVE,
    "weight_decay": _NOT_NEGATIVE,
    "factor": _POSITIVE,
    "every": _COUNT,
    "power_t": _EXPONENT,
    "divide_by": _ABOVE_ONE,
    "least": _POSITIVE,
}
_LIMITS: tuple[tuple[Rule, Mapping[str, Any]], ...] = (
    (_FRACTION, {"type": "number", "minimum": 0, "exclusiveMaximum": 1}),
    (_POSITIVE, {"type": "number", "exclusiveMinimum": 0}),
    (_NOT_NEGATIVE, {"type": "number", "minimum": 0}),
    (_ABOVE_ONE, {"type": "number", "exclusiveMinimum": 1}),
    (_EXPONENT, {"type": "number", "minimum": 0, "maximum": 100}),
    (_COUNT, {"type": "integer", "minimum": 1}),
    (_ANY, {"type": ["number", "string"]}),
)
_CHOICES: Mapping[str, Choice] = {
    row.variant: Choice(tuple(row.programs)) for row in OPTIMIZERS.values() if row.variant
}

SCHEDULE_OPTION_NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(name for row in SCHEDULES.values() for name in row.options)
)
OPTION_NAMES: tuple[str, ...] = (
    *dict.fromkeys(name for row in OPTIMIZERS.values() for name in row.options),
    *SCHEDULE_OPTION_NAMES,
)


def takers(option: str) -> tuple[str, ...]:
    """The optimizers or schedules that take an option."""
    tables: tuple[Mapping[str, Any], ...] = (OPTIMIZERS, SCHEDULES)
    return tuple(name for table in tables for name in table if option in table[name].options)


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
        elif _fits(name, value, report):
            whole = isinstance(value, str) or _RULES.get(name) is _COUNT
            allowed[name] = value if whole else float(value)
    return allowed if row else {}


def _refuse(name: str, chosen: str, options: Mapping[str, Any], report: Report) -> None:
    own = ", ".join(options) or "it has none"
    message = f"expected a key of the {chosen} ({own}), found {name}"
    report.add(("training", name), message, f"{name} belongs to: {', '.join(takers(name))}.")


def _fits(name: str, value: Any, report: Report) -> bool:
    if name in _CHOICES:
        text, right = _CHOICES[name].text, value in _CHOICES[name].names
        hint = _CHOICES[name].hint(value)
    else:
        rule = _RULES.get(name, _ANY)
        text, right, hint = rule[0], _is_finite(value) and rule[1](float(value)), None
        right = right and (rule is not _COUNT or isinstance(value, int))
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
    if name in _CHOICES:
        return about | {"type": "string", "enum": list(_CHOICES[name].names)}
    rule = _RULES.get(name, _ANY)
    return about | next(dict(limits) for known, limits in _LIMITS if known is rule)
