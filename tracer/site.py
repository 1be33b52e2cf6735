"""Writing a walkthrough: pages, assets and navigation, each file whole or not at all."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from functools import partial
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import yaml
from jinja2 import Environment, TemplateError, TemplateNotFound
from markupsafe import Markup

from tracer.check.proofs import prove
from tracer.errors import Problem, RenderError, TracerError
from tracer.fonts import math_font
from tracer.output import Report, write_atomically, write_tree
from tracer.pages import page_count, pages
from tracer.pictures import draw, in_words
from tracer.portable import portable
from tracer.project import NAVIGATION, ORDER, Project, navigation, page_order, walkthroughs
from tracer.studies.model import Studies
from tracer.templating import DataTemplates, environment, start_page, with_decimals
from tracer.trace import Trace

SUFFIX = ".j2"
FONT = "stix-two-math.woff2"


class Meter(Protocol):
    """Told of the progress of a rendering: ``done`` of ``total`` pages."""

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` pages are made."""


def no_meter(done: int, total: int) -> None:
    """The meter that shows nothing."""


def render_pages(
    trace: Trace,
    studies: Studies,
    *,
    math: str = "mathml",
    templates: Path | DataTemplates | None = None,
    meter: Meter = no_meter,
    proofs: bool = True,
) -> dict[str, str]:
    """Every file of one walkthrough as text, by its path relative to the walkthrough's folder.

    ``studies`` are the runs beside that of ``trace``: see :func:`tracer.studies.run.study`.
    ``proofs`` includes the page that tells what the proofs found in all the others.
    Raises RenderError for a template of the user's own that cannot be rendered.
    """
    env = with_decimals(environment(templates), trace.experiment.pages.decimals)
    faults = (Exception,) if templates else (TemplateError,)
    env.globals["draw"] = partial(_draw, env)
    env.globals["in_words"] = partial(in_words, env)
    finish = _portable if math == "latex" else tidy
    rendered: dict[str, str] = {}
    order, held = [], []
    total = page_count(trace, studies)
    for kind, page in pages(trace, studies, math):
        if kind.proves and not proofs:
            continue
        order.append((kind.group(page.slug), page.path))
        if kind.proves:
            held.append(page)
            continue
        rendered[page.path] = finish(_render(env, page.template, page.context, faults))
        meter(len(order), total)
    for page in held:
        found = {**page.context, "proofs": prove(trace, rendered)}
        rendered[page.path] = finish(_render(env, page.template, found, faults))
    meter(len(order), total)
    return {**rendered, ORDER: page_order(order)}


def _draw(env: Environment, picture: Any, **named: str) -> Markup:
    return draw(env, picture, **named)


def _render(
    env: Environment,
    template: str,
    context: Mapping[str, Any],
    faults: tuple[type[Exception], ...],
) -> str:
    """Render a page; in templates of the user's own any error is theirs to mend."""
    start_page(env)
    try:
        text = env.get_template(template).render(context)
    except TracerError:
        raise
    except faults as error:
        raise RenderError(_problem(error, template)) from error
    return text


def _said_by(error: Exception, template: str) -> tuple[str, int | None]:
    """Where an error itself says that it is."""
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    return (str(file), line) if file and isinstance(line, int) else (template, None)


def _portable(text: str) -> str:
    return tidy(portable(text))


def _problem(error: Exception, template: str) -> Problem:
    """What is wrong in a template, and where: Jinja's traceback ends in the template's own line."""
    frames = traceback.extract_tb(error.__traceback__)
    place = next((f for f in reversed(frames) if f.filename.endswith(SUFFIX)), None)
    where = (place.filename, place.lineno) if place else _said_by(error, template)
    if isinstance(error, TemplateNotFound):
        return Problem(f"there is no template {error.name!r}", *where)
    return Problem(f"cannot be rendered: {getattr(error, 'message', None) or error}", *where)


def tidy(text: str) -> str:
    """Markdown without blank lines at its start, runs of them inside, or spaces at line ends."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for k, line in enumerate(lines) if line or (k and lines[k - 1])]
    return "\n".join(kept) + "\n"


def assets() -> dict[str, str | bytes]:
    """The files that every walkthrough shares: styles, script, and the font for mathematics."""
    folder = files("tracer.templates") / "assets"
    found: dict[str, str | bytes] = {
        item.name: item.read_bytes() for item in folder.iterdir() if item.is_file()
    }
    return {**found, FONT: math_font()}


def write_walkthrough(
    trace: Trace,
    studies: Studies,
    out: Path,
    *,
    math: str = "mathml",
    templates: Path | DataTemplates | None = None,
    meter: Meter = no_meter,
) -> Report:
    """Render ``trace`` into ``out/<name>``; pages that are no longer part of it go away."""
    rendered = render_pages(trace, studies, math=math, templates=templates, meter=meter)
    return write_tree(out / trace.experiment.name, rendered)


def write_shared(out: Path) -> Report:
    """Write the shared assets into ``out/assets``."""
    return write_tree(out / "assets", assets())


def remove_others(out: Path, names: Iterable[str]) -> None:
    """Remove the walkthroughs under ``out`` that are not in ``names``."""
    wanted = set(names)
    for folder, _ in walkthroughs(out):
        if folder.name not in wanted:
            write_tree(folder, {})


def write_navigation(project: Project, out: Path, env: Environment | None = None) -> None:
    """Write the project's navigation with all its walkthroughs, and with the assets in ``out``.

    Raises RenderError where a file of that name is not tracer's.
    """
    made = env or environment()
    sections = [
        section
        for folder, order in walkthroughs(project.docs, deep=True)
        for section in _section(made, project, folder, order)
    ]
    mark = made.get_template("nav.head.yml.j2").render()
    content = mark + yaml.safe_dump(
        navigation(project, out, sections), allow_unicode=True, sort_keys=False
    )
    path = project.root / NAVIGATION
    if path.exists():
        present = path.read_text(encoding="utf-8", errors="replace")
        if present == content:
            return
        if not present.startswith(mark):
            raise RenderError(
                Problem(
                    "was not written by tracer",
                    file=str(path),
                    hint="Move it away, and render again.",
                )
            )
    write_atomically(path, lambda stream: stream.write(content.encode()))


def _section(
    env: Environment, project: Project, folder: Path, order: Iterable[tuple[str, str]]
) -> list[Any]:
    """One walkthrough's part of the navigation; its wording stands in the template."""
    prefix = folder.resolve().relative_to(project.docs.resolve()).as_posix()
    entries: list[tuple[str, list[str]]] = []
    for group, path in order:
        if not group or group not in {name for name, _ in entries}:
            entries.append((group, []))
        next(paths for name, paths in reversed(entries) if name == group).append(f"{prefix}/{path}")
    text = env.get_template("nav.yml.j2").render(entries=entries, title=_title(folder / "index.md"))
    loaded: list[Any] = yaml.safe_load(text)
    return loaded


def _title(path: Path) -> str:
    """The title in a rendered page's front matter, or its heading where it has none."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return unescape(text.split("\n", 1)[0].removeprefix("# "))
    _, front, _ = text.split("---\n", 2)
    return unescape(str(yaml.safe_load(front)["title"]))
