"""MathML → tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from tracer.reread.tokens import (
    Name,
    Numeral,
    Power,
    Ratio,
    Root,
    Row,
    Sign,
    Subscript,
    Table,
    Token,
    UnreadableError,
)

_INVISIBLE = "\u2061\u2062"
"""Function application and invisible times: they are not seen, so they say nothing."""


def read_math(element: Element) -> Row:
    """The tokens of a ``<math>`` element or of an element inside it.

    Raises UnreadableError for an element that no formula of ours has.
    """
    return tuple(_tokens(element))


def _tokens(element: Element) -> Iterator[Token]:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise UnreadableError(f"<{element.tag}> in a formula")
    yield from reader(element)


def _inside(element: Element) -> Iterator[Token]:
    if (element.text or "").strip():
        raise UnreadableError(f"text {element.text!r} beside the formula")
    for child in element:
        if (child.tail or "").strip():
            raise UnreadableError(f"text {child.tail!r} beside the formula")
        yield from _tokens(child)


def _number(element: Element) -> Iterator[Token]:
    link = element.find("a")
    href = "" if link is None else link.get("href", "")
    yield Numeral(_text(element), href)


def _name(element: Element) -> Iterator[Token]:
    yield Name(_text(element))


def _sign(element: Element) -> Iterator[Token]:
    if _text(element) not in _INVISIBLE:
        yield Sign(_text(element))


def _text(element: Element) -> str:
    text = "".join(element.itertext()).strip()
    if not text:
        raise UnreadableError(f"an empty <{element.tag}>")
    return text


def _children(element: Element, count: int) -> list[Row]:
    if len(element) != count:
        raise UnreadableError(f"<{element.tag}> with {len(element)} parts")
    return [read_math(child) for child in element]


def _power(element: Element) -> Iterator[Token]:
    base, exponent = _children(element, 2)
    yield from (*base, Power(exponent))


def _index(element: Element) -> Iterator[Token]:
    yield from _children(element, 2)[0]
    yield Subscript("".join(element[1].itertext()))


def _index_and_power(element: Element) -> Iterator[Token]:
    base, _, exponent = _children(element, 3)
    yield from (*base, Subscript("".join(element[1].itertext())), Power(exponent))


def _accent(element: Element) -> Iterator[Token]:
    yield Name("".join(element.itertext()))


def _ratio(element: Element) -> Iterator[Token]:
    above, below = _children(element, 2)
    yield Ratio(above, below)


def _root(element: Element) -> Iterator[Token]:
    yield Root(tuple(_inside(element)))


def _table(element: Element) -> Iterator[Token]:
    if any(row.tag != "mtr" for row in element) or any(c.tag != "mtd" for r in element for c in r):
        raise UnreadableError("a table of something else than cells")
    yield Table(tuple(tuple(tuple(_inside(cell)) for cell in row) for row in element))


def _nothing(_element: Element) -> Iterator[Token]:
    yield from ()


_READERS: dict[str, Callable[[Element], Iterator[Token]]] = {
    "math": _inside,
    "mrow": _inside,
    "mpadded": _inside,
    "mn": _number,
    "mi": _name,
    "mtext": _name,
    "mo": _sign,
    "msup": _power,
    "msub": _index,
    "msubsup": _index_and_power,
    "mover": _accent,
    "mfrac": _ratio,
    "msqrt": _root,
    "mtable": _table,
    "mspace": _nothing,
}
