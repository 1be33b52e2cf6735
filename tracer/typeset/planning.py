"""Functions that settle and set the lines of one form in one go, written out as Python.

Such a function looks its numbers up, decides in float64 whether they make the line true (see
:mod:`tracer.typeset.bounded`), and joins their HTML. Whatever is in doubt it leaves to
:mod:`tracer.typeset.typesetter`, which says the same where both decide.

A sum of products of decimal numbers is a multiple of the unit of its last digit, and so are a
result and what lies halfway to the next: one that is nearer than that unit is the sum itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup

from tracer.files.packs import code_of
from tracer.typeset.bounded import SPACE, TINY, UNIT, places_of
from tracer.typeset.compiled import Compiled
from tracer.typeset.pieces import infix
from tracer.typeset.set_line import Parts
from tracer.typeset.stencils import LinePlan, Stencil

Fill = Callable[..., tuple[Parts, str, str] | None]
"""(value, operands' values, links, home, stated parts, numbers) → the parts of a line, its
result, and its value with all digits; None where it takes a closer look."""
First = Callable[..., tuple[int, bool] | None]
"""(value, operands' values, numbers, start) → the fewest extra digits from ``start`` on with which
the operands give the result, and whether they give exactly that."""
_EQUAL, _NEAR = (f"<math>{infix(sign)}" for sign in ("=", "≈"))


class _Units(dict[int, float]):
    """Half of 10^−digits, rounded down."""

    def __missing__(self, digits: int) -> float:
        found = self[digits] = 0.49 * 10.0**-digits
        return found


_UNITS = _Units()


def fill_of(branch: Compiled, exact: tuple[bool, ...], plan: LinePlan) -> Fill | None:
    """The function for a branch of a form; None where float64 decides nothing of it."""
    if branch.bounded_source is None or not exact:
        return None
    source = _source(branch, exact, plan)
    space: dict[str, Any] = dict(SPACE)
    space |= {"M": Markup, "text": str.__new__, "units": _UNITS, "EQUAL": _EQUAL, "NEAR": _NEAR}
    space |= {"noise_bound": branch.noise_bound}
    exec(code_of(source), space)
    texts = [text for stencil in (plan.put_in, plan.when) if stencil for text in stencil.texts]
    found: Fill = space["planned"](*texts)
    return found


def first_of(branch: Compiled, exact: tuple[bool, ...]) -> First | None:
    """The function that settles an entry of a matrix; None where float64 decides nothing of it."""
    if branch.bounded_source is None or not exact:
        return None
    space: dict[str, Any] = dict(SPACE)
    space |= {"units": _UNITS, "EQUAL": True, "NEAR": False, "noise_bound": branch.noise_bound}
    count = len(exact)
    body = [
        f"{_each('o', count)} = values",
        "shown, quantum, digits, equal, rounded, kept = numbers.goals[value]",
        *_looked_up(branch, exact),
        "for extra in range(start, len(numbers.more)):",
        "    more = numbers.more[extra]",
        *_indented(_decided(branch, exact)),
        "else:",
        "    return None",
        "return extra, sign",
    ]
    exec(code_of("\n".join(["def first(value, values, numbers, start):", *_indented(body)])), space)
    found: First = space["first"]
    return found


def _source(branch: Compiled, exact: tuple[bool, ...], plan: LinePlan) -> str:
    count, stencils = len(exact), (("s", plan.put_in), ("w", plan.when))
    texts = [f"{name}{k}" for name, of in stencils if of for k in range(len(of.texts))]
    body = [
        f"{_each('o', count)} = values",
        f"{_each('h', count)} = links",
        "shown, quantum, digits, equal, rounded, kept = numbers.goals[value]",
        *_looked_up(branch, exact),
        "for more in numbers.more:",
        *_indented(_decided(branch, exact)),
        "else:",
        "    return None",
        *_set(branch.is_lone, plan),
    ]
    given = "value, values, links, home, stated, numbers"
    inner = [f"def fill({given}):", *_indented(body), "return fill"]
    return "\n".join([f"def planned({', '.join(texts)}):", *_indented(inner)])


def _each(letter: str, count: int) -> str:
    return "".join(f"{letter}{k}, " for k in range(count))


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _looked_up(branch: Compiled, exact: tuple[bool, ...]) -> list[str]:
    """The exact operands; give up where a value may be what rounding left of a sum."""
    lines, given = [], [k for k, is_exact in enumerate(exact) if is_exact]
    if branch.noise is not None and not _is_flat(branch):
        bound = f"noise_bound({_each('o', len(exact))})"
        lines.append(f"if value and not abs(value) > {bound}: return None")
    lines += [f"p{k} = numbers.exact[o{k}]" for k in given]
    return [*lines, *[f"x{k} = p{k}[0]" for k in given]]


def _is_flat(branch: Compiled) -> bool:
    """Whether float64 loses digits in one sum of products of operands, and in nothing else."""
    known, tree = places_of(branch.exact_source), branch.noise_bound_tree
    return bool(known and known.is_flat and tree and tree[0] == "sum" and not tree[2])


def _decided(branch: Compiled, exact: tuple[bool, ...]) -> list[str]:
    """Whether the operands with so many digits give the result: leave the loop, go on, give up."""
    assert branch.bounded_source is not None
    computed = [k for k, is_exact in enumerate(exact) if not is_exact]
    _, *lines, last = branch.bounded_source.split("\n    ")
    return [
        *[f"p{k} = more[o{k}]" for k in computed],
        *[f"x{k} = p{k}[0]" for k in computed],
        *lines,
        f"found, lost = {last.removeprefix('return ')}",
        *([_FLAT] if branch.noise and _is_flat(branch) else []),
        "apart = abs(found - shown)",
        f"lost += (abs(shown) + apart + quantum) * {UNIT!r} + {TINY!r}",
        "if apart > quantum / 2 + lost: continue",
        "sign, result = NEAR, rounded",
        "if shown and lost < apart < quantum / 2 - lost: break",
        *_proved(branch, exact),
        "return None",
    ]


# n terms lose 2 n units of the largest at most, and the bound has n + 1 of all: it is half of that,
# for operands that differ by their rounding, a two-hundredth of each at most
_FLAT = "if value and not abs(value) > 4.0 * lost: return None"


def _proved(branch: Compiled, exact: tuple[bool, ...]) -> list[str]:
    """Decide where the operands give exactly the result, or what lies halfway to the next one."""
    known = places_of(branch.exact_source)
    if known is None:
        return []
    most = ", ".join(f"p{k}[1]" for k in range(len(exact)))
    most = f"max({most})" if len(exact) > 1 else most
    finest = f"{known.degree} * {most}" + (f" + {known.own}" if known.own else "")
    return [
        f"unit = units[max(digits, {finest})]",
        "if shown and abs(apart - quantum / 2) + lost < unit:",
        "    if abs(shown) > abs(found): break",
        "    continue",
        "sign, result = EQUAL, equal",
        "if apart + lost < unit: break",
    ]


def _set(lone: bool, plan: LinePlan) -> list[str]:
    lines, numbers = [], "*stated, "
    places = [place for of in (plan.put_in, plan.when) if of for place in of.places]
    for slot, bare in dict.fromkeys((slot, bare or lone) for slot, bare in places):
        before, behind, alone = (2, 3, 4) if bare else (5, 6, 7)
        linked = f"f'{{p{slot}[{before}]}}{{h{slot}}}{{p{slot}[{behind}]}}'"
        lines.append(f"{_name(slot, bare)} = {linked} if h{slot} else p{slot}[{alone}]")
    when = f"('tr-branch', {_joined('w', plan.when, lone)}), " if plan.when else ""
    if lone:
        lines += ["if p0[8] == result[8]:", *_indented(_result("(home or h0)", numbers, when))]
    if plan.put_in:
        numbers += f"('tr-numbers', {_joined('s', plan.put_in, lone)}), "
    return [*lines, *_result("home", numbers, when)]


def _joined(name: str, of: Stencil, lone: bool) -> str:
    """The text of a stencil with its numbers in it."""
    numbers = [f"{{{_name(slot, bare or lone)}}}" for slot, bare in of.places]
    inner = "".join(f"{number}{{{name}{k}}}" for k, number in enumerate(numbers, 1))
    return f"text(M, f'{{{name}0}}{inner}')"


def _name(slot: int, bare: bool) -> str:
    return f"{'b' if bare else 'n'}{slot}"


def _result(href: str, before: str, when: str) -> list[str]:
    linked = f"f'{{sign}}{{result[2]}}{{{href}}}{{result[3]}}</math>'"
    number = f"{linked} if {href} else f'{{sign}}{{result[4]}}</math>'"
    return [f"return ({before}('tr-result', text(M, {number})), {when}), result[8], kept"]
