"""The executor on a Dask cluster: an extra, imported where it is asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from tracer.errors import BuildError, Problem
from tracer.executor.interface import AHEAD, Executor, Item, Result, Results
from tracer.extras import install_hint
from tracer.messages import gettext

PATIENCE = 10
"""Seconds: a scheduler that has not answered by then is not there."""


class Cluster:
    """Calls the function on the workers of a Dask cluster, to which a client leads.

    A worker that is lost costs time only: what it worked on is begun again on another one.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order.

        Raises BuildError where the cluster is gone, or loses a worker each time with one item.
        """
        distributed: Any = import_module("distributed")
        waiting: deque[Any] = deque()
        try:
            for item in items:
                if self._client.status == "closed":  # it looked for its scheduler, and gave up
                    raise ConnectionError
                waiting.append(self._client.submit(function, item, pure=False))
                if len(waiting) >= self._most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except distributed.KilledWorker as error:
            raise BuildError(gettext("several workers were lost with the same work")) from error
        except (distributed.CancelledError, OSError) as error:
            waiting.clear()  # a client that has closed itself refuses to cancel anything
            raise BuildError(gettext("the Dask cluster is lost")) from error
        finally:
            if waiting:
                self._client.cancel(list(waiting))

    @property
    def _most(self) -> int:
        """Workers may come and go; without any yet, what is handed out waits for the first."""
        threads: dict[str, int] = self._client.nthreads()
        return AHEAD * max(1, sum(threads.values()))


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor on the Dask cluster whose scheduler has this address, as ``tcp://host:8786``.

    Raises BuildError where Dask is not installed, or where no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        message = gettext("a Dask cluster needs dask.distributed")
        raise BuildError(Problem(message, hint=install_hint("dask"))) from None
    with _unlogged("distributed", "distributed.client"):
        try:
            client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            message = gettext("no Dask scheduler answers at %(address)s", address=address)
            hint = gettext("`dask scheduler` starts one and says its address")
            raise BuildError(Problem(message, hint=hint)) from error
        with client:
            yield Cluster(client)


@contextmanager
def _unlogged(*names: str) -> Iterator[None]:
    """Let loggers be silent: what goes wrong is raised, and said once, in words of ours."""
    import logging

    found = [(logger, logger.level) for logger in map(logging.getLogger, names)]
    try:
        for logger, _ in found:
            logger.setLevel(logging.CRITICAL)
        yield
    finally:
        for logger, level in found:
            logger.setLevel(level)
