"""Pages for GitHub, Jupyter, Quarto and Pandoc: what templates write as HTML becomes Markdown.

Templates are written once, for a site. Those readers drop HTML or show it as it is, so with LaTeX
every element of a page becomes what all of them share: pipe tables, ``[text](address)``, ``$…$``.
The one element that stays is ``<span id>``, which is where a link leads: Markdown has no way to
write that. There is no front matter: the page's heading is its title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

from tracer.writing.pipes import PipeCell, pipe_table

TEX = "tr-tex"
"""The class of the element in which a formula comes: LaTeX, with HTML's escapes."""
BLOCKS = (
    frozenset(
        ["article", "aside", "caption", "dd", "details", "div", "dl", "dt", "figcaption", "figure"]
    )
    | frozenset(
        ["footer", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "summary"]
    )
    | frozenset(["table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"])
)
_VOID = frozenset(["br", "hr", "img", "wbr"])
_ATTRIBUTES = r"""(?:\s+[a-zA-Z:-]+(?:=(?:"[^"]*"|'[^']*'|[^\s<>"']+))?)*"""
_TAG = rf"<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<named>{_ATTRIBUTES})\s*/?>"
_VERBATIM = r"(?P<verbatim>^\$\$\n.*?\n\$\$$|^```.*?^```$|<!--.*?-->)"
_TOKEN = re.compile(rf"{_VERBATIM}|{_TAG}", re.DOTALL | re.MULTILINE)
_VALUE = re.compile(r"""([a-zA-Z:-]+)=(?:"([^"]*)"|'([^']*)')""")
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_ADMONITION = re.compile(r'^!!! \w+ "([^"\n]*)"\n((?:(?: {4}[^\n]*)?\n)+)', re.MULTILINE)
_SPECIAL = re.compile(r"[\\`*_\[\]<>&$|~^@]|(?<=-)-|(?<=\.)\.")
_BLOCK_START = re.compile(r"^(#+|[-+:>=%]|\d+(?=[.)]))(?=[\s.)])")
_CLINGING_MARK = re.compile(r"(?<![A-Za-z0-9\\])_(?=\{)")
_OPERATOR = re.compile(r"\\operatorname\*?(?=\{)")


@dataclass
class Element:
    """An element of a page; the page itself has no tag. What stands in it is text or elements."""

    tag: str = ""
    named: dict[str, str] = field(default_factory=dict)
    inside: list[Element | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements of these tags in it, not those inside one of them."""
        for child in self.inside:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                else:
                    yield from child.all(*tags)

    @property
    def is_block(self) -> bool:
        """Whether it stands on its own, and not in a line of text."""
        return self.tag in BLOCKS

    @property
    def is_tex(self) -> bool:
        """Whether it is a formula."""
        return TEX in self.named.get("class", "").split()


def portable(page: str) -> str:
    """The Markdown of a page with HTML in it, without front matter and without HTML."""
    text = _FRONT.sub("", page.lstrip())
    text = _ADMONITION.sub(_quoted, text)
    return "".join(_document(parsed(text)))


def parsed(text: str) -> Element:
    """A page as a tree; text outside of block elements is Markdown, inside it is HTML's."""
    root = Element()
    open_now = [root]
    end = 0
    for found in _TOKEN.finditer(text):
        open_now[-1].inside.append(text[end : found.start()])
        end = found.end()
        if found["verbatim"] is not None:
            open_now[-1].inside.append(_OPERATOR.sub(r"\\mathrm", found[0]))
        elif found["close"]:
            _close(open_now, found["tag"].lower())
        else:
            _open(open_now, found)
    open_now[-1].inside.append(text[end:])
    return root


def _open(open_now: list[Element], found: re.Match[str]) -> None:
    named = {name: unescape(a or b) for name, a, b in _VALUE.findall(found["named"])}
    element = Element(found["tag"].lower(), named)
    open_now[-1].inside.append(element)
    if element.tag not in _VOID:
        open_now.append(element)


def _close(open_now: list[Element], tag: str) -> None:
    if any(element.tag == tag for element in open_now[1:]):
        while open_now.pop().tag != tag:
            pass


def _quoted(found: re.Match[str]) -> str:
    """An admonition as a quotation, its title in bold."""
    lines = (line[4:] for line in found[2].strip("\n").splitlines())
    return "\n".join(f"> {line}".rstrip() for line in (f"**{found[1]}**", "", *lines)) + "\n\n"


def _document(root: Element) -> Iterator[str]:
    before = ""
    for child in root.inside:
        if isinstance(child, str):
            before = _last_line(child) or before
            yield child
        elif child.is_block:
            parts = list(blocks(child))
            first = parts[0].strip() if parts else ""
            yield "\n\n" + "\n\n".join(parts[first == before :]) + "\n\n"
            before = ""
        else:
            yield inline(child, html=False)
            before = ""


def _last_line(text: str) -> str:
    """The words of the heading, or of the paragraph of one line, that a text ends with."""
    return text.strip().rsplit("\n", 1)[-1].lstrip("#").strip()


def blocks(element: Element) -> Iterator[str]:
    """What a block element says, as blocks of Markdown."""
    if element.tag == "table":
        yield from _table(element)
    elif element.tag in ("ul", "ol"):
        mark = "-" if element.tag == "ul" else "1."
        anchor = _anchor(element)
        items = [f"{mark} {anchor}{_flat(item)}" for item in element.all("li")]
        yield "\n".join(items)
    elif element.tag == "summary":
        yield f"**{_flat(element)}**"
    elif element.tag == "hr":
        yield "---"
    else:
        yield from _once(_flowing(element))


def _flowing(element: Element) -> Iterator[str]:
    """Stretches of text as paragraphs, blocks as what they are."""
    run: list[Element | str] = []
    anchor = _anchor(element)
    for child in [*element.inside, None]:
        if (isinstance(child, Element) and child.is_block) or child is None:
            said = _joined(run)
            if said or (anchor and child is None):
                yield anchor + _paragraph(said)
                anchor = ""
            run = []
            if child is not None:
                for part in blocks(child):
                    yield from _named(anchor, part)
                    anchor = ""
        else:
            run.append(child)


def _named(anchor: str, block: str) -> tuple[str, ...]:
    """A block with the place in it that a link leads to, or below it where it cannot hold one."""
    holds = bool(re.match(r"[^|#>-]", block)) and not block.startswith("1.")
    return (anchor + block,) if holds or not anchor else (anchor, block)


def _once(parts: Iterable[str]) -> Iterator[str]:
    """Without a title that repeats the one before."""
    before = ""
    for part in parts:
        words = part.strip("*")
        if words != before:
            yield part
        before = words


def _table(table: Element) -> Iterator[str]:
    anchor = _anchor(table)
    captions = [_slanted(_flat(caption)) for caption in table.all("caption")]
    if captions or anchor:
        yield anchor + " ".join(captions)
    head = [_row(row) for part in table.all("thead") for row in part.all("tr")]
    body = [_row(row) for row in _body_rows(table)]
    yield pipe_table(head, body)


def _slanted(text: str) -> str:
    return f"*{text}*" if text and "*" not in text else text


def _body_rows(table: Element) -> Iterator[Element]:
    for child in table.all("thead", "tr"):
        if child.tag == "tr":
            yield child


def _row(row: Element) -> list[PipeCell]:
    anchor, cells = _anchor(row), []
    for cell in row.all("th", "td"):
        is_head = cell.named.get("scope") == "col"
        said = _flat(cell, " " if is_head else "; ")
        if cell.tag == "th" and cell.named.get("scope") == "row" and _is_plain(said):
            said = f"**{said}**"
        spans = (cell.named.get(name, "1") for name in ("colspan", "rowspan"))
        wide, high = (int(span) if span.isdecimal() else 1 for span in spans)
        cells.append(PipeCell(anchor + _around(cell, said), wide, high))
        anchor = ""
    return cells


def _is_plain(text: str) -> bool:
    return bool(text) and not re.search(r"[$*\[`<]|^\s|\s$", text)


def _flat(element: Element, between: str = "; ") -> str:
    """What stands in an element, in one line; blocks in it one after the other."""
    runs: list[list[Element | str]] = [[]]
    for child in element.inside:
        if isinstance(child, Element) and (child.is_block or child.tag == "br"):
            runs += [[child], []]
        else:
            runs[-1].append(child)
    said = (_flat_block(run) for run in runs)
    return between.join(part for part in said if part)


def _flat_block(run: list[Element | str]) -> str:
    if len(run) == 1 and isinstance(run[0], Element) and run[0].is_block:
        return _anchor(run[0]) + _flat(run[0])
    return _joined(part for part in run if not (isinstance(part, Element) and part.tag == "br"))


def _joined(parts: Iterable[Element | str]) -> str:
    said = (escaped(part) if isinstance(part, str) else inline(part, html=True) for part in parts)
    return " ".join("".join(said).split())


def _paragraph(text: str) -> str:
    """Text that is no list and no heading, whatever it begins with."""
    return _BLOCK_START.sub(lambda m: m[1] + "\\" if m[1].isdecimal() else "\\" + m[1], text)


def inline(element: Element, *, html: bool) -> str:
    """An element in a line of text; with ``html`` its text is HTML's, and is Markdown otherwise."""
    if element.is_tex:
        return formula(_plain(element))
    said = "".join(
        inline(part, html=html) if isinstance(part, Element) else (escaped(part) if html else part)
        for part in element.inside
    )
    return _around(element, _marked(element, said))


def _marked(element: Element, said: str) -> str:
    href = element.named.get("href", "")
    if element.tag == "a" and href and said:
        return f"[{said}]({_address(href)})"
    if element.tag == "code":
        return f"`{_plain(element)}`" if said else ""
    if element.tag == "br":
        return "\\\n"
    mark = {"em": "*", "i": "*", "strong": "**", "b": "**"}.get(element.tag, "") if said else ""
    return f"{mark}{said}{mark}"


def _plain(element: Element) -> str:
    parts = (_plain(part) if isinstance(part, Element) else part for part in element.inside)
    return unescape("".join(parts))


def _anchor(element: Element) -> str:
    return _around(element, "") if "id" in element.named else ""


def _around(element: Element, said: str) -> str:
    """A number with its own address, so that what stands at an address can be read."""
    name = element.named.get("id", "")
    return f'<span id="{name}">{said}</span>' if name else said


def _address(href: str) -> str:
    return f"<{href}>" if re.search(r"[\s()]", href) else href


def formula(latex: str) -> str:
    r"""LaTeX in a line of text, as all four read it: ``_`` cannot be taken for emphasis.

    ``\operatorname`` is refused by GitHub, and ``|`` would end a cell of a table.
    """
    text = _OPERATOR.sub(r"\\mathrm", " ".join(latex.split()))
    text = text.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    return f"${_CLINGING_MARK.sub('_ ', text)}$" if text else ""


def escaped(html: str) -> str:
    """A stretch of HTML's text as Markdown that shows it."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], unescape(html))
