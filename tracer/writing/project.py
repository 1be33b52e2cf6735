"""The MkDocs project that walkthroughs are rendered into: its folders and its navigation."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tracer.errors import Problem, RenderError
from tracer.files.manifest import read_plain
from tracer.files.packs import worked_out
from tracer.messages import gettext

CONFIG = "mkdocs.yml"
NAVIGATION = "mkdocs.nav.yml"
ORDER = ".tracer-pages.json"
PLACE = "examples"
STYLES = (
    *("fonts.css", "tracer.css", "pictures.css", "plots.css"),
    *("rows.css", "reading.css", "card.css", "print.css"),
)
SCRIPTS = ("tracer.js", "reading.js", "card.js", "back.js", "print.js")


@cache
def _loader() -> Any:
    """What reads MkDocs' configuration and passes over tags such as !!python/name and !ENV."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Knows these tags too."""

    Loader.add_multi_constructor("", lambda _loader, _tag, _node: None)
    return Loader


@dataclass(frozen=True)
class Project:
    """A folder with mkdocs.yml: where pages live and what its hand-written navigation is.

    ``name`` is what the site is called, ``extensions`` what ``markdown_extensions`` says.
    """

    root: Path
    docs: Path
    site: Path
    navigation: tuple[Any, ...] = field(default=(PLACE,))
    name: str = ""
    extensions: Any = None

    @property
    def out(self) -> Path:
        """Where walkthroughs are written unless the command line says otherwise."""
        return self.docs / PLACE


@dataclass(frozen=True)
class Walkthrough:
    """A rendered walkthrough: its folder, its title, and its pages by group in reading order.

    ``groups`` are the titles of the groups, as far as they are known.
    """

    folder: Path
    title: str
    pages: tuple[tuple[str, str], ...]
    groups: Mapping[str, str] = field(default_factory=dict)


def find_project(folder: Path) -> Project | None:
    """The project of ``folder``, or None where it has no mkdocs.yml.

    Raises RenderError for an mkdocs.yml that cannot be read.
    """
    path = folder / CONFIG
    if not path.is_file():
        return None
    try:
        config = read_config(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise _unreadable(path, error) from None
    except RecursionError as error:
        raise _unreadable(path, error) from None
    except Exception as error:
        if not _is_of_yaml(error):
            raise
        raise _unreadable(path, error) from None
    if not isinstance(config, Mapping):
        raise RenderError(Problem(gettext("expected keys and values"), file=str(path)))
    docs = folder / _folder_name(config, "docs_dir", "docs", path)
    site = folder / _folder_name(config, "site_dir", "site", path)
    name, extensions = str(config.get("site_name") or ""), config.get("markdown_extensions")
    return Project(folder, docs, site, _hand_written(config, docs), name, extensions)


def read_config(text: str) -> Any:
    """What an ``mkdocs.yml`` says, without the values that name code; nobody changes it."""

    def read() -> Any:
        from yaml import load

        return load(text, Loader=_loader())

    return worked_out(read, "configuration", text)


def of_yaml(text: str) -> Any:
    """What a text in YAML says; nobody changes it."""

    def read() -> Any:
        from yaml import safe_load

        return safe_load(text)

    return worked_out(read, "yaml-read", text)


def as_yaml(content: Mapping[str, Any]) -> str:
    """Plain data as YAML, its keys in their order."""

    def write() -> str:
        from yaml import safe_dump

        return str(safe_dump(content, allow_unicode=True, sort_keys=False))

    return worked_out(write, "yaml-written", content)


def _is_of_yaml(error: Exception) -> bool:
    """Whether PyYAML refuses a text: it is imported only where a text was not met before."""
    return type(error).__module__.partition(".")[0] == "yaml"


def _unreadable(path: Path, error: Exception) -> RenderError:
    return RenderError(Problem(gettext("cannot be read: %(error)s", error=error), file=str(path)))


def _folder_name(config: Mapping[Any, Any], key: str, default: str, path: Path) -> str:
    name = config.get(key)
    if name is None:
        return default
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise RenderError(
            Problem(
                gettext("expected the name of a folder, found %(name)s", name=repr(name)),
                file=str(path),
                key=key,
            )
        )
    return name


def _hand_written(config: Mapping[str, Any], docs: Path) -> tuple[Any, ...]:
    extra = config.get("extra")
    ours = extra.get("tracer") if isinstance(extra, Mapping) else None
    given = ours.get("nav") if isinstance(ours, Mapping) else None
    if isinstance(given, Sequence) and not isinstance(given, str):
        return tuple(given)
    home = ("index.md",) if (docs / "index.md").is_file() else ()
    return (*home, PLACE)


def page_order(
    title: str, slugs: Iterable[tuple[str, str]], groups: Mapping[str, str] | None = None
) -> str:
    """A walkthrough's title, its groups' titles and its pages as (group, path), as kept there."""
    content = {
        "title": title,
        "groups": dict(groups or {}),
        "pages": [list(pair) for pair in slugs],
    }
    return json.dumps(content, indent=0, ensure_ascii=False) + "\n"


def walkthroughs(folder: Path, *, deep: bool = False) -> list[Walkthrough]:
    """Every walkthrough in ``folder``, at any depth with ``deep``; links are not followed.

    Raises RenderError where a list of pages is damaged.
    """
    return [_walkthrough(place / ORDER) for place in _places(folder, deep=deep)]


def _places(folder: Path, *, deep: bool) -> list[Path]:
    found = []
    for place, folders, names in os.walk(folder):
        hidden = [name for name in folders if name.startswith(".")]
        closed = folders if not deep and Path(place) != folder else hidden
        for name in list(closed):
            folders.remove(name)
        if ORDER in names and (deep or Path(place) != folder):
            found.append(Path(place))
    return sorted(found)


def _walkthrough(path: Path) -> Walkthrough:
    try:
        content = json.loads(read_plain(path))
        if isinstance(content, list):  # as it was written once
            content = {"title": path.parent.name, "pages": content}
        pages = tuple((str(group), str(slug)) for group, slug in content["pages"])
        named = content.get("groups", {}).items()  # it had none once
        groups = {str(group): str(title) for group, title in named}
        return Walkthrough(path.parent, str(content["title"]), pages, groups)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise RenderError(
            Problem(
                gettext("is damaged (%(error)s)", error=error),
                str(path),
                hint=gettext("Delete it, and render again."),
            )
        ) from None


def navigation(project: Project, out: Path, sections: Sequence[Any]) -> dict[str, Any]:
    """The generated part of the project's configuration: navigation, styles, scripts."""
    assets = _relative(out / "assets", project.docs)
    try:
        entries = [entry for item in project.navigation for entry in _placed(item, sections)]
    except RecursionError:
        key, file = "extra.tracer.nav", str(project.root / CONFIG)
        raise RenderError(Problem(gettext("contains itself"), file=file, key=key)) from None
    return {
        "watch": [NAVIGATION],
        "nav": entries,
        "extra_css": [f"{assets}/{name}" for name in STYLES],
        "extra_javascript": [f"{assets}/{name}" for name in SCRIPTS],
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
        raise RenderError(
            gettext("%(path)s is not inside the pages' folder %(docs)s", path=path, docs=docs)
        ) from None
