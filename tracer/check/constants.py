"""Lines without numbers: a result that repeats another line's, or a slope that is a constant."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.check.lines import RawLine, read_literal
from tracer.check.tokens import Literal, Name, Sign, Unreadable, text_of

SLOPES = {
    "": ("1", "1"),
    "ReLU": ("1", "0"),
    "LeakyReLU": ("1", "0.01"),
    "ELU": ("1", ""),
}
"""The slope above 0, and at and below 0, by the name of the function; identity has none."""


def copy_error(line: RawLine, result: Literal, page: Mapping[str, RawLine]) -> str:
    """Why the result is not the one of the line that the formula names; "" if it is."""
    names = {source.removeprefix("#") for source in line.sources}
    if len(names) != 1:
        return f"made of {len(names)} numbers instead of one"
    source = page.get(*names)
    if source is None:
        return f"no line {', '.join(names)} on this page to repeat"
    original = read_literal(source.result)
    return "" if _same(original, result) else f"{result} repeats {original} of #{source.anchor}"


def slope_error(line: RawLine, result: Literal, page: Mapping[str, RawLine]) -> str:
    """Why the result is not the slope of the unit's activation function; "" if it is."""
    name, _, place = line.anchor.partition("-")
    activation = page.get(f"a-{place}")
    if name != "da_dz" or activation is None:
        return "no formula and no numbers"
    function = activation.named[0].text if _is_named(activation) else ""
    wanted = SLOPES.get(function, ("", ""))[_is_below(line)]
    return "" if result.text == wanted else f"{result} as a slope of {function or 'identity'}"


def _is_named(line: RawLine) -> bool:
    return bool(line.named) and isinstance(line.named[0], Name)


def _is_below(line: RawLine) -> bool:
    signs = [token.text for token in line.branch if isinstance(token, Sign)]
    if line.branch and not {">", "≤"}.intersection(signs):
        raise Unreadable(f"{text_of(line.branch)!r} is no side of 0")
    return "≤" in signs


def _same(first: Literal, second: Literal) -> bool:
    if not (first.is_finite and second.is_finite):
        return first.text == second.text
    return first.value == second.value
