"""What an optimizer is: a small program of named assignments.

A program runs once for every parameter at every update. ``w`` is the parameter, ``g`` its batch
gradient, ``eta`` the learning rate and ``t`` the number of the update from 1; other names are
the row's options, its state, or results of earlier assignments. Numbers and pages come from the
same program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np

from tracer.catalog.facts import fact, lambdified, names_in, symbols_in
from tracer.catalog.limits import Limit
from tracer.deferred import Expr, is_deferred, symbols
from tracer.formula import FloatArray

W, G, ETA, T = symbols("w", "g", "eta", "t")


Kept = Literal["velocity", "mean", "square_mean", "square_sum"]
"""What an optimizer keeps from update to update: a share of its earlier steps, the running mean of
the gradients or of their squares, the sum of their squares. Pages have the words for each."""


@dataclass(frozen=True)
class Symbol:
    """What pages show and say of an option, or of a variable of a program.

    ``latex`` is its letter. ``label`` says what a line computes that assigns it, ``meaning`` what
    it is in the index of symbols: for variables whose words no template has.
    """

    latex: str
    label: str = ""
    meaning: str = ""


VARIABLES: Mapping[str, Symbol] = MappingProxyType(
    {
        "v": Symbol("v"),
        "m": Symbol("m"),
        "s": Symbol("s"),
        "d": Symbol("d"),
        "m_hat": Symbol(r"\hat{m}"),
        "v_hat": Symbol(r"\hat{v}"),
    }
)
"""The variables that several rows share; a row states those of its own."""


@dataclass(frozen=True)
class Assignment:
    """``target`` ← ``expression``: one step of a program."""

    target: str
    expression: Expr


@dataclass(frozen=True)
class Program:
    """Assignments that are executed in order; the last one's target is ``w``."""

    assignments: tuple[Assignment, ...]

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Every name that the program records beside the parameter itself."""
        names = (step.target for step in self.assignments)
        return tuple(dict.fromkeys(name for name in names if name != "w"))

    @cached_property
    def carried(self) -> frozenset[str]:
        """The variables read before they are assigned: kept from update to update, 0 at first."""
        return frozenset(self.remembered({}))

    def remembered(self, options: Mapping[str, float | str]) -> tuple[str, ...]:
        """The carried variables whose old value counts with these options, in order.

        With a share of 0 nothing of it stays.
        """
        assigned: set[str] = set()
        found: set[str] = set()
        for step in self.assignments:
            read = set(_read_with(step.expression, options))
            found |= (read & set(self.variables)) - assigned
            assigned.add(step.target)
        return tuple(name for name in self.variables if name in found)

    def is_counted(self, options: Mapping[str, float | str]) -> bool:
        """Whether it matters with these options how many updates there were."""
        return any(str(T) in _read_with(step.expression, options) for step in self.assignments)

    @cached_property
    def is_plain(self) -> bool:
        """Whether the whole program is w ← w − ηg."""
        only = self.assignments[0].expression if len(self.assignments) == 1 else W
        return fact("is_0", only - (W - ETA * G), _is_zero)

    @cached_property
    def steps(self) -> tuple[tuple[str, tuple[str, ...], Callable[..., FloatArray]], ...]:
        """(target, argument names, numpy kernel) of each assignment."""
        return tuple(_compile(step) for step in self.assignments)

    def apply(self, values: Mapping[str, FloatArray | float]) -> dict[str, FloatArray]:
        """Run the program once; ``values`` holds w, g, eta, t, the options and the state.

        Returns the new value of every variable and of ``w``, in arrays of w's shape.

        Raises:
            KeyError: a name that the program reads is missing.
        """
        names = dict(values)
        for target, arguments, kernel in self.steps:
            names[target] = kernel(*(names[argument] for argument in arguments))
        return {name: np.asarray(names[name]) for name in (*self.variables, "w")}


@dataclass(frozen=True)
class Optimizer:
    """One optimizer: its options with their defaults and its program.

    ``variant`` names the option whose value chooses among ``programs`` ("" where there is one).
    ``keeps`` says what each variable is that is carried from update to update. ``limits`` and
    ``symbols`` are those of the options and variables that no other row has. ``aliases`` are other
    names that it goes by, ``near`` what is near to it and something else, in words.
    """

    name: str
    title: str
    programs: Mapping[str, Program]
    source: str
    options: Mapping[str, float | str] = field(default_factory=lambda: MappingProxyType({}))
    variant: str = ""
    keeps: Mapping[str, Kept] = field(default_factory=lambda: MappingProxyType({}))
    limits: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))
    symbols: Mapping[str, Symbol] = field(default_factory=lambda: MappingProxyType({}))
    aliases: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_plain(self) -> bool:
        """Whether it is w ← w − ηg and nothing else."""
        return all(program.is_plain for program in self.programs.values())

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of all its programs."""
        names = (name for program in self.programs.values() for name in program.variables)
        return tuple(dict.fromkeys(names))

    def symbol(self, name: str) -> Symbol:
        """What is shown and said of an option or a variable; its name where nothing is stated."""
        shared = VARIABLES.get(name, Symbol(rf"\mathrm{{{name.replace('_', '-')}}}"))
        return self.symbols.get(name, shared)

    def program(self, options: Mapping[str, float | str]) -> Program:
        """The program that the options choose.

        Raises:
            KeyError: they name no variant, or one that the row does not have.
        """
        return self.programs[str(options[self.variant]) if self.variant else ""]


def _read_with(expression: Expr, options: Mapping[str, float | str]) -> tuple[str, ...]:
    """The names in an expression that count with these options, in order."""
    settings = {name: value for name, value in options.items() if not isinstance(value, str)}
    known = tuple(sorted(settings.items()))

    def left(formula: Expr) -> tuple[str, ...]:
        from tracer.algebra import with_numbers

        return tuple(sorted(map(str, with_numbers(formula, known).free_symbols)))

    # A share of 0 or 1 takes something away; any other one leaves what the rows of the catalog say.
    decisive = tuple((name, value) for name, value in known if value in (0, 1))
    if not is_deferred(expression):
        return left(expression)
    return fact(("reads", *decisive), expression, left) if known else names_in(expression)


def _is_zero(formula: Expr) -> bool:
    return bool(formula.expand() == 0)


def _compile(step: Assignment) -> tuple[str, tuple[str, ...], Callable[..., FloatArray]]:
    read = symbols_in(step.expression)
    return step.target, tuple(map(str, read)), lambdified(read, step.expression, np)
