"""The update of a small network written out as Python code, number by number.

It is made from the very kernels that NumPy runs (:mod:`tracer.catalog.recorded`): straight lines
without a loop over units, so nothing is left of what arrays cost where they have a few entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.catalog.recorded import entries
from tracer.catalog.terms import Term
from tracer.training.lines import Lines, Names
from tracer.training.step import UpdateStep

PLACE = "@"
"""Where the number of a parameter goes in code that is the same for all."""


@dataclass(frozen=True)
class Variant:
    """Which code is meant.

    Attributes:
        single: whether each update sees one sample; else batches of any size.
        recorded: whether it packs every number into buffers.
        careful: whether it does without functions that raise errors, at the price of time.
    """

    single: bool
    recorded: bool = True
    careful: bool = False


@dataclass
class Pass:
    """The names of the numbers of one sample, layer by layer; ``d`` is ∂L/∂a, ``e`` is ∂L/∂z."""

    z: list[Names] = field(default_factory=list)
    a: list[Names] = field(default_factory=list)
    d: list[Names] = field(default_factory=list)
    e: list[Names] = field(default_factory=list)

    def all(self) -> Names:
        """Every name, as a visit is packed: quantity by quantity, layer by layer."""
        layers = (*self.z, *self.a, *self.d, *self.e)
        return [name for layer in layers for name in layer]


class _Network:
    """The names of the parameters, and the code of one sample."""

    def __init__(self, step: UpdateStep) -> None:
        self.step, self.sizes = step, step.flat.sizes
        self.x = [f"x{k}" for k in range(self.sizes[0])]
        self.y = [f"y{k}" for k in range(self.sizes[-1])]
        places = iter(range(step.flat.count))
        pairs = list(zip(self.sizes, self.sizes[1:], strict=False))
        self.W = [[[next(places) for _ in range(m)] for _ in range(n)] for n, m in pairs]
        self.b = [[next(places) for _ in range(m)] for _, m in pairs]

    def forward(self, out: Lines) -> Pass:
        """z = a W + b and a = f(z), from layer to layer."""
        found, signal = Pass(), self.x
        for layer, (W, b) in enumerate(zip(self.W, self.b, strict=True)):
            z = [f"z{layer}_{j}" for j in range(len(b))]
            for j, name in enumerate(z):
                products = " + ".join(f"{s} * w{row[j]}" for s, row in zip(signal, W, strict=True))
                out.lines.append(f"{name} = {products} + w{b[j]}")
            a = [f"a{layer}_{j}" for j in range(len(b))]
            signal = out.assign(a, self.step.kernels[layer](out.row(z)))  # type: ignore[arg-type]
            found.z.append(z)
            found.a.append(signal)
        return found

    def backward(self, out: Lines, found: Pass) -> None:
        """∂L/∂a and ∂L/∂z, from the output back; ∂L/∂ŷ is left out where ∂L/∂z needs none."""
        last, loss = len(self.W) - 1, self.step.loss
        y, a, z = (out.row(names) for names in (self.y, found.a[-1], found.z[-1]))
        if loss.fused:
            found.e = [out.assign(self._units("e", last), a - y)]
        else:
            slope: Any = loss.slope(y, a, z)  # type: ignore[arg-type]
            found.d = [out.assign(self._units("d", last), slope)]
            found.e = [self._error(out, found, last)]
        for layer in range(last - 1, -1, -1):
            found.d.insert(0, self._signal(out, layer, found.e[0]))
            found.e.insert(0, self._error(out, found, layer))

    def _units(self, letter: str, layer: int) -> Names:
        return [f"{letter}{layer}_{j}" for j in range(self.sizes[layer + 1])]

    def _signal(self, out: Lines, layer: int, errors: Names) -> Names:
        names = self._units("d", layer)
        for name, row in zip(names, self.W[layer + 1], strict=True):
            products = (f"{e} * w{place}" for e, place in zip(errors, row, strict=True))
            out.lines.append(f"{name} = {' + '.join(products)}")
        return names

    def _error(self, out: Lines, found: Pass, layer: int) -> Names:
        z, a, d = (out.row(names) for names in (found.z[layer], found.a[layer], found.d[0]))
        rule: Any = self.step.rules[layer]
        return out.assign(self._units("e", layer), rule(z, a, d))

    def products(self, found: Pass) -> Iterator[tuple[int, str]]:
        """∂L/∂w of this sample for each parameter, by its place."""
        for signal, W, errors in zip((self.x, *found.a[:-1]), self.W, found.e, strict=True):
            for s, row in zip(signal, W, strict=True):
                yield from ((p, f"{s} * {e}") for p, e in zip(row, errors, strict=True))
        for b, errors in zip(self.b, found.e, strict=True):
            yield from zip(b, errors, strict=True)


def source(step: UpdateStep, variant: Variant) -> str:
    """The code of a function ``epoch`` that goes once through the samples.

    It is called with the samples (x and y side by side; lists of them where not ``single``), the
    parameters and the carried variables of the optimizer in a row, η, the number of updates so far,
    and, where recorded, (function that packs, buffer, first byte) for updates and for visits. A
    visit that is an update of its own is packed in place of the gradient, which follows from it. It
    returns the parameters and variables after the last update.

    Raises:
        NoScalarForm: a kernel does something that is not written out.
    """
    return "\n".join(_function(step, variant)) + "\n"


def carried(step: UpdateStep) -> tuple[str, ...]:
    """The optimizer's variables that are handed from update to update, in their order."""
    return tuple(name for name in step.program.variables if name in step.program.carried)


def _function(step: UpdateStep, variant: Variant) -> Iterator[str]:
    kept = ", ".join((*_of_all("w", step), *_variables(step, carried(step))))
    network = _Network(step)
    sample, buffers = ", ".join(network.x + network.y), ", updates, visits" * variant.recorded
    yield f"def epoch(samples, kept, eta, t{buffers}):"
    yield f"    {kept} = kept"
    if variant.recorded:
        yield "    pack_update, updated, update = updates"
    if variant.recorded and not variant.single:
        yield "    pack_visit, visited, visit = visits"
    if variant.single:
        yield f"    for {sample} in samples:"
        yield from _indented(_single(network, variant), 2)
    else:
        yield "    for batch in samples:"
        yield "        n = float(len(batch))"
        yield f"        {' = '.join(_of_all('g', step))} = 0.0"
        yield f"        for {sample} in batch:"
        yield from _indented(_summed(network, variant), 3)
        yield from _indented(_update(step, variant, _of_all("g", step)), 2)
    yield f"    return {kept}"


def _indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    return ("    " * depth + line for line in lines)


def _visit(network: _Network, variant: Variant) -> tuple[Names, Pass]:
    out = Lines(careful=variant.careful)
    found = network.forward(out)
    network.backward(out, found)
    return out.lines, found


def _packed(what: str, buffer: str, names: Names) -> Names:
    return [f"pack_{what}({buffer}, {what}, {', '.join(names)})", f"{what} += {8 * len(names)}"]


def _single(network: _Network, variant: Variant) -> Names:
    lines, found = _visit(network, variant)
    gradients = [f"g{place} = {product}" for place, product in network.products(found)]
    return [*lines, *gradients, *_update(network.step, variant, found.all())]


def _summed(network: _Network, variant: Variant) -> Names:
    lines, found = _visit(network, variant)
    if variant.recorded:
        lines += _packed("visit", "visited", found.all())
    return [*lines, *(f"g{place} += {product}" for place, product in network.products(found))]


def _variables(step: UpdateStep, names: Iterable[str]) -> Names:
    places = range(step.trained.stop)
    known = step.program.variables
    return [f"v{known.index(name)}_{p}" for name in names for p in places]


def _update(step: UpdateStep, variant: Variant, found: Names) -> Names:
    """The batch gradient as the optimizer receives it, and its program for every parameter.

    What it computed is packed behind what was ``found`` before.
    """
    lines = [*_finished(step, variant), "t += 1"]
    everywhere = Lines(careful=variant.careful)  # what depends on η and t alone
    program = "\n".join(_program(step, everywhere))
    lines += everywhere.lines
    for place in range(step.trained.stop):
        lines += program.replace(PLACE, str(place)).splitlines()
    if variant.recorded:
        names = [*found, *_of_all("w", step), *_variables(step, step.program.variables)]
        lines += _packed("update", "updated", names)
    return lines


def _of_all(letter: str, step: UpdateStep) -> Names:
    return [f"{letter}{place}" for place in range(step.flat.count)]


def _finished(step: UpdateStep, variant: Variant) -> Iterator[str]:
    training = step.training
    mean, per_batch = (
        (training.reduction == "mean" and not variant.single),
        (training.l2_per_batch and not variant.single),
    )
    if training.l2 and per_batch:
        yield f"decay = {training.l2!r} / n"
    decay = "decay" if per_batch else repr(float(training.l2))
    for place in range(step.flat.count):
        gradient = f"g{place} / n" if mean else f"g{place}"
        if training.l2 and place < step.flat.weights:
            yield f"g{place} = {gradient} + {decay} * w{place}"
        elif mean:
            yield f"g{place} = {gradient}"


def _program(step: UpdateStep, everywhere: Lines) -> Iterator[str]:
    """The assignments of the optimizer's program for a parameter, executed in order."""
    names = {"w": f"w{PLACE}", "g": f"g{PLACE}", "eta": "eta", "t": "t"}
    names |= {name: f"v{k}_{PLACE}" for k, name in enumerate(step.program.variables)}
    options: Mapping[str, Any] = step.training.options
    for target, arguments, kernel in step.program.steps:
        read = (options[n] if n in options else everywhere.number(names[n]) for n in arguments)
        (term,) = entries(everywhere.notes, kernel(*read)).terms
        _find_common(term, everywhere)
        yield from everywhere.inside().of(names[target], term)


def _find_common(term: Term, everywhere: Lines) -> None:
    """Give names to the largest parts of a term that are the same for every parameter."""
    if not term.parts or term in everywhere.known:
        return
    if _leaves(term) <= {"eta", "t"}:
        everywhere.named(term)
        return
    for part in term.parts:
        _find_common(part, everywhere)


def _leaves(term: Term) -> set[str]:
    found = {term.name} if term.operation == "name" else set()
    return found.union(*(_leaves(part) for part in term.parts))
