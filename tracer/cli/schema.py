"""``tracer schema``: the experiment file's JSON Schema."""

from __future__ import annotations

import json

import click


@click.command(epilog="\b\nExample:\n  tracer schema > experiment.schema.json\n")
def schema() -> None:
    """Print the JSON Schema of the experiment file, for editors."""
    from tracer.experiment import experiment_schema

    click.echo(json.dumps(experiment_schema(), indent=2, ensure_ascii=False))
