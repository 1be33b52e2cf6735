"""The printed lines of a page, found in its Markdown and read into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from xml.etree import ElementTree as ET

from tracer.reread.formulas import NOTHING, Formulas, links_in, plain_text, taken_out
from tracer.reread.grammar import CONSTANTS, is_function, split_at_relations
from tracer.reread.latex import read_latex
from tracer.reread.reason import Reason, because
from tracer.reread.tokens import (
    REMEMBERED,
    Literal,
    Name,
    Numeral,
    Power,
    Row,
    Sign,
    Subscript,
    Table,
    UnreadableError,
    rows_in,
    text_of,
)

PARTS = ("tr-symbol", "tr-named", "tr-formula", "tr-numbers", "tr-result", "tr-branch")
REMARK = "tr-remark"
_TRIAL = [Sign("("), Name("h"), Sign(")")]
LINE = "tr-line"
_IS_LINE = f'class="{LINE}"'
_IS_BLOCK = re.compile(r'<(?:div|section|details) class="tr-')
_ANCHOR = re.compile(rf'<(?:div|tr) class="{LINE}"(?: id="([^"]*)")?')
_WITHOUT_VALUE = re.compile(r"(<[a-z]+[^<>]*?) data-search-exclude(?=[ >])")
_LATEX = "$$\n"  # most pages have none, and are large
_BLOCK = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.DOTALL | re.MULTILINE)
SYMBOLS_ONLY = r"\begin{aligned}"
"""What is aligned holds formulas of symbols, and no line."""
_DECIMAL = re.compile(r"\d\.\d")
_ADDRESS = re.compile(
    r'^<(?:a|span) id="([^"]+)"></(?:a|span)>[^\n]*\n+(?=(\$\$\n.*?\n\$\$)$)',
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class RawLine:
    """A line as it stands on the page, not yet judged.

    ``numbers`` is empty where the result stands for them. ``formula`` is what stands before them,
    in symbols. ``remark`` is the plain text of what the page says below the line, ``sources`` are
    where its numbers lead. ``home`` is where the result leads, if it is a link:
    for a line without an anchor that is where the same line has its home.
    """

    anchor: str
    formula: Row
    numbers: Row
    relation: str
    result: Row
    named: Row = ()
    branch: Row = ()
    remark: str = ""
    sources: tuple[str, ...] = ()
    home: str = ""


@dataclass(frozen=True)
class BrokenLine:
    """A line that cannot be read, and why."""

    anchor: str
    reason: Reason
    text: str = field(default="", repr=False)


def lines_of(page: str) -> Iterator[RawLine | BrokenLine]:
    """Every line of a page, in MathML or in LaTeX; one for each that claims to be a line.

    A block of HTML on a line of its own holds one line, or several in its tables.
    """
    for text in page.splitlines():
        claimed = text.count(_IS_LINE)
        if claimed:
            yield from _lines_of_html(text, claimed)
    for found in _BLOCK.finditer(page) if _LATEX in page else ():
        if not found[1].startswith(SYMBOLS_ONLY):
            yield from _lines_of_latex(found[1])
        elif _DECIMAL.search(found[1]):
            yield BrokenLine("", because("not_one_line"), found[1])


def addressed_lines(page: str) -> Iterator[RawLine]:
    """The lines of a page that a link can lead to, each with its anchor.

    In LaTeX the anchor stands before the block, which :func:`lines_of` reads alone.
    """
    lines = (line for line in lines_of(page) if isinstance(line, RawLine))
    yield from (line for line in lines if line.anchor)
    for found in _ADDRESS.finditer(page) if _LATEX in page else ():
        for line in lines_of(found[2]):
            if isinstance(line, RawLine):
                yield replace(line, anchor=found[1])


@lru_cache(maxsize=REMEMBERED)
def _lines_of_html(text: str, claimed: int) -> tuple[RawLine | BrokenLine, ...]:
    """The lines of a block: read once for the lines of a walkthrough and for its links."""
    anchors = _ANCHOR.findall(text)
    if not _IS_BLOCK.match(text) or len(set(filter(None, anchors))) < len([*filter(None, anchors)]):
        return (BrokenLine("", because("not_one_line"), text),) * claimed
    try:
        bare, formulas = taken_out(text)
        block = ET.fromstring(_WITHOUT_VALUE.sub(r"\1", bare))
    except ET.ParseError as error:
        return tuple(BrokenLine(a, because("unreadable", error=error), text) for a in anchors)
    lines = (each for each in block.iter() if _is(each, LINE))
    return tuple(_line_of_element(each, formulas, text) for each in lines)


def _line_of_element(element: ET.Element, formulas: Formulas, text: str) -> RawLine | BrokenLine:
    anchor = element.get("id", "")
    try:
        return _read(element, formulas, anchor)
    except UnreadableError as error:
        return BrokenLine(anchor, because("unreadable", error=error), text)


def _read(root: ET.Element, formulas: Formulas, anchor: str) -> RawLine:
    inside = _by_class(root)
    parts = {kind: _part(inside.get(kind, ()), kind, formulas) for kind in PARTS}
    signs, rows = zip(*(_after_relation(parts[kind]) for kind in PARTS[1:5]), strict=True)
    if any(sign not in ("", "=") for sign in signs[:3]):
        raise UnreadableError(f"{''.join(signs[:3])!r} before a formula")
    return RawLine(
        anchor=anchor,
        named=rows[0],
        formula=rows[1],
        numbers=rows[2],
        relation=signs[3],
        result=rows[3],
        branch=parts["tr-branch"],
        remark=" ".join(plain_text(part, formulas) for part in inside.get(REMARK, ())),
        sources=tuple(link for math in root.iter("math") for link in links_in(math, formulas)),
        home=_first_link(inside.get("tr-result", ()), formulas),
    )


def _by_class(root: ET.Element) -> dict[str, list[ET.Element]]:
    found: dict[str, list[ET.Element]] = {}
    for element in root.iter():
        if kind := element.get("class"):
            found.setdefault(kind, []).append(element)
    return found


def _first_link(parts: Iterable[ET.Element], formulas: Formulas) -> str:
    links = (link for part in parts for each in part.iter() for link in links_in(each, formulas))
    return next(links, "")


def _is(element: ET.Element, kind: str) -> bool:
    return element.get("class") == kind


def _part(found: Sequence[ET.Element], kind: str, formulas: Formulas) -> Row:
    if len(found) > 1:
        raise UnreadableError(f"{kind} twice")
    maths = (math.get("of", "") for part in found for math in part.iter("math"))
    return tuple(token for of in maths for token in formulas.get(of, NOTHING).read())


def _after_relation(row: Row) -> tuple[str, Row]:
    """(relation, what follows it); the relation is the first token of a part."""
    if not row:
        return "", ()
    if not isinstance(row[0], Sign):
        raise UnreadableError(f"no relation before {text_of(row)!r}")
    return row[0].text, row[1:]


def _lines_of_latex(text: str) -> Iterator[RawLine | BrokenLine]:
    """The line in a block of LaTeX; none if the block is a formula of symbols only."""
    try:
        signs, rows = split_at_relations(read_latex(text))
    except UnreadableError as error:
        yield BrokenLine("", because("unreadable", error=error), text)
        return
    if not signs or any(sign != "=" for sign in signs[:-1]):
        yield BrokenLine("", because("no_equation"), text)
    elif not is_symbolic(rows[-1]):
        *formulas, result = rows
        numbers = formulas.pop() if len(formulas) > 1 and not is_symbolic(formulas[-1]) else ()
        yield RawLine("", formulas[-1], numbers, signs[-1], result)


def is_symbolic(row: Row) -> bool:
    """Whether a symbol stands in a row that is no number or function."""
    return any(
        isinstance(token, Subscript)
        or (isinstance(token, Name) and token.text not in CONSTANTS and not is_function(part, at))
        for part in rows_in(row)
        for at, token in enumerate(part)
    )


def is_lone_symbol(row: Row) -> bool:
    """Whether a formula is nothing but one symbol, so that its number is the result itself.

    A symbol may be that of a trial, such as z̃ (h_1).
    """
    first, *others = [token for token in row if not isinstance(token, Subscript | Power)]
    return not isinstance(first, Table) and others in ([], _TRIAL)


def result_literals(row: Row) -> list[Literal]:
    """The numbers of a result: one, or the entries of a matrix row by row."""
    if row[:1] == (Sign("["),) and row[2:] == (Sign("]"),):
        row = row[1:2]
    if len(row) == 1 and isinstance(row[0], Table):
        return [read_literal(cell) for cells in row[0].rows for cell in cells]
    return [read_literal(row)]


def read_literal(row: Row) -> Literal:
    """A number that stands alone. Raises UnreadableError where there is anything else."""
    sign, digits = ("−", row[1:]) if row[:1] == (Sign("−"),) else ("", row)
    match digits:
        case (Numeral(text),) if sign + text:
            return _literal(sign + text)
        case (Numeral(text), Sign("×"), Numeral("10"), Power((Numeral(power),))):
            return _literal(sign + text, power)
        case (Numeral(text), Sign("×"), Numeral("10"), Power((Sign("−"), Numeral(power)))):
            return _literal(sign + text, f"−{power}")
        case _:
            raise UnreadableError(f"{text_of(row)!r} is no number")


def _literal(text: str, power: str | None = None) -> Literal:
    exponent = int((power or "0").replace("−", "-"))
    return Literal(Numeral(text).text, exponent, scientific=power is not None)
