"""Pages speak the language of a catalog; English is the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from messages import extracted, in_catalog
from sites import ROOT, TINY
from tracer.errors import RenderError
from tracer.experiment import load_experiment
from tracer.writing.language import ENGLISH, Language, language_of, read_catalog
from tracer.writing.templating import DataTemplates, environment

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "%(count)s row of %(name)s"
msgid_plural "%(count)s rows of %(name)s"
msgstr[0] "%(count)s Zeile von %(name)s"
msgstr[1] "%(count)s Zeilen von %(name)s"
"""
ROWS = (
    "{% trans count=n, name=who %}\n  {{ count }} row of {{ name }}\n"
    "{% pluralize count %}{{ count }} rows of {{ name }}{% endtrans %}"
)


def catalog(folder: Path, name: str = "de", text: str = PO) -> Path:
    path = folder / "locale" / name / "LC_MESSAGES" / "tracer.po"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def experiment(folder: Path, language: str) -> Path:
    path = folder / "tiny.toml"
    path.write_text(f'{TINY}[pages]\nlanguage = "{language}"\n', encoding="utf-8")
    return path


def test_english_is_the_source() -> None:
    said = environment().from_string(ROWS)
    assert said.render(n=1, who="<a>") == "1 row of &lt;a&gt;"
    assert said.render(n=2, who="b") == "2 rows of b"


@pytest.mark.parametrize("sandbox", [False, True])
def test_a_catalog_beside_the_experiment_translates(tmp_path: Path, sandbox: bool) -> None:
    catalog(tmp_path)
    language = language_of(load_experiment(str(experiment(tmp_path, "de"))))
    said = environment(DataTemplates(tmp_path) if sandbox else None, language).from_string(ROWS)
    assert said.render(n=1, who="100 %") == "1 Zeile von 100 %"
    assert said.render(n=5, who="b") == "5 Zeilen von b"


def test_a_language_without_catalog_is_refused_with_a_way_out(tmp_path: Path) -> None:
    loaded = load_experiment(str(experiment(tmp_path, "de")))
    with pytest.raises(RenderError) as caught:
        language_of(loaded)
    said = str(caught.value)
    assert "pages.language" in said
    assert "locale/de/LC_MESSAGES/tracer.po" in said


@pytest.mark.parametrize("text", ["nonsense", "\0", 'msgid "%(a)s"\nmsgstr "%(b)s"\n'])
def test_a_damaged_catalog_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(RenderError, match=r"tracer\.po"):
        read_catalog(catalog(tmp_path, text=text), "de")


def test_a_message_cannot_be_blown_up_by_a_template_that_data_names(tmp_path: Path) -> None:
    env = environment(DataTemplates(tmp_path), ENGLISH)
    assert env.from_string("{{ gettext('%(a)999999999s', a=1) }}").render() == "%(a)999999999s"


def test_the_stored_catalog_is_what_the_command_extracts() -> None:
    """That of the Makefile, with the mappings that it names."""
    assert "pybabel -q extract --mapping-file pyproject.toml" in (ROOT / "Makefile").read_text()
    made = extracted()
    assert len(made) > 1000
    stored = in_catalog(ROOT / "templates" / "locale" / "tracer.pot")
    assert stored == made, "`make messages` writes the catalog anew"


def test_a_language_is_what_its_name_says() -> None:
    assert Language("de") != ENGLISH


def test_a_language_without_catalog_is_refused_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_main: Any
) -> None:
    experiment(tmp_path, "de")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tracer.training.run", lambda *_: pytest.fail("it was trained"))
    status, _, said = call_main("render", "tiny.toml", "--out", "out")
    assert (status, "pages.language" in said) == (2, True)
    assert not (tmp_path / "out").exists()
