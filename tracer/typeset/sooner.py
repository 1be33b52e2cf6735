"""Lines that are settled and set in one go, by a function that was written for their form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, NamedTuple

from tracer.formula import Form
from tracer.numerals import REMEMBERED, exact_numeral, numeral
from tracer.refs import Moment, Ref
from tracer.typeset.compiled import Compiled, branch_at
from tracer.typeset.line import Bound, Line, Operand
from tracer.typeset.markup import escaped
from tracer.typeset.planning import Fill, fill_of
from tracer.typeset.printed import Numbers
from tracer.typeset.set_line import BRANCH, NO_FLAGS, Parts, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.stencils import LinePlan

Hrefs = dict[tuple[int, Moment], str | None]
"""Where each number stands; None for an address that HTML would not have as it is."""
PLANS = ("plans",)
"""Where the plans of lines are found among all that is known: none of them is kept."""
IN_DOUBT = (ArithmeticError, ValueError)


class Plan(NamedTuple):
    """What lines of one kind share; ``fill`` is None where each needs a closer look.

    Of a form that ``asks`` its operands which branch holds, each branch has its own.
    """

    fill: Fill | None
    stated: Parts = ()
    anchor: str = ""
    quantities: tuple[str, ...] = ()
    flags: frozenset[str] = NO_FLAGS
    asks: bool = False


_NO_PLAN, _ASKS = Plan(None), Plan(None, asks=True)


@dataclass(frozen=True)
class LineSetter:
    """Sets the lines of one page that are plain at the first look.

    ``planned`` says what all lines of a kind share, ``latex`` is a line as LaTeX.
    """

    numbers: Numbers
    known: dict[Any, Any]
    hrefs: Hrefs
    address: Callable[[Ref], str]
    planned: Callable[[Line, Compiled, Bound], LinePlan]
    latex: Callable[[Line], str]

    def line(self, line: Line, home: str | None) -> SetLine | None:
        """A line, or None where it takes a closer look; ``home`` is where a quoted one leads."""
        operands, numbers, plan = line.bounds[0].operands, self.numbers, self.plan(line)
        if plan.asks:
            branch = branch_of(line.bounds[0], numbers.decimals)
            plan, numbers = self.chosen(line, branch), numbers.usual
        if plan.fill is None:
            return None
        hrefs = self.hrefs
        try:
            links = [hrefs[o.ref.spot, o.ref.moment] for o in operands]
        except KeyError:
            links = self._links(operands)
        if None in links:
            return None
        values, stated, to = [o.value for o in operands], plan.stated, home or ""
        try:
            found = plan.fill(line.value, values, links, to, stated, numbers)
        except IN_DOUBT:
            return None
        if found is None:
            return None
        parts, result, kept = found
        return SetLine(
            line.target,
            plan.anchor if home is None else "",
            parts,
            partial(self.latex, line),
            operands,
            tuple(links),  # type: ignore[arg-type]
            plan.quantities,
            result,
            line.value,
            kept,
            to,
            plan.flags,
        )

    def plan(self, line: Line) -> Plan:
        """What all lines of a kind share: it knows nothing of their values, nor of their page."""
        key = _key(line)
        found: Plan | None = self.known.get(key)
        if found is None:
            found = self.known[key] = self._plan(line, known_of(line.bounds[0].form).branch)
        return found

    def _links(self, operands: Sequence[Operand]) -> list[str | None]:
        return [self.href(operand.ref) for operand in operands]

    def href(self, ref: Ref) -> str | None:
        """Where a number stands; None for an address that HTML would not have as it is."""
        place = ref.spot, ref.moment
        if place not in self.hrefs:
            href = self.address(ref)
            self.hrefs[place] = href if href == escaped(href) else None
        return self.hrefs[place]

    def _plan(self, line: Line, branch: Compiled | None) -> Plan:
        bound, known = line.bounds[0], self.known
        if branch is None:
            return _ASKS
        made = self.planned(line, branch, bound)
        exact = tuple([operand.exact for operand in bound.operands])
        key = "fill", branch, exact
        if key not in known:
            known[key] = fill_of(branch, exact, made)
        flags = BRANCH if branch.condition else NO_FLAGS
        return Plan(known[key], made.stated, line.target.anchor, made.quantities, flags)

    def chosen(self, line: Line, branch: Compiled | None) -> Plan:
        """What lines share whose operands choose the same branch, as they are and as printed."""
        if branch is None:
            return _NO_PLAN
        key = _key(line), branch
        found: Plan | None = self.known.get(key)
        if found is None:
            found = self.known[key] = self._plan(line, branch)
        return found


def _key(line: Line) -> Any:
    bound, named = line.bounds[0], line.named
    places = [
        (o.ref.spot, o.exact, o.sample) if o.sample else 2 * o.ref.spot + o.exact
        for o in bound.operands
    ]
    return bound.form, line.target.spot, named and _named(named), *places


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
    return bound.form, *[(operand.ref.spot, operand.sample) for operand in bound.operands]
