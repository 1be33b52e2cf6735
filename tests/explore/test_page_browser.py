"""In a browser the page of one cycle becomes that of another, as Python writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from browsing import emptied
from claims import traced
from explored import walk_of
from one_row import line
from rendering import EXPERIMENTS, given, layers, trace_of
from tracer.experiment import Experiment
from tracer.explore.linking import linked, modules
from tracer.pages import Page, context_of
from tracer.pages.explore import explored_cycle, explorer_context
from tracer.reread import check_origins, check_page
from tracer.trace import Cycle, Trace
from tracer.training import run
from tracer.writing.site import page_renderer

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

SHOWN = """() => {
  const seen = ".tr-line:not([hidden], [hidden] *)";
  const lines = Array.from(document.querySelectorAll(seen), (line) => {
    const { kept, matrix } = line.dataset;
    const plain = line.outerHTML.replace(/ data-kept="[^"]*"/, "");  // in whatever order
    return [line.id || matrix, kept ?? "", plain.replace(/>\\s+/g, ">").replace(/\\s+</g, "<")];
  });
  const numbers = Array.from(document.querySelectorAll("[data-of]"), (one) => {
    return [one.dataset.of, one.textContent];
  });
  const said = Array.from(document.querySelectorAll("[data-said]"), (one) => {
    return [one.dataset.said, one.textContent.trim()];
  }).filter(([, text]) => text);  // a sentence that a cycle has not is empty
  const folded = Array.from(document.querySelectorAll("summary, caption"), (one) => {
    return one.closest("[hidden]") ? "" : one.textContent.replace(/\\s+/g, " ").trim();
  }).filter(Boolean);
  const cells = Array.from(document.querySelectorAll(".tr-pair :is(td, th)"), (one, k) => {
    return [`cell ${k}`, one.className, one.textContent];
  });
  const edges = Array.from(document.querySelectorAll(".tr-stage line.tr-edge"), (one, k) => {
    const told = [...one.classList].sort().join(" ");
    return [`edge ${k}`, told, Number(one.getAttribute("stroke-width")), one.textContent];
  });
  return [...lines, ...numbers, ...said, ...folded, ...cells, ...edges];
}"""
SHORT = {
    **line([(1, 0), (2, 1), (0.5, 1)], 0.5, batch_size=2, learning_rate=0.3),
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "identity"}],
    **given([[0.5, -0.25]], [[1], [0.5]]),
}
"""Its last batch has one row, which gets its own slopes alone."""
RUN = "explore/run.js"
OPENED = 'import { Page } from "./page.js";\nimport { openRun } from "./run.js";\n'
OPENED += 'import { Pictures } from "./pictures.js";\n'
OPENED += "Object.assign(globalThis, { Page, Pictures, openRun });\n"
SHOW = """async (cycle) => {
  globalThis.page ??= new Page(document.body, await openRun(tracerRun));
  const { score } = page.run;
  globalThis.pictures ??= new Pictures(document.body, score.pictures, "");
  page.show(cycle);
  const { rows } = page.run.of(cycle);
  const lines = page.setter.texts(page.values, { scene: page.run.scene(cycle), rows });
  const numbers = page.setter.numberTexts(page.values);
  pictures.show({
    value: (name) => page.values[score.names.indexOf(name)] ?? NaN,
    text: (name) => numbers.get(name) ?? lines.get(name)?.result ?? "",
  });
}"""


@cache
def short() -> Trace:
    """A run whose last batch is short."""
    return traced(SHORT)


def context(trace: Trace, visit: int) -> Mapping[str, Any]:
    """What the page of a cycle is given."""
    walk = walk_of(trace)
    return context_of(walk, "explore", explorer_context(walk, "explore", Cycle(trace, visit)))


@cache
def page_of(trace: Trace, visit: int) -> str:
    """The page as Python writes it for a cycle."""
    page = Page("explore", "pages/explore.md.j2", context(trace, visit))
    return page_renderer(trace.experiment)(page)


def written(trace: Trace, visit: int) -> str:
    """The same, as far as a browser needs it here."""
    text = page_of(trace, visit)
    unseen = "<style>body { display: none }</style>"  # what it says is asked, not how it looks
    return f"<!doctype html><meta charset=utf-8>{unseen}<body>{text.split('---', 2)[2]}"


def shown(tab: Tab, trace: Trace, visit: int) -> list[Any]:
    tab.set_content(written(trace, visit), wait_until="domcontentloaded")
    return list(tab.evaluate(SHOWN))


def wider() -> Trace:
    """One with tables of all weights, and with a layer that is not written out whole."""
    found = {**EXPERIMENTS["momentum"], "pages": {"epochs": [2], "units": [1, 2, 21]}}
    found["layers"] = layers((5, "relu"), (21, "relu"), (1, "sigmoid"))
    return run(Experiment.from_mapping({"title": "wider", **found}))


OTHERS: dict[str, Callable[[], Trace]] = {
    "zeros at relu": lambda: trace_of("zeros at relu"),
    "a short last batch": short,
    "wider": wider,
}


@pytest.mark.parametrize("made", OTHERS.values(), ids=OTHERS)
def test_the_page_becomes_that_of_another_cycle(
    open_tab: Tab, told: list[str], made: Callable[[], Trace]
) -> None:
    trace = made()
    own = explored_cycle(walk_of(trace)).visit
    last = [visit for visit in range(len(trace.row)) if Cycle(trace, visit).is_last_of_batch]
    others = [own, last[-1]]
    with emptied(open_tab, told) as tab:
        wanted = {visit: shown(tab, trace, visit) for visit in others}
        tab.set_content(written(trace, own), wait_until="domcontentloaded")
        tab.add_script_tag(content=page_renderer(trace.experiment).beside(context(trace, own))[RUN])
        tab.add_script_tag(content=linked({**modules(), "opened.js": OPENED}))
        for visit in reversed(others):
            tab.evaluate(SHOW, visit)
            found = tab.evaluate(SHOWN)
            pairs = zip(found, wanted[visit], strict=True)
            assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_lines_that_only_a_short_batch_shows_hold_too() -> None:
    text = page_of(short(), explored_cycle(walk_of(short())).visit)
    found = {line.anchor: line.ok for line in check_page(text, 4)}
    assert found["square_all"]
    assert found["gain_all"]
    assert all(found.values())
    compared, wrong = check_origins({"explore/index.md": text})
    assert compared > 100
    assert [one for one in wrong if one.href.startswith("#")] == []


FORGETS = "its optimizer remembers nothing of the updates before"
STARTED = 'import { Explorer } from "./explorer.js";\nglobalThis.Explorer = Explorer;\n'
MADE = """async ({ cycle }) => {
  const bar = document.querySelector(".tr-explorer");
  globalThis.explorer ??= new Explorer(bar, document.querySelector("article"));
  await explorer.open();
  explorer.choose({ ...explorer.state, cycle });
  explorer.file();
  const said = bar.querySelector(".tr-explorer-said").textContent;
  const { value } = bar.querySelector("textarea");
  explorer.file();
  const notes = value.split("\\n").filter((line) => line.startsWith("# "));
  return [said, notes.map((line) => line.slice(2)).join(" ")];
}"""


def test_a_file_that_forgets_what_the_optimizer_keeps_says_so(
    open_tab: Tab, told: list[str]
) -> None:
    trace = trace_of("momentum")
    own = explored_cycle(walk_of(trace)).visit
    with emptied(open_tab, told) as tab:
        page = written(trace, own).replace("<body>", "<body><article>")
        tab.set_content(page, wait_until="domcontentloaded")
        tab.add_script_tag(content=page_renderer(trace.experiment).beside(context(trace, own))[RUN])
        tab.add_script_tag(content=linked({**modules(), "opened.js": STARTED}))
        first, later = (tab.evaluate(MADE, {"cycle": k}) for k in (0, len(trace.row) - 1))
        assert FORGETS not in first[0]
        assert FORGETS in later[0]
        assert [first[1], later[1]] == ["", later[0]]  # the file says it too
