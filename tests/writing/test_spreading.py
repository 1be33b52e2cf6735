"""Pages that copies of the process make are those that one process makes, to the byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from rendering import studies_of, trace_of, unexplored
from tracer.errors import RenderError
from tracer.executor import Executor, aside, can_copy, forked
from tracer.files.keeping import FOLDER
from tracer.files.packs import Pack, pack
from tracer.pages import kinds, walk_of
from tracer.pages.index import Notes
from tracer.typeset.formulas import Formulas
from tracer.writing import spreading
from tracer.writing.site import build_pages, page_renderer, render_pages
from tracer.writing.spreading import Spread, is_alone, made_aside

NAME = "l2 a batch"
copying = pytest.mark.skipif(not can_copy(), reason="this system copies no processes")


class Asked(list[int]):
    """How many processes were asked for, and how many pages of pages they were to make."""

    def __call__(self, jobs: int) -> Executor:
        """What the executor is that is asked for."""
        self.append(jobs)
        return forked(jobs)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Copies are asked for however little there is to do."""
    found = Asked()
    monkeypatch.setattr(spreading, "WORTH_COPIES", 0.0)
    monkeypatch.setattr(spreading, "forked", found)
    return found


def rendered(*, explored: bool = False, **how: Any) -> dict[str, str]:
    trace = trace_of(NAME) if explored else unexplored(trace_of(NAME))
    return render_pages(trace, studies_of(NAME), **how)


@cache
def by_one() -> dict[str, str]:
    """All pages, made by one process, with what stands beside them."""
    return rendered(explored=True, beside=True)


@copying
@pytest.mark.parametrize("math", ["mathml", "latex"])
def test_pages_do_not_depend_on_the_number_of_processes(asked: Asked, math: str) -> None:
    how: dict[str, Any] = {"math": math}
    if math == "mathml":
        how = {"explored": True, "beside": True}
    one = by_one() if math == "mathml" else rendered(**how, jobs=1)
    two = rendered(**how, jobs=2)
    assert list(one.items()) == list(two.items())
    assert asked[-1] == 2
    assert any(path.endswith(".js") for path in one) == (math == "mathml")


@copying
def test_the_index_knows_what_the_pages_of_copies_show(asked: Asked) -> None:
    one, two = (_notes(jobs) for jobs in (1, 2))
    assert one == two
    assert one["epoch-1/row-3"].lines
    assert asked == [1, 2]


def _notes(jobs: int) -> dict[str, Notes]:
    walk = walk_of(unexplored(trace_of(NAME)), studies_of(NAME))
    steps = list[tuple[int, int]]()
    render = page_renderer(walk.trace.experiment)
    Spread(walk, render, lambda done, total: steps.append((done, total)), jobs).make()
    done, total = zip(*steps, strict=True)
    assert list(done) == sorted(done)
    assert done[-1] == total[-1] - 1  # the page of the checks is rendered when these were made
    return {page.slug: walk.index.notes(page.slug) for page in walk.pages}


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether a copy was to make pages aside, each time: for one page, unless told otherwise."""
    found: list[bool] = []

    def noted(function: Callable[[], Any], *, copied: bool) -> Any:
        found.append(copied)
        return aside(function, copied=copied)

    monkeypatch.setattr(spreading, "WORTH_A_COPY", 1)
    monkeypatch.setattr(spreading, "is_one_free", lambda: True)
    monkeypatch.setattr(Formulas, "are_recalled", True)
    monkeypatch.setattr(spreading, "aside", noted)
    return found


@copying
@pytest.mark.parametrize("most", [1, 24])
def test_a_copy_makes_pages_aside(
    copied: list[bool], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(spreading, "MOST_ASIDE", most)
    one = by_one()
    assert list(rendered(explored=True, beside=True, jobs=2).items()) == list(one.items())
    assert _notes(2) == _notes(1)
    assert copied[-3:] == [True, True, False]


def test_a_copy_has_half_of_the_work() -> None:
    alone = {kind.name for kind in kinds() if is_alone(kind)}
    assert alone == {"cycle", "batch_cycle", "prediction", "epochs"}


def test_a_copy_aside_is_made_where_it_pays(
    copied: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("WORTH_A_COPY", 99), ("is_one_free", lambda: False)):
        with monkeypatch.context() as changed:
            changed.setattr(spreading, name, value)
            _notes(2)
    monkeypatch.setattr(Formulas, "are_recalled", False)
    _notes(2)
    assert copied[-3:] == [False, False, False]


@copying
def test_what_a_copy_worked_out_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    walk = walk_of(unexplored(trace_of(NAME)), studies_of(NAME))
    make = partial(made_aside, walk, page_renderer(walk.trace.experiment), ["epoch-1/row-1"])
    with aside(make) as made:
        assert [one.slug for one in made()] == ["epoch-1/row-1"]
    assert not pack().recalled
    assert isinstance(walk.known, Formulas)
    assert Pack().recalled.keys() > {walk.known.name}


@copying
def test_an_error_in_a_template_is_the_same_from_a_copy(asked: Asked, tmp_path: Any) -> None:
    (tmp_path / "pages").mkdir()
    text = "{% if page.slug == 'epoch-1/row-3' %}{{ no.such.thing }}{% endif %}"
    (tmp_path / "pages" / "cycle.md.j2").write_text(text, encoding="utf-8")
    said = []
    for jobs in (1, 2):
        with pytest.raises(RenderError) as refused:
            rendered(jobs=jobs, templates=tmp_path)
        said.append(str(refused.value))
    assert said[0] == said[1]
    assert "cycle.md.j2" in said[0]
    assert asked == [1, 2]


def test_a_page_that_is_made_alone_is_the_page_among_all() -> None:
    alone, render = by_one(), page_renderer(trace_of(NAME).experiment)
    for kind, page in build_pages(trace_of(NAME), studies_of(NAME)):
        assert kind.proves or render(page) == alone[page.path], page.path


def test_little_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What copies would save is less than they cost; where it is more, they are asked for."""
    found: list[int] = []

    class Counting:
        def map(self, function: Callable[[Any], Any], items: Any) -> Iterator[Any]:
            yield from map(function, items)

    def counting(jobs: int) -> Any:
        found.append(jobs)
        return Counting()

    monkeypatch.setattr(spreading, "forked", counting)
    whole = rendered(jobs=8)
    assert found == []
    rest = 2 * len(whole["epoch-1/row-1/index.md"])  # two more pages like the first
    for text, is_worth in ((rest, False), (rest - 1, True)):
        monkeypatch.setattr(spreading, "TEXT_A_SECOND", text / spreading.WORTH_COPIES)
        assert rendered(jobs=8) == whole
        assert found == [8] * is_worth
