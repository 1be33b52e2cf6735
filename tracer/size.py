"""How large a run and its walkthrough will be, told from the experiment alone.

Bytes of the trace are counted exactly as they are allocated. Bytes of pages and seconds follow
rules of thumb that were fitted to walkthroughs of 4 to 161 parameters and 1 to 9 layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.errors import ExperimentError, Problem
from tracer.experiment import Experiment
from tracer.experiment.limits import INSIST, size_text
from tracer.studies.plan import batch_sizes, cheap_epochs

MAX_TRACE = 2**30
MAX_MEMORY = 3 * 2**30
MAX_SECONDS = 900.0
MAX_PAGES = 2_000
MAX_TEXT = 100e6
MAX_PAGE = 4e6

_FLOAT = 8
_PAGES_BESIDE = 18
_TEXT_BESIDE = 260e3
_COMPARED = 25
_TEXT_A_SECOND = 1e6
_RECORDED = 2e8
_LOOKED_AT = 5
_Refusal = tuple[str | None, str, str]


@dataclass(frozen=True)
class Size:
    """What a run and its walkthrough take.

    Attributes:
        updates: updates of the parameters.
        parameters: weights and biases.
        trace: bytes of the trace's arrays.
        beside: bytes of what is held beside it while a walkthrough is made.
        training: seconds of training.
        rendering: seconds of the runs that pages compare with it, and of writing the pages.
        pages: how many pages.
        text: bytes of all pages.
        page: bytes of the largest page.
    """

    updates: int
    parameters: int
    trace: int
    beside: int
    training: float
    rendering: float
    pages: int
    text: float
    page: float


def estimate(experiment: Experiment) -> Size:
    """The sizes of an experiment; costs nothing, whatever it says."""
    training, rows = experiment.training, len(experiment.dataset.train)
    batch = rows if training.batch_size == "all" else int(training.batch_size)
    parameters, units = _network(experiment)
    updates = -(-rows // batch) * training.epochs
    trace = trace_bytes(experiment, training.epochs, batch)
    epochs = cheap_epochs(experiment)
    seconds = _seconds(experiment, training.epochs, batch)
    compared = _COMPARED * _seconds(experiment, epochs, batch) + _seconds(experiment, epochs, 1)
    page = _cycle_text(experiment, parameters, units)
    pages, text = _pages(experiment, parameters, units, page)
    return Size(
        updates=updates,
        parameters=parameters,
        trace=trace,
        beside=2 * trace + trace_bytes(experiment, epochs, 1),
        training=seconds,
        rendering=2 * seconds + compared + text / _TEXT_A_SECOND,
        pages=pages,
        text=text,
        page=max(page, _chain_text(len(experiment.layers), parameters)),
    )


def trace_bytes(experiment: Experiment, epochs: int, batch: int) -> int:
    """What the arrays of a run of so many epochs take, with so many rows an update."""
    rows, (parameters, units) = len(experiment.dataset.train), _network(experiment)
    training = experiment.training
    states = len(OPTIMIZERS[training.optimizer].program(training.options).variables)
    visits, updates = rows * epochs, -(-rows // batch) * epochs
    numbers = visits * (4 * units + 4) + 2 * updates
    numbers += parameters * ((updates + 1) * (1 + states) + updates)
    return _FLOAT * numbers


def _network(experiment: Experiment) -> tuple[int, int]:
    """(parameters, units after the input)."""
    sizes = experiment.layer_sizes
    return sum(n * m + m for n, m in pairwise(sizes)), sum(sizes[1:])


def _seconds(experiment: Experiment, epochs: int, batch: int) -> float:
    """Python's own time for each update, the multiplications, and what is written into memory."""
    parameters, _ = _network(experiment)
    rows = len(experiment.dataset.train)
    updates = -(-rows // batch) * epochs
    an_update = 60e-6 + 35e-6 * len(experiment.layers)
    work = 6e-9 * rows * epochs * parameters
    return updates * an_update + work + trace_bytes(experiment, epochs, batch) / _RECORDED


def _cycle_text(experiment: Experiment, parameters: int, units: int) -> float:
    training = experiment.training
    states = len(OPTIMIZERS[training.optimizer].program(training.options).variables)
    return 50e3 + (8.2e3 + 5e3 * states) * parameters + 17e3 * units


def _chain_text(layers: int, parameters: int) -> float:
    return 8.2e3 * layers**2 + 450 * parameters


def _pages(experiment: Experiment, parameters: int, units: int, cycle: float) -> tuple[int, float]:
    """(pages, bytes of all pages)."""
    dataset, sizes = experiment.dataset, batch_sizes(experiment)
    cycles = len(experiment.pages.epochs) * len(dataset.train)
    predicted = len(dataset.test or dataset.train)
    batch = int(sizes[1]) if len(sizes) == 3 else 0
    batch = batch if experiment.training.batch_size != "all" else 0
    text = _TEXT_BESIDE + cycles * cycle + 0.6 * batch * cycle + 50e3 + 7e3 * parameters
    text += predicted * (8e3 + 900 * parameters + 6e3 * units)
    text += _chain_text(len(experiment.layers), parameters)
    return _PAGES_BESIDE + cycles + predicted + batch, text


def check_run(experiment: Experiment) -> None:
    """Refuse a run whose trace or whose time is beyond sensible limits, unless insisted on.

    Raises:
        ExperimentError: says how large it would be, what makes it smaller, and how to insist.
    """
    _raise(experiment, _of_run(estimate(experiment)))


def check_walkthrough(experiment: Experiment) -> None:
    """The same for a run and all that is made of it to render its pages."""
    size = estimate(experiment)
    _raise(experiment, (*_of_run(size), *_of_pages(size)))


def check_search(experiment: Experiment, count: int) -> None:
    """The same for a search through so many seeds."""
    seconds = count * estimate(experiment).training / _LOOKED_AT
    found: tuple[_Refusal, ...] = ()
    if seconds > 4 * MAX_SECONDS:
        message = f"expected a search of at most an hour, found one of about {_time(seconds)}"
        found = ((None, message, "Try fewer seeds or fewer epochs."),)
    _raise(experiment, found)


def _of_run(size: Size) -> Iterator[_Refusal]:
    of = f"({size.updates:,} updates of {size.parameters:,} parameters)"
    hint = "Fewer epochs, rows or units make it smaller, and so does a larger batch_size."
    if size.trace > MAX_TRACE:
        most, found = size_text(MAX_TRACE), size_text(size.trace)
        yield "training", f"expected a trace of at most {most}, found about {found} {of}", hint
    elif size.training > MAX_SECONDS:
        most, found = _time(MAX_SECONDS), _time(size.training)
        yield "training", f"expected at most {most} of training, found about {found} {of}", hint


def _of_pages(size: Size) -> Iterator[_Refusal]:
    hint = "Fewer training rows, or fewer epochs in pages.epochs, make fewer pages."
    if size.pages > MAX_PAGES:
        yield "pages", f"expected at most {MAX_PAGES:,} pages, found about {size.pages:,}", hint
    elif size.page > MAX_PAGE:
        most, found = size_text(MAX_PAGE), size_text(size.page)
        small = "Fewer inputs, units or layers make a page that can be read."
        yield "pages", f"expected pages of at most {most}, found one of about {found}", small
    elif size.text > MAX_TEXT:
        most, found = size_text(MAX_TEXT), size_text(size.text)
        message = f"expected at most {most} of pages, found about {found} in {size.pages:,} pages"
        yield "pages", message, hint
    elif size.trace <= MAX_TRACE and size.trace + size.beside > MAX_MEMORY:
        most, found = size_text(MAX_MEMORY), size_text(size.trace + size.beside)
        small = "Fewer units, inputs or epochs make it smaller."
        message = f"expected at most {most} for this run and those beside it, found about {found}"
        yield "pages", message, small


def _time(seconds: float) -> str:
    """A time as people say it."""
    for unit, one in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * one:
            return (
                f"{seconds / one:.3g} {unit}" if seconds < 1e9 else f"{seconds / 3.15e7:.2g} years"
            )
    return f"{seconds:.0f} seconds"


def _raise(experiment: Experiment, refusals: Iterator[_Refusal] | tuple[_Refusal, ...]) -> None:
    if experiment.insist:
        return
    source: Path | None = experiment.source
    file = None if source is None else str(source)
    problems = [
        Problem(message, file, key=key, hint=f"{hint} {INSIST}") for key, message, hint in refusals
    ]
    if problems:
        raise ExperimentError(problems)
