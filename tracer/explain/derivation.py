"""A derivation on a page: what is differentiated, every step, and under which condition."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.deferred import Expr

RULES = (
    *("constant", "variable", "multiple", "sum", "product", "quotient", "power", "reciprocal"),
    *("exponential", "logarithm", "bell", "table"),
)
"""The rules of differentiation that have a formula of their own, as one learns them."""


@dataclass(frozen=True)
class DerivationStep:
    """What the derivative equals after applying ``rules`` (keys whose words stand in templates)."""

    expression: Expr
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Derivation:
    """d ``function`` / d ``variable``, worked out. ``start`` is the open slope itself."""

    function: Expr
    variable: Expr
    start: Expr
    steps: tuple[DerivationStep, ...]

    @property
    def result(self) -> Expr:
        """The last step's expression."""
        return self.steps[-1].expression

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that was used, each once, in order."""
        return tuple(dict.fromkeys(rule for step in self.steps for rule in step.rules))


@dataclass(frozen=True)
class Branch:
    """The slope where ``condition`` holds; ``is_everywhere``: the function has only this branch."""

    condition: Expr
    derivation: Derivation
    is_everywhere: bool
