"""The one list of quantities: name, symbol, shape; and the symbols that an experiment chooses.

Names are those of the trace and of its JSON. Symbols are LaTeX, with the layer in brackets as a
superscript. Units are counted from 1 everywhere but in what a reader sees of them, where the
notation says. Words for readers stand in the templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Any, Final, Protocol

from tracer.catalog.optimizer import VARIABLES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.formula import FloatArray
from tracer.refs import Ref


@dataclass(init=False, unsafe_hash=True)
class Number:
    """A printed number that leads to the line where it is computed ("" where there is none).

    On a page that shows any cycle, ``of`` is the name of its quantity, with "=" in front where the
    result of the quantity's line is shown.
    """

    __slots__ = ("href", "of", "text")  # as in Ref: a page has some hundreds
    text: Final[str]
    href: Final[str]
    of: Final[str]

    def __init__(self, text: str, href: str = "", of: str = "") -> None:
        self.text, self.href, self.of = text, href, of


@dataclass(frozen=True)
class Quantity:
    """One kind of number: ``shape`` in words of sizes; ``latex`` with {l} for the layer.

    In ``latex``, {+} and {^} hold the mark of a value after the update (inside a superscript, or
    as one), and {a}, {z}, {W}, {b} hold the symbol of that quantity at the same place.
    """

    name: str
    latex: str
    shape: str
    pair: bool = False  # indexed by (from unit, to unit)
    split: bool = False  # the first index is that of the upper symbol, the second of the lower
    trial: bool = False  # the last index is the number of a trial step h
    by_unit: bool = True  # the indices are numbers of units


_ROWS = (
    Quantity("x", "x", "1 × n_0"),
    Quantity("y", "y", "1 × n_L"),
    Quantity("y_hat", r"\hat{y}{^}", "1 × n_L"),
    Quantity("W", "W^{[{l}]{+}}", "n_in × n_out", pair=True),
    Quantity("b", "b^{[{l}]{+}}", "1 × n_out"),
    Quantity("z", "z^{[{l}]{+}}", "1 × n_out"),
    Quantity("a", "a^{[{l}]{+}}", "1 × n_out"),
    Quantity("rest", r"r^{[{l}]{+}}", "1 × n_out"),
    Quantity("rest_dL_da", r"q^{[{l}]}", "1 × n_out"),
    Quantity("rest_penalty", r"S^{[{l}]}", "1"),
    Quantity("rest_square", r"s^{[{l}]}", "1"),
    Quantity("rest_gain", r"g^{[{l}]}", "1"),
    Quantity("rest_loss", "R", "1"),
    Quantity("rest_batch_loss", "Q", "1"),
    Quantity("rest_dL_dW", r"U^{[{l}]}", "n_in × n_out", pair=True),
    Quantity("rest_dL_db", r"u^{[{l}]}", "1 × n_out"),
    Quantity("loss", "L{^}", "1"),
    Quantity("dL_da", r"\frac{\partial L}{\partial {a}}", "1 × n_out"),
    Quantity("da_dz", r"\frac{\mathrm{d} {a}}{\mathrm{d} {z}}", "1 × n_out"),
    Quantity("dL_dz", r"\frac{\partial L}{\partial {z}}", "1 × n_out"),
    Quantity("dL_dW", r"\frac{\partial L}{\partial {W}}", "n_in × n_out", pair=True),
    Quantity("dL_db", r"\frac{\partial L}{\partial {b}}", "1 × n_out"),
    Quantity("grad_W", r"\frac{\partial J}{\partial {W}}", "n_in × n_out", pair=True),
    Quantity("grad_b", r"\frac{\partial J}{\partial {b}}", "1 × n_out"),
    Quantity("eta", r"\eta", "1"),
    Quantity("eta0", r"\eta_0", "1"),
    Quantity("k", "k", "1"),
    Quantity("factor", r"\gamma", "1"),
    Quantity("power_t", "p", "1"),
    Quantity("divide_by", "c", "1"),
    Quantity("l2", r"\lambda", "1"),
    Quantity("batch_size", "B", "1"),
    Quantity("penalty", "P", "1"),
    Quantity("batch_loss", "J", "1", by_unit=False),
    Quantity("epoch_loss", r"\bar{J}", "1", by_unit=False),
    Quantity("loss_change", r"\Delta L", "1"),
    Quantity("jacobian", r"\frac{\partial {a}}{\partial {z}}", "n_out × n_out", split=True),
    Quantity("square", r"\left\| \nabla L^{[{l}]} \right\|^2", "1"),
    Quantity("square_all", r"\left\| \nabla L \right\|^2", "1"),
    Quantity("gain", r"G^{[{l}]}", "1"),
    Quantity("gain_all", "G", "1"),
    Quantity("predicted_change", r"\Delta \hat{L}", "1"),
    Quantity("path", "p", "1", by_unit=False),
    Quantity("trial_step", "h", "1", by_unit=False),
    Quantity("trial_z", r"\tilde z^{[{l}]}", "1 × n_out", trial=True),
    Quantity("trial_a", r"\tilde a^{[{l}]}", "1 × n_out", trial=True),
    Quantity("trial_y_hat", r"\tilde y", "1 × n_L", trial=True),
    Quantity("trial_loss", r"\tilde L", "1", trial=True),
    Quantity("trial_slope", r"\frac{\Delta L}{\Delta {W}}", "1", pair=True, trial=True),
    Quantity("trial_slope_a", r"\frac{\Delta {a}}{\Delta {z}}", "1", trial=True),
    Quantity("t", "t", "1"),
    Quantity("momentum", r"\mu", "1"),
    Quantity("rho", r"\rho", "1"),
    Quantity("beta1", r"\beta_1", "1"),
    Quantity("beta2", r"\beta_2", "1"),
    Quantity("epsilon", r"\epsilon", "1"),
    Quantity("weight_decay", r"\lambda_w", "1"),
)


def _of_variable(name: str, latex: str) -> tuple[Quantity, ...]:
    """The quantities of a variable that an optimizer has for each weight and each bias."""
    return tuple(
        Quantity(f"{name}_{kind}", f"{latex}{{^}}_{{{{{kind}}}}}", shape, pair=kind == "W")
        for kind, shape in (("W", "n_in × n_out"), ("b", "1 × n_out"))
    )


@cache
def _of_optimizers(names: tuple[str, ...]) -> Mapping[str, Quantity]:
    """Options and variables of these optimizers that the fixed rows do not have."""
    found: dict[str, Quantity] = {}
    for row in (OPTIMIZERS[name] for name in names):
        options = (k for k, value in row.options.items() if not isinstance(value, str))
        rows = [Quantity(name, row.symbol(name).latex, "1") for name in options]
        rows += [q for name in row.variables for q in _of_variable(name, row.symbol(name).latex)]
        found |= {each.name: each for each in rows if each.name not in found}
    return {name: each for name, each in found.items() if name not in _FIXED}


class _Quantities(Mapping[str, Quantity]):
    """The fixed rows, then what the optimizers of the catalog have beside them."""

    def __getitem__(self, name: str) -> Quantity:
        return _FIXED[name] if name in _FIXED else _of_optimizers(tuple(OPTIMIZERS))[name]

    def __iter__(self) -> Iterator[str]:
        yield from _FIXED
        yield from _of_optimizers(tuple(OPTIMIZERS))

    def __len__(self) -> int:
        return len(_FIXED) + len(_of_optimizers(tuple(OPTIMIZERS)))


_STATE_ROWS = (q for name, row in VARIABLES.items() for q in _of_variable(name, row.latex))
_FIXED = {row.name: row for row in (*_ROWS, *_STATE_ROWS)}

QUANTITIES: Mapping[str, Quantity] = _Quantities()
"""Every quantity that a page shows, by the name that the trace uses."""

_INNER = r"\{(a|z|W|b)\}"
_PLACE = re.compile(r"\^\{\[\{l\}\](?:\{\+\})?\}|\{\^\}")

LETTERS = (
    *("x", "y", "y_hat", "W", "b", "z", "a", "loss", "batch_loss", "epoch_loss", "penalty"),
    *("batch_size", "eta", "l2", "momentum", "rho", "factor", "epsilon"),
)
"""The quantities whose symbols are letters that stand for nothing else in a formula."""


DELTA = replace(QUANTITIES["dL_dz"], latex=r"\delta^{[{l}]{+}}")
"""The error of a layer under a letter of its own."""


class NotationChoices(Protocol):
    """What an experiment file says in its section ``[notation]``."""

    @property
    def convention(self) -> str:
        """Row or column."""

    @property
    def errors(self) -> str:
        """Partial or delta."""

    @property
    def first_index(self) -> int:
        """The number of the first unit."""

    @property
    def logarithm(self) -> str:
        """The name of the natural one."""


@dataclass(frozen=True)
class Notation:
    """Symbols under the conventions that an experiment file chooses.

    ``convention`` is "row" or "column", ``errors`` "partial" (∂L/∂z) or "delta" (δ), ``logarithm``
    the name of the natural one. Units are shown counted from ``first_index``; all that is passed in
    counts from 1.
    """

    layers: int
    convention: str = "row"
    errors: str = "partial"
    first_index: int = 1
    logarithm: str = "ln"

    @classmethod
    def of(cls, layers: int, chosen: NotationChoices) -> Notation:
        """The notation of a network of so many layers that an experiment file chooses."""
        names = chosen.convention, chosen.errors, chosen.first_index, chosen.logarithm
        return cls(layers, *names)

    @property
    def column(self) -> bool:
        """Whether one sample is a column, z = W x + b."""
        return self.convention == "column"

    def shape(self, size: tuple[int, int]) -> tuple[int, int]:
        """(rows, columns) of a matrix that has ``size`` where one sample is a row."""
        return (size[1], size[0]) if self.column else size

    def laid(self, values: FloatArray) -> FloatArray:
        """A matrix that was built with one sample as a row, as it is shown."""
        return values.T if self.column and values.ndim == 2 else values

    def place(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """Where an entry of what is shown stands in what was built, and the other way round."""
        return index[::-1] if self.column else index

    def unit(self, number: int) -> int:
        """How a unit, input or output is counted for readers; ``number`` counts from 1."""
        return number - 1 + self.first_index

    def named(self, latex: str) -> str:
        """A formula with the natural logarithm under its name."""
        return latex.replace(r"\ln", f"\\{self.logarithm}")

    def symbol(
        self, name: str, layer: int = 0, index: tuple[int, ...] = (), sample: int = 0
    ) -> str:
        """LaTeX of a quantity or, with ``index``, of one entry of it (by the trace's name)."""
        return self.symbol_of(Ref.of(name, layer, index), sample)

    def symbol_of(self, ref: Ref, sample: int = 0) -> str:
        """LaTeX of what a reference names; a value after the update is marked ⁺.

        ``sample`` names the row (from 1) whose loss a gradient belongs to.
        """
        key = ref.name, ref.layer, ref.index, ref.after, sample
        if key not in self._symbols:
            self._symbols[key] = self._symbol_of(ref, sample)
        return self._symbols[key]

    @cached_property
    def _symbols(self) -> dict[tuple[Any, ...], str]:
        """The symbols that were asked for: a formula is filled with them many times."""
        return {}

    def _symbol_of(self, ref: Ref, sample: int) -> str:
        quantity, mark = self._row(self.quantity(ref.name, ref.layer)), "+" if ref.after else ""
        text = self._latex(quantity, ref.layer, ref.index, mark)
        return _of_sample(text, sample) if sample else text

    def quantity(self, name: str, layer: int = 0) -> str:
        """The quantity of a name in a layer: a is x before the first, ŷ in the last."""
        at_the_ends = {0: "x", self.layers: "y_hat"}
        return at_the_ends.get(layer, name) if name == "a" else name

    def general(self, name: str, layer: int = -1) -> str:
        """LaTeX of a quantity wherever it stands, or in ``layer``: without layer, unit and mark."""
        text = _PLACE.sub("", self._row(self.quantity(name, layer)).latex)
        return re.sub(_INNER, lambda found: self.general(found[1], layer), text)

    def _row(self, name: str) -> Quantity:
        """A quantity as these conventions write it."""
        return DELTA if name == "dL_dz" and self.errors == "delta" else QUANTITIES[name]

    def _latex(self, quantity: Quantity, layer: int, index: tuple[int, ...], mark: str) -> str:
        if quantity.trial and index:
            plain = self._latex(replace(quantity, trial=False), layer, index[:-1], mark)
            return rf"{{{plain} (h_{{{index[-1]}}})}}"  # in braces: it may be an exponent
        text = quantity.latex.replace("{l}", str(layer))
        text = text.replace("{+}", mark).replace("{^}", f"^{{{mark}}}" if mark else "")
        if quantity.split and index:
            own = iter((index[:1], index[1:]))
            return re.sub(_INNER, lambda found: self.symbol(found[1], layer, next(own)), text)
        if re.search(_INNER, text):
            return re.sub(_INNER, lambda found: self.symbol(found[1], layer, index), text)
        shown = index[::-1] if quantity.pair and self.column else index
        if quantity.by_unit:
            shown = tuple(self.unit(number) for number in shown)
        return f"{text}_{{{','.join(str(unit) for unit in shown)}}}" if shown else text

    def plain(self, name: str, layer: int = 0, index: tuple[int, ...] = ()) -> str:
        """The same symbol in plain text, for links, screen readers and pictures."""
        return plain_text(self.symbol(name, layer, index))

    def plain_of(self, ref: Ref, sample: int = 0) -> str:
        """The symbol of what a reference names, in plain text."""
        return plain_text(self.symbol_of(ref, sample))


def _of_sample(latex: str, sample: int) -> str:
    """The symbol of one sample's loss, or of what belongs to it, with the number of its row."""
    marked, found = re.subn(r"\bL\b", rf"L^{{({sample})}}", latex, count=1)
    return marked if found else latex.replace("]}", f"]({sample})}}", 1)


@lru_cache(maxsize=2**14)  # the symbols of the largest network whose pages are allowed
def plain_text(latex: str) -> str:
    """LaTeX of a symbol as plain text."""
    text = re.sub(r"\\frac\{(.*?)\}\{(.*?)\}( \(h_.*\)\})?$", r"\1/\2\3", latex)
    for command, character in _PLAIN:
        text = text.replace(command, character)
    text = re.sub(r"\^\{(.*?)\}", r"\1", text)
    text = re.sub(r"_(\d)", lambda found: found[1].translate(_SUBSCRIPTS), text)
    text = re.sub(r"_\{([\d,]*)\}", lambda found: found[1].translate(_SUBSCRIPTS), text)
    return text.replace("{", "").replace("}", "").strip()


_SUBSCRIPTS = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")
_PLAIN = (
    (r"\partial ", "∂"),
    (r"\mathrm{d} ", "d"),
    (r"\hat{y}", "ŷ"),
    (r"\bar{J}", "J̄"),
    (r"\tilde z", "z̃"),
    (r"\tilde a", "ã"),
    (r"\tilde y", "ỹ"),
    (r"\tilde L", "L̃"),
    (r"\hat{L}", "L̂"),
    (r"\nabla ", "∇"),
    (r"\left\| ", "‖"),
    (r" \right\|^2", "‖²"),
    (r"\hat{m}", "m̂"),
    (r"\hat{v}", "v̂"),
    (r"\delta", "δ"),
    (r"\eta", "η"),
    (r"\mu", "μ"),
    (r"\rho", "ρ"),
    (r"\gamma", "γ"),
    (r"\beta", "β"),
    (r"\epsilon", "ε"),
    (r"\lambda", "λ"),
    (r"\Delta ", "Δ"),
)
