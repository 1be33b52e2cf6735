"""The house as a picture for the guide: the floors of ``house.FLOORS``, each room with its words.

The page that shows it holds the text made here; a test compares the two, and writes it anew with
`make snapshots`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from house import FLOORS, MAY_TRAIN, NUMERIC

BEGIN, END = "<!-- the house: written by `make snapshots` -->", "<!-- end of the house -->"
KINDS = {
    "train": "may train",
    "number": "computes, and knows no printing",
    "show": "shows, and never trains",
}
#: The colours are those of the pictures of a walkthrough, in both schemes of the theme.
STYLE = (
    "<style>"
    ".tr-house{margin:1.2em 0;width:100%}"
    ".tr-house ol{list-style:none;margin:0!important;padding:0}"
    ".tr-house li{display:flex;flex-wrap:wrap;gap:.35rem;justify-content:center;"
    "margin:0!important;padding:.35rem;border-bottom:1px solid var(--tr-grid)}"
    ".tr-house span{border:1px solid var(--tr-box-edge);border-radius:.2rem;"
    "color:var(--tr-text);display:inline-block;font-size:.68rem;line-height:1.4;"
    "margin:.1rem 0;padding:.1rem .45rem;white-space:nowrap}"
    ".tr-house .tr-train{background:var(--tr-loss)}"
    ".tr-house .tr-number{background:var(--tr-input)}"
    ".tr-house .tr-show{background:var(--tr-output)}"
    ".tr-house figcaption{max-width:none}"
    "</style>"
)


def house(root: Path) -> str:
    """The picture, on one line of HTML, and the table of its rooms, from the top to the ground."""
    floors = [sorted(floor) for floor in reversed(FLOORS)]
    drawn = "".join(f"<li>{' '.join(map(_box, floor))}</li>" for floor in floors)
    keys = " ".join(f'<span class="tr-{kind}">{said}</span>' for kind, said in KINDS.items())
    caption = "A room imports only from the floors below its own."
    figure = (
        f'<figure class="tr-house">{STYLE}<ol aria-label="The floors of the house, from the top">'
        f"{drawn}</ol><figcaption>{caption}<br>{keys}</figcaption></figure>"
    )
    rows = [f"| `{_name(root, room)}` | {_words(root, room)} |" for f in floors for room in f]
    return "\n".join([BEGIN, "", figure, "", *_head(), *rows, "", END])


def _head() -> Iterator[str]:
    yield "| Room | What it is, in the words of its docstring |"
    yield "| --- | --- |"


def _box(room: str) -> str:
    return f'<span class="tr-{kind_of(room)}">{escape(room)}</span>'


def kind_of(room: str) -> str:
    """What the laws say of a room: a key of KINDS."""
    top = room.partition(".")[0]
    if top in MAY_TRAIN:
        return "train"
    return "number" if top in NUMERIC else "show"


def _file(root: Path, room: str) -> Path:
    inside = Path(root, "tracer", *room.split("."))
    return inside / "__init__.py" if inside.is_dir() else inside.with_suffix(".py")


def _name(root: Path, room: str) -> str:
    path = room.replace(".", "/")
    return f"{path}/" if _file(root, room).name == "__init__.py" else path


def _words(root: Path, room: str) -> str:
    """The first paragraph of the docstring of a room, as a cell of a table."""
    said = ast.get_docstring(ast.parse(_file(root, room).read_text(encoding="utf-8"))) or ""
    first = " ".join(said.split("\n\n", maxsplit=1)[0].split())
    return re.sub(r"``([^`]+)``", r"`\1`", first).replace("|", "\\|")


def put_into(page: str, text: str) -> str:
    """The page with this text between the two marks."""
    before, _, rest = page.partition(BEGIN)
    return before + text + rest.partition(END)[2]
