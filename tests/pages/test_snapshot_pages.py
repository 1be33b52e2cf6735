"""The pages of a small experiment, stored as text, so that a changed word or digit shows as a diff.

The experiment is not the built-in one: what a page of that says may change with its data. As LaTeX
the pages are short enough to be read; two of them are stored as a site has them, too.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from snapshots import FOLDER, Snapshots, alike
from tracer.experiment import load_experiment
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.project import ORDER
from tracer.writing.site import render_pages

EXPERIMENT = FOLDER / "pages" / "small.toml"
PAGES = [
    "index.md",
    "task/index.md",
    "learning/index.md",
    "network/index.md",
    "notation/index.md",
    "start/index.md",
    "loss/index.md",
    "optimizer/index.md",
    "tools/index.md",
    "tools/matrices/index.md",
    "tools/derivatives/index.md",
    "tools/chain-rule/index.md",
    "epoch-1/index.md",
    "epoch-1/row-1/index.md",
    "epoch-1/row-2/index.md",
    "epochs/index.md",
    "batches/index.md",
    "learning-rate/index.md",
    "trained/index.md",
    "predictions/index.md",
    "predictions/row-3/index.md",
    "glossary/index.md",
]
#: It shows every digit and every bit, which each machine's rounding makes its own.
NOT_STORED = {"determinism/index.md"}
AS_HTML = ["epoch-1/row-1/index.md", "task/index.md"]
_BEGINS = re.compile(
    r" *(?=<(?:caption|circle|details|div|figcaption|figure|g|header|line|math|p|path|rect|section"
    r"|span class|svg|table|tbody|td|text|th|thead|tr)\b)"
)


@cache
def rendered(math: str) -> dict[str, str]:
    # Without the page of proofs: its differences are what each machine's rounding leaves.
    trace = run(load_experiment(EXPERIMENT))
    return render_pages(trace, study(trace), math=math, proofs=False)


def stored_name(page: str, kind: str) -> str:
    slug = page.removesuffix("index.md").strip("/") or "overview"
    return f"pages/{kind}/{slug.replace('/', '-')}.txt"


def readable(page: str) -> str:
    """A page with its long lines of HTML broken before each element, as a diff shows lines."""
    lines = (_BEGINS.sub("\n", line).lstrip() for line in page.splitlines())
    return "\n".join(lines) + "\n"


def test_the_pages_are_those_that_are_stored(snapshots: Snapshots) -> None:
    assert rendered("latex").keys() - {ORDER} - NOT_STORED == set(PAGES)
    wanted = {stored_name(page, "latex") for page in PAGES}
    wanted |= {stored_name(page, "html") for page in AS_HTML}
    for path in (FOLDER / "pages").rglob("*.txt"):
        name = path.relative_to(FOLDER).as_posix()
        if name not in wanted and snapshots.update:
            path.unlink()
        else:
            assert name in wanted, f"{name} belongs to no page. `make snapshots` removes it."


@pytest.mark.parametrize("page", PAGES)
def test_a_page_for_notebooks(snapshots: Snapshots, page: str) -> None:
    snapshots.check(stored_name(page, "latex"), rendered("latex")[page])


@pytest.mark.parametrize("page", AS_HTML)
def test_a_page_of_the_site(snapshots: Snapshots, page: str) -> None:
    snapshots.check(stored_name(page, "html"), readable(rendered("mathml")[page]))


def test_a_changed_page_fails_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match="make snapshots") as caught:
        Snapshots(update=False, folder=tmp_path).check("page.txt", "one\n2\n")
    assert "-two\n+2" in str(caught.value)
    with pytest.raises(pytest.fail.Exception, match="make snapshots"):
        Snapshots(update=False, folder=tmp_path).check("gone.txt", "")
    Snapshots(update=True, folder=tmp_path).check("page.txt", "one\n2\n")
    assert alike(path.read_text(encoding="utf-8"), "one\n2\n", 0.0)


def test_a_broken_line_holds_the_same() -> None:
    for text in rendered("mathml").values():
        assert "".join(readable(text).split()) == "".join(text.split())
