"""What an activation function is: its definition, what follows from it, and what a row adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from tracer.catalog.facts import fact, lambdified
from tracer.deferred import Z, real
from tracer.deferred import sympy as sp
from tracer.formula import Expr, FloatArray, Form, Kernel, in_pieces, named

VectorDefinition = Callable[..., Expr]
"""f of one unit, from the z of all units of the layer and its place among them (from 0)."""
Gives = Literal["", "probability", "shares"]
FAR_OUT, FLAT = 100.0, 1e-6
"""So far from 0, and so flat, a function has no slope left that a step could follow."""
Slope = Callable[[FloatArray, FloatArray], FloatArray]
"""da/dz of each unit, from its z and its a (the same shapes)."""
Rule = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
"""∂L/∂z of each unit, from its z, its a and ∂L/∂a (the same shapes)."""


@dataclass(frozen=True)
class Activation:
    """One activation function.

    ``definition`` is f(z) in SymPy and ``derivative`` is f′(z). ``written`` and
    ``slope_written`` are the forms that pages print, the textbook's first. ``kernel`` maps an
    array of z to a (the same shape; softmax over the last axis), ``slope`` maps z and a to da/dz.
    ``rule`` states ∂L/∂z of z, a and ∂L/∂a where that takes less time than the slope does.
    A ``vector`` activation (softmax) mixes the units of its layer and has a Jacobian instead:
    its ``vector_definition`` is f of all z of the layer and the place of one unit.

    ``gives`` says what a may be read as: a probability of its own, whose logit z is 0 where a is
    ½; or one of the shares of a whole. ``says`` is a key of ``templates/words/activations.j2``, or
    the words themselves: the end of a sentence that begins with the function. ``torch`` is the
    same in PyTorch, from the module and z, and ``module`` its class there with the options that it
    must have; ``sklearn`` is its name in scikit-learn, ``keras`` are its names in Keras.
    ``aliases`` are other names that it goes by, ``near`` what is near to it and something else, in
    words.
    """

    name: str
    title: str
    latex: str
    definition: Expr
    derivative: Expr
    kernel: Kernel
    slope: Slope
    written: tuple[Form, ...]
    slope_written: tuple[Form, ...]
    source: str
    vector_definition: VectorDefinition | None = None
    rule: Rule | None = None
    gives: Gives = ""
    says: str = ""
    torch: Callable[[Any, Any], Any] | None = None
    sklearn: str = ""
    keras: tuple[str, ...] = ()
    module: tuple[str, Mapping[str, Any]] | None = None
    aliases: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        *,
        name: str,
        title: str,
        latex: str,
        definition: Expr,
        source: str,
        derivative: Expr | None = None,
        kernel: Kernel | None = None,
        slope: Slope | None = None,
        written: Sequence[Form] = (),
        slope_written: Sequence[Form] = (),
        **others: Any,
    ) -> Activation:
        """A row from its definition: what is not stated is derived from it."""
        rule = sp.diff(in_pieces(definition), Z) if derivative is None else derivative
        derived = derived_kernel(rule)
        return cls(
            name=name,
            title=title,
            latex=latex,
            definition=definition,
            derivative=rule,
            kernel=kernel or derived_kernel(definition),
            slope=slope or (lambda z, _a: derived(z)),
            written=(*written, *form_of(definition)),
            slope_written=(*slope_written, *form_of(rule)),
            source=source,
            **others,
        )

    @property
    def vector(self) -> bool:
        """Whether a depends on the z of all units of the layer."""
        return self.vector_definition is not None

    @cached_property
    def is_identity(self) -> bool:
        """Whether it passes on what it gets."""
        return fact("is_z", self.definition, lambda e: bool(e == real(Z)))

    @cached_property
    def pieces(self) -> tuple[tuple[Expr, Expr], ...]:
        """(f(z), condition) of each piece that the definition is put together from."""
        from tracer.algebra import pieces, whole

        definition = real(self.definition)
        return (whole(definition),) if self.vector else pieces(definition)

    @cached_property
    def breaks(self) -> tuple[float, ...]:
        """Where one piece ends and the next begins, in order."""
        return () if self.vector else fact("breaks", self.definition, _breaks)

    @cached_property
    def switches_off(self) -> bool:
        """Whether there is a piece on which nothing moves it, as below 0 of ReLU."""
        return not self.vector and fact("switches_off", self.definition, _switches_off)

    @cached_property
    def flattens(self) -> bool:
        """Whether its slope goes to 0 far out, on one side at least."""
        if self.vector:
            return True
        ends = np.array([-FAR_OUT, FAR_OUT])
        return bool(np.min(np.abs(self.slope(ends, self.kernel(ends)))) < FLAT)

    @cached_property
    def is_its_own_name(self) -> bool:
        """Whether the definition is nothing but a function of that name, as for tanh."""
        return fact("is_named", self.definition, _is_its_own_name)

    @property
    def function(self) -> Callable[[Expr], Expr]:
        """The function by its name alone, for symbol = name(z)."""
        return named(self.name, self.latex, self.definition)

    def backward(self, z: FloatArray, a: FloatArray, dL_da: FloatArray) -> FloatArray:
        """∂L/∂z of each unit from ∂L/∂a of the layer, by the chain rule (same shapes).

        Where the slope is exactly 0 nothing passes, not even ∞ or nan.
        """
        if self.rule is not None:
            return self.rule(z, a, dL_da)
        if not self.vector:
            slope = self.slope(z, a)
            return np.where(slope == 0.0, 0.0, dL_da * slope)
        mixed: FloatArray = np.sum(dL_da * a, axis=-1, keepdims=True)
        return a * (dL_da - mixed)


def derived_kernel(expression: Expr) -> Kernel:
    """``expression`` of z compiled to numpy when first called; a constant fills z's shape."""

    @cache
    def parts() -> tuple[Callable[..., Any], bool]:
        return lambdified((Z,), expression, np), fact("pieces", expression, _has_pieces)

    def kernel(values: FloatArray) -> FloatArray:
        compiled, in_pieces = parts()
        found = compiled(values)
        if in_pieces:  # nan meets no condition, and would fall into the last piece
            found = np.where(np.isnan(values), values, found)
        whole: FloatArray = np.positive(np.broadcast_to(found, values.shape), dtype=np.float64)
        return whole

    return kernel


def _has_pieces(expression: Expr) -> bool:
    from tracer.algebra import has_pieces

    return has_pieces(expression)


def _breaks(definition: Expr) -> tuple[float, ...]:
    from tracer.algebra import breaks

    return breaks(definition, real(Z))


def _switches_off(definition: Expr) -> bool:
    from tracer.algebra import pieces

    return any(not piece.diff(real(Z)) for piece, _ in pieces(definition))


def _is_its_own_name(definition: Expr) -> bool:
    return bool(definition.is_Function and definition.args == (real(Z),))


def form_of(expression: Expr, *symbols: Expr) -> tuple[Form, ...]:
    """The one form of an expression, of z unless other symbols are given."""
    return (Form(expression, symbols or (Z,)),)
