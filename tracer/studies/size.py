"""How large a walkthrough will be, told from the experiment alone.

Bytes of pages and seconds follow rules of thumb that were fitted to walkthroughs of 4 to 161
parameters and 1 to 9 layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment import Experiment
from tracer.experiment.limits import size_text
from tracer.experiment.picks import picked
from tracer.experiment.room import check_room
from tracer.explain.written import most_written
from tracer.studies.plan import batch_sizes, cheap_epochs, ends_only
from tracer.trace.fields import Counts
from tracer.trace.layout import rows_an_update
from tracer.training.size import (
    Refusal,
    RunSize,
    chosen,
    of_run,
    refuse,
    run_size,
    trace_bytes,
    training_seconds,
)

# a small machine has so much; a run may take three quarters of it
MAX_MEMORY = 4 * 2**30
# a strict build takes MkDocs a quarter of a second a page (measured), so about eight minutes
MAX_PAGES = 2_000
# pages of rows that are written without asking: five times the built-in examples' most, and as many
# as a reader can still pass with the eye in the navigation; 150 rows of iris make 300 and 64 MB
MOST_UNASKED = 100
MAX_TEXT = 100e6  # 25 times the built-in example; as a site it is a third more
MAX_PAGE = 4e6  # some 8,000 formulas; a browser takes more than a second for 3,000

# numbers that an explorer may be asked to carry: 100 MB, twelve times as many as it does unasked
MAX_EXPLORED = 12_500_000
# of each unit z, a, three slopes, and z and a after the update
_OF_A_UNIT = 7

_PAGES_BESIDE = 18  # the pages that every walkthrough has; counted
# their bytes; fitted: the built-in example has 3.9 MB, and 3.75 MB by all these rules
_TEXT_BESIDE = 260e3
# twice a dozen rates: what a run costs, and what looking at its losses costs; rounded up
_COMPARED = 25
# bytes: with the runs the rules give 15 seconds for the built-in example, which takes 17
_TEXT_A_SECOND = 1e6


@dataclass(frozen=True)
class WalkthroughSize:
    """What a run and its walkthrough take.

    Attributes:
        run: what the run itself takes.
        beside: bytes of what is held beside it while a walkthrough is made.
        rendering: seconds of the runs that pages compare with it, and of writing the pages.
        pages: how many pages.
        text: bytes of all pages.
        page: bytes of the largest page.
        explored: how many numbers the explorer carries that was asked for.
    """

    run: RunSize
    beside: int
    rendering: float
    pages: int
    text: float
    page: float
    explored: int = 0


def walkthrough_size(experiment: Experiment) -> WalkthroughSize:
    """The sizes of a walkthrough; costs nothing, whatever the experiment says."""
    run, batch = run_size(experiment), rows_an_update(experiment)
    epochs = cheap_epochs(experiment)
    compared = _COMPARED * training_seconds(experiment, epochs, batch)
    compared += training_seconds(experiment, epochs, 1)
    parameters, units = _written_size(experiment)
    page = _cycle_text(experiment, parameters, units)
    pages, text = _pages(experiment, parameters, units, page)
    return WalkthroughSize(
        run=run,
        beside=_beside(experiment, run, epochs),
        rendering=2 * run.training + compared + text / _TEXT_A_SECOND,
        pages=pages,
        text=text,
        page=max(page, _chain_text(len(experiment.layers), parameters)),
        explored=_explored(experiment, parameters, units),
    )


def _explored(experiment: Experiment, parameters: int, units: int) -> int:
    """Numbers of the epochs in pages.explore, of each what pages write out."""
    wanted, training = experiment.pages.explore, experiment.training
    epochs = training.epochs if wanted == "all" else len(wanted or ())
    counts = Counts.of(experiment, epochs, rows_an_update(experiment))
    states = len(OPTIMIZERS[training.optimizer].program(training.options).variables)
    # the parameters themselves, and their gradient; that of each row where an update has several
    of_visits = units * _OF_A_UNIT + parameters * (counts.visits > counts.updates)
    return counts.updates * parameters * (2 + states) + counts.visits * of_visits


def _beside(experiment: Experiment, run: RunSize, epochs: int) -> int:
    """Bytes of the same run twice, and of one with one row an update; ends of large ones."""
    small = ends_only(experiment)
    if chosen(experiment) is None:
        return 2 * run.trace + trace_bytes(experiment, epochs, 1)
    batch = rows_an_update(experiment)
    twice = 2 * trace_bytes(small, experiment.training.epochs, batch)
    return twice + trace_bytes(small, epochs, 1)


def _written_size(experiment: Experiment) -> tuple[int, int]:
    """(parameters, units after the input) that pages write out line by line."""
    sizes = [most_written(experiment, layer) for layer in range(len(experiment.layers) + 1)]
    return sum(n * m + m for n, m in pairwise(sizes)), sum(sizes[1:])


def _cycle_text(experiment: Experiment, parameters: int, units: int) -> float:
    training = experiment.training
    states = len(OPTIMIZERS[training.optimizer].program(training.options).variables)
    return 50e3 + (8.2e3 + 5e3 * states) * parameters + 17e3 * units


def _chain_text(layers: int, parameters: int) -> float:
    return 8.2e3 * layers**2 + 450 * parameters


def _pages(experiment: Experiment, parameters: int, units: int, cycle: float) -> tuple[int, float]:
    """(pages, bytes of all pages)."""
    dataset, sizes = experiment.dataset, batch_sizes(experiment)
    cycles = len(experiment.pages.epochs) * _chosen(experiment, dataset.train)
    predicted = _chosen(experiment, dataset.test or dataset.train)
    batch = int(sizes[1]) if len(sizes) == 3 else 0
    batch = batch if experiment.training.batch_size != "all" else 0
    text = _TEXT_BESIDE + cycles * cycle + 0.6 * batch * cycle + 50e3 + 7e3 * parameters
    text += predicted * (8e3 + 900 * parameters + 6e3 * units)
    text += _chain_text(len(experiment.layers), parameters)
    return _PAGES_BESIDE + cycles + predicted + batch, text


def _chosen(experiment: Experiment, rows: Sequence[int]) -> int:
    """How many of ``rows`` (from 0) get pages; the hardest are as many as if they were the last."""
    numbers = sorted(row + 1 for row in rows)

    def order(word: str) -> Sequence[int]:
        return numbers[::-1] if word == "hardest" else numbers

    return len(picked(experiment.pages.row_picks, numbers, order))


def check_walkthrough(experiment: Experiment) -> None:
    """The same for a run and all that is made of it to render its pages.

    Raises:
        ExperimentError: as :func:`tracer.training.size.check_run` does.
        MemoryShortError: it would not fit into memory.
    """
    size = walkthrough_size(experiment)
    asked = _asks_for_rows(experiment, size)
    refuse(experiment, (*of_run(size.run), *(asked or _of_pages(size))))
    check_room(size.run.allocated + size.beside, "this run and those beside it", experiment.source)


def _asks_for_rows(experiment: Experiment, size: WalkthroughSize) -> tuple[Refusal, ...]:
    """Nobody said which rows get pages, and all of them would be too many to write unasked."""
    dataset = experiment.dataset
    count = len(dataset.train) + len(dataset.test or dataset.train)
    if experiment.pages.rows is not None or count <= MOST_UNASKED:
        return ()
    many = f"{size.pages:,} pages of about {size_text(size.text)}"
    message = f"expected a choice of rows, found none: all of them would make about {many}"
    hint = (
        'Add a line to [pages]: rows = "first 10", rows = "hardest 5", rows = [1, 3, "10-20"], '
        'or rows = "all" for all of them.'
    )
    return (("pages.rows", message, hint),)


def _of_pages(size: WalkthroughSize) -> Iterator[Refusal]:
    hint = "Fewer rows in pages.rows, or fewer epochs in pages.epochs, make fewer pages."
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
    elif size.explored > MAX_EXPLORED:
        found = f"{size.explored:,}"
        message = f"expected an explorer of at most {MAX_EXPLORED:,} numbers, found about {found}"
        yield (
            "pages.explore",
            message,
            "Name fewer epochs, or none: then a sensible number is taken.",
        )
    elif size.run.trace <= size.run.most and size.run.trace + size.beside > MAX_MEMORY:
        most, found = size_text(MAX_MEMORY), size_text(size.run.trace + size.beside)
        small = "Fewer units, inputs or epochs make it smaller."
        message = f"expected at most {most} for this run and those beside it, found about {found}"
        yield "pages", message, small
