"""Making walkthroughs: training, checking and rendering, one experiment or many of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict, Unpack

from tracer.cli.again import Asked, keep_pages, pages_again
from tracer.cli.console import progress, record_text, say
from tracer.files.receipts import Receipt
from tracer.meters import Meter, no_meter
from tracer.registry import outside

if TYPE_CHECKING:
    from tracer.check.proof import Proof
    from tracer.executor import Executor
    from tracer.experiment import Experiment
    from tracer.files.tree import Tree
    from tracer.trace import Trace
    from tracer.writing.site import Prover as ProverOfPages
    from tracer.writing.templating import DataTemplates

    Templates = Path | DataTemplates | None

WORTH_PROCESSES = 0.5
"""Seconds that the run itself takes: some ten like it stand beside it, and half a second is what it
takes to start a process, which reads NumPy anew."""


TEXT = 6
"""Bytes of memory for each byte of pages: a string with signs for symbols has four a sign, and what
is written has one more."""


class Wanted(TypedDict):
    """How walkthroughs are to be written: see :func:`tracer.writing.site.walkthrough_tree`."""

    out: Path
    math: str
    templates: Templates
    replaces: bool
    jobs: int


class How(TypedDict):
    """Whether walkthroughs are checked, and what is known of those that were made already."""

    check: bool
    asked: Asked | None


class Made(NamedTuple):
    """A walkthrough that is ready to be written; what its checks say, and whether one failed.

    ``asked`` is what it looked for in what is kept between runs: see ``Receipt.asked``.
    """

    tree: Tree
    said: tuple[str, ...] = ()
    failed: bool = False
    asked: Mapping[str, str] = {}


class Prover:
    """Runs the checks, and remembers what is to be said of them and whether one failed."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.failed = False

    def __call__(self, trace: Trace, pages: Mapping[str, str]) -> tuple[Proof, ...]:
        """What the checks find for a trace and its pages."""
        from tracer.experiment.words import count_text
        from tracer.writing.checked import prove_anew

        proofs = prove_anew(trace, pages)
        wrong = [proof.key for proof in proofs if not proof.ok]
        name = trace.experiment.name
        passed = count_text(sum(proof.applies for proof in proofs) - len(wrong), "check")
        self.said.append(f"{name}: {passed} passed" + f", failed: {', '.join(wrong)}" * bool(wrong))
        self.failed |= bool(wrong)
        return proofs


def all_made(
    loaded: Sequence[Experiment],
    wanted: Wanted,
    *,
    dask: str | None,
    **how: Unpack[How],
) -> Iterator[Made]:
    """Every walkthrough, in order; what its checks say is said when it is there.

    Several are made by as many processes as are wished for and as memory has room for. Of a single
    one these make the pages instead, and the runs beside it where they take long.
    Rows of the catalog from outside are known to this process and to its copies: no others help.
    """
    from tracer.experiment.words import count_text

    dask = None if outside() else dask
    jobs = fitting(loaded, wanted["jobs"])
    several = len(loaded) > 1 and (dask is not None or jobs > 1)
    title = f"rendering {count_text(len(loaded), 'experiment')}"
    results = (
        _together(partial(_make, wanted={**wanted, "jobs": 1}, **how), loaded, jobs, dask)
        if several
        else _in_turn(partial(_make, wanted=wanted, **how), loaded, wanted["jobs"], dask)
    )
    with progress(title) if several else nullcontext(no_meter) as meter, closing(results):
        for done, one in enumerate(results, 1):
            for text in one.said:
                say(text)
            meter(done, len(loaded))
            yield one


def _together(
    make: partial[Made], loaded: Sequence[Experiment], jobs: int, dask: str | None
) -> Generator[Made, None, None]:
    """Several experiments at a time, each by one process.

    The place of each and of its templates is told here: for a worker of a cluster another folder
    may be the current one.
    """
    from tracer.api import own_templates
    from tracer.executor import can_copy, executor, forked
    from tracer.writing.site import place_of

    if dask is None and can_copy():
        yield from forked(jobs).map(partial(_keeping, make), loaded)
    elif dask is None and outside():
        yield from map(make, loaded)
    else:
        wanted: Wanted = make.keywords["wanted"]
        out, replaces, known = wanted["out"], wanted["replaces"], _absolute(wanted["templates"])
        asked = [(one, known or _absolute(own_templates(one))) for one in loaded]
        elsewhere = partial(_make_with, make)
        with executor(jobs, dask) as many, closing(many.map(elsewhere, asked)) as results:
            for one, made in zip(loaded, results, strict=True):
                place = place_of(one, out, replaces=replaces)
                yield made._replace(tree=replace(place, files=made.tree.files))


def _absolute(templates: Templates) -> Templates:
    if isinstance(templates, Path):
        return templates.absolute()
    return templates and replace(templates, folder=templates.folder.absolute())


def _make_with(make: partial[Made], asked: tuple[Experiment, Templates]) -> Made:
    """The same with templates whose folder is known."""
    one, templates = asked
    return make(one, wanted={**make.keywords["wanted"], "templates": templates})


def _keeping(make: Callable[[Experiment], Made], experiment: Experiment) -> Made:
    """The same in a copy of the process; what it worked out is there for the next run."""
    from tracer.files.packs import write_packs

    made = make(experiment)
    write_packs()
    return made


def _in_turn(
    make: Callable[..., Made], loaded: Sequence[Experiment], jobs: int, dask: str | None
) -> Generator[Made, None, None]:
    """One experiment after the other; of one that takes long, the runs beside it elsewhere."""
    from tracer.executor import executor

    for one in loaded:
        is_helped = not outside() and (dask or (jobs > 1 and _is_long(one)))
        with executor(jobs, dask) if is_helped else nullcontext(None) as many:
            yield make(one, bars=True, many=many)


def fitting(loaded: Sequence[Experiment], jobs: int) -> int:
    """How many of several experiments may be made at a time: memory has room for all of these."""
    from tracer.files.memory import free_memory
    from tracer.studies.size import walkthrough_size

    most, free = min(jobs, len(loaded)), free_memory() if jobs > 1 < len(loaded) else None
    if free is None:
        return max(1, most)
    sizes = (walkthrough_size(one) for one in loaded)
    largest = max(size.run.trace + size.beside + TEXT * size.text for size in sizes)
    return max(1, min(most, int(free / largest)))


def _is_long(experiment: Experiment) -> bool:
    """Whether the runs beside it take longer than it takes to start processes."""
    from tracer.training.size import run_size

    return run_size(experiment).training > WORTH_PROCESSES


def _make(
    experiment: Experiment,
    *,
    wanted: Wanted,
    check: bool,
    asked: Asked | None,
    bars: bool = False,
    many: Executor | None = None,
) -> Made:
    """Train and render an experiment, here or in another process; ``bars`` show how far it is.

    Pages that stand there as they would be made are taken as they are.
    """
    from tracer.api import own_templates
    from tracer.writing.checked import Recalling
    from tracer.writing.site import place_of

    place = place_of(experiment, wanted["out"], replaces=wanted["replaces"])
    key = asked.keys.get(experiment.source, "") if asked else ""
    if key and (again := pages_again(place, key)) is not None:
        tree, receipt = again
        return Made(tree, receipt.said, asked=receipt.asked)
    prover, recalling = Prover(), Recalling()
    wanted = {**wanted, "templates": wanted["templates"] or own_templates(experiment)}
    tree = _render(
        experiment,
        progress if bars else _silent,
        note=prover.said.append,
        many=many,
        prove=prover if check else recalling,
        **wanted,
    )
    made = Made(tree, tuple(prover.said), prover.failed, recalling.asked)
    if key and asked and asked.keys_now() == asked.keys:
        keep_pages(tree, Receipt(key, made.said, asked=made.asked))
    return made


def _silent(_title: str) -> AbstractContextManager[Meter]:
    return nullcontext(no_meter)


def _render(
    experiment: Experiment,
    shown: Callable[[str], AbstractContextManager[Meter]],
    *,
    note: Callable[[str], None],
    many: Executor | None,
    prove: ProverOfPages,
    **wanted: Unpack[Wanted],
) -> Tree:
    """Train an experiment, and make the pages of its walkthrough."""
    from tracer.cli.runs import trained
    from tracer.writing.site import walkthrough_tree

    trace, studies = trained(experiment, shown, many)
    if trace.recording is not None:
        note(f"{experiment.name}: {record_text(trace)}")
    with shown(f"{experiment.name}: building and writing the pages") as meter:
        return walkthrough_tree(trace, studies, meter=meter, prove=prove, **wanted)
