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

from tracer.public import PUBLIC, public

if TYPE_CHECKING:
    from tracer.api import render, to_site
    from tracer.errors import TracerError
    from tracer.experiment import Experiment, load_experiment
    from tracer.trace import Trace
    from tracer.trace.table import to_dataframe
    from tracer.training import run
    from tracer.writing.notebook import to_html

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


def __getattr__(name: str) -> Any:
    """Import a public name where it is used, so that ``import tracer`` itself stays light."""
    if name not in PUBLIC:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    return public(name)
