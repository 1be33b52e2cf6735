"""The MkDocs project that walkthroughs are rendered into: its folders and its navigation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tracer.errors import Problem, RenderError

CONFIG = "mkdocs.yml"
NAVIGATION = "mkdocs.nav.yml"
ORDER = ".tracer-pages.json"
PLACE = "examples"
STYLES = ("fonts.css", "tracer.css", "pictures.css", "plots.css")


class _Loader(yaml.SafeLoader):
    """Reads MkDocs' configuration and passes over tags such as !!python/name and !ENV."""


_Loader.add_multi_constructor("", lambda _loader, _tag, _node: None)


@dataclass(frozen=True)
class Project:
    """A folder with mkdocs.yml: where pages live and what its hand-written navigation is."""

    root: Path
    docs: Path
    site: Path
    navigation: tuple[Any, ...] = field(default=(PLACE,))

    @property
    def out(self) -> Path:
        """Where walkthroughs are written unless the command line says otherwise."""
        return self.docs / PLACE


def find_project(folder: Path) -> Project | None:
    """The project of ``folder``, or None where it has no mkdocs.yml.

    Raises RenderError for an mkdocs.yml that cannot be read.
    """
    path = folder / CONFIG
    if not path.is_file():
        return None
    try:
        config = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RenderError(Problem(f"cannot be read: {error}", file=str(path))) from None
    if not isinstance(config, Mapping):
        raise RenderError(Problem("expected keys and values", file=str(path)))
    docs = folder / str(config.get("docs_dir", "docs"))
    site = folder / str(config.get("site_dir", "site"))
    return Project(folder, docs, site, _hand_written(config, docs))


def _hand_written(config: Mapping[str, Any], docs: Path) -> tuple[Any, ...]:
    extra = config.get("extra")
    ours = extra.get("tracer") if isinstance(extra, Mapping) else None
    given = ours.get("nav") if isinstance(ours, Mapping) else None
    if isinstance(given, Sequence) and not isinstance(given, str):
        return tuple(given)
    home = ("index.md",) if (docs / "index.md").is_file() else ()
    return (*home, PLACE)


def page_order(slugs: Iterable[tuple[str, str]]) -> str:
    """The (group, slug) pairs of a walkthrough's pages, as kept beside them."""
    return json.dumps([list(pair) for pair in slugs], indent=0) + "\n"


def walkthroughs(folder: Path, *, deep: bool = False) -> list[tuple[Path, list[tuple[str, str]]]]:
    """Every walkthrough in ``folder``, at any depth with ``deep``, its pages in reading order."""
    found = []
    for path in sorted(folder.glob(f"**/{ORDER}" if deep else f"*/{ORDER}")):
        try:
            pairs = json.loads(path.read_text(encoding="utf-8"))
            found.append((path.parent, [(str(group), str(slug)) for group, slug in pairs]))
        except (OSError, ValueError, TypeError) as error:
            problem = Problem(f"is damaged ({error})", file=str(path), hint="Delete it and render.")
            raise RenderError(problem) from None
    return found


def navigation(project: Project, out: Path, sections: Sequence[Any]) -> dict[str, Any]:
    """The generated part of the project's configuration: navigation, styles, scripts."""
    assets = _relative(out / "assets", project.docs)
    return {
        "nav": [entry for item in project.navigation for entry in _placed(item, sections)],
        "extra_css": [f"{assets}/{name}" for name in STYLES],
        "extra_javascript": [f"{assets}/tracer.js"],
    }


def _placed(item: Any, sections: Sequence[Any]) -> Sequence[Any]:
    if item == PLACE:
        return sections
    if isinstance(item, Mapping):
        return [{k: _within(v, sections) for k, v in item.items()}]
    return [item]


def _within(value: Any, sections: Sequence[Any]) -> Any:
    if isinstance(value, list):
        return [entry for item in value for entry in _placed(item, sections)]
    return sections if value == PLACE else value


def _relative(path: Path, docs: Path) -> str:
    try:
        return path.resolve().relative_to(docs.resolve()).as_posix()
    except ValueError:
        problem = Problem(f"{path} is not inside the pages' folder {docs}")
        raise RenderError(problem) from None
