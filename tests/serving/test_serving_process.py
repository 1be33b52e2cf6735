"""`tracer serve` as an author has it: a process, an editor, and a browser."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import warm
from browsing import emptied, new_tab, until
from sites import TINY, command

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

pytestmark = pytest.mark.timeout(600)

PATIENCE = 120
TRAINED = 20 * 2**20  # bytes: a run of a million epochs takes ten times as many
TASK = "tiny/task/index.html"
#: Where the window is, when what came into it has been laid out.
RESTED = """() => new Promise(done => {
  let frames = 30;
  (function step() { frames-- ? requestAnimationFrame(step) : done(scrollY) })();
})"""


@dataclass
class Served:
    """A folder with one experiment, and the process that serves it."""

    folder: Path
    process: warm.Started | subprocess.Popen[bytes]
    address: str

    @property
    def file(self) -> Path:
        return self.folder / "tiny.toml"

    def said(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def finds_its_address(self) -> None:
        self.address = re.findall(r"http://127\.0\.0\.1:\d+/", self.said())[0]

    def saves(self, text: str) -> None:
        """Write the file as careful editors do: it is never found half written."""
        part = self.folder / ".part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.file)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE) as answer:
            return str(answer.read().decode("utf-8"))

    def waits_for(self, part: str, times: int = 1) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.said().count(part) < times:
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    with (tmp_path / "log").open("wb") as log:
        arguments = ["serve", "tiny.toml", "--port", "0"]
        process = warm.started("tracer", arguments, tmp_path, log)
        try:
            one = Served(tmp_path, process, "")
            one.waits_for("up to date")
            one.finds_its_address()
            yield one
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def open_tab(browser: Browser) -> Iterator[Tab]:
    with new_tab(browser, []) as made:
        made.set_default_timeout(PATIENCE * 1000)
        yield made


@pytest.fixture
def tab(open_tab: Tab) -> Iterator[Tab]:
    with emptied(open_tab, []):
        yield open_tab


def test_ctrl_c_ends_it_and_nothing_was_written(served: Served) -> None:
    assert "<h1" in served.get(TASK)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(PATIENCE) == 130
    assert sorted(path.name for path in served.folder.iterdir()) == ["log", "tiny.toml"]
    assert "Traceback" not in served.said()


def test_a_request_to_end_is_followed_while_it_works(served: Served) -> None:
    served.saves(TINY.replace("epochs = 1", "epochs = 1_000_000"))
    _waits_for_training(served.process.pid)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert served.said().count("up to date") == 1, "it was at work still"
    assert "Traceback" not in served.said()


def _waits_for_training(pid: int) -> None:
    """Until a process has written into some of the long run's arrays: nothing else is as large."""
    import psutil  # type: ignore[import-untyped]

    process, deadline = psutil.Process(pid), time.monotonic() + PATIENCE
    before = process.memory_info().rss
    while process.memory_info().rss - before < TRAINED:
        assert time.monotonic() < deadline, "it does not begin"
        time.sleep(0.01)


@pytest.mark.browser
def test_a_saved_change_is_shown_where_the_reader_is(served: Served, tab: Tab) -> None:
    served.saves(TINY + "\n[pages]\nepochs = [1]\n")
    served.waits_for("up to date", times=2)
    tab.set_viewport_size({"width": 900, "height": 300})
    tab.goto(served.address + "tiny/epoch-1/row-2/index.html")
    middle = "Math.round(document.body.scrollHeight / 2)"
    tab.evaluate(f"window.scrollTo(0, {middle})")
    before = tab.evaluate(RESTED)
    assert before > 100
    served.saves(TINY.replace("[1, 1]", "[0.875, 1]"))
    tab.locator("main").filter(has_text="0.875").wait_for()
    until(tab, "history.scrollRestoration === 'auto'")  # it is led back step by step
    assert abs(tab.evaluate("scrollY") - before) < 150


@pytest.mark.browser
def test_a_mistake_is_told_in_the_page_and_in_the_terminal_until_it_is_mended(
    served: Served, tab: Tab
) -> None:
    tab.goto(served.address + TASK)
    served.saves(TINY.replace("sigmoid", "sigmoidd"))
    box = tab.locator(".live-problems")
    box.wait_for()
    served.waits_for("Did you mean")  # the page is told first
    for said in (box.inner_text(), served.said()):
        assert "tiny.toml:7" in said
        assert "layers[1].activation" in said
        assert 'Did you mean "sigmoid"?' in said
    assert "The task" in tab.inner_text("h1")
    tab.goto(served.address + "tiny/start/index.html")
    box.wait_for()
    served.saves(TINY.replace("Tiny", "Mended <b>"))
    box.wait_for(state="detached")
    served.waits_for("nothing is wrong any more")
    tab.locator(".frame-home", has_text="Mended <b>").wait_for()


@pytest.mark.browser
def test_pages_come_by_themselves_where_the_file_was_wrong_from_the_start(
    tmp_path: Path, tab: Tab
) -> None:
    (tmp_path / "tiny.toml").write_text("title = [\n", encoding="utf-8")
    arguments = [sys.executable, "-m", "tracer", "serve", "tiny.toml", "--port", "0", "--poll"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=tmp_path, stdout=log, stderr=log)
        try:
            served = Served(tmp_path, process, "")
            served.waits_for("error: tiny.toml:")
            served.finds_its_address()
            tab.goto(served.address)
            tab.locator(".live-problems").wait_for()
            served.saves(TINY)
            tab.locator("article").wait_for()
            assert "Tiny" in tab.title()
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 130


def test_a_project_is_served_with_its_own_pages(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "experiments").mkdir()
    (tmp_path / "site" / "index.md").write_text(
        "# Home\n\n<!-- tracer: walkthroughs -->\n", encoding="utf-8"
    )
    (tmp_path / "mkdocs.yml").write_text(
        "site_name: Mine\ndocs_dir: site\nmarkdown_extensions: [tracer.markdown]\n",
        encoding="utf-8",
    )
    (tmp_path / "experiments" / "tiny.toml").write_text(TINY, encoding="utf-8")
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = warm.started("tracer", ["serve", "--port", "0"], tmp_path, stream)
        try:
            served = Served(tmp_path, process, "")
            served.waits_for("up to date")
            served.finds_its_address()
            assert 'href="examples/tiny/index.html"' in served.get("index.html")
            (tmp_path / "site" / "index.md").write_text("# Changed home\n", encoding="utf-8")
            deadline = time.monotonic() + PATIENCE
            while "Changed home" not in served.get("index.html"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = command("tracer", "serve", "tiny.toml", "--port", port, cwd=tmp_path)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
