"""The search for start values: a short look at every seed, a full run of those that deserve it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any, NamedTuple

from tracer.errors import ExperimentError, Problem
from tracer.executor import Executor, Here, executor
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


def search(
    experiment: Experiment,
    seeds: Sequence[int],
    *,
    top: int = 10,
    jobs: int = 1,
    dask: str | None = None,
    meter: Meter = no_meter,
) -> SearchResult:
    """Rank ``seeds`` by the lesson that each gives, and return the ``top`` best.

    The first epoch of every seed is run first. Seeds in which it shows something that training
    cannot mend (`Measure.hopeless`) are dropped, unless fewer than ``top`` would be left. ``jobs``
    is the number of processes, ``dask`` the address of a Dask cluster that does the work instead;
    ``meter`` is told of seeds. Rows of the catalog that are registered
    from outside are known to this process alone, so with them it does all the work.

    Raises:
        ExperimentError: where a seed changes nothing, as with init.scheme = "given".
    """
    check_seeds_matter(experiment)
    short = with_epochs(experiment, 1)
    with _executor(experiment, len(seeds), jobs, dask) as many:
        looks = list(_each(many, _look, short, seeds, meter))
        kept = _deserving(looks, top)
        dropped = len(seeds) - len(kept)

        def later(done: int, total: int) -> None:
            meter(dropped + done, dropped + total)

        judged = list(_each(many, _judge, experiment, kept, later))
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


# What an executor does


def _unchecked() -> None:
    """Called once an epoch where nobody looks on."""


class Chunk(NamedTuple):
    """Seeds that are tried at once; ``check`` is called once an epoch."""

    experiment: Experiment
    seeds: Sequence[int]
    check: Check = _unchecked


def _look(chunk: Chunk) -> list[Any]:
    """(seed, whether it is hopeless, what it is worth so far) after a short run."""
    found = lessons(*chunk).items()
    return [(seed, is_hopeless(lesson), candidate(seed, lesson)) for seed, lesson in found]


def _judge(chunk: Chunk) -> list[Any]:
    return [candidate(seed, lesson) for seed, lesson in lessons(*chunk).items()]


def _each(
    many: Executor,
    task: Callable[[Chunk], list[Any]],
    experiment: Experiment,
    seeds: Sequence[int],
    meter: Meter,
) -> Iterator[Any]:
    """What a task finds for all seeds, chunk by chunk."""
    parts, done = _chunks(experiment, seeds), 0
    chunks: Iterable[Chunk] = (Chunk(experiment, part) for part in parts)
    if isinstance(many, Here):
        chunks = _watched(experiment, parts, meter)
    for part, found in zip(parts, many.map(task, chunks), strict=True):
        yield from found
        done += len(part)
        meter(done, len(seeds))


def _watched(
    experiment: Experiment, parts: Sequence[Sequence[int]], meter: Meter
) -> Iterator[Chunk]:
    """Chunks whose epochs move the meter, too: for this process alone."""
    done, total, epochs = 0, sum(map(len, parts)), experiment.training.epochs
    for part in parts:
        calls = count()

        def check(begun: int = done, own: int = len(part), calls: Iterator[int] = calls) -> None:
            meter(begun + own * min(next(calls), epochs) // epochs, total)

        yield Chunk(experiment, part, check)
        done += len(part)


@contextmanager
def _executor(
    experiment: Experiment, seeds: int, jobs: int, dask: str | None
) -> Iterator[Executor]:
    """This process, or many where that is worth it."""
    work = seeds * experiment.training.epochs * len(experiment.dataset.train)
    alone = bool(_names(experiment) & outside())
    if alone or (dask is None and work < WORTH_PROCESSES):
        yield Here()
        return
    with executor(jobs, dask) as many:
        yield many


def _names(experiment: Experiment) -> set[str]:
    """The rows of the catalog that an experiment names."""
    training = experiment.training
    chosen = {training.loss, training.optimizer, training.schedule, experiment.init.scheme}
    return chosen | {layer.activation for layer in experiment.layers}


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
