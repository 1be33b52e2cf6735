"""Keras models as experiments: the same numbers, and what cannot be expressed is refused.

Stored numbers of Keras are compared with what stand-ins for its objects give; with Keras
installed, its own objects are read as well.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from each import each
from kerasnet.standins import BATCH, CASES, EPOCHS, data, dense, loss, made, model, optimizer
from kerasnet.standins import stand_in as build
from tracer.errors import ExperimentError
from tracer.interop.keras import from_model
from tracer.training import run

STORED = json.loads((Path(__file__).parents[1] / "kerasnet" / "numbers.json").read_text("utf-8"))
TOLERANCE = 1e-12
# Their twin is test_stored_numbers_of_keras, which always runs.
needs_keras = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("keras", "torch")))
    or os.environ.get("KERAS_BACKEND") != "torch",
    reason="Keras is not installed, or does not run on PyTorch",
)
every_case = pytest.mark.parametrize("number", range(len(CASES)))


def largest_difference(built, number, updates):
    X, y = data(number)
    trace = run(from_model(built, X, y, epochs=EPOCHS, batch_size=BATCH))
    assert trace.updates == len(updates) == 4
    worst = 0.0
    for update, theirs in enumerate(updates):
        pairs = [(trace.batch_loss[update], theirs["loss"])]
        for k, weights in enumerate(theirs["after"]):
            ours = (trace.W[k][update + 1], trace.b[k][update + 1])
            pairs += zip(ours, weights, strict=False)
        worst = max(worst, *(float(np.max(np.abs(a - np.array(b)))) for a, b in pairs))
    return worst


@every_case
def test_stored_numbers_of_keras(number):
    assert largest_difference(build(number), number, STORED["cases"][number]) <= TOLERANCE


@needs_keras
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("functional", [False, True])
@every_case
def test_keras_itself(number, functional):
    from kerasnet.reference import made, record

    built = made(number, functional=functional)
    assert largest_difference(built, number, record(number)) <= TOLERANCE


def test_nothing_imports_keras():
    code = "import sys, tracer, tracer.interop.keras; sys.exit('keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def read(*layers, loss="mse", rule=None, kind="Sequential", y=(0, 1)):
    built = model(*layers, loss=loss, optimizer=rule or optimizer("SGD"), kind=kind)
    return from_model(built, [[0, 1], [1, 0]], list(y), epochs=1, batch_size="all")


ONE, TWO = [np.ones((2, 1)), np.zeros(1)], [np.ones((2, 2)), np.zeros(2)]


def test_strings_and_functions_name_losses():
    def mean_squared_error():
        """Stands for the function of Keras."""

    for value in ("mse", "mean_squared_error", "MeanSquaredError", mean_squared_error):
        assert read(dense(ONE), loss=value).training.loss == "mean_squared_error"
    assert read(dense(ONE, "sigmoid"), loss="binary_crossentropy").dataset.task == "binary"


def test_float32_is_taken_as_it_is():
    weights = [np.full((2, 1), 0.1, dtype=np.float32), np.zeros(1, dtype=np.float32)]
    assert read(dense(weights)).init.weights[0][0][0] == float(np.float32(0.1))


def shared():
    layer = dense(ONE)
    type(layer).output = property(lambda self: self.no_output)
    return layer


REFUSED = [
    ("layer 2 (layer): Dropout is not supported", [dense(TWO), made("Dropout")], {}),
    ("layer 1 (layer): the activation mish is not", [dense(ONE, "mish")], {}),
    ("layer 1 (layer): the activation leaky_relu has the slope", [dense(ONE, "leaky_relu")], {}),
    (
        "layer 1 (layer): the activation own is not",
        [dense(ONE, {"class_name": "function", "config": "own"})],
        {},
    ),
    (
        "layer 1 (layer): the activation ReLU is not",
        [dense(ONE, {"class_name": "ReLU", "config": {}})],
        {},
    ),
    (
        "layer 2 (layer): relu directly after tanh",
        [dense(ONE, "tanh"), made("Activation", activation="relu")],
        {},
    ),
    (
        "layer 2 (layer): LeakyReLU with negative_slope = 0.3",
        [dense(ONE), made("LeakyReLU", negative_slope=0.3)],
        {},
    ),
    ("layer 1 (layer): expected weights, found none", [dense()], {}),
    (
        "layer 1 (layer): Dense with kernel_regularizer = a dict",
        [dense(ONE, kernel_regularizer={})],
        {},
    ),
    ("layer 1 (layer): Dense with trainable = False", [dense(ONE, trainable=False)], {}),
    ("layer 1 (layer): expected a layer that is used once", [shared()], {"kind": "Functional"}),
    ("layer 2 (layer): expected a bias that is trained", [dense(TWO), dense(ONE[:1])], {}),
    ("model: expected a Sequential or functional", [dense(ONE)], {"kind": "Subclassed"}),
    ("model: expected at least one Dense layer", [], {}),
    ("loss: expected a compiled model", [dense(ONE)], {"loss": None}),
    ("loss: hinge is not supported", [dense(ONE)], {"loss": "hinge"}),
    ("loss: Huber is not supported", [dense(ONE)], {"loss": loss("Huber")}),
    ("loss: dict is not supported", [dense(ONE)], {"loss": {"a": "mse"}}),
    (
        "loss: MeanSquaredError with reduction = none",
        [dense(ONE)],
        {"loss": loss("MeanSquaredError", reduction="none")},
    ),
    (
        "loss: BinaryCrossentropy with label_smoothing = 0.1",
        [dense(ONE, "sigmoid")],
        {"loss": loss("BinaryCrossentropy", label_smoothing=0.1)},
    ),
    (
        "loss: BinaryCrossentropy over 2 outputs",
        [dense(TWO, "sigmoid")],
        {"loss": "binary_crossentropy"},
    ),
    (
        "layer 1 (layer): BinaryCrossentropy takes the output of sigmoid",
        [dense(ONE)],
        {"loss": "binary_crossentropy"},
    ),
    (
        "layer 1 (layer): CategoricalCrossentropy takes logits",
        [dense(TWO, "softmax")],
        {"loss": loss("CategoricalCrossentropy", from_logits=True)},
    ),
    (
        "optimizer: RMSprop is not supported. Keras adds",
        [dense(ONE)],
        {"rule": optimizer("RMSprop")},
    ),
    ("optimizer: AdamW is not supported. Keras adds", [dense(ONE)], {"rule": optimizer("AdamW")}),
    ("optimizer: Ftrl is not supported", [dense(ONE)], {"rule": optimizer("Ftrl")}),
    ("optimizer: SGD with clipnorm = 1.0", [dense(ONE)], {"rule": optimizer("SGD", clipnorm=1.0)}),
    (
        "optimizer: SGD with a schedule of the learning rate",
        [dense(ONE)],
        {"rule": optimizer("SGD", learning_rate={"class_name": "ExponentialDecay"})},
    ),
]


@each(("named", "layers", "options"), REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name_and_place(named, layers, options):
    with pytest.raises(ExperimentError) as caught:
        read(*layers, **options)
    assert str(caught.value).startswith(named)


def test_an_optimizer_that_has_made_steps_is_refused():
    rule = optimizer("Adam")
    rule.iterations = 3
    with pytest.raises(ExperimentError, match="found one that has made steps"):
        read(dense(ONE), rule=rule)


def test_several_outputs_are_refused():
    built = model(dense(ONE), optimizer=optimizer("SGD"), kind="Functional")
    built.outputs = [None, None]
    with pytest.raises(ExperimentError, match="with one of outputs, found 2"):
        from_model(built, [[0, 1]], [1], epochs=1)
