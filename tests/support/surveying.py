"""What the probes find on every page of a built site, at two widths, light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browsing import AT_REST, NARROW, WIDE
from examples import PROFILE

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab
    from playwright.sync_api import Request

LEAST_CONTRAST = 4.5
LEAST_TEXT = 9.5
#: Pages that one template makes of rows: `make test` looks at one of each.
OF_ROWS = re.compile(r"(?:epoch-\d+|predictions|batches)/row-\d+/")
LOOKED_AT = frozenset(["epoch-1/row-3/", "predictions/row-9/", "batches/row-2/"])
SCHEME = "document.body.dataset.mdColorScheme"
#: Size and colours change in one step: each alone lays out and paints the page anew, and the theme,
#: when the system changes, does so three times.
DARK_WHEN_RESIZED = f"""addEventListener(
  "resize", () => {{ {SCHEME} = "slate" }}, {{ once: true, capture: true }})"""
#: What must find nothing at any width.
LAYOUT = ("cut", "crowded", "outside")


def opened(tab: Tab, public: Path, address: str) -> Tab:
    path, _, anchor = address.partition("#")
    tab.goto((public / path).as_uri() + (f"#{anchor}" if anchor else ""))
    return tab


def ask(tab: Tab, probe: str, *arguments: float) -> Any:
    return tab.evaluate(f"probes.{probe}({', '.join(map(str, arguments))})")


def surveyed(public: Path) -> Iterator[str]:
    """The pages that are looked at, by their path."""
    for path in sorted(public.rglob("*.html")):
        name = path.relative_to(public).as_posix()
        of_row = OF_ROWS.search(name)
        repeats = PROFILE == "dev" and of_row is not None and of_row[0] not in LOOKED_AT
        if name != "404.html" and not repeats:
            yield name


def looked(tab: Tab, told: list[str], public: Path) -> dict[str, dict[str, Any]]:
    """What the probes find on every page, which is loaded once and turned once."""

    def note(request: Request) -> None:
        if _is_foreign(request.url):
            told.append(request.url)

    tab.on("request", note)
    found: dict[str, dict[str, Any]] = {}
    for name in surveyed(public):
        tab.goto("about:blank")  # where another size costs nothing
        tab.set_viewport_size(WIDE)
        told.clear()
        opened(tab, public, name).evaluate("probes.layOut()")
        found[name] = _wide(tab) | _narrow(tab) | {"told": list(told)}
    tab.remove_listener("request", note)
    return found


def _is_foreign(url: str) -> bool:
    return not url.startswith(("file:", "data:", "blob:", "about:"))


def _wide(tab: Tab) -> dict[str, Any]:
    """What the probes find in a wide window in light colours."""
    fonts = (
        "document.fonts.ready.then(() => [...document.fonts].map(f => `${f.family} ${f.status}`))"
    )
    found = {"fonts": tab.evaluate(fonts), "formulas": ask(tab, "formulas")}
    found |= {f"{probe}, wide": ask(tab, probe) for probe in LAYOUT}
    return found | {"faint, light": ask(tab, "faint", LEAST_CONTRAST)}


def _narrow(tab: Tab) -> dict[str, Any]:
    """The same on a phone in dark colours."""
    tab.evaluate(DARK_WHEN_RESIZED)
    tab.set_viewport_size(NARROW)
    tab.wait_for_function(f"{SCHEME} === 'slate'")
    tab.evaluate(AT_REST)
    found = {f"{probe}, narrow": ask(tab, probe) for probe in LAYOUT}
    found["faint, dark"] = ask(tab, "faint", LEAST_CONTRAST)
    return found | {"small, narrow": ask(tab, "small", LEAST_TEXT)}
