"""Checking is apart from rendering: a page shows what was found for these numbers, or says so."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sites import TINY, succeed
from tracer.check.proof import Proof
from tracer.check.spot import Spot
from tracer.experiment import Experiment
from tracer.files.keeping import FOLDER, clear, keep
from tracer.reread.reason import because
from tracer.studies.model import Studies
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.checked import content_key, keep_proofs, prove_anew, recall_proofs
from tracer.writing.site import render_pages

PROOFS = (
    Proof("forward_pass", 12, 1e-16, Spot.on_page("epoch-1/row-1", "z-1-1"), 1e-12),
    Proof(
        "finite_differences",
        0,
        0.0,
        Spot(),
        1e-6,
        reasons=(because("thinned", most=7),),
        skipped=True,
    ),
    Proof(
        "printed_lines",
        5,
        1,
        Spot.on_page("epoch-1/row-1", "z-1-1"),
        0,
        unit="wrong_lines",
        reasons=(because("other_value", result="1", value="2"),),
    ),
    Proof("updates", 3, float("inf"), Spot.on_page("epoch-1/row-1", "W_after-1-1-1"), 1e-12),
)
PAGES = {"index.md": "one", "epoch-1/row-1/index.md": "two", "order.json": "{}"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, bytes]:
    """What the checks found, kept here: derivations stay those of the whole run of tests."""
    store: dict[bytes, bytes] = {}
    monkeypatch.setattr("tracer.writing.checked.keep", store.__setitem__)
    monkeypatch.setattr("tracer.writing.checked.recall", store.get)
    return store


in_a_folder = pytest.mark.usefixtures("folder")
in_a_store = pytest.mark.usefixtures("found")


@cache
def trace_of(epochs: int) -> Trace:
    data: Any = ([[0.0], [1.0]], [0, 1])
    training = {"epochs": epochs}
    layers = [(1, "sigmoid")]
    return run(Experiment(data=data, layers=layers, training=training, pages={"explore": []}))


@cache
def studies() -> Studies:
    return study(trace_of(1))


def checks_page(**wanted: Any) -> str:
    return render_pages(trace_of(1), studies(), **wanted)["checks/index.md"]


@in_a_folder
def test_what_was_found_is_recalled_for_the_same_content() -> None:
    assert recall_proofs(trace_of(1), PAGES) is None
    keep_proofs(trace_of(1), PAGES, PROOFS)
    assert recall_proofs(trace_of(1), PAGES) == PROOFS
    assert recall_proofs(trace_of(1), {**PAGES, "order.json": "other"}) == PROOFS


@in_a_folder
@pytest.mark.parametrize(
    "changed", [{"index.md": "one "}, {"more.md": ""}, {"epoch-1/row-1/index.md": "one"}]
)
def test_other_pages_were_not_checked(changed: dict[str, str]) -> None:
    keep_proofs(trace_of(1), PAGES, PROOFS)
    assert recall_proofs(trace_of(1), {**PAGES, **changed}) is None
    assert recall_proofs(trace_of(2), PAGES) is None


@in_a_folder
def test_with_other_versions_it_has_to_be_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_proofs(trace_of(1), PAGES, PROOFS)
    monkeypatch.setattr("tracer.writing.checked.installed", lambda **_: b"0")
    assert recall_proofs(trace_of(1), PAGES) is None


@in_a_folder
@pytest.mark.parametrize("kept", [b"", b"[{}]", b"{", b"[1]", b'[{"key": "a"}]', b"null"])
def test_what_cannot_be_read_was_not_checked(kept: bytes) -> None:
    keep(content_key(trace_of(1), PAGES), kept)
    assert recall_proofs(trace_of(1), PAGES) is None


@in_a_store
def test_the_page_says_that_it_was_not_checked_and_how_to() -> None:
    page = checks_page()
    assert "was not checked" in page
    assert "tracer check" in page
    assert "tr-checks" not in page


def test_checking_once_is_enough_for_every_rendering_of_the_same(
    found: dict[bytes, bytes],
) -> None:
    page = checks_page(prove=prove_anew)
    assert len(found) == 1
    assert "was not checked" not in page
    assert "tr-checks" in page
    assert checks_page() == page


def test_nothing_kept_changes_a_page(folder: Path) -> None:
    first = checks_page(prove=prove_anew)
    assert any(folder.iterdir())
    clear(folder)
    assert checks_page(prove=prove_anew) == first


def test_the_commands_check_then_render_shows_it(tmp_path: Path) -> None:
    alone = TINY.replace("Tiny", "Checked here and nowhere else")
    (tmp_path / "tiny.toml").write_text(alone, encoding="utf-8")
    page = tmp_path / "out" / "tiny" / "checks" / "index.md"
    succeed("tracer", "render", "tiny.toml", "--out", "out", cwd=tmp_path)
    assert "was not checked" in page.read_text("utf-8")
    succeed("tracer", "check", "tiny.toml", cwd=tmp_path)
    succeed("tracer", "render", "tiny.toml", "--out", "out", cwd=tmp_path)
    assert "tr-checks" in page.read_text("utf-8")


@in_a_folder
def test_a_failed_check_fails_the_command_after_the_pages_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call_main: Any
) -> None:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tracer.check.proofs.prove", lambda *_: PROOFS)
    status, out, said = call_main("render", "tiny.toml", "--out", "out", "--check")
    assert status == 1
    assert "failed: printed_lines, updates" in out + said
    assert "tr-wrong" in (tmp_path / "out/tiny/checks/index.md").read_text("utf-8")
