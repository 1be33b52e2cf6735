"""tracer: every number of a small neural network, written out, linked and provable.

The public interface is small. An :class:`Experiment` says what is learned, :func:`run` trains its
network and returns the :class:`Trace` with every number on the way:

    >>> import tracer
    >>> experiment = tracer.Experiment(
    ...     data=([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]),
    ...     layers=[(3, "tanh"), (1, "sigmoid")],
    ...     training={"learning_rate": 0.5, "epochs": 200},
    ...     title="Exclusive or",
    ... )
    >>> trace = tracer.run(experiment)
    >>> trace.cycle(epoch=1, row=2).dL_dW[0].shape
    (2, 3)

:func:`load_experiment` reads an experiment from a file, :meth:`Experiment.save` writes one.
:meth:`Trace.render` writes the pages, :meth:`Trace.to_site` makes them a site,
:meth:`Trace.to_dataframe` gives the numbers to pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.errors import TracerError
    from tracer.experiment import Experiment, load_experiment
    from tracer.notebook import to_html
    from tracer.tidy import to_dataframe
    from tracer.trace import Trace
    from tracer.training import run
    from tracer.walkthrough import render, to_site

__version__ = "0.1.0"
__all__ = [
    "Experiment",
    "Trace",
    "TracerError",
    "__version__",
    "load_experiment",
    "render",
    "run",
    "to_dataframe",
    "to_html",
    "to_site",
]

_HOMES = {
    "Experiment": "tracer.experiment",
    "Trace": "tracer.trace",
    "TracerError": "tracer.errors",
    "load_experiment": "tracer.experiment",
    "render": "tracer.walkthrough",
    "run": "tracer.training",
    "to_dataframe": "tracer.tidy",
    "to_html": "tracer.notebook",
    "to_site": "tracer.walkthrough",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it is used, so that ``import tracer`` itself stays light."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
