"""Building a site beside the old one: nothing is lost, whatever happens to the build."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sites import contents, succeed
from tracer.errors import RenderError
from tracer.writing.building import LIST, build, check
from tracer.writing.project import Project, find_project

CONFIG = "site_name: Mine\ntheme: {name: mkdocs}\ndocs_dir: pages\nsite_dir: public\n"
#: A hook of MkDocs that says who it is, and then takes its time.
SLOW = """
import os, time
from pathlib import Path
def on_post_page(output, page, config):
    Path(config.config_file_path).with_name("pid").write_text(str(os.getpid()))
    time.sleep(60)
"""
BUILDER = """
from pathlib import Path
from tracer.writing.building import build
from tracer.cli import _end_tidily
from tracer.writing.project import find_project
_end_tidily()
build(find_project(Path()))
"""


def made_in(folder: Path) -> Project:
    (folder / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "pages").mkdir()
    (folder / "pages" / "index.md").write_text("# Home\n", encoding="utf-8")
    (folder / "pages" / "more.md").write_text("# More\n", encoding="utf-8")
    found = find_project(folder)
    assert found is not None
    return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made_in(tmp_path)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of such a project, as `build` leaves it."""
    project = made_in(tmp_path_factory.mktemp("built"))
    build(project)
    return project.site


@pytest.fixture
def built(project: Project, first: Path) -> Project:
    shutil.copytree(first, project.site)
    return project


def beside(project: Project) -> set[str]:
    return {path.name for path in project.root.iterdir()} - {
        "mkdocs.yml",
        "pages",
        "pid",
        "slow.py",
    }


def test_a_site_is_built_and_built_again(project: Project) -> None:
    assert build(project) == project.root / "public" / "index.html"
    (project.docs / "more.md").unlink()
    build(project)
    assert "more/index.html" not in contents(project.site)
    assert beside(project) == {"public"}


def test_a_site_that_mkdocs_built_by_itself_is_recognized(project: Project) -> None:
    succeed("mkdocs", "build", cwd=project.root)
    (project.docs / "more.md").unlink()
    build(project)
    assert {"index.html", LIST} <= contents(project.site).keys()
    assert "more/index.html" not in contents(project.site)


@pytest.mark.parametrize("maker", ["nobody", "mkdocs", "we"])
def test_a_file_of_the_users_own_is_named_and_stays(
    project: Project, first: Path, maker: str
) -> None:
    if maker == "mkdocs":
        succeed("mkdocs", "build", cwd=project.root)
    elif maker == "we":
        shutil.copytree(first, project.site)
    (project.site / "notes").mkdir(parents=True)
    (project.site / "notes" / "thesis.txt").write_text("mine", encoding="utf-8")
    before = contents(project.site)
    for refuses in (check, build):
        with pytest.raises(RenderError, match=r"no build of this project.*notes/thesis\.txt"):
            refuses(project)
    assert contents(project.site) == before
    assert beside(project) == {"public"}


def test_a_page_of_ones_own_where_nothing_was_built_is_not_overwritten(project: Project) -> None:
    project.site.mkdir()
    (project.site / "index.html").write_text("mine", encoding="utf-8")
    with pytest.raises(RenderError, match=r"index\.html"):
        build(project)
    assert contents(project.site) == {"index.html": b"mine"}


def test_a_failed_build_leaves_the_site_as_it_was(built: Project) -> None:
    project = built
    before = contents(project.site)
    (project.docs / "index.md").write_text("# Home\n\n[gone](gone.md)\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"gone\.md"):
        build(project)
    assert contents(project.site) == before
    assert beside(project) == {"public"}


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_ends_its_child_and_leaves_the_site(
    built: Project, number: signal.Signals
) -> None:
    project = built
    before = contents(project.site)
    (project.root / "slow.py").write_text(SLOW, encoding="utf-8")
    (project.root / "mkdocs.yml").write_text(CONFIG + "hooks: [slow.py]\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", BUILDER], cwd=project.root, stderr=subprocess.DEVNULL
    )
    told = project.root / "pid"
    wait_until(lambda: told.is_file() and told.stat().st_size)
    child = int(told.read_text(encoding="utf-8"))
    process.send_signal(number)
    process.wait(timeout=60)
    wait_until(lambda: not is_alive(child))
    assert contents(project.site) == before
    if number != signal.SIGKILL:
        assert beside(project) - {"__pycache__"} == {"public"}
    (project.root / "mkdocs.yml").write_text(CONFIG, encoding="utf-8")
    build(project)
    assert beside(project) - {"__pycache__"} == {"public"}


def wait_until(done: object) -> None:
    deadline = time.monotonic() + 60
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not (state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False
