"""The optimizers, each a small program of named assignments, one row each.

A program runs once for every parameter at every update. ``w`` is the parameter, ``g`` its batch
gradient, ``eta`` the learning rate and ``t`` the number of the update from 1; other names are
the row's options, its state, or results of earlier assignments. Numbers and pages come from the
same program. Where libraries differ, an option names the variant, and a row has a program for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np
import sympy as sp

from tracer.catalog.limits import Limit
from tracer.formula import Expr, FloatArray, numpy_function
from tracer.registry import Registry
from tracer.unevaluated import added, less, times

W, G, ETA, T = sp.symbols("w g eta t", real=True)
MOMENTUM, BETA1, BETA2, EPSILON, RHO, DECAY = sp.symbols(
    ("momentum", "beta1", "beta2", "epsilon", "rho", "weight_decay"), real=True
)
M, V, M_HAT, V_HAT, S, D = sp.symbols("m v m_hat v_hat s d", real=True)


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
        settings = {name: value for name, value in options.items() if not isinstance(value, str)}
        known = {sp.Symbol(name, real=True): sp.Float(value) for name, value in settings.items()}
        assigned: set[str] = set()
        found: set[str] = set()
        for step in self.assignments:
            read = {str(symbol) for symbol in step.expression.xreplace(known).free_symbols}
            found |= (read & set(self.variables)) - assigned
            assigned.add(step.target)
        return tuple(name for name in self.variables if name in found)

    @cached_property
    def is_plain(self) -> bool:
        """Whether the whole program is w ← w − ηg."""
        only = self.assignments[0].expression if len(self.assignments) == 1 else W
        return bool(sp.expand(only - (W - ETA * G)) == 0)

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


def _compile(step: Assignment) -> tuple[str, tuple[str, ...], Callable[..., FloatArray]]:
    symbols = sorted(step.expression.free_symbols, key=str)
    arguments = tuple(str(symbol) for symbol in symbols)
    return step.target, arguments, numpy_function(symbols, step.expression)


def _program(*assignments: tuple[str, Expr]) -> Program:
    return Program(tuple(Assignment(*assignment) for assignment in assignments))


def _mean(old: Expr, share: Expr, new: Expr) -> Expr:
    """A running mean: share · old + (1 − share) · new."""
    return added(share * old, times(less(1, share), new))


_MOMENTS = (("m", _mean(M, BETA1, G)), ("v", _mean(V, BETA2, G**2)))
_CORRECTED = (
    *_MOMENTS,
    ("m_hat", M / (1 - BETA1**T)),
    ("v_hat", V / (1 - BETA2**T)),
)
_ADAM_STEP = ETA * M_HAT / added(sp.sqrt(V_HAT), EPSILON)
# the paper's own defaults, in PyTorch too
_ADAM_OPTIONS = {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
_RAW_STEP = ETA * sp.sqrt(1 - BETA2**T) / (1 - BETA1**T)

_MOMENTS_KEPT: Mapping[str, Kept] = MappingProxyType({"m": "mean", "v": "square_mean"})

_ROWS = (
    Optimizer(
        name="sgd",
        title="stochastic gradient descent",
        programs={"": _program(("w", less(W, ETA * G)))},
        source="Robbins and Monro, 1951",
        aliases=("gd", "gradient_descent", "gradientdescent"),
    ),
    Optimizer(
        name="momentum",
        title="gradient descent with momentum",
        programs={
            "gradient": _program(("v", added(MOMENTUM * V, G)), ("w", less(W, ETA * V))),
            "step": _program(("v", less(MOMENTUM * V, ETA * G)), ("w", added(W, V))),
        },
        source="Polyak, 1964",
        options={"momentum": 0.9, "velocity": "gradient"},
        variant="velocity",
        keeps={"v": "velocity"},
        aliases=("heavy_ball",),
    ),
    Optimizer(
        name="nesterov",
        title="gradient descent with Nesterov's momentum",
        programs={
            "gradient": _program(
                ("v", added(MOMENTUM * V, G)),
                ("w", less(W, times(ETA, added(G, MOMENTUM * V)))),
            ),
            "step": _program(
                ("v", less(MOMENTUM * V, ETA * G)),
                ("w", added(W, MOMENTUM * V, -ETA * G)),
            ),
        },
        source="Nesterov, 1983, in the form of Sutskever and others, 2013",
        options={"momentum": 0.9, "velocity": "gradient"},
        variant="velocity",
        keeps={"v": "velocity"},
        aliases=("nag",),
    ),
    Optimizer(
        name="rmsprop",
        title="RMSProp",
        programs={
            "": _program(
                ("s", _mean(S, RHO, G**2)),
                ("v", added(MOMENTUM * V, G / added(sp.sqrt(S), EPSILON))),
                ("w", less(W, ETA * V)),
            )
        },
        source="Tieleman and Hinton, 2012, with the momentum that PyTorch gives it",
        options={"rho": 0.99, "epsilon": 1e-8, "momentum": 0.0},
        keeps={"s": "square_mean", "v": "velocity"},
        near=MappingProxyType({"adadelta": "RMSprop with a running step"}),
    ),
    Optimizer(
        name="adagrad",
        title="AdaGrad",
        programs={
            "": _program(
                ("s", added(S, G**2)),
                ("w", less(W, ETA * G / added(sp.sqrt(S), EPSILON))),
            )
        },
        source="Duchi, Hazan and Singer, 2011",
        options={"epsilon": 1e-10},
        keeps={"s": "square_sum"},
    ),
    Optimizer(
        name="adam",
        title="Adam",
        programs={
            "corrected": _program(*_CORRECTED, ("w", less(W, _ADAM_STEP))),
            "uncorrected": _program(
                *_MOMENTS,
                ("w", less(W, _RAW_STEP * M / added(sp.sqrt(V), EPSILON))),
            ),
        },
        source="Kingma and Ba, 2014",
        options={**_ADAM_OPTIONS, "epsilon_placement": "corrected"},
        variant="epsilon_placement",
        keeps=_MOMENTS_KEPT,
        near=MappingProxyType(
            {
                "nadam": "Adam with Nesterov's momentum",
                "adamax": "Adam with a largest value in place of v",
            }
        ),
    ),
    Optimizer(
        name="adamw",
        title="AdamW",
        programs={
            "": _program(
                *_CORRECTED,
                ("d", less(W, ETA * DECAY * W)),
                ("w", less(D, _ADAM_STEP)),
            )
        },
        source="Loshchilov and Hutter, 2017",
        options={**_ADAM_OPTIONS, "weight_decay": 0.01},
        keeps=_MOMENTS_KEPT,
    ),
)

OPTIMIZERS: Mapping[str, Optimizer] = Registry(Optimizer, _ROWS)
"""Every optimizer by the name that an experiment file uses.

w is a parameter, g its batch gradient with the L2 term, η the learning rate, t the number of the
update from 1. Each holds for arrays of any shape, number by number. What is carried from update to
update starts at 0. An option outside its range is an error of the experiment file.

#### sgd
`w ← w − η·g`. No options. [A Stochastic Approximation
Method](https://doi.org/10.1214/aoms/1177729586), Robbins and Monro, 1951.

#### momentum
With `velocity = "gradient"`: `v ← μ·v + g`, `w ← w − η·v`, as in PyTorch.

With `velocity = "step"`: `v ← μ·v − η·g`, `w ← w + v`, as in Keras and scikit-learn. The two are
the same run as long as η stays; when a schedule changes η, the first applies the new one to old
gradients too.

Options: `momentum` (μ, at least 0 and below 1, 0.9), `velocity` ("gradient"). [Some methods of
speeding up the convergence of iteration methods](https://doi.org/10.1016/0041-5553(64)90137-5),
Polyak, 1964.

#### nesterov
With `velocity = "gradient"`: `v ← μ·v + g`, `w ← w − η·(g + μ·v)`, as in PyTorch.

With `velocity = "step"`: `v ← μ·v − η·g`, `w ← w + μ·v − η·g`, as in Keras and scikit-learn.
Textbooks take the gradient where momentum alone would lead; here w stands for that point already.

Options: `momentum` (μ, at least 0 and below 1, 0.9), `velocity` ("gradient"). A method for solving
the convex programming problem with convergence rate O(1/k²), Nesterov, 1983, in the form of [On the
importance of initialization and momentum in deep
learning](https://proceedings.mlr.press/v28/sutskever13.html), Sutskever, Martens, Dahl and Hinton,
2013.

#### rmsprop
`s ← ρ·s + (1 − ρ)·g²`, `v ← μ·v + g / (√s + ε)`, `w ← w − η·v`, as in PyTorch. The lecture has ρ =
0.9 and no momentum; Keras adds ε inside the root.

Options: `rho` (ρ, at least 0 and below 1, 0.99), `epsilon` (ε, at least 0, 1e-8), `momentum` (μ, at
least 0 and below 1, 0.0). [Lecture 6 of Neural Networks for Machine
Learning](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf), Tieleman and
Hinton, 2012.

#### adagrad
`s ← s + g²`, `w ← w − η·g / (√s + ε)`, as in PyTorch. Keras adds ε inside the root and starts s at
0.1.

Options: `epsilon` (ε, at least 0, 1e-10). [Adaptive Subgradient Methods for Online Learning and
Stochastic Optimization](https://jmlr.org/papers/v12/duchi11a.html), Duchi, Hazan and Singer, 2011.

#### adam
With `epsilon_placement = "corrected"`: `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`,
`m̂ ← m / (1 − β₁^t)`, `v̂ ← v / (1 − β₂^t)`, `w ← w − η·m̂ / (√v̂ + ε)`: Algorithm 1 of the paper,
and PyTorch.

With `epsilon_placement = "uncorrected"`: `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`,
`w ← w − η·√(1 − β₂^t)·m / ((1 − β₁^t)·(√v + ε))`: the paper's remark on its order of computation,
Keras and scikit-learn. There the same ε weighs more in the first updates.

Options: `beta1` (β₁, at least 0 and below 1, 0.9), `beta2` (β₂, at least 0 and below 1, 0.999),
`epsilon` (ε, at least 0, 1e-8), `epsilon_placement` ("corrected"). [Adam: A Method for Stochastic
Optimization](https://arxiv.org/abs/1412.6980), Kingma and Ba, 2014.

#### adamw
`m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`, `m̂ ← m / (1 − β₁^t)`, `v̂ ← v / (1 − β₂^t)`,
`d ← w − η·λ·w`, `w ← d − η·m̂ / (√v̂ + ε)`, as in PyTorch. In the paper the decay is not multiplied
by the learning rate, only by its schedule. Biases decay too.

Options: `beta1`, `beta2` and `epsilon` as for adam (0.9, 0.999, 1e-8), `weight_decay` (λ, at least
0, 0.01). [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101), Loshchilov and
Hutter, 2017.
"""
