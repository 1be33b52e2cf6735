"""MathML → tokens."""

from __future__ import annotations

from collections.abc import Callable
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
    return _tokens(element)


def _tokens(element: Element) -> Row:
    reader = _READERS.get(element.tag)
    if reader is None:
        raise UnreadableError(f"<{element.tag}> in a formula")
    return reader(element)


def _inside(element: Element) -> Row:
    if (element.text or "").strip():
        raise UnreadableError(f"text {element.text!r} beside the formula")
    found: list[Token] = []
    for child in element:
        if (child.tail or "").strip():
            raise UnreadableError(f"text {child.tail!r} beside the formula")
        found += _tokens(child)
    return tuple(found)


def _number(element: Element) -> Row:
    link = element.find("a")
    href = "" if link is None else link.get("href", "")
    return (Numeral(_text(element), href),)


def _name(element: Element) -> Row:
    return (Name(_text(element)),)


def _sign(element: Element) -> Row:
    text = _text(element)
    return () if text in _INVISIBLE else (Sign(text),)


def _text(element: Element) -> str:
    text = "".join(element.itertext()).strip()
    if not text:
        raise UnreadableError(f"an empty <{element.tag}>")
    return text


def _children(element: Element, count: int) -> list[Row]:
    if len(element) != count:
        raise UnreadableError(f"<{element.tag}> with {len(element)} parts")
    return [read_math(child) for child in element]


def _power(element: Element) -> Row:
    base, exponent = _children(element, 2)
    return (*base, Power(exponent))


def _index(element: Element) -> Row:
    return (*_children(element, 2)[0], Subscript("".join(element[1].itertext())))


def _index_and_power(element: Element) -> Row:
    base, _, exponent = _children(element, 3)
    return (*base, Subscript("".join(element[1].itertext())), Power(exponent))


def _accent(element: Element) -> Row:
    return (Name("".join(element.itertext())),)


def _ratio(element: Element) -> Row:
    above, below = _children(element, 2)
    return (Ratio(above, below),)


def _root(element: Element) -> Row:
    return (Root(_inside(element)),)


def _table(element: Element) -> Row:
    if any(row.tag != "mtr" for row in element) or any(c.tag != "mtd" for r in element for c in r):
        raise UnreadableError("a table of something else than cells")
    return (Table(tuple(tuple(_inside(cell) for cell in row) for row in element)),)


def _nothing(_element: Element) -> Row:
    return ()


_READERS: dict[str, Callable[[Element], Row]] = {
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
