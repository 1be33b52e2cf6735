"""Lines of one kind for many cycles: what they share is found once, a cycle brings its numbers.

The numbers of a cycle stand in one row, in the same order for all cycles of a network. A line knows
the places of its operands there, so nothing is made for it but its text. Whatever takes a closer
look is left to :mod:`tracer.typeset.typesetter`, by the cycle's own line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from tracer.refs import Moment
from tracer.typeset.compiled import Compiled
from tracer.typeset.line import Bound, Line, Operand
from tracer.typeset.planning import EQUAL, placed_of
from tracer.typeset.planning import Placed as Filled
from tracer.typeset.printed import FENCE, Numbers, Printed
from tracer.typeset.set_line import BRANCH, NO_FLAGS, Parts, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.soon import settle_soon
from tracer.typeset.sooner import IN_DOUBT, LineSetter, branch_for

Pick = Callable[[Any], tuple[Any, ...]]
"""What stands at some places of a row."""
_new = tuple.__new__  # half of the time that the class takes


def pick(places: Sequence[int]) -> Pick:
    """Picks what stands at these places, from 0."""
    if len(places) == 1:
        (only,) = places
        return lambda row: (row[only],)
    return itemgetter(*places) if places else lambda _: ()


class Placed(NamedTuple):
    """A number in a row: what it is as it is printed, its HTML, and what it is printed of.

    ``near``, ``digits`` and ``text`` are those of its print; ``cell`` is linked HTML, and
    ``fenced`` the same beside an operator. ``moment`` is that at which it is computed.
    """

    near: float
    digits: int
    cell: str
    fenced: str
    href: str
    value: float
    exact: bool
    moment: Moment
    text: str


class Row:
    """The numbers of a cycle as its page has them, with the usual digits; ``numbers`` has more."""

    __slots__ = ("_more", "all", "numbers")

    def __init__(self, usual: Sequence[Placed], numbers: Numbers) -> None:
        self.all, self.numbers = usual, numbers
        self._more: dict[int, _More] = {}

    def with_more(self, extra: int) -> Any:
        """The same with so many digits more than usual, by their places."""
        found = self._more.get(extra)
        if found is None:
            found = self._more[extra] = _More(self.all, self.numbers.more[extra])
        return found


class _More(dict[int, Placed]):
    """Numbers of a row with more digits, each made when it is asked for."""

    def __init__(self, usual: Sequence[Placed], more: Mapping[float, Printed]) -> None:
        super().__init__()
        self.usual, self.more = usual, more

    def __missing__(self, place: int) -> Placed:
        each = self.usual[place]
        found = self[place] = each if each[6] else placed(self.more[each[5]], *each[4:8])
        return found


def placed(printed: Printed, href: str, value: float, exact: bool, moment: Moment) -> Placed:
    """A number in a row."""
    near, digits, before, behind, alone, first, end, _, text, _ = printed
    cell = fenced = f"{before}{href}{behind}" if href else alone
    if end:
        fenced = f"{first}{href}{behind}{end}" if href else f"{FENCE}{alone}{end}"
    return _new(Placed, (near, digits, cell, fenced, href, value, exact, moment, text))


Later = tuple[Callable[[Any], str], Callable[[Any], tuple[Operand, ...]]]
"""What gives a line of a number as LaTeX, and its operands."""


class Done(NamedTuple):
    """A line that is set, with so many digits more than usual; whether it is exactly so."""

    line: SetLine
    extra: int
    is_equal: bool
    result: Printed


class Shared(NamedTuple):
    """What lines of a branch share; ``fill`` is None where each takes a closer look."""

    fill: Filled | None
    stated: Parts = ()
    anchor: str = ""
    quantities: tuple[str, ...] = ()
    flags: frozenset[str] = NO_FLAGS

    @classmethod
    def of(cls, line: Line, setter: LineSetter, branch: Compiled | None) -> Shared:
        """That of lines like this one."""
        if branch is None:
            return cls(None)
        made, key = setter.planned(line, branch, line.bounds[0]), ("placed", branch)
        if key not in setter.known:
            setter.known[key] = placed_of(branch, made)
        flags = BRANCH if branch.condition else NO_FLAGS
        fill: Filled | None = setter.known[key]
        return cls(fill, made.stated, line.target.anchor, made.quantities, flags)


class ReplayedLine:
    """A line of any cycle: ``of`` is that of one, whose value and operands stand at ``places``."""

    def __init__(self, of: Line, setter: LineSetter, value: int, places: Sequence[int]) -> None:
        self.of, self.setter, self.value, self.places = of, setter, value, tuple(places)
        self.pick, self.form = pick(self.places), of.bounds[0].form
        branch = known_of(self.form).branch
        self.asks, self.shared = branch is None, Shared.of(of, setter, branch)
        self.branches: dict[Any, Shared] = {}

    def set(self, row: Row, number: int, later: Later) -> Done | None:
        """The line of a cycle, which is called by a number; None where it takes a closer look."""
        every, numbers = row.all, row.numbers
        given, target, shared, extra = self.pick(every), every[self.value], self.shared, 0
        if self.asks:
            shared = self._chosen(given, numbers.decimals)
        fill, stated, anchor, quantities, flags = shared
        if fill is None:
            return None
        value = target[5]
        goal = numbers.goals[value]
        try:
            found = fill(goal, given, value, stated)
            while found == 0 and not self.asks and extra < len(numbers.more) - 1:
                extra += 1
                found = fill(goal, self.pick(row.with_more(extra)), value, stated)
        except IN_DOUBT:
            return None
        if not found:
            return None
        sign, parts, result, hrefs = found
        ref, (latex, operands) = self.of.target.at_moment(target[7]), later
        start = ref, anchor, parts, latex, number, operands, hrefs, quantities
        line = _new(SetLine, (*start, result[8], value, goal[5], "", flags))
        return _new(Done, (line, extra, sign is EQUAL, result))

    def _chosen(self, given: Sequence[Placed], decimals: int) -> Shared:
        """What lines share whose operands choose the same branch."""
        operands = tuple([(each.value, each.exact) for each in given])
        branch = branch_for(self.form, operands, decimals)
        found = self.branches.get(branch)
        if found is None:
            found = self.branches[branch] = Shared.of(self.of, self.setter, branch)
        return found

    def plainly(self, row: Row) -> Line | None:
        """The line of a cycle with its first form, where that is all that decides its digits."""
        bound, target = Bound(self.form, self.operands(row)), row.all[self.value]
        if settle_soon(bound, target.value, row.numbers.decimals) is None:
            return None
        ref = self.of.target.at_moment(target.moment)
        return Line(ref, target.value, (bound,), self.of.named, self.of.exact)

    def operands(self, row: Row) -> tuple[Operand, ...]:
        """The operands of a cycle's line."""
        pairs = zip(self.of.bounds[0].operands, self.pick(row.all), strict=True)
        return tuple([operand_at(of, number) for of, number in pairs])


def operand_at(of: Operand, number: Placed) -> Operand:
    """The operand of a cycle that this number is, as ``of`` is in another one."""
    return Operand(of.ref.at_moment(number.moment), number.value, number.exact, of.sample)
