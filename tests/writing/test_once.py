"""What tests of writing render once is what is rendered each time."""

from __future__ import annotations

import tomllib

import pytest

import once
from sites import TINY
from tracer.experiment import Experiment
from tracer.studies.run import study
from tracer.training import run
from tracer.writing.site import render_pages


def test_the_second_time_nothing_is_rendered_unless_the_checks_say_something_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trace = run(Experiment.from_mapping({**tomllib.loads(TINY), "title": "Rendered once"}))
    studies, calls = study(trace), list[str]()

    def counted(*arguments, **options):
        calls.append(options["math"])
        return render_pages(*arguments, **options)

    monkeypatch.setattr(once, "render_pages", counted)
    first, second = (once.pages_once(trace, studies, math="latex") for _ in range(2))
    assert first == second == render_pages(trace, studies, math="latex")
    assert calls == ["latex"]
    checked = once.pages_once(trace, studies, math="latex", prove=lambda *_: ())
    assert calls == ["latex", "latex"]
    assert {path for path in first if first[path] != checked[path]} == {"checks/index.md"}
