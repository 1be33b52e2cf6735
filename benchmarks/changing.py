"""The explorer in a browser: going from one cycle to the next, with sentences, tables, pictures."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.example import experiment
from benchmarks.measure import Row, at_most, counted
from benchmarks.pages_in_browser import chromium

WIDTHS = (1280, 390)
"""Pixels: a laptop, and a phone."""
CHANGES, GOAL = 60, 100.0
"""Changes for each width; milliseconds within which what follows a click seems to be its work."""
START = "#epoch=2&row=1"
CHANGE = """async count => {
  const on = document.querySelector('[data-do=on]'), took = [], seen = new Set();
  const painted = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const turn = () => new Promise(done => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
  for (let k = 0; k < count; k += 1) {
    await painted();
    const begun = performance.now();
    on.click();
    for (let wait = 0; wait < 3; wait += 1) await Promise.resolve();
    await turn();
    document.body.offsetHeight;
    took.push(performance.now() - begun);
    seen.add(document.querySelector('main').textContent);
  }
  return [took, seen.size];
}"""


def rows(repeat: int) -> Iterator[Row]:
    """The median and the ninth decile of the changes, until the page is laid out anew."""
    count = min(CHANGES, 12 * repeat)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        page = _page(Path(name))
        for width in WIDTHS:
            tenths = quantiles(changed(browser, page, width, count), n=10)
            for which, found in (("median", tenths[4]), ("nine of ten", tenths[8])):
                task = f"the next cycle at {width} px, {which}"
                yield counted(task, found, GOAL, "ms", at_most(1))


def changed(browser: Any, page: Path, width: int, count: int) -> list[float]:
    """Milliseconds of each change, from the click until the page is laid out; each is another."""
    tab = browser.new_page(viewport={"width": width, "height": 900})
    tab.goto(page.as_uri() + START)
    tab.wait_for_selector("[data-do=on]:not([disabled])")
    tab.evaluate(CHANGE, 2)  # the first ones meet code that is not compiled yet
    found, cycles = tab.evaluate(CHANGE, count)
    assert cycles == count, f"{cycles} cycles were shown in {count} changes"
    tab.close()
    return [float(took) for took in found]


def _page(folder: Path) -> Path:
    experiment().save(folder / "one.toml")
    command = [sys.executable, "-m", "tracer", "render", "one.toml", "--html"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "html" / "one" / "explore" / "index.html"
