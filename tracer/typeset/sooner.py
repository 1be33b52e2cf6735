"""Lines that are settled and set in one go, by a function that was written for their form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tracer.refs import Moment, Ref
from tracer.typeset.compiled import Compiled
from tracer.typeset.line import Bound, Line
from tracer.typeset.markup import escaped
from tracer.typeset.planning import Fill, fill_of
from tracer.typeset.printed import Numbers
from tracer.typeset.set_line import NO_FLAGS, Parts, SetLine
from tracer.typeset.soon import known as known_of
from tracer.typeset.stencils import LinePlan

Hrefs = dict[tuple[int, Moment], str | None]
"""Where each number stands; None for an address that HTML would not have as it is."""


class Plan(NamedTuple):
    """What lines of one kind share; ``fill`` is None where each needs a closer look."""

    fill: Fill | None
    stated: Parts = ()
    anchor: str = ""
    quantities: tuple[str, ...] = ()


_NO_PLAN = Plan(None)
Planned = Callable[[Line, Compiled, Bound], LinePlan]
_IN_DOUBT = (ArithmeticError, ValueError)


def line_soon(
    line: Line,
    home: str | None,
    numbers: Numbers,
    known: dict[Any, Any],
    hrefs: Hrefs,
    address: Callable[[Ref], str],
    planned: Planned,
    latex: Callable[[Line], str],
) -> SetLine | None:
    """A line, or None where it takes a closer look; ``home`` is where a quoted one leads."""
    bound = line.bounds[0]
    operands, target, named = bound.operands, line.target, line.named
    key = (
        bound.form,
        target.spot,
        tuple([(o.ref.spot, o.exact, o.sample) for o in operands]),
        named and (named.form, *[(o.ref.spot, o.sample) for o in named.operands]),
    )
    plan: Plan | None = known.get(key)
    if plan is None:
        plan = known[key] = _plan(line, known, planned)
    if plan.fill is None:
        return None
    links = []
    for operand in operands:
        ref = operand.ref
        place = ref.spot, ref.moment
        if place not in hrefs:
            href = address(ref)
            hrefs[place] = href if href == escaped(href) else None
        links.append(hrefs[place])
    if None in links:
        return None
    try:
        found = plan.fill(
            line.value, [o.value for o in operands], links, home or "", plan.stated, numbers
        )
    except _IN_DOUBT:
        return None
    if found is None:
        return None
    parts, result, kept = found
    return SetLine(
        target,
        plan.anchor if home is None else "",
        parts,
        partial(latex, line),
        operands,
        tuple(links),
        plan.quantities,
        result,
        line.value,
        kept,
        home or "",
        NO_FLAGS,
    )


def _plan(line: Line, known: dict[Any, Any], planned: Planned) -> Plan:
    bound = line.bounds[0]
    branch = known_of(bound.form).branch
    if branch is None:
        return _NO_PLAN
    made = planned(line, branch, bound)
    exact = tuple([operand.exact for operand in bound.operands])
    key = "fill", branch, exact
    if key not in known:
        known[key] = fill_of(branch, exact, made.put_in)
    return Plan(known[key], made.stated, line.target.anchor, made.quantities)
