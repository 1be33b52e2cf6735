"""Lines that are settled and set in one go, by a function that was written for their form."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from tracer.formula import Form
from tracer.numerals import REMEMBERED, exact_numeral, numeral
from tracer.refs import Ref
from tracer.typeset.ahead import FEW
from tracer.typeset.compiled import Compiled, branch_at
from tracer.typeset.line import Bound, Line
from tracer.typeset.links import Links, OddAddressError
from tracer.typeset.planning import ELSEWHERE, Fill, fill_of
from tracer.typeset.printed import Numbers
from tracer.typeset.set_line import BRANCH, NO_FLAGS, Parts, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.stencils import LinePlan

PLANS = ("plans",)
"""Where the plans of lines are found among all that is known: none of them is kept."""
IN_DOUBT = (ArithmeticError, ValueError)


class Plan(NamedTuple):
    """What lines of one kind share; ``places`` are those of its operands.

    Of a form that asks its operands which branch holds, each branch has its own.
    """

    fill: Fill
    places: tuple[Hashable, ...] = ()
    stated: Parts = ()
    anchor: str = ""
    quantities: tuple[str, ...] = ()
    flags: frozenset[str] = NO_FLAGS


def _closely(*_: Any) -> None:
    """What a line says that needs a closer look."""


_CLOSELY, _ASKS = Plan(_closely), Plan(lambda *_: ELSEWHERE)


@dataclass(frozen=True)
class LineSetter:
    """Sets the lines of one page that are plain at the first look.

    ``planned`` says what all lines of a kind share, ``latex`` is a line as LaTeX.
    """

    numbers: Numbers
    known: dict[Any, Any]
    address: Callable[[Ref], str]
    planned: Callable[[Line, Compiled, Bound], LinePlan]
    latex: Callable[[Line], str]

    @cached_property
    def links(self) -> Links:
        """Where each number stands."""
        return Links(self.address)

    @cached_property
    def _given(self) -> tuple[Any, ...]:
        """What a plan is filled with, of a form that has one branch."""
        return self._of_numbers(self.numbers)

    @cached_property
    def _asked(self) -> tuple[Any, ...]:
        """The same with no digits more than usual."""
        return self._of_numbers(self.numbers.usual)

    def _of_numbers(self, of: Numbers) -> tuple[Any, ...]:
        return of.results, of.goals, of.exact, of.more, self.links, self.latex

    def ready(self, lines: Sequence[Line]) -> None:
        """Make the numbers of many lines, and their addresses, before the lines are set.

        Of few lines each is as soon made when it is asked for.
        """
        operands = [operand for line in lines for operand in line.bounds[0].operands]
        if len(operands) < FEW:
            return
        floats = [operand for operand in operands if type(operand.value) is float]
        computed = {operand.value for operand in floats if not operand.exact}
        exact = {operand.value for operand in floats if operand.exact}
        results = {line.value for line in lines if type(line.value) is float}
        self.numbers.ready(results, computed, exact)
        links = self.links
        with suppress(OddAddressError):  # the line that has it asks again
            for operand in operands:
                ref = operand.ref
                links[ref.moment][ref.spot]

    def line(self, line: Line, home: str | None) -> SetLine | None:
        """A line, or None where it takes a closer look; ``home`` is where a quoted one leads."""
        bound, named = line.bounds[0], line.named
        kind = bound.form, line.target.spot, named and _named(named)
        plan = self.known.get(kind, _ASKS)
        try:
            found: Any = plan[0](line, bound.operands, plan, home, self._given)
            return self._again(kind, line, home) if found is ELSEWHERE else found
        except IN_DOUBT:
            return None

    def lines(self, lines: Sequence[Line]) -> Iterator[SetLine | None]:
        """Many lines, each as it is by itself."""
        known, given, again = self.known, self._given, self._again
        for line in lines:
            bound, named = line.bounds[0], line.named
            kind = bound.form, line.target.spot, named and _named(named)
            plan = known.get(kind, _ASKS)
            try:
                found = plan[0](line, bound.operands, plan, None, given)
                yield again(kind, line, None) if found is ELSEWHERE else found
            except IN_DOUBT:
                yield None

    def _again(self, kind: tuple[Any, ...], line: Line, home: str | None) -> SetLine | None:
        """A line whose operands have other places than those of the line before, or choose."""
        plan, given = self._of(kind, line), self._given
        if plan is _ASKS:
            plan, given = self._chosen(line, kind), self._asked
        found: SetLine | None = plan.fill(line, line.bounds[0].operands, plan, home, given)
        return found

    def _of(self, kind: tuple[Any, ...], line: Line) -> Plan:
        """What lines of a kind with operands in these places share: the one to look at first."""
        key = (*kind, *[operand.place for operand in line.bounds[0].operands])
        plan: Plan | None = self.known.get(key)
        if plan is None:
            plan = self.known[key] = self._plan(line, known_of(line.bounds[0].form).branch)
        self.known[kind] = plan
        return plan

    def _plan(self, line: Line, branch: Compiled | None) -> Plan:
        bound, known = line.bounds[0], self.known
        if branch is None:
            return _ASKS
        made = self.planned(line, branch, bound)
        key = "fill", branch
        if key not in known:
            known[key] = fill_of(branch, made) or _closely
        places = tuple([operand.place for operand in bound.operands])
        flags = BRANCH if branch.condition else NO_FLAGS
        return Plan(known[key], places, made.stated, line.target.anchor, made.quantities, flags)

    def _chosen(self, line: Line, kind: tuple[Any, ...]) -> Plan:
        """What lines share whose operands choose the same branch, as they are and as printed."""
        branch = branch_of(line.bounds[0], self.numbers.decimals)
        if branch is None:
            return _CLOSELY
        key = kind, branch, *[operand.place for operand in line.bounds[0].operands]
        found: Plan | None = self.known.get(key)
        if found is None:
            found = self.known[key] = self._plan(line, branch)
        return found


def branch_of(bound: Bound, decimals: int) -> Compiled | None:
    """The branch that operands choose as they are printed, if they choose it as they are too."""
    operands = tuple([(operand.value, operand.exact) for operand in bound.operands])
    return branch_for(bound.form, operands, decimals)


@lru_cache(maxsize=REMEMBERED // 16)  # a matrix asks for what the line of an entry asked
def branch_for(
    form: Form, operands: tuple[tuple[float, bool], ...], decimals: int
) -> Compiled | None:
    """The same of (value, whether it is exact) for each operand."""
    texts = [exact_numeral(v) if exact else numeral(v, decimals) for v, exact in operands]
    if any(text.value is None for text in texts):
        return None
    branch = branch_at(form, [text.fraction for text in texts])
    own = branch_at(form, [Fraction(repr(value)) for value, _ in operands])
    return branch if own is branch else None


def _named(bound: Bound) -> tuple[Any, ...]:
    return bound.form, *[operand.place for operand in bound.operands]
