"""From a saved change to a changed page: measured in a browser, against rendering and building."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import Comparison, Row, Way, at_most, counted, seconds_of, timed

PAGE = "mini2d/epoch-1/row-3/index.html"
PATIENCE = 120  # seconds for one change, on the busiest machine
SAID = "() => (document.querySelector('main') ?? document.body)?.textContent ?? ''"
RATE = re.compile(r"(?m)^learning_rate = .*$")


CHANGES, GOAL = 10, 1.0
"""Changes that are saved, and seconds in which the browser is to show one."""


def rows(repeat: int) -> Iterator[Row]:
    """The median of ten changes, and the rows of the comparisons."""
    with comparisons() as (found,):
        took = sorted(seconds_of(found.ours.run) for _ in range(CHANGES))
        yield counted("a change in the browser", median(took), GOAL, "s", at_most(1))
        yield from timed([found], repeat)


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """The built-in example, whose learning rate is changed to one that was never seen before."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        with as_file(files("tracer") / "examples") as examples:
            for file in ("mini2d.toml", "mini2d.csv"):
                shutil.copy(examples / file, folder)
        chosen = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chosen)
        with _served(folder) as address:
            tab = browser.new_page(bypass_csp=True)  # what waits in the page is a text
            _opened(tab, address + PAGE)
            rates = count(1)
            yield [
                Comparison(
                    "show a changed learning rate",
                    Way("tracer serve, to the browser", lambda: _change(folder, tab, next(rates))),
                    Way("tracer render --html", lambda: _render(folder, next(rates))),
                )
            ]
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tracer", "serve", "mini2d.toml", "--port", "0"]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=folder, stderr=stream)
    try:
        while not (found := re.search(r"(http://\S+)[\s\S]*up to date", log.read_text("utf-8"))):
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        process.wait()


def _opened(tab: Any, address: str) -> None:
    tab.set_default_timeout(PATIENCE * 1000)
    tab.goto(address)
    tab.wait_for_selector(".tr-line")


def save_rate(folder: Path, number: int) -> str:
    """Save the experiment with another learning rate; return what the page will say of it."""
    # as many digits as pages show, and no 0 at the end, which they would leave away
    path, rate = folder / "mini2d.toml", f"0.1{number:02d}7"
    path.write_text(RATE.sub(f"learning_rate = {rate}", path.read_text("utf-8")), "utf-8")
    return rate


def _change(folder: Path, tab: Any, number: int) -> None:
    rate = save_rate(folder, number)
    tab.wait_for_function(f"({SAID})().includes('{rate}')", polling=10)


def _render(folder: Path, number: int) -> None:
    save_rate(folder, number)
    command = [sys.executable, "-m", "tracer", "render", "mini2d.toml", "--html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
