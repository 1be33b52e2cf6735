"""Many of one thing: a function for each of some items, here, in processes, or on a Dask cluster.

An executor has one method, ``map(function, items)``, which gives the results in the order of the
items, whatever runs where. The function is one of a module and items and results can be pickled, so
that another machine can be an executor too. What a call gives may depend on its item alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tracer.executor.beginning import can_copy
from tracer.executor.copy import aside
from tracer.executor.interface import Executor, Here
from tracer.executor.machine import is_one_free, processors
from tracer.executor.pool import forked, processes

__all__ = [
    "Executor",
    "Here",
    "aside",
    "can_copy",
    "executor",
    "forked",
    "is_one_free",
    "processors",
]


@contextmanager
def executor(jobs: int = 1, dask: str | None = None) -> Iterator[Executor]:
    """An executor with so many processes; with one job it is this process.

    ``dask`` is the address of a Dask cluster, which then does the work.

    At the end of the ``with`` block no process is left. Where an error or Ctrl-C ends the block,
    what the processes are still working on is given up.
    """
    if dask is not None:
        from tracer.executor.dask_cluster import cluster

        with cluster(dask) as many:
            yield many
        return
    if jobs == 1:
        yield Here()
        return
    with processes(jobs) as many:
        yield many
