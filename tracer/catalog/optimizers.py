"""The optimizers, one row each: its programs, its options, what it keeps.

Where libraries differ, an option names the variant, and a row has a program for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tracer.catalog.optimizer import ETA, Assignment, G, Kept, Optimizer, Program, T, W
from tracer.deferred import Expr, symbols
from tracer.deferred import sympy as sp
from tracer.registry import Registry
from tracer.unevaluated import added, less, times

MOMENTUM, BETA1, BETA2, EPSILON, RHO, DECAY = symbols(
    "momentum", "beta1", "beta2", "epsilon", "rho", "weight_decay"
)
M, V, M_HAT, V_HAT, S, D = symbols("m", "v", "m_hat", "v_hat", "s", "d")


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
