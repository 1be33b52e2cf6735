"""The command line: what it writes, what it says, and how it ends."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click import Option
from click.testing import CliRunner

from sites import SMALL, TINY, command, contents, small_project, succeed, times
from tracer import Trace, __version__
from tracer.cli import commands
from tracer.cli.group import NAMES
from tracer.experiment import load_experiment
from tracer.training import run

pytestmark = pytest.mark.usefixtures("rendered_once")

OWN = '{% extends "tracer/pages/task.md.j2" %}\n{% block question %}\nOurs.\n{% endblock %}\n'


@dataclass(frozen=True)
class Ended:
    """How a call of the command line ended."""

    status: int | str
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def tracer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call_main: Callable[..., tuple[int | str, str, str]],
) -> Call:
    """Call the command line in an empty folder that holds ``small.toml``."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL, encoding="utf-8")
    return lambda *arguments: Ended(*call_main(*arguments))


def pages(folder: str) -> set[str]:
    return {path for path in contents(Path(folder)) if path.endswith(".md")}


# Help


def test_the_version(tracer: Call) -> None:
    assert tracer("--version").out == f"tracer, version {__version__}\n"


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_has_examples(name: str) -> None:
    shown = CliRunner().invoke(commands, [name, "--help"] if name else ["-h"], prog_name="tracer")
    assert shown.exit_code == 0
    before, _, examples = shown.output.partition("Example")
    assert f"tracer {name or 'render'}" in examples
    assert f"Usage: tracer {name}".rstrip() in before


def test_every_command_is_listed_with_what_it_does() -> None:
    shown = CliRunner().invoke(commands, ["--help"]).output
    for name, entry in commands.all().items():
        assert re.search(rf"^  {name} +\w", shown, re.MULTILINE)
        assert entry.help
        options = [option for option in entry.params if isinstance(option, Option)]
        assert [option.name for option in options if not option.help] == []


def test_a_wrong_option_or_command(tracer: Call) -> None:
    for arguments in (["rendr"], ["render", "--ot", "x"], ["trace", "--format", "xml"], []):
        ended = tracer(*arguments)
        assert (ended.status, ended.out) == (2, "")
        assert "Usage:" in ended.err
    assert 'Did you mean "render"?' in tracer("rendr").err
    assert "Did you mean" not in tracer("zzzz").err


# tracer new, and a project


def test_a_new_project_renders_and_builds_at_once(tmp_path: Path) -> None:
    made = succeed("tracer", "new", "my-network", cwd=tmp_path)
    folder = tmp_path / "my-network"
    assert "my-network" in made.stderr
    succeed("tracer", "render", cwd=folder)
    succeed("mkdocs", "build", "--strict", cwd=folder)
    page = folder / "public" / "examples" / "first" / "epoch-1" / "row-8" / "index.html"
    assert 'id="W_after-1-2-2"' in page.read_text(encoding="utf-8")
    assert "Will the seed sprout?" in (folder / "public" / "index.html").read_text(encoding="utf-8")
    before = times(folder)
    succeed("tracer", "render", cwd=folder)
    assert times(folder) == before


def test_new_refuses_a_project_and_changes_nothing(tracer: Call, tmp_path: Path) -> None:
    assert tracer("new", "mine").status == 0
    (tmp_path / "mine" / "site" / "index.md").unlink()
    (tmp_path / "mine" / "mkdocs.yml").write_text("site_name: Changed\n", encoding="utf-8")
    before = times(tmp_path / "mine")
    ended = tracer("new", "mine")
    assert (ended.status, ended.out) == (2, "")
    assert "mine/mkdocs.yml: is there already" in ended.err
    assert "mine/experiments/first.toml: is there already" in ended.err
    assert times(tmp_path / "mine") == before


def test_new_leaves_other_files_alone(tracer: Call, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    assert tracer("new", "mine").status == 0
    assert (tmp_path / "mine" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert tracer("new", "small.toml").status == 2


def test_build_runs_mkdocs_strictly(tmp_path: Path) -> None:
    folder = small_project(tmp_path / "mine", TINY)
    built = succeed("tracer", "render", "--build", cwd=folder)
    assert "public/index.html" in built.stderr
    assert (folder / "public" / "examples" / "small" / "index.html").is_file()
    (folder / "site" / "index.md").write_text("# Home\n\n[gone](gone.md)\n", encoding="utf-8")
    failed = command("tracer", "render", "--build", cwd=folder)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "gone.md" in failed.stderr
    assert "is built" not in failed.stderr
    assert "Traceback" not in failed.stderr


def test_build_needs_a_project(tracer: Call, tmp_path: Path) -> None:
    ended = tracer("render", "small.toml", "--build")
    assert ended.status == 2
    assert "mkdocs.yml" in ended.err
    assert "tracer new" in ended.err
    assert set(contents(tmp_path)) == {"small.toml"}


# tracer render


def test_without_argument_the_built_in_example_is_rendered(tracer: Call) -> None:
    ended = tracer("render")
    assert (ended.status, ended.out) == (0, "")
    assert "epoch-1/row-8/index.md" in pages("site/examples/mini2d")
    assert Path("site/examples/assets/tracer.css").is_file()


def test_out_is_where_the_pages_go(tracer: Call, tmp_path: Path) -> None:
    ended = tracer("render", "small.toml", "--out", "deep/notes")
    assert ended.status == 0
    assert ended.err.startswith("deep/notes/small: ")
    assert {"index.md", "epoch-1/row-3/index.md"} <= pages("deep/notes/small")
    assert {path.name for path in tmp_path.iterdir()} == {"small.toml", "deep"}
    assert {path.name for path in Path("deep/notes").iterdir()} == {"small", "assets"}


def test_out_beside_the_pages_of_a_project_leaves_its_navigation(tracer: Call) -> None:
    Path("mkdocs.yml").write_text("site_name: Mine\ndocs_dir: pages\n", encoding="utf-8")
    tracer("render", "small.toml", "--out", "elsewhere")
    assert not Path("mkdocs.nav.yml").exists()
    tracer("render", "small.toml", "--out", "pages/walks")
    assert "walks/small/index.md" in Path("mkdocs.nav.yml").read_text(encoding="utf-8")


def test_latex_for_notebooks(tracer: Call) -> None:
    assert tracer("render", "small.toml", "--out", "notes", "--math", "latex").status == 0
    assert {path.name for path in Path("notes").iterdir()} == {"small"}
    texts = {path: (Path("notes/small") / path).read_text("utf-8") for path in pages("notes/small")}
    cycle = texts["epoch-1/row-2/index.md"]
    assert cycle.count("\n$$\n") > 100
    assert "z_{1}^{[1]} = " in cycle.replace("z^{[1]}_{1}", "z_{1}^{[1]}")
    for path, text in texts.items():
        assert "<math" not in text, path
        assert "<svg" not in text, path
        for link in re.findall(r'(?:\]\(|href=")([^)"#]+)', text):
            assert (Path("notes/small") / path).parent.joinpath(link).is_file(), (path, link)


@pytest.mark.parametrize("place", ["option", "file"])
def test_templates_of_ones_own_override_one_block(tracer: Call, place: str) -> None:
    Path("own/pages").mkdir(parents=True)
    Path("own/pages/task.md.j2").write_text(OWN, encoding="utf-8")
    Path("small.toml").write_text(TINY, encoding="utf-8")
    Path("in-file.toml").write_text(TINY + '\n[pages]\ntemplates = "own"\n', encoding="utf-8")
    given = ["small.toml", "--templates", "own"] if place == "option" else ["in-file.toml"]
    assert tracer("render", *given, "--out", "o").err.startswith("o/")
    (task,) = Path("o").glob("*/task/index.md")
    text = task.read_text(encoding="utf-8")
    assert "\nOurs.\n" in text
    assert "Each row of the table has" not in text
    assert "<caption>The data table</caption>" in text


# Wrong input


def refused(ended: Ended, folder: Path, *kept: str) -> list[str]:
    """What was said, after a look that this is all that happened."""
    assert (ended.status, ended.out) == (2, "")
    assert "Traceback" not in ended.err
    assert {path.name for path in folder.iterdir()} == {"small.toml", *kept}
    return ended.err.splitlines()


def test_all_problems_of_all_files_are_told_at_once(tracer: Call, tmp_path: Path) -> None:
    wrong = SMALL.replace('"tanh"', '"tanhh"').replace("epochs = 3", "epoch = 0.5")
    (tmp_path / "wrong.toml").write_text(wrong, encoding="utf-8")
    (tmp_path / "worse.toml").write_text("[data\n", encoding="utf-8")
    ended = tracer("render", "small.toml", "wrong.toml", "gone.toml", "worse.toml")
    lines = refused(ended, tmp_path, "wrong.toml", "worse.toml")
    line = wrong.splitlines().index('activation = "tanhh"') + 1
    assert f"error: wrong.toml:{line}: layers[1].activation: " in lines[0]
    assert 'Did you mean "tanh"?' in lines[0]
    assert "wrong.toml" in lines[1]
    assert "epoch" in lines[1]
    assert "gone.toml" in lines[2]
    assert lines[3].startswith("error: worse.toml:1: ")
    assert lines[4:] == ["4 problems found."]


@pytest.mark.parametrize("verb", ["render", "trace"])
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.toml", None, "gone.toml"),
        (".", None, "is a folder"),
        ("a.toml", b"\xff\xfe\x00", "UTF-8"),
        ("a.toml", b"", "data"),
        ("a.toml", b"title = 1 = 2", "a.toml:1"),
    ],
)
def test_a_file_that_is_none(
    tracer: Call, verb: str, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    ended = tracer(verb, name)
    lines = refused(ended, Path.cwd(), *([] if content is None else [name]))
    assert any(said in line for line in lines)
    assert all(line.startswith("error: ") or "problems found" in line for line in lines)


@pytest.mark.parametrize(
    "names", [("a/same.toml", "b/same.toml"), ("Some Net.toml", "some-net.toml")]
)
def test_two_experiments_of_one_name(tracer: Call, tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SMALL, encoding="utf-8")
    (line,) = refused(tracer("render", *names), tmp_path, *(name.split("/")[0] for name in names))
    assert names[0] in line
    assert names[1] in line
    assert "same name" in line


def test_an_experiment_must_not_take_the_place_of_the_assets(tracer: Call, tmp_path: Path) -> None:
    (tmp_path / "Assets.toml").write_text(SMALL, encoding="utf-8")
    (line,) = refused(tracer("render", "Assets.toml"), tmp_path, "Assets.toml")
    assert "Rename the file" in line


def test_templates_that_are_not_there(tracer: Call, tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text(SMALL + '[pages]\ntemplates = "no"\n', encoding="utf-8")
    (line,) = refused(tracer("render", "small.toml", "t.toml"), tmp_path, "t.toml")
    assert "pages.templates" in line
    assert tracer("render", "small.toml", "--templates", "no").status == 2


def test_a_page_changed_by_hand_is_named(tracer: Call) -> None:
    tracer("render", "small.toml", "--out", "o")
    Path("o/small/task/index.md").write_text("mine", encoding="utf-8")
    before = times(Path())
    ended = tracer("render", "small.toml", "--out", "o")
    assert ended.status == 2
    assert ended.err.startswith("error: o/small/task/index.md: ")
    assert times(Path()) == before


# tracer trace


def test_the_table(tracer: Call) -> None:
    ended = tracer("trace", "small.toml")
    assert ended.status == 0
    assert "Three rows" in ended.out
    assert "2-2-1 (tanh, sigmoid)" in ended.out
    assert re.search(r"update 8, epoch 3, row 2", ended.out)
    assert "update 9," not in ended.out
    assert "8 of 9 updates shown" in ended.err


def test_the_table_shows_the_digits_of_the_trace(tracer: Call) -> None:
    shown = tracer("trace", "small.toml", "--updates", "3").out
    cycle = run(load_experiment("small.toml")).cycle(epoch=1, row=3)
    for value in (*cycle.z[0], *cycle.a[1], *cycle.dL_dz[1], *cycle.W_after[1][0]):
        assert f"{abs(value):.4f}" in shown or f"{abs(value):.3g}" in shown


def test_a_title_is_no_markup(tracer: Call) -> None:
    Path("small.toml").write_text(SMALL.replace("Three rows", "a [/b] [red]c"), encoding="utf-8")
    assert "a [/b] [red]c" in tracer("trace", "small.toml").out


def document(*arguments: str, cwd: Path) -> Any:
    """The JSON of a run; standard output holds nothing else, and standard error nothing."""
    done = succeed("tracer", "trace", "small.toml", "--format", "json", *arguments, cwd=cwd)
    assert done.stderr == ""
    return json.loads(done.stdout, parse_constant=pytest.fail)


def test_json_is_all_of_standard_output(tracer: Call, tmp_path: Path) -> None:
    made, trace = document(cwd=tmp_path), run(load_experiment("small.toml"))
    assert [update["update"] for update in made["updates"]] == list(range(1, 10))
    assert made["updates"][0]["visits"][0]["z"][0] == trace.z[0][0].tolist()
    assert made["final"]["W"][1] == trace.W[1][-1].tolist()
    assert [entry["row"] for entry in made["predictions"]] == [4]
    assert json.loads(tracer("trace", "small.toml", "--format", "json").out) == made


@pytest.mark.parametrize(
    ("arguments", "updates"),
    [
        (["--updates", "2:3"], [2, 3]),
        (["--updates", "5"], [5]),
        (["--epochs", "1,3"], [1, 2, 3, 7, 8, 9]),
        (["--epochs", "2", "--updates", "6:7"], [6]),
        (["--epochs", "3", "--updates", "1"], []),
    ],
)
def test_updates_and_epochs_are_chosen(
    tracer: Call, arguments: list[str], updates: list[int]
) -> None:
    made = json.loads(tracer("trace", "small.toml", "--format", "json", *arguments).out)
    assert [update["update"] for update in made["updates"]] == updates
    table = tracer("trace", "small.toml", *arguments)
    assert [int(n) for n in re.findall(r"update (\d+),", table.out)] == updates
    assert table.err == ""


@pytest.mark.parametrize(
    "given", ["0", "0:2", "3:2", "x", "1:", ":", "-1", "1:10", "10", "1.5", ""]
)
def test_a_range_that_is_none(tracer: Call, given: str) -> None:
    ended = tracer("trace", "small.toml", "--updates", given)
    assert (ended.status, ended.out) == (2, "")
    assert "--updates" in ended.err


@pytest.mark.parametrize("given", ["0", "1,", "a", "4", "1,99", "-1", ""])
def test_epochs_that_are_none(tracer: Call, given: str) -> None:
    ended = tracer("trace", "small.toml", "--epochs", given)
    assert (ended.status, ended.out) == (2, "")
    assert "--epochs" in ended.err


def test_a_saved_trace_can_be_loaded(tracer: Call) -> None:
    assert tracer("trace", "small.toml", "--save", "run.npz").status == 0
    loaded, trace = Trace.load("run.npz"), run(load_experiment("small.toml"))
    assert loaded.experiment == trace.experiment
    assert all(np.array_equal(a, b) for a, b in zip(loaded.W, trace.W, strict=True))


def test_a_place_where_nothing_can_be_saved(tracer: Call, tmp_path: Path) -> None:
    ended = tracer("trace", "small.toml", "--save", "gone/run.npz")
    assert (ended.status, ended.out) == (2, "")
    assert "--save: gone/run.npz: cannot be written: there is no folder gone" in ended.err
    assert contents(tmp_path).keys() == {"small.toml"}


def test_a_run_that_diverges_is_told_and_nothing_else(tracer: Call) -> None:
    text = SMALL.replace("epochs = 3", "epochs = 3\nlearning_rate = 1e308")
    Path("small.toml").write_text(text.replace("0.25, 1,", "1e200, 1,"), encoding="utf-8")
    ended = tracer("trace", "small.toml", "--format", "json")
    assert (ended.status, ended.err) == (0, "")
    json.loads(ended.out, parse_constant=pytest.fail)
    assert '"nan"' in ended.out or '"inf"' in ended.out
    assert "diverged" in tracer("trace", "small.toml").out


# tracer schema


def test_the_schema_is_json(tracer: Call) -> None:
    ended = tracer("schema")
    assert (ended.status, ended.err) == (0, "")
    schema = json.loads(ended.out)
    assert {"title", "data", "layers", "init", "training", "pages"} <= schema["properties"].keys()
    assert set(schema["required"]) == {"data", "layers"}
