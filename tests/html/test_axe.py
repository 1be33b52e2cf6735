"""What axe-core finds on each kind of page, in both frames and both schemes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browsing import new_tab
from finished import small_mkdocs, small_site
from sites import from_npm

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: What the theme does, and no page of ours can mend: it calls two ways through the site alike.
OF_THE_THEME = frozenset(["landmark-unique"])
COLOURS = ["color-contrast", "link-in-text-block"]
#: A second page of a kind has nothing of its own.
AGAIN = re.compile(r"(epoch-1|batches)/row-[23]")
#: In MkDocs' frame the pages themselves are those of the other: some show what the frame adds.
FRAMED = ("", "examples/small/", "examples/small/epoch-1/row-1/", "examples/small/notation/")
#: ARIA 1.2 took from ``math`` that what is in it is of no account; axe-core still goes by ARIA 1.1,
#: by which a formula could hold no link.
RUN = """only => {
  axe.configure({standards: {ariaRoles: {math: {childrenPresentational: false}}}});
  const options = {resultTypes: ["violations"]};
  if (only) options.runOnly = {type: "rule", values: only};
  return axe.run(document, options).then(found => found.violations.flatMap(
    rule => rule.nodes.map(node => [rule.impact, rule.id, node.target.join(" "), node.html])));
}"""


@pytest.fixture(scope="module")
def script() -> str:
    return (from_npm("axe-core") / "axe.min.js").read_text("utf-8")


def _pages() -> list[Path]:
    own = sorted((small_site() / "html").rglob("*.html"))
    framed = [small_mkdocs() / "public" / page / "index.html" for page in FRAMED]
    return [path for path in (*own, *framed) if not AGAIN.search(path.as_posix())]


def _found(browser: Browser, script: str, pages: list[Path], **how: Any) -> dict[str, list[Any]]:
    only = COLOURS if how.get("color_scheme") == "dark" else None
    found: dict[str, list[Any]] = {}
    with new_tab(browser, [], **how) as tab:
        for path in pages:
            with _stays(tab, path.as_uri()):
                tab.goto(path.as_uri())
                tab.evaluate(script)
                found["/".join(path.parts[-6:])] = tab.evaluate(RUN, only)
    return found


@contextmanager
def _stays(tab: Tab, address: str) -> Iterator[None]:
    """A page that leads on at once is looked at as it stands: there is nothing where it leads."""

    def is_elsewhere(url: str) -> bool:
        return url.endswith(".html") and url != address

    tab.route(is_elsewhere, lambda route: route.fulfill(status=204))
    yield
    assert tab.url == address
    tab.unroute(is_elsewhere)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_found_on_any_kind_of_page(browser: Browser, script: str, scheme: str) -> None:
    found = _found(browser, script, _pages(), color_scheme=scheme)
    assert len(found) > 20
    ours = {
        name: [one for one in all_ if one[1] not in (OF_THE_THEME if "public" in name else ())]
        for name, all_ in found.items()
    }
    assert {name: all_ for name, all_ in ours.items() if all_} == {}


def test_what_is_wrong_is_found(browser: Browser, script: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text(
        '<html lang="en"><title>t</title><main><h1>h</h1><a href="#a"></a>'
        '<svg role="img" aria-label="s"><a href="#a"><text>1</text></a></svg>'
        "<p>to <math><mn><a href='#a'>1</a></mn></math></p></main></html>",
        encoding="utf-8",
    )
    found = _found(browser, script, [tmp_path / "wrong.html"])
    rules = {rule for every in found.values() for _, rule, _, _ in every}
    assert {"link-name", "nested-interactive"} <= rules
    (nested,) = [one for every in found.values() for one in every if one[1] == "nested-interactive"]
    assert nested[3].startswith("<svg")
