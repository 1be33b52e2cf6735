"""The activation functions a = f(z), one row each.

``z`` is the weighted sum of a unit (any real number). A row states the definition in SymPy;
kernels are derived from it, or stated where the derived one overflows or loses digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

from tracer.formula import A, Expr, FloatArray, Form, Kernel, Z, derived_kernel, named
from tracer.registry import Registry

Slope = Callable[[FloatArray, FloatArray], FloatArray]
"""da/dz of each unit, from its z and its a (the same shapes)."""

LEAK = sp.Rational(1, 100)  # the slope of the paper, and PyTorch's default
ALPHA = sp.Integer(1)


@dataclass(frozen=True)
class Activation:
    """One activation function.

    ``definition`` is f(z) in SymPy and ``derivative`` is f′(z). ``written`` and
    ``slope_written`` are the forms that pages print, the textbook's first. ``kernel`` maps an
    array of z to a (the same shape; softmax over the last axis), ``slope`` maps z and a to da/dz.
    A ``vector`` activation (softmax) mixes the units of its layer and has a Jacobian instead.
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
    vector: bool = False

    @property
    def is_its_own_name(self) -> bool:
        """Whether the definition is nothing but a function of that name, as for tanh."""
        return isinstance(self.definition, sp.Function) and self.definition.args == (Z,)

    @property
    def function(self) -> Expr:
        """The function by its name alone, for symbol = name(z)."""
        return named(self.name, self.latex)

    def backward(self, z: FloatArray, a: FloatArray, dL_da: FloatArray) -> FloatArray:
        """∂L/∂z of each unit from ∂L/∂a of the layer, by the chain rule (same shapes).

        Where the slope is exactly 0 nothing passes, not even ∞ or nan.
        """
        if not self.vector:
            slope = self.slope(z, a)
            error = dL_da * slope
            np.putmask(error, slope == 0.0, 0.0)
            return error
        mixed: FloatArray = np.sum(dL_da * a, axis=-1, keepdims=True)
        return a * (dL_da - mixed)


def _sigmoid(z: FloatArray) -> FloatArray:
    decayed = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, decayed) / (1.0 + decayed)


def _softplus(z: FloatArray) -> FloatArray:
    return np.maximum(z, 0.0) + np.log1p(np.exp(-np.abs(z)))


def _softmax(z: FloatArray) -> FloatArray:
    shifted = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return np.asarray(shifted / np.sum(shifted, axis=-1, keepdims=True))


_erfc = np.vectorize(math.erfc, otypes=[np.float64])


def _normal_cdf(z: FloatArray) -> FloatArray:
    return np.asarray(0.5 * _erfc(-z / math.sqrt(2.0)), dtype=np.float64)


def _normal_density(z: FloatArray) -> FloatArray:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _silu_slope(z: FloatArray, _a: FloatArray) -> FloatArray:
    share = _sigmoid(z)
    return share + z * share * _sigmoid(-z)


def _one(expression: Expr, *symbols: Expr) -> tuple[Form, ...]:
    return (Form(expression, symbols or (Z,)),)


def _row(
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
    vector: bool = False,
) -> Activation:
    rule = sp.diff(definition, Z) if derivative is None else derivative
    derived = derived_kernel(rule)
    return Activation(
        name=name,
        title=title,
        latex=latex,
        definition=definition,
        derivative=rule,
        kernel=kernel or derived_kernel(definition),
        slope=slope or (lambda z, _a: derived(z)),
        written=(*written, *_one(definition)),
        slope_written=(*slope_written, *_one(rule)),
        source=source,
        vector=vector,
    )


def softmax_entry(zs: Sequence[Expr], unit: int, shift: Expr | None = None) -> Expr:
    """Softmax of one unit written out: e^z_j / Σ e^z_k, with every z less ``shift`` if given."""
    terms = [sp.exp(z if shift is None else sp.Add(z, -shift, evaluate=False)) for z in zs]
    return sp.Mul(
        terms[unit], sp.Pow(sp.Add(*terms, evaluate=False), -1, evaluate=False), evaluate=False
    )


_SIGMOID = 1 / (1 + sp.exp(-Z))
_GELU = Z * (1 + sp.erf(Z / sp.sqrt(2))) / 2

_ROWS = (
    _row(
        name="identity",
        title="identity",
        latex=r"\operatorname{id}",
        definition=Z,
        source="by definition",
    ),
    _row(
        name="relu",
        title="ReLU",
        latex=r"\operatorname{ReLU}",
        definition=sp.Piecewise((Z, Z > 0), (sp.Integer(0), True)),
        source="Nair and Hinton, 2010; the slope at 0 is taken as 0, as in PyTorch and elsewhere",
        derivative=sp.Piecewise((sp.Integer(1), Z > 0), (sp.Integer(0), True)),
        kernel=lambda z: np.maximum(z, 0.0),
        slope=lambda z, _a: np.heaviside(z, 0.0),
        written=_one(sp.Max(0, Z)),
    ),
    _row(
        name="leaky_relu",
        title="leaky ReLU",
        latex=r"\operatorname{LeakyReLU}",
        definition=sp.Piecewise((Z, Z > 0), (LEAK * Z, True)),
        source="Maas, Hannun and Ng, 2013; slope 0.01 below and at 0",
        derivative=sp.Piecewise((sp.Integer(1), Z > 0), (LEAK, True)),
    ),
    _row(
        name="elu",
        title="ELU",
        latex=r"\operatorname{ELU}",
        definition=sp.Piecewise((Z, Z > 0), (ALPHA * (sp.exp(Z) - 1), True)),
        source="Clevert, Unterthiner and Hochreiter, 2015; with alpha 1",
        derivative=sp.Piecewise((sp.Integer(1), Z > 0), (ALPHA * sp.exp(Z), True)),
        kernel=lambda z: np.where(z > 0, z, float(ALPHA) * np.expm1(np.minimum(z, 0.0))),
        slope=lambda z, _a: np.where(z > 0, 1.0, float(ALPHA) * np.exp(np.minimum(z, 0.0))),
    ),
    _row(
        name="softplus",
        title="softplus",
        latex=r"\operatorname{softplus}",
        definition=sp.log(1 + sp.exp(Z)),
        source="Dugas and others, 2001",
        derivative=_SIGMOID,
        kernel=_softplus,
        slope=lambda z, _a: _sigmoid(z),
        written=_one(sp.log(1 + sp.exp(Z))),
    ),
    _row(
        name="sigmoid",
        title="sigmoid",
        latex=r"\sigma",
        definition=_SIGMOID,
        source="the logistic function; Verhulst, 1845",
        derivative=sp.exp(-Z) / (1 + sp.exp(-Z)) ** 2,
        kernel=_sigmoid,
        slope=lambda z, _a: _sigmoid(z) * _sigmoid(-z),
        slope_written=_one(sp.Mul(A, sp.Add(1, -A, evaluate=False), evaluate=False), A),
    ),
    _row(
        name="tanh",
        title="tanh",
        latex=r"\tanh",
        definition=sp.tanh(Z),
        source="the hyperbolic tangent",
        derivative=1 - sp.tanh(Z) ** 2,
        kernel=np.tanh,
        slope=lambda z, _a: 4.0 * _sigmoid(2.0 * z) * _sigmoid(-2.0 * z),
        slope_written=(
            *_one(sp.Add(1, -(A**2), evaluate=False), A),
            *_one(4 / (sp.exp(Z) + sp.exp(-Z)) ** 2),
        ),
    ),
    _row(
        name="silu",
        title="SiLU",
        latex=r"\operatorname{SiLU}",
        definition=Z / (1 + sp.exp(-Z)),
        source="Elfwing, Uchibe and Doya, 2017; also called swish",
        kernel=lambda z: z * _sigmoid(z),
        slope=_silu_slope,
    ),
    _row(
        name="gelu",
        title="GELU",
        latex=r"\operatorname{GELU}",
        definition=_GELU,
        source="Hendrycks and Gimpel, 2016; the exact form with erf, not the tanh approximation",
        kernel=lambda z: z * _normal_cdf(z),
        slope=lambda z, _a: _normal_cdf(z) + z * _normal_density(z),
    ),
    _row(
        name="softmax",
        title="softmax",
        latex=r"\operatorname{softmax}",
        definition=sp.Integer(1),
        source="Boltzmann's distribution; the name is Bridle's, 1990",
        kernel=_softmax,
        slope=lambda z, a: a * (1.0 - a),
        vector=True,
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
