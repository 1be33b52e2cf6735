"""Cycles that share the layers of a pass are the pages that each would be alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from each import each
from networks import experiment
from tracer.experiment import Experiment
from tracer.pages import Page, context_of, kinds
from tracer.pages.cycles import cycles
from tracer.pages.walk import Walk
from tracer.pictures.network.model import NetworkPicture
from tracer.studies.model import Run, Studies
from tracer.training import run
from tracer.writing.site import page_renderer, voice_of


def walk_of(chosen: Experiment) -> Walk:
    """The walkthrough of two epochs that is compared with nothing."""
    pages = chosen.pages.model_copy(update={"epochs": (1, 2)})
    trace = run(replace(chosen, pages=pages))
    alone = Studies((Run.of(trace),), None, "", None)  # type: ignore[arg-type]
    return Walk(trace, alone, "mathml", kinds(), voice=voice_of(trace.experiment))


def pages_of(walk: Walk) -> list[Page]:
    made = [(slug, context_of(walk, slug, found)) for slug, found in cycles(walk)]
    return [Page(slug, "pages/cycle.md.j2", context) for slug, context in made]


@each("sizes", [(3, 4, 2), (2, 9, 2)])  # with pictures, and with tables in their place
def test_pages_that_share_their_passes_are_what_each_is_alone(
    sizes: tuple[int, ...], tmp_path: Path
) -> None:
    many = experiment(
        sizes, ("relu", "softmax"), "cross_entropy", rows=4, epochs=2, batch_size=2, l2=0.1
    )
    pages = pages_of(walk_of(many))
    render = page_renderer(pages[0].context["experiment"])
    alone = page_renderer(pages[0].context["experiment"], templates=tmp_path)
    assert len({render(page) for page in pages}) == len(pages) == 8
    assert [render(page) for page in pages] == [alone(page) for page in pages]


def test_tables_of_one_shape_are_as_wide_as_the_picture_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pages_of(
        walk_of(experiment((2, 9, 2), ("relu", "softmax"), "cross_entropy", rows=4, epochs=2))
    )
    names = ("forward_picture", "backward_picture")
    wide = {id(page.context[name]) for page in pages[1::2] for name in names}
    monkeypatch.setattr(NetworkPicture, "is_wide", property(lambda picture: id(picture) in wide))
    render = page_renderer(pages[0].context["experiment"])
    alone = page_renderer(pages[0].context["experiment"], templates=tmp_path)
    found = [render(page) for page in pages]
    assert ["tr-pair tr-wide" in page for page in found] == [False, True] * (len(pages) // 2)
    assert found == [alone(page) for page in pages]


def test_a_pass_is_rendered_once_for_each_shape() -> None:
    pages = pages_of(walk_of(experiment((2, 2, 1), ("tanh", "identity"), rows=2, epochs=2)))
    render = page_renderer(pages[0].context["experiment"])
    assert len([render(page) for page in pages]) == 4
    shapes = render.env.globals["set_pass"].__self__.stencils.known  # type: ignore[attr-defined]
    # Both layers forward, backward and in the update, and all again: explained, and without a word.
    assert len(shapes) == 2 * (3 * 2 + 1)
