"""The optimizer's own keys of [training]: which there are, who takes them, what they may hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment.fields import Choice
from tracer.experiment.report import Report
from tracer.experiment.words import found_text

Value = float | str
Rule = tuple[str, Callable[[float], bool]]

_FRACTION: Rule = ("a number of at least 0 and below 1", lambda value: 0 <= value < 1)
_POSITIVE: Rule = ("a number above 0", lambda value: value > 0)
_NOT_NEGATIVE: Rule = ("a number of at least 0", lambda value: value >= 0)
_ANY: Rule = ("a number", math.isfinite)

_RULES: Mapping[str, Rule] = {
    "momentum": _FRACTION,
    "beta1": _FRACTION,
    "beta2": _FRACTION,
    "rho": _FRACTION,
    "epsilon": _POSITIVE,
    "weight_decay": _NOT_NEGATIVE,
}
_CHOICES: Mapping[str, Choice] = {
    row.variant: Choice(tuple(row.programs)) for row in OPTIMIZERS.values() if row.variant
}

OPTION_NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(name for row in OPTIMIZERS.values() for name in row.options)
)


def takers(option: str) -> tuple[str, ...]:
    """The optimizers that take an option."""
    return tuple(name for name, row in OPTIMIZERS.items() if option in row.options)


def check_options(
    given: Mapping[str, Any], optimizer: str | None, report: Report
) -> dict[str, Value]:
    """The optimizer's options, its defaults filled in; `optimizer` is None where it is not known.

    Notes each option that the optimizer does not take, or whose value it cannot take.
    """
    row = OPTIMIZERS.get(optimizer) if optimizer else None
    allowed = dict(row.options) if row else {}
    for name, value in given.items():
        if row is not None and name not in allowed:
            _refuse(name, str(optimizer), report)
        elif _fits(name, value, report):
            allowed[name] = value if isinstance(value, str) else float(value)
    return allowed if row else {}


def _refuse(name: str, optimizer: str, report: Report) -> None:
    own = ", ".join(OPTIMIZERS[optimizer].options) or "it has none"
    message = f"expected a key of the optimizer {found_text(optimizer)} ({own}), found {name}"
    report.add(("training", name), message, f"{name} belongs to: {', '.join(takers(name))}.")


def _fits(name: str, value: Any, report: Report) -> bool:
    if name in _CHOICES:
        text, right = _CHOICES[name].text, value in _CHOICES[name].names
        hint = _CHOICES[name].hint(value)
    else:
        text, rule = _RULES.get(name, _ANY)
        right, hint = _is_finite(value) and rule(float(value)), None
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
    rule = _RULES.get(name)
    if rule is _POSITIVE:
        return about | {"type": "number", "exclusiveMinimum": 0}
    if rule is _ANY or rule is None:
        return about | {"type": ["number", "string"]}
    limits = {"minimum": 0} | ({"exclusiveMaximum": 1} if rule is _FRACTION else {})
    return about | {"type": "number"} | limits
