"""Lines without numbers: a result that repeats another line's, or a slope that is a constant."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from tracer.reread.arithmetic import ExactArithmetic
from tracer.reread.defined import read_condition
from tracer.reread.evaluate import NOTHING_DEFINED, Definition, Definitions, Evaluator, literals
from tracer.reread.grammar import Faults
from tracer.reread.lines import BrokenLine, RawLine, read_literal
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import Literal, Name, Sign, UnreadableError, text_of

KEPT = Fraction(1, 10**9)
SLOPES = {
    "": ("1", "1"),
    "ReLU": ("1", "0"),
    "LeakyReLU": ("1", "0.01"),
    "ELU": ("1", ""),
}
"""The slope above 0, and at and below 0, by the name of the function; identity has none."""


@dataclass(frozen=True)
class Book:
    """The lines of all pages by page and anchor. ``whole`` says that no page is missing.

    ``defined`` are the functions that only these pages know.
    """

    lines: Mapping[str, Mapping[str, RawLine]]
    whole: bool = True
    defined: Definitions = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        pages: Mapping[str, Iterable[RawLine | BrokenLine]],
        *,
        whole: bool = True,
        defined: Definitions = NOTHING_DEFINED,
    ) -> Book:
        """The book of these pages, by their path."""
        return cls(
            {
                path: {line.anchor: line for line in lines if isinstance(line, RawLine)}
                for path, lines in pages.items()
            },
            whole,
            defined,
        )

    def find(self, href: str, here: str) -> RawLine | None:
        """The line that a link on the page ``here`` leads to."""
        path, anchor = target(href, here)
        return self.lines.get(path, {}).get(anchor)

    def anywhere(self, anchor: str) -> RawLine | None:
        """A line of this address on any page: a unit has one function, whatever row it sees."""
        found = (lines[anchor] for lines in self.lines.values() if anchor in lines)
        return next(found, None)

    def knows(self, href: str, here: str) -> bool:
        """Whether the page that a link leads to can be told to lack what it should have."""
        return self.whole or target(href, here)[0] in self.lines


def target(href: str, here: str) -> tuple[str, str]:
    """(path of the page, anchor) of a link on the page ``here``; pages are Markdown files."""
    path, _, anchor = href.partition("#")
    if not path:
        return here, anchor
    found = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    return found.removesuffix(".html").removesuffix(".md") + ".md", anchor


def copy_error(line: RawLine, result: Literal, book: Book, here: str) -> Reason | None:
    """Why the result is not the one of the line that the formula names; None if it is."""
    links = set(line.sources)
    if len(links) != 1:
        return because("copy_of_many", count=len(links))
    (link,) = links
    source = book.find(link, here)
    if source is None:
        return because("copy_of_nothing", link=link) if book.knows(link, here) else None
    original = read_literal(source.result)
    if _same(original, result) or (source.remark and _is_kept(original, result)):
        return None
    return because("copy_differs", result=result, original=original, link=link)


def slope_error(line: RawLine, result: Literal, book: Book, here: str) -> Reason | None:
    """Why the result is not the slope of the unit's activation function; None if it is."""
    page, anchor = target(line.home, here) if not line.anchor and line.home else (here, line.anchor)
    name, _, place = anchor.partition("-")
    activation = book.find(f"#a-{place}", page) or book.anywhere(f"a-{place}")
    if result.text == "nan":
        return copy_error(line, result, book, here)
    if not line.anchor and not book.knows(line.home, here):
        return None
    if name != "da_dz" or activation is None:
        return because("no_origin")
    function = _function(activation)
    if function in book.defined:
        right = _is_constant_slope(book.defined[function], line, result)
    else:
        right = result.text == SLOPES.get(function, ("", ""))[_is_below(line)]
    if right:
        return None
    return because("other_slope", result=result, function=function or "identity")


def _is_constant_slope(definition: Definition, line: RawLine, result: Literal) -> bool:
    """Whether the piece at the number beside a slope is straight, and rises by the result."""
    exact = ExactArithmetic()
    z = exact.number(_taken_at(line))
    of = Evaluator(exact).at(z)
    piece = next((each for each in definition if of.holds(each.condition)), None)
    if piece is None:
        return False
    at = [Evaluator(exact).at(z + exact.number(Literal(k))) for k in "012"]
    low, middle, high = (each.value(piece.formula) for each in at)
    rises = (middle + -low, high + -middle)
    return all(rise.as_rational == result.value for rise in rises)


def _taken_at(line: RawLine) -> Literal:
    """The number that the condition beside a line is about: the one that is a link."""
    condition = read_condition(line.branch, Faults()) if line.branch else ()
    return next((each for each in literals(condition) if each.href), Literal("0"))


def _function(line: RawLine) -> str:
    """The name of the function that computes a line; "" where it names none."""
    first = line.named[0] if line.named else None
    return first.text if isinstance(first, Name) else ""


def _is_below(line: RawLine) -> bool:
    signs = [token.text for token in line.branch if isinstance(token, Sign)]
    if line.branch and not {">", "≤"}.intersection(signs):
        raise UnreadableError(f"{text_of(line.branch)!r} is no side of 0")
    return "≤" in signs


def _is_kept(original: Literal, result: Literal) -> bool:
    """Whether the result is the rest that a page says float64 keeps where it shows 0."""
    return original.text == "0" and result.is_finite and abs(result.value) < KEPT


def _same(first: Literal, second: Literal) -> bool:
    if not (first.is_finite and second.is_finite):
        return first.text == second.text
    return first.value == second.value
