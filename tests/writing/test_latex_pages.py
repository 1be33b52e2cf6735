"""Pages with ``--math latex`` are what GitHub, Jupyter, Quarto and Pandoc share."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import pytest

from rendering import DEFAULT, walkthrough

MATH = re.compile(r"\$\$.*?\$\$|(?<!\\)\$[^$\n]+\$", re.DOTALL)
COMMAND = re.compile(r"\\[A-Za-z]+")
ELEMENT = re.compile(r"<(?!/?span\b)[a-zA-Z/][^>]*>")
DECIMAL = re.compile(r"\d+\.\d+")
#: Experiments with what is special: state, classes, columns, schedules, penalties, overflow.
NAMES = (
    *(DEFAULT, "adam, uncorrected", "multiclass", "column", "rate by a power"),
    *("diverging classes", "momentum by steps"),
)
#: The experiment whose pages Pandoc writes: it is long at a large one, and takes all in one go.
WRITTEN = "adam, uncorrected"
OPTIONS = {"html": ["--mathml"], "latex": [], "docx": []}


def is_there() -> bool:
    """Whether Pandoc is installed; where everything has to be tried, it must be."""
    if shutil.which("pandoc"):
        return True
    if os.environ.get("TRACER_REQUIRE_PANDOC") == "1":
        pytest.fail("pandoc is not installed")
    return False


@pytest.mark.parametrize("name", NAMES)
def test_no_command_stands_outside_of_mathematics(name: str) -> None:
    for path, page in walkthrough(name, "latex").items():
        words = MATH.sub(" ", page)
        assert not COMMAND.findall(words), path
        assert "$" not in words, path


@pytest.mark.parametrize("name", NAMES)
def test_the_only_elements_are_places_that_links_lead_to(name: str) -> None:
    for path, page in walkthrough(name, "latex").items():
        assert not ELEMENT.findall(MATH.sub(" ", page)), path


@pytest.mark.parametrize("name", NAMES)
def test_each_page_has_one_title(name: str) -> None:
    for path, page in walkthrough(name, "latex").items():
        assert page.startswith("# "), path
        assert len(re.findall(r"^# ", page, re.MULTILINE)) == 1, path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("latex")
    for path, page in walkthrough(WRITTEN, "latex").items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(page, encoding="utf-8")
    return made


def read(path: Path) -> str:
    """What a reader finds in a file that Pandoc wrote."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as stored:
            return unescape(re.sub(r"<[^>]*>", " ", stored.read("word/document.xml").decode()))
    text = path.read_text(encoding="utf-8")
    return unescape(re.sub(r"<[^>]*>", "", text)) if path.suffix == ".html" else text


@pytest.mark.parametrize("form", OPTIONS)
def test_pandoc_keeps_every_number(folder: Path, form: str) -> None:
    if not is_there():
        pytest.skip("pandoc is not installed")
    pages = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.md"))
    out = folder / f"all.{form}"
    command = ["pandoc", "--standalone", "--from=markdown", "--metadata=title:All"]
    done = subprocess.run(
        [*command, *OPTIONS[form], "--file-scope", f"--output={out}", *pages],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    wanted = {found for page in pages for found in DECIMAL.findall((folder / page).read_text())}
    assert len(wanted) > 400
    kept = set(DECIMAL.findall(read(out)))
    assert not wanted - kept
