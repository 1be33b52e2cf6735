"""Lines of one kind for many cycles: what they share is found once, a cycle brings its numbers.

The numbers of a cycle stand in one row, in the same order for all cycles of a network. A line knows
the places of its operands there, so nothing is made for it but its text. Whatever takes a closer
look is left to :mod:`tracer.typeset.typesetter`, by the cycle's own line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from tracer.refs import Moment
from tracer.typeset.line import Line, Operand
from tracer.typeset.planning import EQUAL
from tracer.typeset.printed import Numbers, Printed
from tracer.typeset.set_line import SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.sooner import IN_DOUBT, LineSetter, Plan, branch_for

Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""What stands at some places of a row."""
_new = tuple.__new__  # half of the time that the class takes


def pick(places: Sequence[int]) -> Pick:
    """Picks what stands at these places, from 0."""
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)
    return itemgetter(*places) if places else lambda _: ()


class Row(NamedTuple):
    """The numbers of a cycle as its page has them: values, addresses, which of them are exact.

    ``printed`` are their texts with the usual digits, ``cells`` the same as linked HTML, and
    ``fenced`` as it stands beside operators. ``moments`` are those at which they are computed.
    """

    values: Sequence[float]
    hrefs: Sequence[str]
    exact: Sequence[bool]
    printed: Sequence[Printed]
    cells: Sequence[str]
    fenced: Sequence[str]
    moments: Sequence[Moment]
    numbers: Numbers


def cells_of(printed: Sequence[Printed], hrefs: Sequence[str]) -> list[str]:
    """Numbers as HTML, each with its link."""
    pairs = zip(printed, hrefs, strict=True)
    return [f"{text[2]}{href}{text[3]}" if href else text[4] for text, href in pairs]


def fenced_of(cells: Sequence[str], printed: Sequence[Printed], hrefs: Sequence[str]) -> list[str]:
    """The same as they stand beside operators."""
    return [
        cell if text[4] is text[7] else f"{text[5]}{href}{text[6]}" if href else text[7]
        for cell, text, href in zip(cells, printed, hrefs, strict=True)
    ]


class Operands(NamedTuple):
    """What stands at some places of a row: see there."""

    values: tuple[float, ...]
    hrefs: tuple[str, ...]
    exact: tuple[bool, ...]
    numbers: Numbers

    def with_more(self, extra: int) -> tuple[list[Printed], list[str]]:
        """Their texts and their HTML with so many digits more."""
        more, exact = self.numbers.more[extra], self.numbers.exact
        given = zip(self.values, self.exact, strict=True)
        printed = [exact[value] if is_exact else more[value] for value, is_exact in given]
        return printed, cells_of(printed, self.hrefs)


def operands_of(at: Pick, row: Row) -> Operands:
    """What stands at these places of a row."""
    return Operands(at(row.values), at(row.hrefs), at(row.exact), row.numbers)


class Done(NamedTuple):
    """A line that is set, with so many digits more than usual; whether it is exactly so."""

    line: SetLine
    extra: int
    is_equal: bool


class ReplayedLine:
    """A line of any cycle: ``of`` is that of one, whose value and operands stand at ``places``."""

    def __init__(self, of: Line, setter: LineSetter, value: int, places: Sequence[int]) -> None:
        self.of, self.setter, self.value, self.places = of, setter, value, tuple(places)
        self.pick, self.form = pick(self.places), of.bounds[0].form
        branch = known_of(self.form).branch
        self.asks = branch is None
        self.plan = Plan(None) if branch is None else setter.placed(of, branch)
        self.branches: dict[Any, Plan] = {}

    def set(
        self,
        row: Row,
        latex: Callable[[], str],
        operands: Callable[[], tuple[Operand, ...]],
    ) -> Done | None:
        """The line of a cycle; None where it takes a closer look."""
        at, place = self.pick, self.value
        values, hrefs, numbers = at(row[0]), at(row[1]), row[7]
        value, plan, extra = row[0][place], self.plan, 0
        if self.asks:
            plan = self._chosen(values, at(row[2]), numbers.decimals)
        fill, _, stated, anchor, quantities, flags, _ = plan
        if fill is None:
            return None
        goal = numbers.goals[value]
        try:
            found = fill(goal, at(row[3]), at(row[4]), at(row[5]), hrefs, value, values, stated)
            while found == 0 and not self.asks and extra < len(numbers.more) - 1:
                extra += 1
                printed, cells = operands_of(at, row).with_more(extra)
                fenced = fenced_of(cells, printed, hrefs)
                found = fill(goal, printed, cells, fenced, hrefs, value, values, stated)
        except IN_DOUBT:
            return None
        if not found:
            return None
        sign, parts, result = found
        target = self.of.target.at_moment(row[6][place])
        given = target, anchor, parts, latex, operands, hrefs, quantities
        line = _new(SetLine, (*given, result, value, goal[5], "", flags))
        return _new(Done, (line, extra, sign is EQUAL))

    def _chosen(self, values: tuple[float, ...], exact: tuple[bool, ...], decimals: int) -> Plan:
        """What lines share whose operands choose the same branch."""
        branch = branch_for(self.form, tuple(zip(values, exact, strict=True)), decimals)
        found = self.branches.get(branch)
        if found is None:
            found = self.branches[branch] = self.setter.placed(self.of, branch)
        return found

    def operands(self, row: Row) -> tuple[Operand, ...]:
        """The operands of a cycle's line."""
        of = self.of.bounds[0].operands
        return tuple([operand_at(o, row, place) for o, place in zip(of, self.places, strict=True)])


def operand_at(of: Operand, row: Row, place: int) -> Operand:
    """The operand of a cycle that stands at a place of its row, as ``of`` does in another one's."""
    ref = of.ref.at_moment(row.moments[place])
    return Operand(ref, row.values[place], row.exact[place], of.sample)
