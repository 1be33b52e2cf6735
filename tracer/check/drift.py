"""How far rounding alone may put two runs of the same training apart.

Two programs sum in their own orders. In a run that magnifies rounding they arrive elsewhere, and
both are right. How much it magnifies is tried with scikit-learn itself, on rows whose last bits
differ. Besides, it takes the slopes a (1 − a) and 1 − a² from the rounded a: where a is near its
bounds, little of them is left, and no trial shows that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tracer.check.fits import NUDGE, fitted
from tracer.formula import FloatArray
from tracer.trace import Trace

# two runs drift apart, as each sums in its own order: the built-in examples by up to 2.4e-14
TOLERANCE, EPSILON = 1e-9, float(np.finfo(np.float64).eps)
TRIALS = (1, 2)
"""Two trials with other last bits, as one alone may happen to stay near the run."""
ROOM = 1000
"""So much further than in the trials rounding may put two runs apart.

With 100, one of 1,200 right runs drawn at random was called wrong; with 1000, none of 1,800.
"""

Drift = Mapping[str, list[float]]


def drift_of(trace: Trace, epochs: int, fit: Any) -> Drift | None:
    """By how much rounding may move each W and each b in so many epochs; ``fit`` is scikit-learn's.

    None where that is more of a layer than is allowed, or where it decides when the run ends.
    """
    trials = [fitted(trace, epochs, trial) for trial in TRIALS]
    squares = sum(np.vdot(W, W) for W in fit.coefs_)  # scikit-learn's loss has them, if 0 times
    if not np.isfinite(squares) or any(trial.n_iter_ != fit.n_iter_ for trial in trials):
        return None
    lost, share = _lost(trace, epochs)
    more = ROOM * max(1.0, share / NUDGE)
    tried = {"W": _between(fit, trials, "coefs_"), "b": _between(fit, trials, "intercepts_")}
    drift = {
        kind: [more * moved + ROOM * gone for moved, gone in zip(each, lost[kind], strict=True)]
        for kind, each in tried.items()
    }
    layers = zip(fit.coefs_, fit.intercepts_, drift["W"], drift["b"], strict=True)
    small = (
        max(moved) <= TOLERANCE * max(np.max(np.abs(W)), np.max(np.abs(b)))
        for W, b, *moved in layers
    )
    return drift if all(small) else None


def _between(fit: Any, trials: Sequence[Any], name: str) -> list[float]:
    """How far the trials ended from the fit at the most, for each of its arrays."""
    whole = [getattr(one, name) for one in (fit, *trials)]
    return [
        max(float(np.max(np.abs(other - first))) for other in others)
        for first, *others in zip(*whole, strict=True)
    ]


def _lost(trace: Trace, epochs: int) -> tuple[Drift, float]:
    """What the digits that scikit-learn's slopes have lost may move of each W and each b.

    Also the largest share of the biases that one step moves in this way: the run magnifies it as it
    does the nudge of a trial.
    """
    ends = np.searchsorted(trace.epoch_of, range(epochs + 1)).tolist()
    spans = [slice(*pair) for pair in pairwise(ends)]
    with np.errstate(all="ignore"):
        found = [_lost_in(trace, k, spans) for k in range(trace.layers - 1)]
    W, b, shares = zip(*found, (0.0, 0.0, 0.0), strict=True)
    return {"W": list(W), "b": list(b)}, max(shares)


def _lost_in(trace: Trace, k: int, spans: Sequence[slice]) -> tuple[float, float, float]:
    """(of W, of b, the share) of one layer, where every step may go wrong in the same direction."""
    training = trace.experiment.training
    reach = training.learning_rate / (1 - float(training.options.get("momentum", 0.0)))
    W, b, share = 0.0, 0.0, 0.0
    largest = np.zeros(trace.layer_sizes[k + 1])
    for span in spans:
        da, dz = np.abs(_carried_back(trace, k, span)), np.abs(trace.dL_dz[k][span])
        largest = np.maximum(largest, dz.max(axis=0))
        # slopes of 0 and 1 lose nothing; a step of Adam's goes by shares of the gradient
        lost = reach * EPSILON * np.where(np.isclose(dz, da, TOLERANCE, 0) | (dz == 0), 0.0, da)
        lost /= np.where(largest > 0, largest, 1.0) if "beta2" in training.options else 1.0
        signal = np.abs(trace.a[k - 1][span] if k else trace.x[trace.row[span]])
        b += float(lost.max(axis=1).sum())
        W += float((lost.max(axis=1) * signal.max(axis=1)).sum())
        biases = np.abs(trace.b[k][trace.update_of[span] + 1]).max(axis=1)
        share = max(share, float(np.max(lost.max(axis=1) / biases)))
    return W, b, share


def _carried_back(trace: Trace, k: int, span: slice) -> FloatArray:
    """∂L/∂a of a layer (visits, units), computed anew: a wrong one is no excuse for others."""
    after, updates = trace.dL_dz[k + 1][span], trace.update_of[span]
    weights = trace.W[k + 1]
    parts = (after[updates == u] @ weights[u].T for u in range(updates[0], updates[-1] + 1))
    return np.concatenate(list(parts))
