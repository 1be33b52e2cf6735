"""No text sends anybody to a package of a stranger; every hint installs from the checkout."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sites import python
from tracer.errors import TracerError
from tracer.extras import DISTRIBUTION, INSTALL, install_hint
from traces import trace_of

ROOT = Path(__file__).resolve().parents[1]
#: `pip install tracer`, and tracer with an extra, in whatever quotes.
A_STRANGER_S = re.compile(
    r"(?:pip|pipx|uv|conda)[\w ]* (?:install|add)(?: -{1,2}[\w-]+)* ['\"]?tracer\b"
    r"|(?<![\w-])tracer\[(?:sklearn|pandas|torch|keras|test|dev|zensical)\b"
)

SEARCHED = ("tracer", "templates", "site", "README.md", "CONTRIBUTING.md", "Makefile", "mkdocs.yml")


def texts() -> Iterator[tuple[str, str]]:
    for name in SEARCHED:
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.suffix in (".py", ".md", ".j2", ".toml", ".yml", ""):
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def test_no_text_installs_a_stranger_s_package() -> None:
    found = [(name, hit[0]) for name, text in texts() for hit in A_STRANGER_S.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "pip install tracer",
        "pip install -U 'tracer'",
        "python -m pip install --quiet tracer",
        "``tracer[sklearn]``",
        "pip install 'tracer[sklearn]'",
        "uv add tracer",
    ],
)
def test_such_a_text_would_be_found(text: str) -> None:
    assert A_STRANGER_S.search(text)


def test_every_install_of_an_extra_is_the_one_command_and_the_extra_exists() -> None:
    extras = _settings()["project"]["optional-dependencies"]
    pattern = re.compile(re.escape(INSTALL).replace(r"\{extra\}", r"([\w,]+)"))
    named = [name for _, text in texts() for name in pattern.findall(text)]
    assert len(named) >= 2
    assert set(named) <= set(extras)
    asked = [
        name for _, text in texts() for name in re.findall(r'install_hint\("([\w-]+)"\)', text)
    ]
    assert {"sklearn", "pandas"} <= set(asked) <= set(extras)


def _settings():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_distribution_has_its_own_name_and_the_command_keeps_its() -> None:
    project = _settings()["project"]
    assert project["name"] == DISTRIBUTION == "nn-tracer"
    assert set(project["scripts"]) == {"tracer"}
    assert f"{DISTRIBUTION.replace('-', '_')}.egg-info" in (ROOT / "Makefile").read_text("utf-8")


def test_errors_say_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(TracerError) as caught:
        trace_of("one batch").to_dataframe()
    assert str(caught.value).endswith(install_hint("pandas"))


def test_the_version_needs_no_installed_metadata(tmp_path: Path) -> None:
    code = (
        "import importlib.metadata as m\n"
        "def none(*_):\n raise m.PackageNotFoundError\n"
        "m.distribution = m.version = m.metadata = none\n"
        "import tracer.cli\ntracer.cli.main(['--version'])\n"
    )
    done = python("-c", code, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("tracer, version ")
