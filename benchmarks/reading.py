"""How long a cycle's page is to its readers: on screens, on paper, with keys and with ears."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.example import experiment
from benchmarks.measure import Row, at_most, counted
from tracer.experiment import Experiment
from tracer.html.printing import check_printing

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
#: What is asked of the page as it opens: all of it laid out, nothing unfolded.
LAID_OUT = ".tr-line { content-visibility: visible !important }"
HEIGHT = "document.documentElement.scrollHeight"
SEEN = """() => {
  const all = name => [...document.querySelectorAll(name)].filter(found => found.checkVisibility());
  const said = all("article p:not([class])").map(found => found.textContent.trim());
  const stops = all("article :is(a[href], button, summary, input, select, textarea, [tabindex])");
  return {
    nodes: document.querySelectorAll("*").length,
    paragraphs: said.length, distinct: new Set(said).size,
    stops: stops.filter(found => found.tabIndex >= 0).length,
    lines: all("article .tr-line").length,
  };
}"""
FOUND = """() => {
  axe.configure({standards: {ariaRoles: {math: {childrenPresentational: false}}}});
  return axe.run(document, {resultTypes: ["violations"]}).then(
    found => found.violations.flatMap(rule => rule.nodes.map(() => rule.impact)));
}"""
WIDE, NARROW = 1280, 390  # px: a laptop and a phone


@dataclass(frozen=True)
class Case:
    """A network, the row whose page is measured, and how much of it there may be.

    By default that is the row whose page explains each step: it is the longest. ``wide`` and
    ``narrow`` are px at both widths.
    """

    name: str
    made: Experiment
    row: int = 1
    wide: int | None = None
    narrow: int | None = None
    sheets: int | None = None


def cases() -> list[Case]:
    """The built-in example, and networks of other tasks and sizes on a few made-up rows."""
    classes = [[0.5, -0.3, 1], [-0.8, 0.9, 2], [0.2, 0.7, 3]]
    numbers = [[-0.7, 0.2], [0.4, 0.6], [0.9, -0.5]]
    answers = [[0.5, -0.3, 0], [-0.8, 0.9, 1]]
    eight = [[round(((k * 7 + n * 5) % 19 - 9) / 9, 2) for k in range(8)] + [n] for n in range(2)]
    hidden = [("tanh", 3)] * 4
    return [
        Case("mini2d", experiment(), 1, 7_500, 11_000, 9),
        Case("mini2d, row 3", experiment(), 3, 7_500, 11_000, 9),
        Case(
            "three classes with Adam",
            _made(classes, [("tanh", 3), ("softmax", 3)], "multiclass", optimizer="adam"),
        ),
        Case("a regression", _made(numbers, [("tanh", 4), ("identity", 1)], "regression")),
        Case("five layers", _made(answers, [*hidden, ("sigmoid", 1)], "binary")),
        Case(
            "8-8-8-2",
            _made(eight, [("tanh", 8), ("tanh", 8), ("softmax", 2)], "multiclass"),
            wide=15_000,
            narrow=15_000,
        ),
    ]


def _made(
    data: list[list[float]], layers: Sequence[tuple[str, int]], task: str, **training: Any
) -> Experiment:
    columns = [*(f"x{k}" for k in range(1, len(data[0]))), "y"]
    return Experiment.from_mapping(
        {
            "title": task,
            "data": {"columns": columns, "rows": data, "target": "y", "task": task},
            "layers": [{"activation": name, "units": units} for name, units in layers],
            "init": {"seed": 3},
            "training": {"epochs": 3, "learning_rate": 0.05, **training},
        }
    )


def rows(_repeat: int) -> Iterator[Row]:
    """What is found on a cycle's page of each case; it is the same however often it is asked."""
    found = cases()
    with tempfile.TemporaryDirectory() as name, _browser() as browser:
        folder = Path(name)
        places = _build(folder, found)
        for case, place in zip(found, places, strict=True):
            page = folder / "public" / "examples" / place / "epoch-1" / f"row-{case.row}"
            yield from _of(case, browser, (page / "index.html").as_uri())


@contextmanager
def _browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=check_printing())
        yield started
        started.close()


def _build(folder: Path, found: Sequence[Case]) -> list[str]:
    """The pages of all cases in one site, as MkDocs builds it; where those of each case are."""
    made = {id(case.made): case.made for case in found}
    places = {one: f"case-{k}" for k, one in enumerate(made)}

    def run(*arguments: str) -> None:
        asked = [sys.executable, "-m", *arguments]
        subprocess.run(asked, cwd=folder, check=True, capture_output=True)

    run("tracer", "new", ".")
    shutil.rmtree(folder / "experiments")
    (folder / "experiments").mkdir()
    for one, place in places.items():
        made[one].save(folder / "experiments" / f"{place}.toml")
    run("tracer", "render")
    run("mkdocs", "build", "--quiet")
    return [places[id(case.made)] for case in found]


def _of(case: Case, browser: Browser, address: str) -> Iterator[Row]:
    tab = browser.new_page(viewport={"width": WIDE, "height": 800})
    tab.goto(address)
    tab.add_style_tag(content=LAID_OUT)
    seen = tab.evaluate(SEEN)
    yield _held(f"{case.name}: height at {WIDE}", tab.evaluate(HEIGHT), case.wide, "px")
    impacts = _impacts(tab)
    tab.set_viewport_size({"width": NARROW, "height": 800})
    yield _held(f"{case.name}: height at {NARROW}", tab.evaluate(HEIGHT), case.narrow, "px")
    yield _held(f"{case.name}: sheets of A4", _sheets(tab), case.sheets, "sheets")
    yield Row(f"{case.name}: nodes", f"{seen['nodes']:,}", "", None)
    paragraphs = f"{seen['distinct']} of {seen['paragraphs']}"
    yield Row(f"{case.name}: distinct paragraphs", paragraphs, "", None)
    yield Row(f"{case.name}: Tab stops in the text", f"{seen['stops']}", "", None)
    yield Row(f"{case.name}: findings of axe", impacts, "", None)
    yield Row(f"{case.name}: lines read aloud", f"{seen['lines']}", "", None)
    tab.close()


def _held(said: str, found: int, most: int | None, unit: str) -> Row:
    """An amount, held against the most that it may be, if anything is said of that."""
    if most is None:
        return Row(said, f"{found:,} {unit}", "", None)
    return counted(said, found, most, unit, at_most(1))


def _impacts(tab: Tab) -> str:
    """How much axe-core finds, by how much it matters."""
    if not AXE.is_file():
        return "not measured: npm install brings axe-core"
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = Counter(tab.evaluate(FOUND))
    return ", ".join(f"{count} {impact}" for impact, count in sorted(found.items())) or "none"


def _sheets(tab: Tab) -> int:
    from pypdf import PdfReader

    return len(PdfReader(BytesIO(tab.pdf(format="A4"))).pages)
