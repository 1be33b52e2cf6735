"""Rows that stand outside of tracer: an activation, a loss and an optimizer, one row each."""

from __future__ import annotations

import sympy as sp

from tracer.catalog.activations import Activation
from tracer.catalog.limits import NOT_NEGATIVE
from tracer.catalog.losses import Loss
from tracer.catalog.optimizer import Assignment, Optimizer, Program, Symbol
from tracer.formula import Expr, Z

W, G, ETA, M, C, BETA1, BETA2, PULL = sp.symbols("w g eta m mixed beta1 beta2 pull", real=True)

#: Mish(z) = z · tanh(ln(1 + e^z)), with z the weighted sum of a unit.
MISH = Activation.of(
    name="mish",
    title="Mish",
    latex=r"\operatorname{Mish}",
    definition=Z * sp.tanh(sp.log(1 + sp.exp(Z))),
    source="Misra, 2019",
    says="keeps large numbers as they are and lets small negative ones through",
)

#: Straight between −1 and 1, flat outside: three pieces.
HARD_TANH = Activation.of(
    name="hard_tanh",
    title="hard tanh",
    latex=r"\operatorname{hardtanh}",
    definition=sp.Piecewise((sp.Integer(-1), Z < -1), (Z, Z <= 1), (sp.Integer(1), True)),
    source="Collobert, 2004",
)


#: max(0, z) cut off at 6, by Max and Min.
RELU6 = Activation.of(
    name="relu_six",
    title="ReLU6",
    latex=r"\operatorname{ReLU6}",
    definition=sp.Min(sp.Max(0, Z), 6),
    source="Krizhevsky, 2010",
)


def _huber(y: Expr, y_hat: Expr) -> Expr:
    apart = sp.Add(y_hat, -y, evaluate=False)
    square = sp.Mul(sp.Rational(1, 2), apart**2, evaluate=False)
    straight = sp.Add(sp.Abs(apart), -sp.Rational(1, 2), evaluate=False)
    return sp.Piecewise((square, sp.Abs(apart) <= 1), (straight, True))


#: Σ_k ½ d² where |d| ≤ 1, else |d| − ½, with d = ŷ_k − y_k.
HUBER = Loss.of(
    name="huber",
    latex=r"L = \sum_k h(\hat{y}_k - y_k)",
    definition=lambda ys, hs: sp.Add(*map(_huber, ys, hs), evaluate=False),
    source="Huber, 1964",
)

#: Σ_k max(0, 1 − y_k ŷ_k), for targets of −1 and 1.
HINGE = Loss.of(
    name="hinge",
    latex=r"L = \sum_k \max(0, 1 - y_k \hat{y}_k)",
    definition=lambda ys, hs: sp.Add(
        *(
            sp.Piecewise((sp.Add(1, -y * h, evaluate=False), y * h < 1), (sp.Integer(0), True))
            for y, h in zip(ys, hs, strict=True)
        ),
        evaluate=False,
    ),
    source="Cortes and Vapnik, 1995",
)


#: Σ_k max(0, |ŷ_k − y_k| − ¼), by Max: what is near enough costs nothing.
TOLERANT = Loss.of(
    name="tolerant",
    latex=r"L = \sum_k \max(0, |\hat{y}_k - y_k| - 1/4)",
    definition=lambda ys, hs: sp.Add(
        *(sp.Max(0, sp.Abs(h - y) - sp.Rational(1, 4)) for y, h in zip(ys, hs, strict=True)),
        evaluate=False,
    ),
    source="Vapnik, 1995",
)


def _mean(share: Expr) -> Expr:
    rest = sp.Mul(sp.Add(1, -share, evaluate=False), G, evaluate=False)
    return sp.Add(share * M, rest, evaluate=False)


#: c ← β₁m + (1 − β₁)g, m ← β₂m + (1 − β₂)g, w ← w − η sign(c) − ηκw.
LION = Optimizer(
    name="lion",
    title="Lion",
    programs={
        "": Program(
            (
                Assignment("mixed", _mean(BETA1)),
                Assignment("m", _mean(BETA2)),
                Assignment("w", sp.Add(W, -ETA * sp.sign(C), -ETA * PULL * W, evaluate=False)),
            )
        )
    },
    source="Chen and others, 2023",
    options={"beta1": 0.9, "beta2": 0.99, "pull": 0.1},
    limits={"pull": NOT_NEGATIVE},
    symbols={
        "pull": Symbol(r"\kappa", meaning="which share of each weight goes"),
        "mixed": Symbol("c", label="mixture of slopes", meaning="the mixture of slopes"),
    },
    keeps={"m": "mean"},
)
