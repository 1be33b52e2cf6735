"""Finished pages in a browser with a cold cache: nodes, and the time until a page is settled."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.example import experiment
from benchmarks.lines import wide_network
from benchmarks.measure import Row, at_most, counted

NODES = 12.0
SECONDS = {"mini2d": 0.6, "8-8-8-2": 1.5}
"""Seconds to a settled page of a cycle."""
NUMBERS = "document.querySelectorAll('main mn').length"
ALL = "document.querySelectorAll('main *').length"
SETTLED = """async () => {
  await document.fonts.ready;
  for (let k = 0; k < 2; k += 1) await new Promise(requestAnimationFrame);
}"""


def rows(repeat: int) -> Iterator[Row]:
    """Nodes for each printed number, and seconds, of a cycle of both networks."""
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        for network, page in pages(Path(name)).items():
            found = [opened(browser, page) for _ in range(repeat)]
            nodes, numbers = found[0][1:]
            task = f"nodes of a cycle's page of {network}, a number"
            yield counted(task, nodes / numbers, NODES, "nodes", at_most(1))
            task = f"a settled page of {network}"
            took = median(seconds for seconds, *_ in found)
            yield counted(task, took, SECONDS[network], "s", at_most(1))


def pages(folder: Path) -> dict[str, Path]:
    """The page of the first cycle of each network, as a file."""
    return {name: _page(folder / str(k), name) for k, name in enumerate(SECONDS)}


def _page(folder: Path, name: str) -> Path:
    made = experiment() if name == "mini2d" else wide_network()
    few = made.pages.model_copy(update={"rows": (1,), "epochs": (1,)})
    folder.mkdir()
    replace(made, pages=few).save(folder / "one.toml")
    command = [sys.executable, "-m", "tracer", "render", "one.toml", "--html", "--insist"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "html" / "one" / "epoch-1" / "row-1" / "index.html"


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; raises where playwright or Chromium is missing."""
    from playwright.sync_api import sync_playwright

    chosen = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen)
        yield browser
        browser.close()


def opened(browser: Any, page: Path) -> tuple[float, int, int]:
    """Seconds until a page is settled in a browser that never saw it; its nodes and numbers."""
    context = browser.new_context()
    tab = context.new_page()
    begun = time.perf_counter()
    tab.goto(page.as_uri())
    tab.evaluate(SETTLED)
    took = time.perf_counter() - begun
    found = took, int(tab.evaluate(ALL)), int(tab.evaluate(NUMBERS))
    context.close()
    return found
