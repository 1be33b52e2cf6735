"""The activation functions a = f(z), one row each.

``z`` is the weighted sum of a unit (any real number). A row states the definition in SymPy;
kernels are derived from it, or stated where the derived one overflows or loses digits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np

from tracer.catalog.activation import Activation, form_of
from tracer.deferred import A, Z, symbols
from tracer.deferred import sympy as sp
from tracer.formula import Expr, FloatArray
from tracer.registry import Registry

__all__ = ["ACTIVATIONS", "Activation", "softmax_entry"]

LAYER = (Z, *symbols("z_2", "z_3"))
"""The weighted sums of a layer of three units, for the definition of a function of all of them."""
LEAK = Fraction(1, 100)  # the slope of the paper, and PyTorch's default
ALPHA = 1
MANY = 2_000
"""Numbers from which on a fixed cost of some microseconds does not count."""
_LEAK = sp.Rational(LEAK.numerator, LEAK.denominator)


def _sigmoid(z: FloatArray) -> FloatArray:
    decayed = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decayed) / (1.0 + decayed)


def _softplus(z: FloatArray) -> FloatArray:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _through_relu(z: Any, a: FloatArray, dL_da: FloatArray) -> FloatArray:
    """∂L/∂a where z is above 0, else 0 (no −0), and nan where z is.

    Of many numbers the bits are masked: a decision for each takes twice as long, as none of them
    can be foreseen.
    """
    if not isinstance(z, np.ndarray) or z.size < MANY or np.isnan(z.max()):
        return np.where(z > 0.0, dL_da, a + 0.0)
    passes = np.negative((z > 0.0).astype(np.int64))  # all bits, or none
    return np.bitwise_and(passes, dL_da.view(np.int64), out=passes).view(np.float64)


def _softmax(z: FloatArray) -> FloatArray:
    shifted = np.exp(z - np.max(z, axis=-1, keepdims=True))
    shares: FloatArray = shifted / np.sum(shifted, axis=-1, keepdims=True)
    return shares


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _normal_cdf(z: FloatArray) -> FloatArray:
    return np.multiply(0.5, _erfc(-z / math.sqrt(2.0)), dtype=np.float64, casting="unsafe")


def _normal_density(z: FloatArray) -> FloatArray:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _silu_slope(z: FloatArray, _a: FloatArray) -> FloatArray:
    share = _sigmoid(z)
    return share + z * share * _sigmoid(-z)


def softmax_entry(zs: Sequence[Expr], unit: int, shift: Expr | None = None) -> Expr:
    """Softmax of one unit written out: e^z_j / Σ e^z_k, with every z less ``shift`` if given."""
    terms = [sp.exp(z if shift is None else sp.Add(z, -shift, evaluate=False)) for z in zs]
    return sp.Mul(
        terms[unit], sp.Pow(sp.Add(*terms, evaluate=False), -1, evaluate=False), evaluate=False
    )


_SIGMOID = 1 / (1 + sp.exp(-Z))
_GELU = Z * (1 + sp.erf(Z / sp.sqrt(2))) / 2

_ROWS = (
    Activation.of(
        name="identity",
        title="identity",
        latex=r"\operatorname{id}",
        definition=Z,
        source="by definition",
        says="passes",
        keras=("linear",),
        module=("Identity", MappingProxyType({})),
        torch=lambda _, z: z,
        sklearn="identity",
        aliases=("linear", "none", "purelin"),
    ),
    Activation.of(
        name="relu",
        title="ReLU",
        latex=r"\operatorname{ReLU}",
        definition=sp.Piecewise((Z, sp.Gt(Z, 0)), (sp.Integer(0), True)),
        source="Nair and Hinton, 2010; the slope at 0 is taken as 0, as in PyTorch and elsewhere",
        derivative=sp.Piecewise((sp.Integer(1), sp.Gt(Z, 0)), (sp.Integer(0), True)),
        kernel=lambda z: np.maximum(z, 0.0),
        slope=lambda z, _a: np.heaviside(z, 0.0),
        rule=_through_relu,
        written=form_of(sp.Max(0, Z)),
        says="rectifies",
        keras=("relu",),
        module=("ReLU", MappingProxyType({})),
        torch=lambda torch, z: torch.relu(z),
        sklearn="relu",
        near=MappingProxyType({"relu6": "a relu that stops at 6"}),
    ),
    Activation.of(
        name="leaky_relu",
        title="leaky ReLU",
        latex=r"\operatorname{LeakyReLU}",
        definition=sp.Piecewise((Z, sp.Gt(Z, 0)), (_LEAK * Z, True)),
        source="Maas, Hannun and Ng, 2013; slope 0.01 below and at 0",
        derivative=sp.Piecewise((sp.Integer(1), sp.Gt(Z, 0)), (_LEAK, True)),
        says="leaks",
        module=("LeakyReLU", MappingProxyType({"negative_slope": float(LEAK)})),
        torch=lambda torch, z: torch.nn.functional.leaky_relu(z, float(LEAK)),
        aliases=("leakyrelu", "lrelu"),
        near=MappingProxyType({"prelu": "a leaky relu that learns its slope"}),
    ),
    Activation.of(
        name="elu",
        title="ELU",
        latex=r"\operatorname{ELU}",
        definition=sp.Piecewise((Z, sp.Gt(Z, 0)), (sp.Integer(ALPHA) * (sp.exp(Z) - 1), True)),
        source="Clevert, Unterthiner and Hochreiter, 2015; with alpha 1",
        derivative=sp.Piecewise(
            (sp.Integer(1), sp.Gt(Z, 0)), (sp.Integer(ALPHA) * sp.exp(Z), True)
        ),
        kernel=lambda z: np.where(z > 0, z, float(ALPHA) * np.expm1(np.minimum(z, 0.0))),
        slope=lambda z, _a: np.where(z > 0, 1.0, float(ALPHA) * np.exp(np.minimum(z, 0.0))),
        says="bends",
        keras=("elu",),
        module=("ELU", MappingProxyType({"alpha": float(ALPHA)})),
        torch=lambda torch, z: torch.nn.functional.elu(z, float(ALPHA)),
        near=MappingProxyType({"selu": "a scaled elu", "celu": "another elu"}),
    ),
    Activation.of(
        name="softplus",
        title="softplus",
        latex=r"\operatorname{softplus}",
        definition=sp.log(1 + sp.exp(Z)),
        source="Dugas and others, 2001",
        derivative=_SIGMOID,
        kernel=_softplus,
        slope=lambda z, _a: _sigmoid(z),
        written=form_of(sp.log(1 + sp.exp(Z))),
        says="rounds",
        keras=("softplus",),
        module=("Softplus", MappingProxyType({"beta": 1.0})),
        torch=lambda torch, z: torch.nn.functional.softplus(z, threshold=1e9),
    ),
    Activation.of(
        name="sigmoid",
        title="sigmoid",
        latex=r"\sigma",
        definition=_SIGMOID,
        source="the logistic function; Verhulst, 1845",
        derivative=sp.exp(-Z) / (1 + sp.exp(-Z)) ** 2,
        kernel=_sigmoid,
        slope=lambda z, _a: _sigmoid(z) * _sigmoid(-z),
        slope_written=form_of(sp.Mul(A, sp.Add(1, -A, evaluate=False), evaluate=False), A),
        says="squeezes",
        gives="probability",
        keras=("sigmoid",),
        module=("Sigmoid", MappingProxyType({})),
        torch=lambda torch, z: torch.sigmoid(z),
        sklearn="logistic",
        aliases=("logistic", "logsig"),
        near=MappingProxyType(
            dict.fromkeys(("hard_sigmoid", "hardsigmoid"), "a sigmoid made of straight lines")
        ),
    ),
    Activation.of(
        name="tanh",
        title="tanh",
        latex=r"\tanh",
        definition=sp.tanh(Z),
        source="the hyperbolic tangent",
        derivative=1 - sp.tanh(Z) ** 2,
        kernel=np.tanh,
        slope=lambda z, _a: 4.0 * _sigmoid(2.0 * z) * _sigmoid(-2.0 * z),
        slope_written=(
            *form_of(sp.Add(1, -(A**2), evaluate=False), A),
            *form_of(4 / (sp.exp(Z) + sp.exp(-Z)) ** 2),
        ),
        says="squeezes_around_zero",
        keras=("tanh",),
        module=("Tanh", MappingProxyType({})),
        torch=lambda torch, z: torch.tanh(z),
        sklearn="tanh",
        aliases=("tansig", "hyperbolic_tangent"),
        near=MappingProxyType(
            {
                "bipolar_sigmoid": "tanh(z/2)",
                "hardtanh": "a tanh made of straight lines",
                "hard_tanh": "a tanh made of straight lines",
                "softsign": "z / (1 + |z|)",
            }
        ),
    ),
    Activation.of(
        name="silu",
        title="SiLU",
        latex=r"\operatorname{SiLU}",
        definition=Z / (1 + sp.exp(-Z)),
        source="Elfwing, Uchibe and Doya, 2017; also called swish",
        kernel=lambda z: z * _sigmoid(z),
        slope=_silu_slope,
        says="fades",
        keras=("silu", "swish"),
        module=("SiLU", MappingProxyType({})),
        torch=lambda torch, z: torch.nn.functional.silu(z),
        aliases=("swish",),
        near=MappingProxyType({"mish": "z·tanh(softplus(z))"}),
    ),
    Activation.of(
        name="gelu",
        title="GELU",
        latex=r"\operatorname{GELU}",
        definition=_GELU,
        source="Hendrycks and Gimpel, 2016; the exact form with erf, not the tanh approximation",
        kernel=lambda z: z * _normal_cdf(z),
        slope=lambda z, _a: _normal_cdf(z) + z * _normal_density(z),
        says="fades",
        keras=("gelu",),
        module=("GELU", MappingProxyType({"approximate": "none"})),
        torch=lambda torch, z: torch.nn.functional.gelu(z),
    ),
    Activation.of(
        name="softmax",
        title="softmax",
        latex=r"\operatorname{softmax}",
        definition=softmax_entry(LAYER, 0),
        derivative=sp.diff(softmax_entry(LAYER, 0), Z),
        source="Boltzmann's distribution; the name is Bridle's, 1990",
        kernel=_softmax,
        slope=lambda z, a: a * (1.0 - a),
        vector_definition=softmax_entry,
        says="shares",
        gives="shares",
        keras=("softmax",),
        module=("Softmax", MappingProxyType({"dim": (1, -1, None)})),
        torch=lambda torch, z: torch.softmax(z, dim=-1),
    ),
)

ACTIVATIONS: Mapping[str, Activation] = Registry(Activation, _ROWS)
"""Every activation by the name that an experiment file uses.

z and a are arrays of the same shape (…, n_ℓ), a number for each unit of a layer. All but softmax
look at one number at a time. None has options.

#### identity
`a = z`, with `da/dz = 1`. For outputs that may be any number, as in regression. Also called linear.

#### relu
`a = max(0, z)`, with `da/dz = 1 if z > 0 else 0`. At z = 0 there is no derivative. It is taken as
0, as in PyTorch and Keras; any value between 0 and 1 is a subgradient. [Rectified Linear Units
Improve Restricted Boltzmann Machines](https://www.cs.toronto.edu/~hinton/absps/reluICML.pdf), Nair
and Hinton, 2010.

#### leaky_relu
`a = z if z > 0 else 0.01·z`, with `da/dz = 1 if z > 0 else 0.01`. The slope below 0 is that of the
paper and of PyTorch; a layer of Keras has 0.3 unless told otherwise. [Rectifier Nonlinearities
Improve Neural Network Acoustic
Models](https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf), Maas, Hannun and Ng,
2013.

#### elu
`a = z if z > 0 else e^z − 1`, with `da/dz = 1 if z > 0 else e^z`. The paper's factor α before e^z −
1 is 1 here, its own choice as well; with it the slope has no jump at 0. [Fast and Accurate Deep
Network Learning by Exponential Linear Units (ELUs)](https://arxiv.org/abs/1511.07289), Clevert,
Unterthiner and Hochreiter, 2015.

#### softplus
`a = ln(1 + e^z)`, with `da/dz = 1 / (1 + e^(−z))`: a smooth relu whose slope is the sigmoid.
Computed as max(z, 0) + ln(1 + e^−|z|), which never overflows. Incorporating Second-Order Functional
Knowledge for Better Option Pricing, Dugas, Bengio, Bélisle, Nadeau and Garcia, 2001.

#### sigmoid
`a = 1 / (1 + e^(−z))`, with `da/dz = a·(1 − a)`. Between 0 and 1: a probability, with z the
logarithm of the odds. The slope is computed from z, because 1 − a loses its digits where a is close
to 1. Recherches mathématiques sur la loi d'accroissement de la population, Verhulst, 1845.

#### tanh
`a = (e^z − e^(−z)) / (e^z + e^(−z))`, with `da/dz = 1 − a²`. Between −1 and 1; it is 2σ(2z) − 1
with σ the sigmoid. The slope is computed from z, as for sigmoid.

#### silu
`a = z / (1 + e^(−z))`, with `da/dz = a + (1 − a)/(1 + e^(−z))`. Also called swish, which some write
with a factor β before z in the exponent; here it is 1. [Sigmoid-Weighted Linear Units for Neural
Network Function Approximation in Reinforcement Learning](https://arxiv.org/abs/1702.03118),
Elfwing, Uchibe and Doya, 2017.

#### gelu
`a = z·(1 + erf(z / √2)) / 2`, with `da/dz = (1 + erf(z / √2)) / 2 + z·e^(−z²/2) / √(2·π)`. The
exact form, PyTorch's and Keras's default. The paper also has an approximation by tanh, which
differs by less than 0.0005. [Gaussian Error Linear Units
(GELUs)](https://arxiv.org/abs/1606.08415), Hendrycks and Gimpel, 2016.

#### softmax
`a_j = e^z_j / Σ_k e^z_k` over the units of the layer, with the Jacobian
`∂a_j/∂z_k = a_j·([j = k] − a_k)`. The largest z is taken off all of them first, which changes
nothing and never overflows. For one unit it would always be 1; an experiment file refuses that. The
name is from Probabilistic Interpretation of Feedforward Classification Network Outputs, with
Relationships to Statistical Pattern Recognition, Bridle, 1990; the function is Boltzmann's.
"""
