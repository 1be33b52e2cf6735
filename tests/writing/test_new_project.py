"""A project as `tracer new` makes it, before and after its first rendering."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from sites import TINY, succeed
from tracer.errors import RenderError
from tracer.writing.navigating import write_navigation
from tracer.writing.project import find_project, page_order
from tracer.writing.starting import start_project

#: The console script of MkDocs, by whose name the theme knows that it may advertise.
SCRIPT = "import sys\nfrom mkdocs.__main__ import cli\nsys.exit(cli())\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    succeed("tracer", "new", "mine", cwd=tmp_path)
    return tmp_path / "mine"


def mkdocs(project: Path) -> str:
    """Build strictly as a user does, without anything in the environment; return what it says."""
    script = project.parent / "mkdocs"
    script.write_text(SCRIPT, encoding="utf-8")
    bare = {name: value for name, value in os.environ.items() if "MKDOCS" not in name}
    done = subprocess.run(
        [sys.executable, str(script), "build", "--strict"],
        cwd=project,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def front(project: Path) -> str:
    return (project / "public" / "index.html").read_text(encoding="utf-8")


def test_it_builds_before_it_is_rendered_and_nothing_is_advertised(project: Path) -> None:
    said = mkdocs(project)
    assert all(line.startswith("INFO") for line in said.splitlines())
    assert "run <code>tracer render</code>" in front(project)


def test_the_theme_would_advertise_otherwise(project: Path) -> None:
    config = project / "mkdocs.yml"
    kept = [line for line in config.read_text("utf-8").splitlines() if "quiet:" not in line]
    config.write_text("\n".join(kept), encoding="utf-8")
    assert "To disable this warning" in mkdocs(project)


def test_the_start_page_lists_what_there_is(project: Path) -> None:
    (project / "experiments" / "first.toml").unlink()
    (project / "experiments" / "my-own.toml").write_text(TINY, encoding="utf-8")
    succeed("tracer", "render", cwd=project)
    succeed("mkdocs", "build", "--strict", cwd=project)
    assert '<li><a href="examples/my-own/index.html">Tiny</a></li>' in front(project)
    assert "examples/first" not in front(project)
    if importlib.util.find_spec("zensical"):
        succeed("zensical", "build", "--strict", cwd=project)
        assert '<a href="examples/my-own/index.html">Tiny</a>' in front(project)
        walks = project / "site" / "examples"
        (walks / "my-own").rename(walks / "other")
        found = find_project(project)
        assert found is not None
        write_navigation(found, found.out)
        succeed("zensical", "build", cwd=project)  # from what it kept of the build before
        assert '<a href="examples/other/index.html">Tiny</a>' in front(project)


def test_a_page_deeper_down_may_list_them_too_and_code_is_left_alone(project: Path) -> None:
    walk = project / "site" / "examples" / "a b"
    walk.mkdir()
    (walk / "index.md").write_text("# Walk\n", encoding="utf-8")
    order = page_order("One [1] <b>", [("", "index.md")])
    (walk / ".tracer-pages.json").write_text(order, encoding="utf-8")
    marker = "<!-- tracer: walkthroughs -->\n"
    (project / "site" / "deep").mkdir()
    page = project / "site" / "deep" / "page.md"
    page.write_text(f"# Deep\n\n{marker}\n```text\n{marker}```\n", encoding="utf-8")
    succeed("mkdocs", "build", "--strict", cwd=project)
    text = (project / "public" / "deep" / "page.html").read_text(encoding="utf-8")
    assert '<a href="../examples/a%20b/index.html">One [1] <b></a>' in unescape(text)
    assert "&lt;!-- tracer: walkthroughs --&gt;" in text


def test_what_to_do_about_files_in_the_way_is_said_once(tmp_path: Path) -> None:
    start_project(tmp_path, sample=True)
    with pytest.raises(RenderError) as refused:
        start_project(tmp_path, sample=True)
    problems = refused.value.problems
    assert len(problems) > 2
    assert [problem.hint for problem in problems[:-1]] == [None] * (len(problems) - 1)
    assert str(problems[-1]).endswith("is there already. Choose another folder.")
