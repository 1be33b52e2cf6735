"""``tracer check``: the proofs of one experiment, in the terminal or as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.console import format_option, progress, say
from tracer.cli.sources import experiment_files

if TYPE_CHECKING:
    from tracer.check.proof import Proof

_EPILOG = """\b
Examples:
  tracer check mini.toml
  tracer check mini.toml --format json
"""


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@format_option("table", "A table to read, or JSON.")
@click.pass_context
def check(context: click.Context, experiment: str | None, form: str) -> None:
    """Derive everything in EXPERIMENT's walkthrough again by other means, and compare.

    The exit status is 1 if one proof fails.
    """
    from tracer.check.proofs import prove
    from tracer.experiment import load_experiment
    from tracer.site import render_pages
    from tracer.studies.run import study
    from tracer.training import run

    path, *others = experiment_files([experiment] if experiment else [], Path())
    if others:
        say(f"{path} is checked; name another experiment to check that one")
    loaded = load_experiment(path)
    with progress("training") as meter:
        trace = run(loaded, meter)
    with progress("comparing") as meter:
        studies = study(trace, meter)
    with progress("writing") as meter:
        pages = render_pages(trace, studies, meter=meter, proofs=False)
    proofs = prove(trace, pages)
    if form == "json":
        click.echo(json.dumps([_document(proof) for proof in proofs], indent=2))
    else:
        _print(proofs)
    context.exit(0 if all(proof.ok for proof in proofs) else 1)


def _document(proof: Proof) -> dict[str, Any]:
    largest = proof.largest if math.isfinite(proof.largest) else str(proof.largest)
    return {
        "proof": proof.name,
        "verdict": _verdict(proof),
        "compared": proof.compared,
        "largest": largest,
        "unit": proof.unit,
        "where": proof.where,
        "tolerance": proof.tolerance,
        "reason": proof.reason,
    }


def _verdict(proof: Proof) -> str:
    if not proof.applies:
        return "not applicable"
    return "passed" if proof.ok else "failed"


def _print(proofs: Sequence[Proof]) -> None:
    from rich import box
    from rich.table import Table

    from tracer.cli.console import stdout_for_people

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("proof", "verdict", "compared", "largest difference", "where", "tolerance"):
        table.add_column(heading, overflow="fold")
    for proof in proofs:
        largest = f"{proof.largest:.2g}" if proof.applies else ""
        largest += f" {proof.unit}" if proof.unit != "difference" and proof.applies else ""
        where = " ".join(part for part in (proof.where, proof.reason) if part)
        table.add_row(
            proof.name,
            _verdict(proof),
            str(proof.compared),
            largest,
            where,
            f"{proof.tolerance:g}",
        )
    stdout_for_people().print(table)
