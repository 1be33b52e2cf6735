"""The search for learning rates: a dozen around the experiment's own, and three that differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, islice, pairwise
from typing import TYPE_CHECKING

import numpy as np

from tracer.studies.beside import run_beside
from tracer.studies.model import FullStep, RateStudy, Run, Tried, Verdict, verdict_on
from tracer.studies.plan import changed, full_step, rate_between, rates_above, rates_below, short
from tracer.studies.recalled import RecalledRuns
from tracer.trace import Trace

if TYPE_CHECKING:
    from tracer.executor import Executor

MOST_RATES = 12
"""So many rates are tried at most: a table and a plot that are taken in at a glance."""
LEAST, MOST = 2, 5
"""So many of them on each side of the experiment's own: both sides are seen, and at least one trial
is left for what lies between."""
STRIDES = (2, 4, 8, 16)
"""After the neighbours of the own rate: how many steps of the grid lie between those tried. Doubled
each time, so that few trials reach over many powers of ten."""
USUAL_LOW, USUAL_HIGH = 1e-3, 1.0
"""Where a rate is looked for as long as none is known that helps: the defaults of libraries lie
there, 0.001 to 0.1, and a whole gradient is seldom too little."""
FULL_STEPS = 6
"""Where no rate helps, so many plain steps are tried, each a tenth of the one before: the last
is a hundred-thousandth of the first, and where that does not help either, the page says so."""

Grid = Callable[[float], Iterator[float]]
Clamp = Callable[[float, float], float]
Ends = Callable[[Verdict, bool], bool]
"""Whether a side ends at a rate with this verdict; the flag: whether a rate that helps is known."""


def search(trace: Trace, many: Executor | None = None) -> RateStudy:
    """Try rates above and below the run's own, then between: never more than a dozen.

    The first two on each side are neighbours on the grid of 1 and 3 times powers of ten, the
    others further and further apart, from a usual rate on where none helps so far. Upwards until
    one goes wrong or falls behind, downwards until one makes hardly any progress. What is left is
    spent around the best one, and then where a rate that helps and one that does not are far apart.
    Where there are ``many``, they make every run: at once what is tried in any case, and what may
    be tried next between two others. The rates that are found do not depend on it.
    """
    found = _Search(trace, many)
    grids = (rates_above, rates_below)
    found.ahead(rate for grid in grids for rate in islice(grid(found.own), LEAST))
    found.side(found.ladder(rates_above, max, USUAL_LOW), _ends_above)
    found.side(found.ladder(rates_below, min, USUAL_HIGH), _ends_below)
    found.between()
    found.recalled.keep()
    return found.chosen()


def _ends_above(verdict: Verdict, helped: bool) -> bool:
    return verdict in ("higher", "lost") or (helped and verdict != "lower")


def _ends_below(verdict: Verdict, helped: bool) -> bool:
    return verdict in ("same", "still") or (helped and verdict == "little")


class _Search:
    """The rates tried so far, by their rate."""

    def __init__(self, trace: Trace, many: Executor | None = None) -> None:
        self.trace, self.experiment, self.many = trace, trace.experiment, many
        self.own = self.experiment.training.learning_rate
        self.runs: dict[float, Run] = {self.own: own_run(trace)}
        self.flat = _flat(trace)
        self.recalled = RecalledRuns(trace.experiment, short(trace))

    @property
    def best(self) -> float:
        """The largest progress that can be seen in the digits that are shown; 0 if none is."""
        helped = (r.progress for r in self.runs.values() if r.progress > 0 and r.moved)
        return max(helped, default=0.0)

    def verdict(self, rate: float) -> Verdict:
        """What became of the loss with a rate."""
        return verdict_on(self.runs[rate], self.best)

    def attempt(self, rate: float) -> None:
        """Train with a rate, as long as the run's own."""
        self.ahead([rate])
        self.runs[rate] = self.recalled.run(rate)

    def ahead(self, rates: Iterable[float]) -> None:
        """Let ``many`` make the runs with these rates, where there are some."""
        if self.many is not None:
            self.recalled.ahead(rates, self.many)

    def ladder(self, grid: Grid, clamp: Clamp, usual: float) -> Iterator[float]:
        """Rates on one side: neighbours, then ever further; if none helps, from a usual one."""
        rate = self.own
        for rate in islice(grid(self.own), LEAST):
            yield rate
        start = rate if self.best > 0 else clamp(rate, usual)
        places = set(accumulate(STRIDES))
        yield from (far for k, far in enumerate(grid(start), start=1) if k in places)

    def side(self, ladder: Iterator[float], ends: Ends) -> None:
        """Go along a ladder until nothing more is to be seen there."""
        for tries, rate in enumerate(islice(ladder, MOST), start=1):
            self.attempt(rate)
            over = ends(self.verdict(rate), self.best > 0) or self.flat
            if tries >= LEAST and over:
                return

    def between(self) -> None:
        """Spend the rest between neighbours: beside the best rate, then where verdicts change."""
        while len(self.runs) < MOST_RATES:
            middles = {pair: rate_between(*pair) for pair in self._gaps()}
            gaps = {pair: rate for pair, rate in middles.items() if rate is not None}
            if not gaps:
                return
            wished = sorted(gaps, key=self._wish, reverse=True)
            self.ahead(gaps[pair] for pair in wished[: MOST_RATES - len(self.runs)])
            self.attempt(gaps[wished[0]])

    def _gaps(self) -> Iterator[tuple[float, float]]:
        for pair in pairwise(sorted(self.runs)):
            if self._wish(pair)[0] or len({self.verdict(rate) == "lower" for rate in pair}) > 1:
                yield pair

    def _wish(self, pair: tuple[float, float]) -> tuple[bool, float]:
        """Whether the best rate is one of the two, and how far apart they are."""
        best = max(self.runs, key=lambda rate: self.runs[rate].progress)
        return self.best > 0 and best in pair, math.log(pair[1]) - math.log(pair[0])

    def chosen(self) -> RateStudy:
        """The three rates, and all that were tried."""
        runs = [self.runs[rate] for rate in sorted(self.runs)]
        verdicts = [verdict_on(one, self.best) for one in runs]
        lowest = _lowest(runs)
        right = _right(lowest, self.own) if self.best > 0 else None
        place = runs.index(right) if right else len(runs)
        slow = _leading(verdicts[:place], ("little", "same", "still"))
        bad = _leading(verdicts[:place:-1], ("little", "same", "still", "higher", "lost"))
        return RateStudy(
            tried=tuple(
                Tried(one.rate, one.first, one.last, verdict, one in lowest)
                for one, verdict in zip(runs, verdicts, strict=True)
            ),
            small=runs[slow - 1] if slow and right else None,
            right=right,
            big=runs[-bad] if bad else None,
            epochs=short(self.trace),
            full=() if right else tuple(_full_steps(self.trace)),
        )


def own_run(trace: Trace) -> Run:
    """The run itself, or its first epochs where it has more than a study."""
    epochs, training = short(trace), trace.experiment.training
    if epochs == trace.epochs:
        return Run.of(trace)
    cut = changed(trace.experiment, epochs=epochs)
    if trace.recording is None and training.plateau is None:
        return Run.beginning(trace, epochs, cut, partial(run_beside, cut))
    return Run.of(run_beside(cut))


def _leading(verdicts: Sequence[Verdict], wanted: Sequence[Verdict]) -> int:
    """How many verdicts at the beginning are among those wanted."""
    for k, verdict in enumerate(verdicts):
        if verdict not in wanted:
            return k
    return len(verdicts)


def _lowest(runs: Sequence[Run]) -> list[Run]:
    """Those that end lowest in the digits that are shown."""
    finite = [one for one in runs if np.isfinite(one.last)]
    least = min(finite, key=lambda one: one.last, default=None)
    return [] if least is None else [one for one in finite if one.text == least.text]


def _right(lowest: Sequence[Run], own: float) -> Run:
    """Of the lowest: the experiment's own, else the one that ends lowest in all digits."""
    return min(lowest, key=lambda one: (one.rate != own, one.last))


def _full_steps(trace: Trace) -> Iterator[FullStep]:
    """Plain full steps from the starting values, until one lowers the loss."""
    rate = trace.experiment.training.learning_rate
    for _ in range(FULL_STEPS):
        made = run_beside(full_step(trace.experiment, rate))
        one = Run.of(made)
        found = FullStep(rate, one.first, one.last, _flat(made))
        yield found
        if found.helps or found.flat:
            return
        rate /= 10


def _flat(trace: Trace) -> bool:
    """Whether every gradient is 0 for every parameter that is trained."""
    trained = (*trace.grad_W, *(trace.grad_b if trace.experiment.training.train_biases else ()))
    return not any(update.any() for gradient in trained for update in gradient)
