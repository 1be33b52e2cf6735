"""Every printed line, read back from the emitted text and evaluated from its printed digits.

A line is ``symbol = formula = numbers = result``. It holds if the result is the correct rounding
of the value of the printed numbers (a tie either way), with ``=`` where it is exactly that value
and ``≈`` where it is not; if the condition beside it is met by the printed numbers; and if it is
written as the contract of numbers says. What cannot be read does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from tracer.reread.arithmetic import ExactArithmetic, ManyDigits
from tracer.reread.constants import NO_CONSTANTS, Book, Constants, constant_error, copy_error
from tracer.reread.defined import Defined, read_condition, read_definitions
from tracer.reread.evaluate import Evaluator
from tracer.reread.exact import InexactError
from tracer.reread.grammar import Faults, parse
from tracer.reread.lines import (
    BrokenLine,
    RawLine,
    is_lone_symbol,
    lines_of,
    result_literals,
)
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import Literal, Row, UnreadableError, text_of
from tracer.reread.truth import Entry, Judge, form_error, relation_error

Value = Decimal | tuple[Decimal | None, ...] | None


@dataclass(frozen=True)
class PrintedLine:
    """One line and the verdict on it.

    ``anchor`` is its name on the page ("" for a line of matrices and in LaTeX); ``numbers`` and
    ``result`` are plain text, ``numbers`` "" where the result stands for them. ``value`` is that
    of the printed numbers to 40 digits, for a matrix that of its entries row by row; None where
    there is none. ``reasons`` say what is wrong.
    """

    anchor: str
    numbers: str
    result: str
    relation: str
    value: Value
    ok: bool
    reasons: tuple[Reason, ...] = ()


def check_pages(
    pages: Mapping[str, str],
    decimals: int = 0,
    defined: Defined = MappingProxyType({}),
    constants: Constants = NO_CONSTANTS,
) -> dict[str, list[PrintedLine]]:
    """The lines of all pages of a walkthrough by their path; see :func:`check_page`.

    ``defined`` says what the names stand for that are known to these pages alone, ``constants``
    which numbers a quantity may be without being computed, as a loss is 0 on a piece of it.
    """
    found = {path: list(lines_of(text)) for path, text in pages.items()}
    book = Book.of(found, defined=read_definitions(defined), constants=constants)
    return {
        path: [_judge(line, _Place(decimals, book, path)) for line in lines]
        for path, lines in found.items()
    }


def check_page(text: str, decimals: int = 0) -> list[PrintedLine]:
    """Check every line of a page of Markdown, in MathML or in LaTeX.

    ``decimals`` is the number of digits after the point that the experiment asks for, at least.
    A line that only repeats a number of another page is believed; :func:`check_pages` looks.
    """
    found = list(lines_of(text))
    place = _Place(decimals, Book.of({"": found}, whole=False), "")
    return [_judge(line, place) for line in found]


@dataclass(frozen=True)
class _Place:
    """Where lines stand: the page, the pages around it, and how many digits are asked for."""

    decimals: int
    book: Book
    here: str


def _judge(line: RawLine | BrokenLine, place: _Place) -> PrintedLine:
    return _unread(line) if isinstance(line, BrokenLine) else _check(line, place)


def _unread(line: BrokenLine) -> PrintedLine:
    return PrintedLine(line.anchor, "", "", "", None, ok=False, reasons=(line.reason,))


def _check(line: RawLine, place: _Place) -> PrintedLine:
    value: Value = None
    try:
        results = result_literals(line.result)
        value, reasons = _verdict(line, results, place)
    except (UnreadableError, InexactError, ZeroDivisionError, ValueError) as error:
        reasons = [because("unevaluable", error=str(error) or type(error).__name__)]
    return PrintedLine(
        line.anchor,
        text_of(line.numbers),
        text_of(line.result),
        line.relation,
        value,
        ok=not reasons,
        reasons=tuple(reasons),
    )


def _verdict(
    line: RawLine, results: Sequence[Literal], place: _Place
) -> tuple[Value, list[Reason]]:
    faults = Faults()
    reasons: list[Reason | None] = [form_error(result) for result in results]
    if line.branch:
        reasons.append(_branch_error(line.branch, faults, place.book))
    if line.numbers:
        judge = Judge(place.decimals, noise=bool(line.remark), defined=place.book.defined)
        entries = judge.entries(parse(line.numbers, faults), results)
        reasons += [*(entry.error for entry in entries), relation_error(line.relation, entries)]
        value = _value(entries)
    else:
        reasons += _without_numbers(line, results, place)
        value = _of_results(results)
    return value, [reason for reason in (*faults.found, *reasons) if reason]


def _without_numbers(
    line: RawLine, results: Sequence[Literal], place: _Place
) -> list[Reason | None]:
    """What is wrong with a line whose result is the number of its formula, or is a constant."""
    reasons: list[Reason | None] = []
    if line.relation != "=":
        reasons.append(because("sign_without_numbers", sign=line.relation))
    if len(results) != 1:
        return [*reasons, because("matrix_without_numbers")]
    if not line.formula:
        return [*reasons, constant_error(line, results[0], place.book, place.here)]
    if not is_lone_symbol(line.formula):
        return [*reasons, because("formula_without_numbers", formula=text_of(line.formula))]
    if not line.anchor:
        return reasons
    return [*reasons, copy_error(line, results[0], place.book, place.here)]


def _branch_error(row: Row, faults: Faults, book: Book) -> Reason | None:
    """Why the condition beside a line is not met by its printed numbers; None if it is."""
    condition = read_condition(row, faults)
    try:
        held = Evaluator(ExactArithmetic(), defined=book.defined).holds(condition)
    except InexactError:
        held = Evaluator(ManyDigits(), defined=book.defined).holds(condition)
    return None if held else because("condition_false", condition=text_of(row))


def _value(entries: Sequence[Entry]) -> Value:
    values = tuple(entry.value for entry in entries)
    return values[0] if len(values) == 1 else values


def _of_results(results: Sequence[Literal]) -> Value:
    first = results[0]
    if not first.is_finite:
        return None
    return Decimal(first.text.replace("−", "-")).scaleb(first.exponent)
