"""Draws a picture: its template, wrapped in a figure, as one line of HTML."""

from __future__ import annotations

import re

from jinja2 import Environment
from markupsafe import Markup

from tracer.pictures.plot.geometry import Picture
from tracer.pictures.table import kind_of

_FIGURE = "svg/figure.html.j2"
_BETWEEN = re.compile(r"> +<")


def draw(env: Environment, picture: Picture, *, id: str, caption: str = "") -> Markup:  # noqa: A002
    """One line ``<figure class="tr-figure …">…</figure>``: ``picture`` as inline SVG and in words.

    ``id`` becomes the figure's id and the prefix of every id in it: it must be unique in a page.
    ``caption`` is escaped, unless it is Markup. The environment needs the project's templates.

    Raises:
        RenderError: no row of the table of pictures is for such a picture.
    """
    kind = kind_of(picture)
    svg = env.get_template(kind.drawing).render(id=id, picture=picture)
    html = env.get_template(_FIGURE).render(
        id=id,
        picture=with_role(svg, "<a " in svg),
        caption=caption,
        name=kind.name,
        scrolls=picture.scrolls,
        twin=in_words(env, picture),
    )
    return Markup(compact(html))


def with_role(svg: str, linked: bool) -> Markup:
    """A picture that holds links is a group of things: an image has nothing in it to go to."""
    return Markup(svg.replace(' role="img"', ' role="group"', 1) if linked else svg)


def in_words(env: Environment, picture: Picture) -> Markup:
    """What ``picture`` shows as sentences and tables: one line of HTML without any id."""
    template = env.get_template(kind_of(picture).twin)
    return Markup(compact(template.render(picture=picture)))


def compact(html: str) -> str:
    """``html`` without line breaks and without blanks between tags."""
    parts = map(str.strip, html.replace("\r", "\n").split("\n"))
    line = " ".join([part for part in parts if part]).replace("> <", "><")
    return _BETWEEN.sub("><", line) if ">  " in line else line
