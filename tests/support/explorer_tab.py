"""The explorer of the small site in a browser: served with the guide's policy, and asked."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from browsing import emptied, let_go
from finished import small_site
from sites import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab
    from playwright.sync_api import Route

HOST = "http://tracer.test"
PAGE = "/small/explore/index.html"
SAID = ".tr-explorer-said"
#: Numbers can be put in, a file is shown, or the run plays: no address says so.
IN_USE = """document.querySelector(
    '.tr-explorer :is([data-do=edit], [data-do=play])[aria-pressed=true]') !== null
  || document.querySelector('.tr-explorer-toml')?.hidden === false"""
GO = """address => {
  document.querySelector('.tr-explorer-said').replaceChildren();
  if (location.hash === address) dispatchEvent(new HashChangeEvent('hashchange'));
  else location.hash = address;
  document.activeElement.blur();
  scrollTo(0, 0);
}"""
POLICY = re.compile(r"^Content-Security-Policy: (.*)$", re.MULTILINE)


def policy() -> str:
    """The policy that the guide says finished HTML passes."""
    found = POLICY.search((ROOT / "site/guide/read-and-share.md").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


@contextmanager
def served(tab: Tab, told: list[str], asked: list[str]) -> Iterator[Tab]:
    """The tab, answered for a host from the folder of the small site, with the policy."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        asked.append(path)
        file = small_site() / "html" / path.removeprefix("/")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"Content-Security-Policy": policy(), "Content-Type": kind}
        route.fulfill(body=file.read_bytes(), headers=headers)

    with emptied(tab, told):
        tab.route(f"{HOST}/**", answer)
        yield tab
        tab.unroute(f"{HOST}/**", answer)
    assert told == []  # nothing that the policy forbids, and no error


def anew(tab: Tab, address: str) -> None:
    """The page, opened anew at an address."""
    tab.goto("about:blank")
    tab.goto(f"{HOST}{PAGE}{address}")
    if address:
        says(tab, r"epoch|Not")


def at(tab: Tab, address: str) -> None:
    """The page at an address, which says all that is shown: opened anew where that is not so."""
    if tab.url.partition("#")[0] != f"{HOST}{PAGE}" or tab.evaluate(IN_USE):
        anew(tab, address)
    else:
        let_go(tab)
        tab.evaluate(GO, address)
        says(tab, r"epoch|Not")


def says(tab: Tab, words: str) -> str:
    """What the live region says as soon as it says this."""
    tab.locator(SAID).filter(has_text=re.compile(words)).wait_for(state="attached")
    return str(tab.locator(SAID).text_content())


def press(tab: Tab, name: str) -> None:
    tab.locator(f'.tr-explorer [data-do="{name}"]').click()


def hash_of(tab: Tab) -> str:
    """The address as one who copies it has it: else it is written when the reader rests."""
    tab.evaluate("document.dispatchEvent(new Event('copy'))")
    return str(tab.evaluate("location.hash"))
