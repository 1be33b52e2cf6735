"""What Keras computes in float64 for a case. Needs Keras with some backend.

Run from the folder of the tests, it stores the numbers anew: ``python -m kerasnet.reference``, with
``KERAS_BACKEND=torch``. There Keras computes some things in float32 even where everything is
float64; here that is taken from it, and the steps of ``fit`` are made one by one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import torch
from keras.src.backend.common import dtypes

from kerasnet.standins import BATCH, CASES, EPOCHS, ROWS, data, starts

NUMBERS = Path(__file__).parent / "numbers.json"


dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"


def made(number: int, *, functional: bool = False) -> Any:
    """The compiled model of a case, in float64."""
    keras.config.set_floatx("float64")
    layers, (kind, options), rule, rates = CASES[number]
    steps = [
        keras.layers.Dense(first, activation=second, use_bias=bias[0])
        if isinstance(first, int)
        else getattr(keras.layers, first)(**second)
        for first, second, *bias in layers
    ]
    model = _functional(steps) if functional else keras.Sequential([keras.Input((2,)), *steps])
    dense = [step for step in steps if isinstance(step, keras.layers.Dense)]
    for step, weights in zip(dense, starts(number), strict=True):
        step.set_weights(weights)
    loss = getattr(keras.losses, kind)(**options)
    model.compile(loss=loss, optimizer=getattr(keras.optimizers, rule)(**rates))
    return model


def _functional(steps: list[Any]) -> Any:
    first = signal = keras.Input((2,))
    for step in steps:
        signal = step(signal)
    return keras.Model(first, signal)


def record(number: int) -> list[dict[str, Any]]:
    """The loss of every batch, and the parameters after its update."""
    model, (X, y) = made(number), data(number)
    found = []
    for start in [*range(0, ROWS, BATCH)] * EPOCHS:
        part = slice(start, start + BATCH)
        model.zero_grad()
        loss = model.loss(y[part], model(X[part]))
        loss.backward()
        gradients = [weight.value.grad for weight in model.trainable_weights]
        with torch.no_grad():
            model.optimizer.apply(gradients, model.trainable_weights)
        weights = [layer.get_weights() for layer in model.layers if layer.get_weights()]
        found.append(
            {"loss": loss.item(), "after": [[part.tolist() for part in w] for w in weights]}
        )
    return found


if __name__ == "__main__":
    NUMBERS.write_text(
        json.dumps({"keras": keras.__version__, "cases": [record(k) for k in range(len(CASES))]})
        + "\n",
        encoding="utf-8",
    )
