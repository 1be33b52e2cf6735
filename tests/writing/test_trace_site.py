"""A trace made in Python becomes a site in one call, in a fresh folder or in a project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sites import contents, small_project
from tracer.errors import ExperimentError, RenderError
from traces import trace_of

pytestmark = pytest.mark.usefixtures("rendered_once")

NAVIGATION = "mkdocs.nav.yml"


def test_a_fresh_folder_becomes_a_project_that_mkdocs_builds(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "fresh"
    report = trace_of("one batch").to_site(folder)
    assert "experiment/index.md" in report.written
    assert "assets/tracer.css" in report.unchanged  # the project was made with it
    there = contents(folder)
    assert {"mkdocs.yml", NAVIGATION, "site/index.md", "site/examples/assets/tracer.js"} <= set(
        there
    )
    assert not [path for path in there if path.startswith(("experiments/", "public/"))]
    navigation = there[NAVIGATION].decode()
    assert "examples/experiment/epoch-1/index.md" in navigation
    again = trace_of("one batch").to_site(folder, build=True)
    assert (again.written, again.removed) == ((), ())
    assert (folder / "public" / "examples" / "experiment" / "epoch-1" / "index.html").is_file()
    assert contents(folder).keys() > there.keys()


def test_a_project_keeps_its_own_files_and_gets_one_more_walkthrough(tmp_path: Path) -> None:
    folder = small_project(tmp_path / "project")
    before = contents(folder)
    made = trace_of("one batch")
    named = replace(made, experiment=replace(made.experiment, name="mine"))
    named.to_site(folder)
    after = contents(folder)
    assert {path: after[path] for path in before if path != NAVIGATION} == {
        path: text for path, text in before.items() if path != NAVIGATION
    }
    made.to_site(folder)
    navigation = (folder / NAVIGATION).read_text(encoding="utf-8")
    assert "examples/mine/index.md" in navigation
    assert "examples/experiment/index.md" in navigation


def test_a_folder_with_files_in_the_way_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.md").write_text("mine", encoding="utf-8")
    with pytest.raises(RenderError, match=r"index\.md: is there already\. Choose another folder"):
        trace_of("one batch").to_site(tmp_path)
    assert contents(tmp_path) == {"site/index.md": b"mine"}


def test_what_cannot_be_rendered_makes_no_project(tmp_path: Path) -> None:
    made = trace_of("one batch")
    assets = replace(made.experiment, name="assets")
    pages = made.experiment.pages.model_copy(update={"templates": "gone"})
    for wrong in (assets, replace(made.experiment, pages=pages)):
        with pytest.raises(ExperimentError):
            replace(made, experiment=wrong).to_site(tmp_path / "new")
    with pytest.raises(ExperimentError, match="'assets' is taken"):
        replace(made, experiment=assets).render(tmp_path / "new")
    assert not (tmp_path / "new").exists()
