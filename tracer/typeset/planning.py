"""Functions that settle and set the lines of one form in one go, written out as Python.

Such a function looks its numbers up, decides in float64 whether they make the line true (see
:mod:`tracer.typeset.bounded`), and joins their HTML. Whatever is in doubt it leaves to
:mod:`tracer.typeset.typesetter`, which says the same where both decide.

A sum of products of decimal numbers is a multiple of the unit of its last digit, and so are a
result and what lies halfway to the next: one that is nearer than that unit is the sum itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import CodeType
from typing import Any

from markupsafe import Markup

from tracer.files.packs import code_by, code_of
from tracer.typeset.bounded import SPACE, TINY, UNIT, terms_of
from tracer.typeset.compiled import Compiled
from tracer.typeset.pieces import infix
from tracer.typeset.printed import FENCE
from tracer.typeset.set_line import SetLine
from tracer.typeset.stencils import LinePlan, Stencil

Fill = Callable[..., Any]
"""(line, operands, plan, home, what all lines are set with) → the line as it is set, None where it
takes a closer look, and ELSEWHERE where its operands have other places."""
ELSEWHERE = object()
Placed = Callable[..., Any]
"""(goal, operands as they stand in a row, value, stated parts) → the sign, the parts of the line,
its result, its links; 0 where it needs more digits, None where it takes a closer look. One that
only decides gives 2 where that is exactly the result, else 1."""
First = Callable[..., tuple[int, bool] | None]
"""(value, operands, numbers, start) → the fewest extra digits from ``start`` on with which the
operands give the result, and whether they give exactly that."""
MOST_OPERANDS = 256
"""Python compiles a function of so many in 20 ms, which a thousand lines make good again. The
widest line of a usual lesson has a hundred."""
EQUAL, NEAR = (f"<math>{infix(sign)}" for sign in ("=", "≈"))


class _Units(dict[int, float]):
    """Half of 10^−digits, rounded down."""

    def __missing__(self, digits: int) -> float:
        found = self[digits] = 0.49 * 10.0**-digits
        return found


_UNITS = _Units()


def _is_decided(branch: Compiled) -> bool:
    """Whether float64 decides anything of lines of this form."""
    return branch.bounded_source is not None and 0 < len(branch.slots) <= MOST_OPERANDS


def fill_of(branch: Compiled, plan: LinePlan) -> Fill | None:
    """The function for a branch of a form; None where float64 decides nothing of it."""
    if not _is_decided(branch):
        return None
    space: dict[str, Any] = dict(SPACE)
    space |= {"M": Markup, "text": str.__new__, "units": _UNITS, "EQUAL": EQUAL, "NEAR": NEAR}
    space |= {"noise_bound": branch.noise_bound, "SetLine": SetLine, "new": tuple.__new__}
    space |= {"FENCE": FENCE, "ELSEWHERE": ELSEWHERE}
    places = [stencil and stencil.places for stencil in (plan.put_in, plan.when)]
    exec(_code(branch, partial(_source, branch, plan), "fill", *places), space)
    texts = [text for stencil in (plan.put_in, plan.when) if stencil for text in stencil.texts]
    found: Fill = space["planned"](*texts)
    return found


def _code(branch: Compiled, write: Callable[[], str], *about: object) -> CodeType:
    named = branch.named
    return code_of(write()) if isinstance(named, Compiled) else code_by(write, *about, *named)


def first_of(branch: Compiled) -> First | None:
    """The function that settles an entry of a matrix; None where float64 decides nothing of it."""
    if not _is_decided(branch):
        return None
    space: dict[str, Any] = dict(SPACE)
    space |= {"units": _UNITS, "EQUAL": True, "NEAR": False, "noise_bound": branch.noise_bound}
    exec(_code(branch, partial(_first_source, branch), "first"), space)
    found: First = space["first"]
    return found


def _first_source(branch: Compiled) -> str:
    body = [
        f"{_each('o', len(branch.slots))} = operands",
        "exact, equal = numbers.exact, numbers.results[value]",
        "rounded, shown, quantum, digits = equal, equal[0], equal[9], equal[1] + 1",
        "if not quantum: shown, quantum, digits, *_ = numbers.goals[value]",
        *_looked_up(branch),
        "for extra in range(start, len(numbers.more)):",
        "    more = numbers.more[extra]",
        *_indented([*_with_digits(branch), *_decided(branch)]),
        "else:",
        "    return None",
        "return extra, sign",
    ]
    return "\n".join(["def first(value, operands, numbers, start):", *_indented(body)])


def placed_of(branch: Compiled, plan: LinePlan | None) -> Placed | None:
    """The function for lines whose numbers are looked up already; without a plan it only decides.

    None where float64 decides nothing of this branch.
    """
    if not _is_decided(branch):
        return None
    space: dict[str, Any] = dict(SPACE)
    space |= {"M": Markup, "text": str.__new__, "units": _UNITS, "EQUAL": EQUAL, "NEAR": NEAR}
    space |= {"noise_bound": branch.noise_bound, "ONCE": (0,)}
    exec(code_of(_placed_source(branch, plan)), space)
    stencils = (plan.put_in, plan.when) if plan else ()
    found: Placed = space["planned"](*[text for of in stencils if of for text in of.texts])
    return found


def _placed_source(branch: Compiled, plan: LinePlan | None) -> str:
    count, stencils = len(branch.slots), (("s", plan.put_in), ("w", plan.when)) if plan else ()
    texts = [f"{name}{k}" for name, of in stencils if of for k in range(len(of.texts))]
    values = ", ".join(f"p{k}[5]" for k in range(count))
    noise = f"if value and not abs(value) > noise_bound({values}): return None"
    body = [
        f"{_each('p', count)} = operands",
        "shown, quantum, digits, equal, rounded, kept = goal",
        *([noise] if branch.noise is not None and not _is_flat(branch) else []),
        "for _ in ONCE:",
        *_indented(_decided(branch)),
        "else:",
        "    return 0",
        *(_placed_parts(branch, plan) if plan else ["return 1 + (sign is EQUAL)"]),
    ]
    lines = ["def fill(goal, operands, value, stated):", *_indented(body), "return fill"]
    return "\n".join([f"def planned({', '.join(texts)}):", *_indented(lines)])


def _placed_parts(branch: Compiled, plan: LinePlan) -> list[str]:
    lines, lone = [], branch.is_lone
    hrefs = "".join(f"p{k}[4], " for k in range(len(branch.slots)))
    alone = "{sign}{result[4]}</math>"
    end = f"{_placed_text('w', plan.when, lone)}), result, ({hrefs})"
    put_in = _placed_text("s", plan.put_in, lone)
    if lone:  # a copy of one operand leads to where that operand is computed
        linked = "f'{sign}{result[2]}{p0[4]}{result[3]}</math>'"
        shown = f"{linked} if p0[4] else f'{alone}'"
        copy = f"return sign, (*stated, ('tr-result', text(M, {shown})), {end}"
        lines = ["if p0[8] == result[8]:", f"    {copy}"]
    whole = f"(*stated, {put_in}('tr-result', text(M, f'{alone}')), {end}"
    return [*lines, f"return sign, {whole}"]


def _placed_text(name: str, of: Stencil | None, lone: bool) -> str:
    """A part of a line, as a stencil with the texts of its numbers in it; nothing without one."""
    if of is None:
        return ""
    numbers = [f"{{p{slot}[{2 if bare or lone else 3}]}}" for slot, bare in of.places]
    inner = "".join(f"{number}{{{name}{k}}}" for k, number in enumerate(numbers, 1))
    kind = "tr-numbers" if name == "s" else "tr-branch"
    return f"('{kind}', text(M, f'{{{name}0}}{inner}')), "


def _source(branch: Compiled, plan: LinePlan) -> str:
    count, stencils = len(branch.slots), (("s", plan.put_in), ("w", plan.when))
    texts = [f"{name}{k}" for name, of in stencils if of for k in range(len(of.texts))]
    body = [
        f"{_each('o', count)} = operands",
        "_, places, stated, anchor, quantities, flags = plan",
        "results, goals, exact, mores, links, latex = given",
        f"{_each('t', count)} = places",
        f"if {' or '.join(f'o{k}.place != t{k}' for k in range(count))}: return ELSEWHERE",
        *[f"r{k} = o{k}.ref" for k in range(count)],
        *[f"h{k} = links[r{k}.moment][r{k}.spot]" for k in range(count)],
        "value = line.value",
        "equal = rounded = results[value]",
        "shown, quantum, digits, kept = equal[0], equal[9], equal[1] + 1, equal[7]",
        "if not quantum: shown, quantum, digits, equal, rounded, kept = goals[value]",
        *_looked_up(branch),
        "for more in mores:",
        *_indented([*_with_digits(branch), *_decided(branch)]),
        "else:",
        "    return None",
        "if home is None: home = ''",
        "else: anchor = ''",
        *_set(branch, plan),
    ]
    given = "line, operands, plan, home, given"
    inner = [f"def fill({given}):", *_indented(body), "return fill"]
    return "\n".join([f"def planned({', '.join(texts)}):", *_indented(inner)])


def _each(letter: str, count: int) -> str:
    return "".join(f"{letter}{k}, " for k in range(count))


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _looked_up(branch: Compiled) -> list[str]:
    """The exact operands; give up where a value may be what rounding left of a sum."""
    lines, count = [], len(branch.slots)
    lines += [f"y{k} = o{k}.value" for k in range(count)]
    if branch.noise is not None and not _is_flat(branch):
        bound = f"noise_bound({_each('y', count)})"
        lines.append(f"if value and not abs(value) > {bound}: return None")
    return [*lines, *[f"e{k} = o{k}.exact and exact[y{k}]" for k in range(count)]]


def _is_flat(branch: Compiled) -> bool:
    """Whether float64 loses digits in one sum of products of operands, and in nothing else."""
    known, tree = terms_of(branch.exact_source), branch.noise_bound_tree
    return bool(known and known.is_flat and tree and tree[0] == "sum" and not tree[2])


def _with_digits(branch: Compiled) -> list[str]:
    """The operands with so many digits."""
    return [f"p{k} = e{k} or more[y{k}]" for k in range(len(branch.slots))]


def _decided(branch: Compiled) -> list[str]:
    """Whether the operands ``p`` give the result: leave the loop, go on, give up."""
    assert branch.bounded_source is not None
    places = range(len(branch.slots))
    _, *lines, last = branch.bounded_source.split("\n    ")
    return [
        *[f"x{k} = p{k}[0]" for k in places],
        *lines,
        f"found, lost = {last.removeprefix('return ')}",
        *([_FLAT] if branch.noise and _is_flat(branch) else []),
        "apart = abs(found - shown)",
        f"lost += (abs(shown) + apart + quantum) * {UNIT!r} + {TINY!r}",
        "if apart > quantum / 2 + lost: continue",
        "sign, result = NEAR, rounded",
        "if shown and lost < apart < quantum / 2 - lost: break",
        *_proved(branch),
        "return None",
    ]


# n terms lose 2 n units of the largest at most, and the bound has n + 1 of all: it is half of that,
# for operands that differ by their rounding, a two-hundredth of each at most
_FLAT = "if value and not abs(value) > 4.0 * lost: return None"


def _proved(branch: Compiled) -> list[str]:
    """Decide where the operands give exactly the result, or what lies halfway to the next one."""
    known = terms_of(branch.exact_source)
    if known is None:
        return _made_zero(branch) if branch.factors else []
    sums = [[*[f"p{k}[1]" for k in term.operands], str(term.digits)] for term in known.all]
    finest = ", ".join(map(" + ".join, sums))
    return [
        f"unit = units[max(digits, {finest})]",
        "if shown and abs(apart - quantum / 2) + lost < unit:",
        "    if abs(shown) > abs(found): break",
        "    continue",
        "sign, result = EQUAL, equal",
        "if apart + lost < unit: break",
    ]


def _made_zero(branch: Compiled) -> list[str]:
    """Exactly 0 where a factor of the whole is."""
    factors = " and ".join([f"x{k}" for k in branch.factors])
    return [
        f"if not (found or shown or {factors}):",
        "    sign, result = EQUAL, equal",
        "    break",
    ]


def _set(branch: Compiled, plan: LinePlan) -> list[str]:
    lines, numbers, lone = [], "", branch.is_lone
    places = [place for of in (plan.put_in, plan.when) if of for place in of.places]
    for slot, bare in dict.fromkeys((slot, bare or lone) for slot, bare in places):
        name, before = _name(slot, bare), 2 if bare else 5
        alone = f"p{slot}[4]" if bare else f"FENCE + p{slot}[4] if p{slot}[6] else p{slot}[4]"
        lines.append(f"if h{slot}: {name} = p{slot}[{before}]; {name}_ = p{slot}[3]")
        lines.append(f"else: {name} = {alone}; {name}_ = ''")
    when = f"('tr-branch', {_joined('w', plan.when, lone)}), " if plan.when else ""
    if lone:
        lines += ["if p0[8] == result[8]:", *_indented(_result(branch, "lead", numbers, when))]
        lines.insert(len(lines) - 1, "    lead = home or h0")
    if plan.put_in:
        numbers += f"('tr-numbers', {_joined('s', plan.put_in, lone)}), "
    return [*lines, *_result(branch, "home", numbers, when)]


def _joined(name: str, of: Stencil, lone: bool) -> str:
    """The text of a stencil with its numbers in it."""
    numbers = [(_name(slot, is_bare := bare or lone), slot, is_bare) for slot, bare in of.places]
    filled = [
        f"{{{number}}}{{h{slot}}}{{{number}_}}" + ("" if is_bare else f"{{p{slot}[6]}}")
        for number, slot, is_bare in numbers
    ]
    inner = "".join(f"{number}{{{name}{k}}}" for k, number in enumerate(filled, 1))
    return f"text(M, f'{{{name}0}}{inner}')"


def _name(slot: int, bare: bool) -> str:
    return f"{'b' if bare else 'n'}{slot}"


def _result(branch: Compiled, href: str, before: str, when: str) -> list[str]:
    """The line as it is set: see :class:`tracer.typeset.set_line.SetLine`."""
    linked = f"f'{{sign}}{{result[2]}}{{{href}}}{{result[3]}}</math>'"
    number = f"{linked} if {href} else f'{{sign}}{{result[4]}}</math>'"
    parts = f"stated + ({before}('tr-result', text(M, {number})), {when})"
    hrefs = f"({_each('h', len(branch.slots))})"
    made = f"line.target, anchor, {parts}, latex, line, operands, {hrefs}, quantities"
    return [f"return new(SetLine, ({made}, result[8], value, kept, home, flags))"]
