"""``tracer check``: the checks of one experiment, in the terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.console import format_option, progress, stdout_for_people
from tracer.cli.sources import insist_option, one_experiment, read_experiment
from tracer.cli.wording import number, plain, speak, worded, words
from tracer.messages import gettext

if TYPE_CHECKING:
    from tracer.check.proof import Proof
    from tracer.notation import Notation

_EPILOG = """\b
Examples:
  tracer check mini.toml
  tracer check mini.toml --format json
"""


VERDICTS = {"absent": "not applicable", "skipped": "not run"}


@click.command(epilog=_EPILOG)
@click.argument("experiment", required=False)
@format_option("table", "A table to read, or JSON.")
@insist_option
@click.pass_context
def check(context: click.Context, experiment: str | None, form: str, *, insist: bool) -> None:
    """Derive everything in EXPERIMENT's walkthrough again by other means, and compare.

    What is found is kept: pages that are rendered from the same numbers show it.
    The exit status is 1 if one check fails, 2 if EXPERIMENT is wrong.
    """
    from tracer.notation import Notation
    from tracer.studies.run import study
    from tracer.studies.size import check_walkthrough
    from tracer.training import run
    from tracer.writing.checked import prove_anew
    from tracer.writing.site import render_pages

    path = one_experiment(experiment)
    loaded = read_experiment(path, insist=insist)
    speak(loaded)
    check_walkthrough(loaded)
    with progress(gettext("training")) as meter:
        trace = run(loaded, meter)
    with progress(gettext("comparing")) as meter:
        studies = study(trace, meter)
    with progress(gettext("writing")) as meter:
        pages = render_pages(trace, studies, meter=meter, proofs=False)
    proofs = prove_anew(trace, pages)
    if form == "json":
        click.echo(json.dumps([_document(proof) for proof in proofs], indent=2))
    else:
        _print(proofs, Notation.of(trace.layers, loaded.notation))
    context.exit(0 if all(proof.ok for proof in proofs) else 1)


def _document(proof: Proof) -> dict[str, Any]:
    """A check for programs; its verdict and unit are words of this format, not of a language."""
    wording = words("proofs")
    return {
        "key": proof.key,
        "proof": wording.proofs[proof.key]["name"],
        "verdict": VERDICTS.get(proof.verdict, proof.verdict),
        "compared": proof.compared,
        "largest": plain(proof.largest),
        "unit": proof.unit.replace("_", " "),
        "where": proof.where,
        "tolerance": proof.tolerance,
        "reason": wording.why(proof),
    }


def _print(proofs: Sequence[Proof], notation: Notation) -> None:
    """The table of the template ``terminal/check.txt.j2``: a row a line, a tab between cells."""
    from rich import box
    from rich.table import Column, Table

    rows = [(proof, number(proof.largest), number(proof.tolerance)) for proof in proofs]
    headings, *lines = worded("check", rows=rows, notation=notation).splitlines()
    columns = [Column(heading, overflow="fold") for heading in headings.split("\t")]
    table = Table(*columns, box=box.SIMPLE_HEAD)
    for line in lines:
        table.add_row(*line.split("\t", maxsplit=len(columns) - 1))
    stdout_for_people().print(table, markup=False)
