"""Lines that are settled and set in one go, by a function that was written for their form."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from tracer.formula import Form
from tracer.numerals import REMEMBERED, exact_numeral, numeral
from tracer.refs import Moment, Ref
from tracer.typeset.compiled import Compiled, branch_at
from tracer.typeset.line import Bound, Line
from tracer.typeset.markup import escaped
from tracer.typeset.planning import Fill, Placed, fill_of, placed_of
from tracer.typeset.printed import Numbers
from tracer.typeset.set_line import BRANCH, NO_FLAGS, Parts, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.stencils import LinePlan

PLANS = ("plans",)
"""Where the plans of lines are found among all that is known: none of them is kept."""
IN_DOUBT = (ArithmeticError, ValueError)


class Plan(NamedTuple):
    """What lines of one kind share; ``fill`` is None where each needs a closer look.

    ``places`` are those of its operands. Of a form that ``asks`` its operands which branch holds,
    each branch has its own.
    """

    fill: Fill | None
    places: tuple[Hashable, ...] = ()
    stated: Parts = ()
    anchor: str = ""
    quantities: tuple[str, ...] = ()
    flags: frozenset[str] = NO_FLAGS
    asks: bool = False


_NO_PLAN, _ASKS = Plan(None), Plan(None, asks=True)


class OddAddressError(ValueError):
    """An address that HTML would not have as it is."""


class _OfMoment(dict[int, str]):
    """Where the numbers of one moment stand, by their spots."""

    def __init__(self, moment: Moment, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.moment, self.address = moment, address

    def __missing__(self, spot: int) -> str:
        href = self.address(Ref.at_spot(spot, self.moment))
        if href != escaped(href):
            raise OddAddressError(href)
        self[spot] = href
        return href


class Links(dict[Moment, _OfMoment]):
    """Where numbers stand, each found when it is asked for; OddAddressError for a line to look at.

    By moment and spot, which takes half of the time of a look-up by the two together.
    """

    def __init__(self, address: Callable[[Ref], str]) -> None:
        super().__init__()
        self.address = address

    def __missing__(self, moment: Moment) -> _OfMoment:
        found = self[moment] = _OfMoment(moment, self.address)
        return found


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
        numbers = self.numbers
        return numbers.goals, numbers.exact, numbers.more, self.links, self.latex

    @cached_property
    def _asked(self) -> tuple[Any, ...]:
        """The same with no digits more than usual."""
        numbers = self.numbers.usual
        return numbers.goals, numbers.exact, numbers.more, self.links, self.latex

    def line(self, line: Line, home: str | None) -> SetLine | None:
        """A line, or None where it takes a closer look; ``home`` is where a quoted one leads."""
        bound, operands = line.bounds[0], line.bounds[0].operands
        kind = bound.form, line.target.spot, line.named and _named(line.named)
        plan: Plan | None = self.known.get(kind)
        if plan is None:
            plan = self._of(kind, line)
        try:
            if not plan.asks:
                found = plan.fill and plan.fill(line, operands, plan, home, *self._given)
                if found != 0:
                    return found
                plan = self._of(kind, line)
            given = self._given
            if plan.asks:
                plan, given = self._chosen(line, kind), self._asked
            return plan.fill and plan.fill(line, operands, plan, home, *given)
        except IN_DOUBT:
            return None

    def _of(self, kind: tuple[Any, ...], line: Line) -> Plan:
        """What lines of a kind with operands in these places share: the one to look at first."""
        key = (*kind, *[operand.place for operand in line.bounds[0].operands])
        plan: Plan | None = self.known.get(key)
        if plan is None:
            plan = self.known[key] = self._plan(line, known_of(line.bounds[0].form).branch)
        self.known[kind] = plan
        return plan

    def placed(self, line: Line, branch: Compiled | None) -> Plan:
        """The same for lines of a branch whose numbers are looked up already."""
        if branch is None:
            return _NO_PLAN
        made, known, key = (
            self.planned(line, branch, line.bounds[0]),
            self.known,
            ("placed", branch),
        )
        if key not in known:
            known[key] = placed_of(branch, made)
        flags = BRANCH if branch.condition else NO_FLAGS
        return Plan(known[key], (), made.stated, line.target.anchor, made.quantities, flags)

    def decides(self, branch: Compiled | None) -> Placed | None:
        """What decides whether operands give exactly their result, by this branch of a form."""
        known, key = self.known, ("decides", branch)
        if key not in known:
            known[key] = branch and placed_of(branch, None)
        found: Placed | None = known[key]
        return found

    def _plan(self, line: Line, branch: Compiled | None) -> Plan:
        bound, known = line.bounds[0], self.known
        if branch is None:
            return _ASKS
        made = self.planned(line, branch, bound)
        key = "fill", branch
        if key not in known:
            known[key] = fill_of(branch, made)
        places = tuple([operand.place for operand in bound.operands])
        flags = BRANCH if branch.condition else NO_FLAGS
        return Plan(known[key], places, made.stated, line.target.anchor, made.quantities, flags)

    def _chosen(self, line: Line, kind: tuple[Any, ...]) -> Plan:
        """What lines share whose operands choose the same branch, as they are and as printed."""
        branch = branch_of(line.bounds[0], self.numbers.decimals)
        if branch is None:
            return _NO_PLAN
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
