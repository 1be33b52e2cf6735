"""``tracer lint``: what would make an experiment a poor lesson."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.console import format_option, progress, stdout_for_people, stdout_for_programs
from tracer.cli.sources import insist_option, one_experiment, read_experiment
from tracer.cli.wording import number, plain, speak, worded, words
from tracer.messages import gettext

if TYPE_CHECKING:
    from tracer.teaching import Finding

_EPILOG = """\b
Examples:
  tracer lint mini.toml
  tracer lint mini.toml --format json
"""


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@format_option("text", "A report to read, or JSON.")
@insist_option
def lint(experiment: str | None, form: str, *, insist: bool) -> None:
    """Tell what would make EXPERIMENT (a file or a built-in name) a poor lesson.

    Trains it and looks for dead and saturated units, numbers that vanish in print, a loss that does
    not fall, answers that are all alike. The exit status is 1 if something is found, 2 if
    EXPERIMENT is wrong.
    """
    from tracer.teaching import MEASURES, findings, lesson_of
    from tracer.training import run
    from tracer.training.size import check_run

    path = one_experiment(experiment)
    loaded = read_experiment(path, insist=insist)
    speak(loaded)
    check_run(loaded)
    with progress(gettext("training")) as meter:
        found = findings(lesson_of(run(loaded, meter)))
    if form == "json":
        wording = words("lint")
        document = {
            "experiment": loaded.name,
            "findings": [_document(one, wording) for one in found],
        }
        json.dump(document, stdout_for_programs(), indent=2, ensure_ascii=False, allow_nan=False)
        click.echo()
    else:
        rows = [_row(one) for one in found]
        text = worded("lint", name=loaded.name, measures=len(MEASURES), findings=rows)
        stdout_for_people().print(text, markup=False, highlight=False)
    if found:
        sys.exit(1)


def _document(finding: Finding, wording: Any) -> dict[str, Any]:
    """A finding for programs, with its sentences as they are said to people."""
    measure = finding.measure
    return {
        "measure": measure.name,
        "title": wording.title(measure, number(measure.limit)),
        "where": wording.where(finding),
        "value": plain(finding.value),
        "threshold": plain(measure.threshold),
        "places": [
            {"layer": one.layer, "unit": one.unit, "epoch": one.epoch, "value": plain(one.value)}
            for one in finding.readings
        ],
        "why": wording.measures[measure.name]["why"],
        "advice": wording.advice(finding),
    }


def _row(finding: Finding) -> tuple[Finding, str, str, str]:
    """A finding with its value, its threshold and its limit as texts."""
    measure = finding.measure
    threshold = number(measure.threshold) if math.isfinite(measure.threshold) else ""
    return finding, number(finding.value), threshold, number(measure.limit)
