"""Sentences for the terminal, from the templates in ``templates/terminal``."""

from __future__ import annotations

import math
from typing import Any

from tracer.numerals import exact_numeral, show

DECIMALS = 4


def worded(template: str, **context: Any) -> str:
    """The text of a template of the terminal."""
    from tracer.templating import environment

    plain = environment().overlay(autoescape=False)
    return str(plain.get_template(f"terminal/{template}.txt.j2").render(context)).rstrip("\n")


def percent(share: float) -> str:
    """A share in whole percent; only all is 100 %, and only nothing is 0 %."""
    whole = round(100 * share)
    if whole in (0, 100) and share not in (0.0, 1.0):
        whole = 1 if whole == 0 else 99
    return f"{whole} %"


def number(value: float) -> str:
    """A measured number, short."""
    exact = exact_numeral(value).text
    return exact if len(exact) <= DECIMALS + 2 else show(value, DECIMALS)


def plain(value: float) -> float | str:
    """A number for JSON: those that are not finite as "nan", "inf" and "-inf"."""
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf")
