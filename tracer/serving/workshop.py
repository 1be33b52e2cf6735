"""Making the site anew after a change: a page is made when somebody reads it, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracer.api import own_templates
from tracer.errors import Problem, TracerError
from tracer.experiment import Experiment
from tracer.html.walkthrough import Part, live_part
from tracer.html.website import Maker, base_of, website
from tracer.inputs import digest_of, parts_of
from tracer.meters import Meter
from tracer.serving.board import Board
from tracer.serving.inputs import Inputs
from tracer.studies.model import Studies
from tracer.studies.run import study_later
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.project import CONFIG, Project, find_project

Reader = Callable[[Path], Experiment]
Steps = Callable[[str, str], AbstractContextManager[Meter]]
"""From a step ("train") and the name of an experiment to a meter for it."""


class SupersededError(Exception):
    """Another change has come: what is being made would be old before it is shown."""


@dataclass(frozen=True)
class Made:
    """What was made of one experiment file, and of which content."""

    digest: bytes
    trace: Trace
    studies: Studies
    part: Part


class Workshop:
    """Makes sites out of what ``inputs`` says, and puts them on the board.

    ``read`` reads an experiment file and refuses what cannot be shown; ``check`` refuses a set of
    experiments; ``steps`` is told what is being done.
    """

    def __init__(
        self,
        inputs: Inputs,
        board: Board,
        read: Reader,
        check: Callable[[list[Experiment]], object],
        steps: Steps,
    ) -> None:
        self._inputs, self._board = inputs, board
        self._read, self._check, self._steps = read, check, steps
        self._made: dict[Path, Made] = {}
        self._before: dict[Path, Made] = {}
        self._maker: tuple[bytes, Maker] | None = None

    def work(self, is_old: Callable[[], bool]) -> None:
        """Make the site as the files are now, and show it.

        Raises SupersededError as soon as ``is_old`` says so.
        """
        try:
            project = None if self._inputs.named else find_project(self._inputs.root)
            maker = self._maker_of(project)
        except TracerError as error:
            self._board.show(self._board.version.site, error.problems)
            return
        parts, problems = self._parts(project, is_old)
        site = website(project, parts, maker) if parts or project else None
        self._board.show(site or self._board.version.site, problems)

    def _maker_of(self, project: Project | None) -> Maker:
        digest = digest_of([self._inputs.root / CONFIG])
        if self._maker is None or self._maker[0] != digest:
            self._maker = (digest, Maker.of(project, self._inputs.templates))
        return self._maker[1]

    def _parts(
        self, project: Project | None, is_old: Callable[[], bool]
    ) -> tuple[list[Part], tuple[Problem, ...]]:
        """The walkthroughs; of a file that is wrong, the last one that was right."""
        paths, problems = self._inputs.experiments(), []
        loaded, wrong = self._loaded(paths)
        problems += wrong
        if not wrong and self._board.version.problems:  # mended, whatever the pages will take
            self._board.show(self._board.version.site)
        for path, experiment in loaded.items():
            try:
                self._make(path, experiment, base_of(project), is_old)
            except TracerError as error:
                problems += error.problems
        self._made = {path: made for path, made in self._made.items() if path in paths}
        return [self._made[path].part for path in paths if path in self._made], tuple(problems)

    def _loaded(self, paths: tuple[Path, ...]) -> tuple[dict[Path, Experiment], list[Problem]]:
        loaded: dict[Path, Experiment] = {}
        problems: list[Problem] = []
        for path in paths:
            try:
                loaded[path] = self._read(path)
            except TracerError as error:
                problems += error.problems
        try:
            self._check(list(loaded.values()))
        except TracerError as error:
            return {}, [*problems, *error.problems]
        return loaded, problems

    def _make(
        self, path: Path, experiment: Experiment, base: str, is_old: Callable[[], bool]
    ) -> None:
        """Run an experiment, if it has changed; its pages are made when they are read."""
        own = self._inputs.templates or own_templates(experiment)
        run_key = digest_of([path, *_tables(experiment)])
        templates = sorted(self._inputs.templates.rglob("*")) if self._inputs.templates else []
        key = run_key + digest_of([*parts_of(path), *templates])
        kept = [made for made in (self._made.get(path), self._before.get(path)) if made]
        if same := next((made for made in kept if made.digest == key), None):
            self._keep(path, same)
            return
        if ran := next((made for made in kept if made.digest.startswith(run_key)), None):
            trace, studies = ran.trace, ran.studies
        else:
            with self._step("train", experiment, is_old) as meter:
                trace = run(experiment, meter)
            studies = study_later(trace)
        self._keep(path, Made(key, trace, studies, live_part(trace, studies, base, own)))

    def _keep(self, path: Path, made: Made) -> None:
        """Keep what was made, and what was made before it: a change is often taken back."""
        if path in self._made and self._made[path] is not made:
            self._before[path] = self._made[path]
        self._made[path] = made

    @contextmanager
    def _step(
        self, name: str, experiment: Experiment, is_old: Callable[[], bool]
    ) -> Iterator[Meter]:
        with self._steps(name, experiment.name) as told:

            def meter(done: int, total: int) -> None:
                if is_old():
                    raise SupersededError
                told(done, total)

            meter(0, 1)
            yield meter


def _tables(experiment: Experiment) -> list[Path]:
    source, name = experiment.source, experiment.data.path
    return [source.parent / name] if source is not None and name is not None else []
