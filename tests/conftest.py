"""Fixtures that several test modules share, and the option that writes snapshots anew."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import collecting
import examples
from browsing import launched, new_tab
from firefox import Firefox, firefox
from reports import are_brief, run_briefly
from sharing import open_folder, shared_folder
from sites import project, succeed
from slow import SLOW, in_order
from snapshots import Snapshots
from tracer.cli import main

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

examples.load()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: one waits for a browser, a server or a child."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Open the folder in which the processes of a run share what they render.

    A shell lets what it starts in the background ignore Ctrl-C, and that all that it starts.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    open_folder(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the modules that take long; those that are best done in one go begin a process."""
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker("slow")
    items[:] = in_order(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end."""
    collecting.settle()


def pytest_sessionfinish() -> None:
    """Look for garbage once, so that its warnings are heard; pytest and Python look again later.

    What is left then is in use until the end, and looking through it takes long.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Tell little of a test that passes, in a process that tells another."""
    if not are_brief(item.config):
        return None
    run_briefly(item, nextitem)
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that `make snapshots` uses."""
    parser.addoption(
        "--snapshot-update", action="store_true", help="write the snapshots anew, compare nothing"
    )


@pytest.fixture
def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    """The stored snapshots: `snapshots.check(name, text)`."""
    return Snapshots(update=request.config.getoption("--snapshot-update"))


@pytest.fixture
def rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of one experiment are rendered once in a run: for tests of what becomes of pages.

    What another process of the run proves meanwhile is none of them: they would change.
    """
    from once import pages_once
    from tracer.writing import checked

    key_of, mine = checked.content_key, b"%d " % os.getpid()
    monkeypatch.setattr(checked, "content_key", lambda *what: mine + key_of(*what))
    monkeypatch.setattr("tracer.writing.site.render_pages", pages_once)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of this process; a test opens a tab in it, or takes one that is open."""
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def told() -> list[str]:
    """What went wrong in the tab that the tests share."""
    return []


@pytest.fixture(scope="session")
def open_tab(browser: Browser, told: list[str]) -> Iterator[Tab]:
    """That tab: who takes it, by `emptied`, finds it empty, and leaves it so.

    Another one costs two loads of a page.
    """
    with new_tab(browser, told) as made:
        yield made


@pytest.fixture(scope="session")
def firefox_window() -> Iterator[Firefox]:
    """The one Firefox of this process; whoever needs a size or a colour asks for it."""
    with firefox() as started:
        yield started


@pytest.fixture(scope="session")
def default_site() -> Path:
    """The project of this checkout with the built-in walkthrough, built strictly by MkDocs.

    All processes of the run read the same one: a test that changes it copies it first.
    """
    return shared_folder("default site", _built)


def _built(folder: Path) -> None:
    succeed("tracer", "render", "--build", cwd=project(folder))


@pytest.fixture
def call_main(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int | str, str, str]]:
    """The command line as a function: (status, what it wrote to stdout, and to stderr)."""

    def call(*arguments: str) -> tuple[int | str, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call
