"""The public names of tracer and their homes, imported when they are asked for.

A trace offers what stands above it in the house (its pages, its site, its table). It asks for
these by name and knows none of them, so that the model in the middle imports nothing from above.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Any

PUBLIC = MappingProxyType(
    {
        "Experiment": "tracer.experiment",
        "Trace": "tracer.trace",
        "TracerError": "tracer.errors",
        "load_experiment": "tracer.experiment",
        "render": "tracer.api",
        "run": "tracer.training",
        "to_dataframe": "tracer.trace.table",
        "to_html": "tracer.writing.notebook",
        "to_site": "tracer.api",
    }
)


HANDED_IN = MappingProxyType({"Replayer": "tracer.training.replay"})
"""What a trace needs from above that is no public name."""


def public(name: str) -> Any:
    """What ``tracer.NAME`` is, or what is handed in; raises KeyError for any other name."""
    return getattr(import_module({**PUBLIC, **HANDED_IN}[name]), name)
