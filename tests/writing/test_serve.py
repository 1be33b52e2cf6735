"""`mkdocs serve` shows what is rendered while it runs, without a restart."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import warm
from sites import TINY, small_project
from tracer.cli import main
from tracer.files.tree import write_atomically
from tracer.writing.project import NAVIGATION

pytestmark = pytest.mark.usefixtures("rendered_once")

FIRST = TINY.replace("Tiny", "First title").replace("epochs = 1", "epochs = 2")
PATIENCE = 60
SEARCH = "plugins:\n  - search\n  - offline # search without a server\n"


@dataclass(frozen=True)
class Served:
    """A project, and the address at which it is served."""

    folder: Path
    address: str

    def front(self) -> str:
        with urllib.request.urlopen(self.address, timeout=30) as answer:
            return str(answer.read().decode("utf-8"))

    def render(self) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["render"])
        assert not ended.value.code

    def shows(self, *there: str, gone: str = "not on any page") -> None:
        """Wait until the front page's navigation has what is there and not what is gone."""
        deadline = time.monotonic() + PATIENCE
        while True:
            text = self.front()
            if all(part in text for part in there) and gone not in text:
                return
            assert time.monotonic() < deadline, [part for part in there if part not in text]
            time.sleep(0.05)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("served")
    folder = small_project(home / "mine", FIRST)
    config = folder / "mkdocs.yml"
    text = config.read_text("utf-8")
    # Every page lists the whole navigation then, and nothing is made for the search.
    for left_out in ("    - navigation.prune\n", SEARCH):
        assert left_out in text
        text = text.replace(left_out, "plugins: []\n" if left_out == SEARCH else "")
    config.write_text(text, "utf-8")
    with socket.socket() as kept, (home / "log").open("wb") as log:
        # Nobody else is given the port meanwhile; one that listens there may share it.
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{kept.getsockname()[1]}"
        process = warm.started("mkdocs", ["serve", "--dev-addr", place], folder, log)
        try:
            yield Served(folder, _ready(f"http://{place}/", process))
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def served(started: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """The project with its one experiment as it was at first, not yet rendered so."""
    monkeypatch.chdir(started.folder)
    (started.folder / "experiments" / "small.toml").write_text(FIRST, encoding="utf-8")
    return started


def _ready(address: str, process: warm.Started | subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return address
    raise AssertionError("mkdocs serve did not start")


def test_the_navigation_follows_what_is_rendered(served: Served) -> None:
    experiments = served.folder / "experiments"
    served.render()
    served.shows("First title", "examples/small/epoch-1/index.html")
    (experiments / "other.toml").write_text(FIRST.replace("First", "Second"), encoding="utf-8")
    shown = FIRST.replace("First", "Third") + "[pages]\nepochs = [1, 2]\n"
    (experiments / "small.toml").write_text(shown, encoding="utf-8")
    served.render()
    served.shows(
        "Second title",
        "Third title",
        "examples/other/index.html",
        "examples/small/epoch-2/index.html",
        gone="First title",
    )
    (experiments / "other.toml").unlink()
    served.render()
    served.shows("Third title", gone="Second title")


def test_a_navigation_that_comes_late_is_seen_by_itself(served: Served) -> None:
    navigation = served.folder / NAVIGATION
    served.shows("Home")
    time.sleep(2)  # no other change is waiting to be built
    late = navigation.read_text("utf-8").replace("Home", "Late title")
    write_atomically(navigation, lambda stream: stream.write(late.encode()))
    served.shows("Late title")


def test_a_page_that_is_rendered_again_is_built_again(served: Served) -> None:
    """Though nothing else changes: neither titles nor the navigation."""
    served.render()
    served.shows("First title")
    page = Served(served.folder, f"{served.address}examples/small/task/index.html")
    page.shows("First title", gone="0.0625")
    changed = FIRST.replace("[1, 1]", "[0.0625, 1]")
    (served.folder / "experiments" / "small.toml").write_text(changed, encoding="utf-8")
    served.render()
    page.shows("0.0625")
