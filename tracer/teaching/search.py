"""The search for start values: a short look at every seed, a full run of those that deserve it."""

from __future__ import annotations

import math
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

from tracer.errors import ExperimentError, Problem
from tracer.experiment import Experiment
from tracer.meters import Meter, no_meter
from tracer.registry import outside
from tracer.teaching.many import Check, lessons, with_epochs
from tracer.teaching.measures import is_hopeless
from tracer.teaching.score import Candidate, candidate

# networks at once; measured for the built-in example: 28 ms a seed by 16, 11 by 125, 12 by 500
CHUNK = 125
NUMBERS = 4_000_000  # that a chunk may keep of one epoch
WORTH_PROCESSES = 20_000_000  # seeds × rows × epochs: below, starting processes takes longer
FIXED = frozenset(["given", "zeros"])


@dataclass(frozen=True)
class SearchResult:
    """The best candidates, best first, and how many seeds were tried and dropped early."""

    best: tuple[Candidate, ...]
    tried: int
    dropped: int


class Interrupted(Exception):  # noqa: N818
    """The search was called off."""


def search(
    experiment: Experiment,
    seeds: Sequence[int],
    *,
    top: int = 10,
    jobs: int = 1,
    meter: Meter = no_meter,
) -> SearchResult:
    """Rank ``seeds`` by the lesson that each gives, and return the ``top`` best.

    The first epoch of every seed is run first. Seeds in which it shows something that training
    cannot mend (`Measure.hopeless`) are dropped, unless fewer than ``top`` would be left. ``jobs``
    is the number of processes; ``meter`` is told of seeds. Rows of the catalog that are registered
    from outside are known to this process alone, so with them it does all the work.

    Raises:
        ExperimentError: where a seed changes nothing, as with init.scheme = "given".
    """
    check_seeds_matter(experiment)
    short = with_epochs(experiment, 1)
    with _workers(experiment, len(seeds), jobs) as each:
        looks = [look for part in each(_look, short, seeds, meter) for look in part]
        kept = _deserving(looks, top)
        dropped = len(seeds) - len(kept)

        def later(done: int, total: int) -> None:
            meter(dropped + done, dropped + total)

        judged = [one for part in each(_judge, experiment, kept, later) for one in part]
    best = sorted(judged, key=lambda one: one.rank)[:top]
    return SearchResult(tuple(best), tried=len(seeds), dropped=dropped)


def check_seeds_matter(experiment: Experiment) -> None:
    """Raise ExperimentError where the start values do not come from a seed."""
    scheme = experiment.init.scheme
    if scheme in FIXED:
        file = None if experiment.source is None else str(experiment.source)
        message = f'expected a scheme that draws start values, found "{scheme}"'
        hint = "With it every seed starts with the same weights."
        raise ExperimentError(Problem(message, file=file, key="init.scheme", hint=hint))


def _deserving(looks: Iterable[tuple[int, bool, Candidate]], top: int) -> list[int]:
    """The seeds for the full run: all that are not hopeless, or at least the ``top`` best."""
    ranked = sorted(looks, key=lambda look: (look[1], look[2].rank))
    hopeful = sum(not hopeless for _, hopeless, _ in ranked)
    return sorted(seed for seed, _, _ in ranked[: max(hopeful, top)])


# What a process does


def _look(experiment: Experiment, seeds: Sequence[int], check: Check) -> list[Any]:
    """(seed, whether it is hopeless, what it is worth so far) after a short run."""
    found = lessons(experiment, seeds, check).items()
    return [(seed, is_hopeless(lesson), candidate(seed, lesson)) for seed, lesson in found]


def _judge(experiment: Experiment, seeds: Sequence[int], check: Check) -> list[Any]:
    return [candidate(seed, lesson) for seed, lesson in lessons(experiment, seeds, check).items()]


# Processes

Task = Callable[[Experiment, Sequence[int], Check], list[Any]]
Each = Callable[[Task, Experiment, Sequence[int], Meter], Iterator[list[Any]]]
_stop: Any = None


@contextmanager
def _workers(experiment: Experiment, seeds: int, jobs: int) -> Iterator[Each]:
    """A way to run a task on chunks of seeds: here, or in processes where that is worth it."""
    work = seeds * experiment.training.epochs * len(experiment.dataset.train)
    if jobs == 1 or work < WORTH_PROCESSES or _names(experiment) & outside():
        yield _here
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    pool = ProcessPoolExecutor(jobs, context, initializer=_set_stop, initargs=(stop,))
    try:
        yield lambda *arguments: _there(pool, *arguments)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _names(experiment: Experiment) -> set[str]:
    """The rows of the catalog that an experiment names."""
    training = experiment.training
    chosen = {training.loss, training.optimizer, training.schedule, experiment.init.scheme}
    return chosen | {layer.activation for layer in experiment.layers}


def _here(
    task: Task, experiment: Experiment, seeds: Sequence[int], meter: Meter
) -> Iterator[list[Any]]:
    done, epochs = 0, experiment.training.epochs
    for chunk in _chunks(experiment, seeds):
        calls = count()

        def check(begun: int = done, own: int = len(chunk), calls: Iterator[int] = calls) -> None:
            meter(begun + own * min(next(calls), epochs) // epochs, len(seeds))

        yield task(experiment, chunk, check)
        done += len(chunk)
        meter(done, len(seeds))


def _there(
    pool: ProcessPoolExecutor,
    task: Task,
    experiment: Experiment,
    seeds: Sequence[int],
    meter: Meter,
) -> Iterator[list[Any]]:
    chunks = _chunks(experiment, seeds)
    with _inherited_deafness():
        futures: dict[Future[list[Any]], int] = {
            pool.submit(_call, task, experiment, chunk): len(chunk) for chunk in chunks
        }
    done = 0
    for future in as_completed(futures):
        yield future.result()
        done += futures[future]
        meter(done, len(seeds))


def _call(task: Task, experiment: Experiment, seeds: Sequence[int]) -> list[Any]:
    """In a process: run the task, and stop within an epoch when the search is called off."""

    def check() -> None:
        if _stop is not None and _stop.is_set():
            raise Interrupted

    return task(experiment, seeds, check)


def _set_stop(stop: Any) -> None:
    global _stop  # noqa: PLW0603 - a process has one search
    _stop = stop


@contextmanager
def _inherited_deafness() -> Iterator[None]:
    """Processes that are started here ignore Ctrl-C: the one that started them tells them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _chunks(experiment: Experiment, seeds: Sequence[int]) -> list[Sequence[int]]:
    """Seeds in parts that fit into the processor's memory, all of almost the same length."""
    sizes, rows = experiment.layer_sizes, len(experiment.dataset.train)
    parameters = sum(a * b + b for a, b in pairwise(sizes))
    batch = experiment.training.batch_size
    updates = 1 if batch == "all" else math.ceil(rows / int(batch))
    epochs = 2 + len(experiment.pages.epochs)
    each = epochs * (2 * rows * sum(sizes) + 3 * updates * parameters)
    length = max(1, min(CHUNK, NUMBERS // each))
    parts = math.ceil(len(seeds) / length)
    bounds = [round(k * len(seeds) / parts) for k in range(parts + 1)] if parts else []
    return [seeds[a:b] for a, b in pairwise(bounds)]
