"""Lines without numbers: a result that repeats another line's, or a slope that is a constant."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from tracer.reread.arithmetic import ExactArithmetic
from tracer.reread.defined import read_condition
from tracer.reread.evaluate import (
    NOTHING_DEFINED,
    Definition,
    Definitions,
    Evaluator,
    Piece,
    literals,
)
from tracer.reread.grammar import Faults
from tracer.reread.lines import BrokenLine, RawLine, read_literal
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import Literal, Name, Sign, UnreadableError, text_of

# numbers that are written plainly are below 10^6, and float64 rounds those by less than 1e-10
KEPT = Fraction(1, 10**9)
SLOPES = {
    "": ("1", "1"),
    "ReLU": ("1", "0"),
    "LeakyReLU": ("1", "0.01"),
    "ELU": ("1", ""),
}
"""The slope above 0, and at and below 0, by the name of the function; identity has none."""


Constants = Mapping[str, Collection[str]]
"""The texts of constants by the name of a quantity: a loss of pieces may be 0 on one of them."""
NO_CONSTANTS: Constants = MappingProxyType({})


@dataclass(frozen=True)
class Book:
    """The lines of all pages by page and anchor. ``whole`` says that no page is missing.

    ``defined`` are the functions that only these pages know, ``constants`` the numbers that a
    quantity of this name may be without being computed.
    """

    lines: Mapping[str, Mapping[str, RawLine]]
    whole: bool = True
    defined: Definitions = field(default_factory=dict)
    constants: Constants = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        pages: Mapping[str, Iterable[RawLine | BrokenLine]],
        *,
        whole: bool = True,
        defined: Definitions = NOTHING_DEFINED,
        constants: Constants = NO_CONSTANTS,
    ) -> Book:
        """The book of these pages, by their path."""
        return cls(
            {
                path: {line.anchor: line for line in lines if isinstance(line, RawLine)}
                for path, lines in pages.items()
            },
            whole,
            defined,
            constants,
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


def constant_error(line: RawLine, result: Literal, book: Book, here: str) -> Reason | None:
    """Why the result of a line without formula and numbers is no such constant; None if it is."""
    anchor = line.anchor or target(line.home, here)[1]
    name = anchor.partition("-")[0].removesuffix("_after").removeprefix("trial_")
    function = _function(line)
    if function in book.defined:
        piece, at = _piece_at(book.defined[function], line)
        value = None if piece is None else at(0).value(piece.formula).as_rational
        right = value == result.value
    elif name in book.constants:
        right = result.text in book.constants[name]
    else:
        return slope_error(line, result, book, here)
    return None if right else because("other_constant", result=result, of=function or name)


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
    piece, at = _piece_at(definition, line)
    if piece is None:
        return False
    low, middle, high = (at(k).value(piece.formula) for k in range(3))
    rises = (middle + -low, high + -middle)
    return all(rise.as_rational == result.value for rise in rises)


def _piece_at(
    definition: Definition, line: RawLine
) -> tuple[Piece | None, Callable[[int], Evaluator]]:
    """The piece that a line is about, and what evaluates it so much further on, exactly."""
    exact = ExactArithmetic()
    z = exact.number(_taken_at(line))

    def at(further: int) -> Evaluator:
        return Evaluator(exact).at(z + exact.number(Literal(str(further))))

    return next((each for each in definition if at(0).holds(each.condition)), None), at


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
