"""tracer: every number of a small neural network, written out, linked and provable.

The public interface is small: :func:`tracer.load_experiment` reads an experiment file,
:func:`tracer.run` trains the network and returns its :class:`tracer.Trace`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.errors import TracerError
    from tracer.experiment import Experiment, load_experiment
    from tracer.trace import Trace
    from tracer.training import run

__version__ = "0.1.0"
__all__ = ["Experiment", "Trace", "TracerError", "__version__", "load_experiment", "run"]

_HOMES = {
    "Experiment": "tracer.experiment",
    "Trace": "tracer.trace",
    "TracerError": "tracer.errors",
    "load_experiment": "tracer.experiment",
    "run": "tracer.training",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is used, so that ``import tracer`` itself stays light."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
