"""Rendering into a project: what is written, what goes away, what is never touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml

from sites import SMALL, contents, times
from tracer.errors import RenderError
from tracer.experiment import Experiment, load_experiment
from tracer.files.tree import WriteReport, write_trees
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.navigating import write_navigation
from tracer.writing.origin import outdated
from tracer.writing.project import NAVIGATION, ORDER, find_project, walkthroughs
from tracer.writing.site import (
    render_pages,
    write_shared,
    write_walkthrough,
)

pytestmark = pytest.mark.usefixtures("rendered_once")

CONFIG = "site_name: Mine\nINHERIT: mkdocs.nav.yml\ndocs_dir: pages\nsite_dir: html\n"
BOTH = "\n[pages]\nepochs = [1, 2]\nexplore = []\n"
Render = Callable[..., WriteReport]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Render an experiment file's text, or another one, into ``pages/examples``."""

    def rendered(
        text: str = SMALL, name: str = "small", templates: Path | None = None
    ) -> WriteReport:
        path = tmp_path / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        trace = run(load_experiment(path))
        return write_walkthrough(
            trace, study(trace), tmp_path / "pages" / "examples", templates=templates
        )

    return rendered


def walk(root: Path, name: str = "small") -> Path:
    return root / "pages" / "examples" / name


def markdown(root: Path) -> set[str]:
    return {path for path in contents(walk(root)) if path.endswith("index.md")}


# Files


def test_a_second_rendering_writes_nothing(tmp_path: Path, render: Render) -> None:
    first = render()
    write_shared(tmp_path / "pages" / "examples")
    before = times(tmp_path / "pages")
    second = render()
    assert not write_shared(tmp_path / "pages" / "examples").written
    assert times(tmp_path / "pages") == before
    assert second.unchanged == first.written
    assert second.written == second.removed == ()


def test_what_these_tests_ask_for_again_is_not_rendered_again(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = SMALL.replace("Three rows", "Rows that no other test checks meanwhile")
    render(asked)
    monkeypatch.delattr("once.render_pages")
    assert render(asked).unchanged


def test_only_what_changed_is_written(tmp_path: Path, render: Render) -> None:
    render()
    before = contents(walk(tmp_path))
    report = render(SMALL.replace("Three rows", "Rows, three of them"))
    changed = {
        path for path, content in contents(walk(tmp_path)).items() if content != before[path]
    }
    assert "index.md" in changed
    assert set(report.written) == {path for path in changed if not path.startswith(".tracer-m")}
    assert "epoch-1/row-1/index.md" in report.unchanged


def test_the_pages_of_an_epoch_go_away_and_what_a_stranger_put_there_stays(
    tmp_path: Path, render: Render
) -> None:
    render(SMALL + BOTH)
    assert "epoch-2/row-3/index.md" in markdown(tmp_path)
    (walk(tmp_path) / "epoch-2" / "notes.md").write_text("mine", encoding="utf-8")
    (walk(tmp_path) / "mine.txt").write_text("mine too", encoding="utf-8")
    report = render()
    assert "epoch-2/row-3/index.md" in report.removed
    left = {path for path in contents(walk(tmp_path)) if path.startswith("epoch-2")}
    assert left == {"epoch-2/notes.md"}
    assert (walk(tmp_path) / "mine.txt").read_text(encoding="utf-8") == "mine too"


def test_the_page_of_a_sample_goes_away(tmp_path: Path, render: Render) -> None:
    render()
    report = render(SMALL.replace("train = 3", "train = 2"))
    assert "epoch-1/row-3/index.md" in report.removed
    assert "predictions/row-3/index.md" in report.written
    assert not (walk(tmp_path) / "epoch-1" / "row-3").exists()


def test_a_removed_page_that_was_changed_by_hand_is_kept(tmp_path: Path, render: Render) -> None:
    render(SMALL + BOTH)
    page = walk(tmp_path) / "epoch-2" / "row-3" / "index.md"
    page.write_text("# My own words\n", encoding="utf-8")
    assert render().kept == ("epoch-2/row-3/index.md",)
    assert page.read_text(encoding="utf-8") == "# My own words\n"


def test_a_page_changed_by_hand_stops_the_rendering_before_it_writes(
    tmp_path: Path, render: Render
) -> None:
    render()
    page = walk(tmp_path) / "task" / "index.md"
    page.write_text(page.read_text(encoding="utf-8") + "\nA remark.\n", encoding="utf-8")
    before = times(tmp_path / "pages")
    with pytest.raises(RenderError) as caught:
        render(SMALL.replace("seed = 3", "seed = 4"))
    (problem,) = caught.value.problems
    assert problem.file == str(page)
    assert "changed since" in problem.message
    assert "render again" in str(problem.hint)
    assert times(tmp_path / "pages") == before


def test_the_walkthrough_of_a_removed_experiment_goes_away(tmp_path: Path, render: Render) -> None:
    render()
    render(name="other")
    (walk(tmp_path, "other") / "mine.md").write_text("mine", encoding="utf-8")
    (tmp_path / "pages" / "examples" / "stranger").mkdir()
    (tmp_path / "other.toml").unlink()
    write_trees(outdated(tmp_path / "pages" / "examples", tmp_path))
    assert set(contents(walk(tmp_path, "other"))) == {"mine.md"}
    assert (tmp_path / "pages" / "examples" / "stranger").is_dir()
    assert "index.md" in markdown(tmp_path)


def test_the_pages_are_the_same_every_time() -> None:
    experiment = Experiment.from_mapping(
        {
            "data": {"columns": ["u", "t"], "rows": [[0, 0], [1, 1]]},
            "layers": [{"units": 1, "activation": "sigmoid"}],
            "training": {"loss": "binary_cross_entropy", "epochs": 2},
        }
    )
    first, second = run(experiment), run(experiment)
    assert render_pages(first, study(first)) == render_pages(second, study(second))


# Templates of one's own


def test_a_template_of_ones_own_comes_first(tmp_path: Path, render: Render) -> None:
    own = tmp_path / "own" / "pages"
    own.mkdir(parents=True)
    (own / "task.md.j2").write_text("---\ntitle: Mine\n---\n# {{ experiment.title }}\n")
    render(templates=own.parent)
    page = (walk(tmp_path) / "task" / "index.md").read_text(encoding="utf-8")
    assert page == "---\ntitle: Mine\n---\n# Three rows\n"
    assert "How does a network learn" in (walk(tmp_path) / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("# A\n{{ nothing }}", 2, "'nothing' is undefined"),
        ("{{ experiment.nothing }}", 1, "has no attribute 'nothing'"),
        ("\n\n{% if %}", 3, "Expected an expression"),
        ('{% include "gone.j2" %}', 1, "there is no template 'gone.j2'"),
        ('{% extends "gone.j2" %}', 1, "there is no template 'gone.j2'"),
    ],
)
def test_a_wrong_template_is_named_with_its_line(
    tmp_path: Path, render: Render, text: str, line: int, message: str
) -> None:
    own = tmp_path / "own" / "pages" / "epochs.md.j2"
    own.parent.mkdir(parents=True)
    own.write_text(text, encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        render(templates=tmp_path / "own")
    assert str(caught.value).startswith(f"{own}:{line}: ")
    assert message in str(caught.value)
    assert not (tmp_path / "pages").exists()


# Navigation


def project_in(folder: Path, config: str = CONFIG) -> Path:
    (folder / "mkdocs.yml").write_text(config, encoding="utf-8")
    return folder


def navigation_of(folder: Path) -> dict[str, Any]:
    project = find_project(folder)
    assert project is not None
    write_navigation(project, project.out)
    text = (folder / NAVIGATION).read_text(encoding="utf-8")
    assert text.startswith("# Written by `tracer render`.")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_the_navigation_lists_every_page_once(tmp_path: Path, render: Render) -> None:
    render(SMALL + BOTH)
    written = navigation_of(project_in(tmp_path))
    assert written["extra_css"] == [
        f"examples/assets/{name}.css"
        for name in ("fonts", "tracer", "pictures", "plots", "rows", "reading", "card", "print")
    ]
    names = [path.rpartition("/")[2] for path in written["extra_javascript"]]
    assert names == ["tracer.js", "reading.js", "card.js", "back.js", "print.js"]
    assert written["extra_javascript"][0] == "examples/assets/tracer.js"
    (section,) = written["nav"]
    parts = section["Three rows"]
    assert [next(iter(part)) for part in parts if isinstance(part, dict)] == [
        "Derivatives",
        "Epoch 1",
        "Epoch 2",
        "Batches",
        "Predictions",
    ]
    listed = [path for part in parts for path in _paths(part)]
    assert sorted(listed) == sorted(f"examples/small/{path}" for path in markdown(tmp_path))
    assert listed[0] == "examples/small/index.md"
    (first,) = [part["Epoch 1"] for part in parts if "Epoch 1" in part]
    assert first[:2] == [
        "examples/small/epoch-1/index.md",
        "examples/small/epoch-1/row-1/index.md",
    ]


def _paths(part: object) -> list[str]:
    if isinstance(part, str):
        return [part]
    assert isinstance(part, dict)
    return [path for paths in part.values() for path in paths]


@pytest.mark.parametrize("groups", [{}, {"groups": {}}, {"groups": {"tools": "The tools"}}])
def test_a_list_of_an_earlier_version_is_read(tmp_path: Path, groups: dict[str, object]) -> None:
    for path in ("tools/index.md", "epoch-12/index.md"):
        (walk(tmp_path) / path).parent.mkdir(parents=True)
        (walk(tmp_path) / path).write_text("# A\n", encoding="utf-8")
    pages = [["tools", "tools/index.md"], ["epoch-12", "epoch-12/index.md"]]
    content = {"title": "Old", **groups, "pages": pages}
    (walk(tmp_path) / ORDER).write_text(json.dumps(content), encoding="utf-8")
    (section,) = navigation_of(project_in(tmp_path))["nav"]
    tools = "The tools" if groups.get("groups") else "Tools"
    assert [next(iter(part)) for part in section["Old"]] == [tools, "Epoch 12"]


def test_a_title_may_hold_any_sign(tmp_path: Path, render: Render) -> None:
    title = "A: 'b' & \\\"c\\\" <d> #e ∂"
    render(SMALL.replace("Three rows", title))
    (section,) = navigation_of(project_in(tmp_path))["nav"]
    (shown,) = section
    assert "<" not in shown  # themes take it for HTML
    assert unescape(shown) == title.replace("\\", "")


def test_walkthroughs_stand_where_the_bare_word_stands(tmp_path: Path, render: Render) -> None:
    render()
    render(name="other")
    nav = "[{Home: index.md}, {More: [a.md, examples]}, last.md]"
    written = navigation_of(project_in(tmp_path, CONFIG + f"extra:\n  tracer:\n    nav: {nav}\n"))[
        "nav"
    ]
    home, more, last = written
    assert (home, last) == ({"Home": "index.md"}, "last.md")
    assert more["More"][0] == "a.md"
    assert [list(section) for section in more["More"][1:]] == [["Three rows"], ["Three rows"]]


def test_walkthroughs_in_other_folders_are_listed_too(tmp_path: Path, render: Render) -> None:
    render()
    trace = run(load_experiment(tmp_path / "small.toml"))
    write_walkthrough(trace, study(trace), tmp_path / "pages" / "more" / "again")
    sections = navigation_of(project_in(tmp_path))["nav"]
    assert [next(iter(section.values()))[0] for section in sections] == [
        "examples/small/index.md",
        "more/again/small/index.md",
    ]


def test_a_front_page_comes_first_by_itself(tmp_path: Path, render: Render) -> None:
    render()
    (tmp_path / "pages" / "index.md").write_text("# Home\n", encoding="utf-8")
    assert navigation_of(project_in(tmp_path))["nav"][0] == "index.md"


def test_the_navigation_is_written_only_if_it_changed(tmp_path: Path, render: Render) -> None:
    render()
    navigation_of(project_in(tmp_path))
    before = times(tmp_path)
    navigation_of(tmp_path)
    assert times(tmp_path) == before


def test_a_strangers_navigation_is_never_overwritten(tmp_path: Path, render: Render) -> None:
    render()
    (tmp_path / NAVIGATION).write_text("nav: [mine.md]\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"mkdocs\.nav\.yml: was not written by tracer"):
        navigation_of(project_in(tmp_path))
    assert (tmp_path / NAVIGATION).read_text(encoding="utf-8") == "nav: [mine.md]\n"


def test_a_project_is_read_past_what_only_mkdocs_understands(tmp_path: Path) -> None:
    tags = "x: !!python/name:material.extensions.emoji.twemoji\ny: !ENV [A, b]\nz: !relative\n"
    project = find_project(project_in(tmp_path, CONFIG + tags))
    assert project is not None
    assert (project.docs, project.site) == (tmp_path / "pages", tmp_path / "html")
    assert project.out == tmp_path / "pages" / "examples"
    assert find_project(tmp_path / "pages") is None


@pytest.mark.parametrize("config", [b"a: [", b"- a\n", b"\xff\xfe", b"a: 1\n\tb: 2\n"])
def test_a_wrong_configuration_is_named(tmp_path: Path, config: bytes) -> None:
    (tmp_path / "mkdocs.yml").write_bytes(config)
    with pytest.raises(RenderError, match=r"mkdocs\.yml"):
        find_project(tmp_path)


@pytest.mark.parametrize(
    "order", ["", "{", "[1]", '{"a": 1}', '[["a"]]', '{"title": "", "pages": [], "groups": 1}']
)
def test_a_damaged_order_of_pages_is_named(tmp_path: Path, render: Render, order: str) -> None:
    render()
    (walk(tmp_path) / ORDER).write_text(order, encoding="utf-8")
    with pytest.raises(RenderError, match="is damaged"):
        walkthroughs(tmp_path / "pages" / "examples")
