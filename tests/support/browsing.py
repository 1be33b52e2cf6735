"""A real browser for the tests of finished HTML."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from sites import required

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize
    from playwright.sync_api import Page as Tab

PROBES = Path(__file__).with_name("probes.js")
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 390, "height": 800}
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Without a window of its own a browser takes a tenth of a second less for each page."""
STEP = 30  # ms between two looks
LONGEST = 20_000  # ms that a step may take on a machine that is busy
WHOLE = """new MutationObserver((_, looking) => {
  if (!document.head) return;
  looking.disconnect();
  if (!document.body)
    document.head.append(Object.assign(
      document.createElement("link"), { rel: "expect", href: "#tr-end", blocking: "render" }));
}).observe(document, { childList: true, subtree: true })"""
"""A page is shown when all of it is read: each part that is shown alone is laid out and painted."""
FORGET = "try { localStorage.clear(); sessionStorage.clear() } catch { /* an empty page */ }"
OPEN: list[Browser] = []
"""The browser of this process: there can be one at a time."""
AT_REST = "Promise.allSettled(document.getAnimations().map(moving => moving.finished))"
"""The theme slides its navigation away while a window grows: until then the page is too wide."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Chromium, or the one that is open already; without it the test is skipped."""
    if OPEN:
        yield OPEN[-1]
        return
    path = next((found for found in map(shutil.which, NAMES) if found), None)
    if path is None or importlib.util.find_spec("playwright") is None:
        required("needs Chromium and playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        OPEN.append(playwright.chromium.launch(executable_path=path))
        try:
            yield OPEN[-1]
        finally:
            OPEN.pop().close()


def until(tab: Tab, script: str) -> None:
    """Wait until a script says true; the policy forbids what waits in the page."""
    for _ in range(LONGEST // STEP):
        if tab.evaluate(script):
            return
        tab.wait_for_timeout(STEP)
    pytest.fail(f"{script}: never")


@contextmanager
def new_tab(browser: Browser, told: list[str], **options: Any) -> Iterator[Tab]:
    """An empty tab with the probes in it; what goes wrong in it is added to ``told``."""
    context = browser.new_context(**{"viewport": WIDE, "color_scheme": "light", **options})
    context.add_init_script(path=PROBES)
    context.add_init_script(WHOLE)
    tab = context.new_page()
    tab.on("console", lambda message: _note(told, f"{message.type}: {message.text}"))
    tab.on("pageerror", lambda error: told.append(str(error)))
    tab.on("requestfailed", lambda request: told.append(f"{request.url}: {request.failure}"))
    try:
        yield tab
    finally:
        context.close()


def _note(told: list[str], said: str) -> None:
    if "#tr-end" not in said:  # which is waited for to the end of a page, and is not there
        told.append(said)


def let_go(tab: Tab) -> None:
    """Point at nothing, and close the card of what was pointed at."""
    tab.mouse.move(0, 0)
    tab.keyboard.press("Escape")


def renewed(
    tab: Tab,
    *,
    size: ViewportSize = WIDE,
    scheme: Literal["light", "dark"] = "light",
    motion: Literal["no-preference", "reduce"] = "no-preference",
) -> None:
    """Show what is open on a screen of this size, in these colours."""
    tab.set_viewport_size(size)
    tab.emulate_media(media="null", color_scheme=scheme, reduced_motion=motion)


@contextmanager
def emptied(
    tab: Tab,
    told: list[str],
    *,
    size: ViewportSize = WIDE,
    scheme: Literal["light", "dark"] = "light",
    motion: Literal["no-preference", "reduce"] = "no-preference",
) -> Iterator[Tab]:
    """A tab that is open already, for a while: on a screen, with nothing remembered.

    A new one takes a process of its own and reads all styles, scripts and fonts again.
    """
    renewed(tab, size=size, scheme=scheme, motion=motion)
    told.clear()
    try:
        yield tab
    finally:
        tab.evaluate(FORGET)
        tab.goto("about:blank")


@contextmanager
def unscripted(tab: Tab) -> Iterator[Tab]:
    """The same tab, as one who forbids scripts has it; left empty, as no page has scripts then."""
    session = tab.context.new_cdp_session(tab)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        yield tab
    finally:
        session.send("Emulation.setScriptExecutionDisabled", {"value": False})
        session.detach()
        tab.goto("about:blank")
