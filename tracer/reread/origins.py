"""Every printed number that is a link, against the number where the link leads.

A number may be printed with more digits in one line than in another, but both must be roundings
of one value. Lines, tables and pictures are all read. An address with "=" names a moment of the
run, as the explorer's do, and no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tracer.reread.constants import target
from tracer.reread.lines import RawLine, addressed_lines, result_literals
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import Literal, UnreadableError, literal_of

_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(
    r'<a (?:[^>]*? )?href="(?P<href>[^"]*#[^"=]*)"[^>]*>(?P<inside>.*?)</a>'
    r"(?:</mn><mo>×</mo><msup><mn>10</mn><mn>(?P<power>−?\d+)</mn></msup>)?"
)
# It begins with what is looked for first: the character before it is asked only where there is one.
_MARKDOWN_LINK = re.compile(r"\[(?<!\\\[)([^\[\]]*)\]\(([^()\s]*)\)")
_PLACE = re.compile(r'\sid="(?P<anchor>[^"]+)"[^>]*>(?:<(?:a|span) [^>]*>)?(?P<text>[^<]*)')


@dataclass(frozen=True)
class Origin:
    """What stands where a link leads: a number, or None for anything else.

    ``remarked`` says that the page tells what float64 keeps where it shows this 0.
    """

    number: Literal | None
    remarked: bool = False


@dataclass(frozen=True)
class Mismatch:
    """A number on ``page`` that is not the one at ``href``, to which it is a link."""

    page: str
    href: str
    printed: str
    reason: Reason


def check_origins(pages: Mapping[str, str], decimals: int = 0) -> tuple[int, list[Mismatch]]:
    """(how many linked numbers there are, those that do not fit) on all pages of a walkthrough.

    ``pages`` maps paths to Markdown; ``decimals`` is what the experiment asks for: a number with
    fewer digits after the point is that number exactly, to so many digits.
    """
    origins = {path: _origins(text) for path, text in pages.items()}
    found = [
        (path, href, printed)
        for path, text in pages.items()
        for href, printed in linked_numbers(text)
    ]
    verdicts = (
        Mismatch(path, href, str(printed), reason)
        for path, href, printed in found
        if (reason := _reason(printed, origins, target(href, path), decimals))
    )
    return len(found), list(verdicts)


def linked_numbers(text: str) -> Iterator[tuple[str, Literal]]:
    """(link, number) for each number of a page that is a link to a place on a page."""
    for found in _LINK.finditer(_with_links(text)):
        number = literal_of(_TAG.sub("", found["inside"]))
        if number is not None and found["power"]:
            power = int(found["power"].replace("−", "-"))
            number = Literal(number.text, power, scientific=True)
        if number is not None:
            yield found["href"], number


def _with_links(text: str) -> str:
    """The text of a page with Markdown's links as HTML's."""
    return _MARKDOWN_LINK.sub(r'<a href="\2">\1</a>', text)


def anchors(text: str) -> list[str]:
    """Every id of a page, in order."""
    return [found["anchor"] for found in _PLACE.finditer(text)]


def _origins(text: str) -> dict[str, Origin]:
    """What stands at each anchor of a page."""
    places = _PLACE.finditer(_with_links(text))
    found = {place["anchor"]: Origin(literal_of(place["text"])) for place in places}
    results = {
        line.anchor: Origin(_only_result(line), bool(line.remark)) for line in addressed_lines(text)
    }
    return {**found, **results}


def _only_result(line: RawLine) -> Literal | None:
    try:
        results = result_literals(line.result)
    except UnreadableError:
        return None
    return results[0] if len(results) == 1 else None


def _reason(
    printed: Literal,
    origins: Mapping[str, Mapping[str, Origin]],
    place: tuple[str, str],
    decimals: int,
) -> Reason | None:
    path, anchor = place
    if anchor not in origins.get(path, {}):
        return because("leads_nowhere")
    origin = origins[path][anchor]
    if origin.number is None:
        return because("leads_to_no_number")
    if fits(printed, origin, decimals):
        return None
    return because("other_number", printed=printed, there=origin.number)


def fits(printed: Literal, origin: Origin, decimals: int = 0) -> bool:
    """Whether two numbers can be roundings of the same value; only remarked noise rounds to 0."""
    number = origin.number
    if printed == number:
        return True
    if number is None or not (printed.is_finite and number.is_finite):
        return number is not None and printed.text == number.text
    difference = abs(printed.value - number.value)
    if difference == 0:
        return True
    if not (printed.value and number.value) and not origin.remarked:
        return False
    return difference < (_unit(printed, decimals) + _unit(number, decimals)) / 2


def _unit(number: Literal, decimals: int) -> Fraction:
    """How far apart two numbers with these digits are."""
    if number.scientific:
        return number.unit
    return min(number.unit, Fraction(1, 10**decimals))
