"""PyTorch models as experiments: the same numbers, and what cannot be expressed is refused.

With PyTorch installed every case is compared with it. Without it, stored numbers of PyTorch are
compared with what stand-ins for its objects give.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from each import each
from pytorch import standins
from pytorch.cases import STORED, TABLE, build, case
from tracer.errors import ExperimentError
from tracer.interop.torch import from_module
from tracer.training import run

NUMBERS = Path(__file__).parents[1] / "pytorch" / "numbers"
TOLERANCE = 1e-12
HAS_TORCH = importlib.util.find_spec("torch") is not None
# Its twin is test_stored_numbers_of_torch, which always runs.
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="PyTorch is not installed")
nn, optim = standins.nn, standins.optim


def named(case):
    return case.name


def trace_of(case, built):
    module, loss, optimizer = built
    options = {"epochs": case.epochs, "batch_size": case.batch_size}
    return run(from_module(module, loss=loss, optimizer=optimizer, X=case.x, y=case.y, **options))


def largest_difference(trace, updates):
    """The largest |ours − theirs| / max(1, |theirs|) over every number of every update."""
    assert trace.updates == len(updates)
    worst = 0.0
    for number, theirs in enumerate(updates):
        visits = list(trace.visits_of(number))
        for name, values in theirs.items():
            # PyTorch has no biases where there are none, and no ŷ where the loss takes logits.
            for ours, value in zip(ours_of(trace, name, number, visits), values, strict=False):
                their = np.array(value)
                assert np.shape(ours) == their.shape, name
                worst = max(worst, float(np.max(np.abs(ours - their) / np.maximum(1, abs(their)))))
    return worst


def ours_of(trace, name, number, visits):
    if name == "loss":
        return trace.loss[visits]
    if name.startswith("state."):
        _, variable, kind = name.split(".")
        return [values[number + 1] for values in trace.state[variable][kind]]
    if name.endswith("_after"):
        return [values[number + 1] for values in getattr(trace, name.removesuffix("_after"))]
    index = number if name.startswith("grad") else visits
    return [values[index] for values in getattr(trace, name)]


@pytest.mark.parametrize("number", range(len(STORED)), ids=lambda k: STORED[k].name)
def test_stored_numbers_of_torch(number):
    stored = json.loads((NUMBERS / f"{number}.json").read_text(encoding="utf-8"))
    case = STORED[number]
    assert stored["case"] == case.name
    trace = trace_of(case, build(case, nn, optim, standins.put))
    assert largest_difference(trace, stored["updates"]) <= TOLERANCE


@needs_torch
@pytest.mark.parametrize("number", range(len(STORED)), ids=lambda k: STORED[k].name)
def test_the_stored_numbers_are_torchs(number):
    from pytorch.reference import made, record

    stored = json.loads((NUMBERS / f"{number}.json").read_text(encoding="utf-8"))
    trace = trace_of(STORED[number], made(STORED[number]))
    for updates in (stored["updates"], record(STORED[number])):
        assert updates[0].keys() == stored["updates"][0].keys()
        assert largest_difference(trace, updates) <= TOLERANCE


@needs_torch
@each("case", TABLE)
def test_every_number_is_torchs(case):
    from pytorch.reference import made, record

    assert largest_difference(trace_of(case, made(case)), record(case)) <= TOLERANCE


@needs_torch
def test_weights_in_float32_are_taken_as_they_are():
    import torch

    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    X, y = torch.rand(4, 2), torch.rand(4)
    loss = torch.nn.MSELoss()
    made = from_module(module, loss=loss, optimizer=optimizer, X=X, y=y, epochs=1)
    weight = module[0].weight.detach().double().numpy()
    assert np.array_equal(np.array(made.init.weights[0]), weight.T)
    assert np.array_equal(made.dataset.x, X.double().numpy())


@needs_torch
def test_the_stand_ins_have_torchs_options():
    import torch

    layer = torch.nn.Linear(1, 1)
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad"):
        theirs = getattr(torch.optim, name)(layer.parameters()).param_groups[0]
        ours = getattr(optim, name)([standins.Tensor(0.0)]).param_groups[0]
        same = {key: ours[key] == theirs[key] for key in ours.keys() - {"params"}}
        assert all(same.values()), (name, same)


def test_nothing_imports_torch():
    code = "import sys, tracer, tracer.interop.torch; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def linear(n_in=2, n_out=1, **options):
    return nn.Linear(n_in, n_out, **options)


def import_(*steps, loss=None, optimizer=None, rule="SGD", y=None, **options):
    module = nn.Sequential(*steps)
    X = np.arange(8.0).reshape(4, 2)
    y = np.array([0.0, 1.0, 1.0, 0.0]) if y is None else np.array(y)
    optimizer = optimizer or getattr(optim, rule)(module.parameters(), **options)
    return from_module(
        module, loss=loss or nn.MSELoss(), optimizer=optimizer, X=X, y=y, epochs=1, title="t"
    )


def frozen(layer, kind):
    getattr(layer, kind).requires_grad = False
    return layer


SHARED = linear(2, 2)
REFUSED = [
    ("layer 3: Dropout is not supported", (linear(2, 3), nn.ReLU(), nn.Dropout(), linear(3)), {}),
    ("layer 3: Tanh directly after relu", (linear(2, 3), nn.ReLU(), nn.Tanh(), linear(3)), {}),
    ("layer 1: expected a dense layer first, found ReLU", (nn.ReLU(), linear()), {}),
    ("layer 2: expected 3 inputs", (linear(2, 3), linear(2)), {}),
    (
        "layer 2: LeakyReLU with negative_slope = 0.2",
        (linear(), nn.LeakyReLU(negative_slope=0.2)),
        {},
    ),
    ("layer 2: ELU with alpha = 2.0", (linear(), nn.ELU(alpha=2.0)), {}),
    ("layer 2: Softplus with beta = 2.0", (linear(), nn.Softplus(beta=2.0)), {}),
    ("layer 2: GELU with approximate = tanh", (linear(), nn.GELU(approximate="tanh")), {}),
    ("layer 2: Softmax with dim = 0", (linear(2, 2), nn.Softmax(dim=0)), {}),
    ("layer 1: expected a bias that is trained", (linear(2, 3, bias=False), linear(3)), {}),
    ("layer 1: its weight is not trained", (frozen(linear(), "weight"),), {}),
    ("layer 2: its weight is shared with layer 1", (SHARED, SHARED), {}),
    ("module: expected at least one Linear", (nn.Identity(),), {"optimizer": 1}),
    ("loss: L1Loss is not supported", (linear(),), {"loss": nn.L1Loss()}),
    ("loss: the class MSELoss (pass an instance", (linear(),), {"loss": nn.MSELoss}),
    ("loss: 'mse' is not supported", (linear(),), {"loss": "mse"}),
    ("loss: MSELoss with reduction = none", (linear(),), {"loss": nn.MSELoss(reduction="none")}),
    ("layer 1: BCELoss takes the output of sigmoid", (linear(),), {"loss": nn.BCELoss()}),
    (
        "layer 1: BCEWithLogitsLoss takes logits",
        (linear(), nn.Sigmoid()),
        {"loss": nn.BCEWithLogitsLoss()},
    ),
    (
        "layer 1: CrossEntropyLoss takes logits",
        (linear(2, 2), nn.Softmax(dim=1)),
        {"loss": nn.CrossEntropyLoss(), "y": [0, 1, 1, 0]},
    ),
    (
        "loss: CrossEntropyLoss with label_smoothing = 0.1",
        (linear(2, 2),),
        {"loss": nn.CrossEntropyLoss(label_smoothing=0.1), "y": [0, 1, 1, 0]},
    ),
    (
        "loss: BCEWithLogitsLoss with pos_weight = a Tensor",
        (linear(),),
        {"loss": nn.BCEWithLogitsLoss(pos_weight=standins.Tensor([2.0]))},
    ),
    (
        "y: expected classes from 0 to 1, found 2 in row 3",
        (linear(2, 2),),
        {"loss": nn.CrossEntropyLoss(), "y": [0, 1, 2, 0]},
    ),
    ("y: expected an array of targets", (linear(),), {"y": 5}),
    ("y: expected an array of targets, found", (linear(),), {"y": []}),
    (
        "loss: BCEWithLogitsLoss with reduction = mean over 2 outputs",
        (linear(2, 2),),
        {"loss": nn.BCEWithLogitsLoss(), "y": np.eye(2)[[0, 1, 1, 0]]},
    ),
    ("optimizer: Adadelta is not supported", (linear(),), {"rule": "Adadelta"}),
    ("optimizer: SGD with dampening = 0.1", (linear(),), {"dampening": 0.1, "momentum": 0.5}),
    ("optimizer: SGD with maximize = True", (linear(),), {"maximize": True}),
    ("optimizer: SGD with weight_decay = 0.1 of biases", (linear(),), {"weight_decay": 0.1}),
    ("optimizer: SGD with a learning-rate scheduler", (linear(),), {"initial_lr": 0.1}),
    ("optimizer: Adam with amsgrad = True", (linear(),), {"rule": "Adam", "amsgrad": True}),
    ("optimizer: RMSprop with centered = True", (linear(),), {"rule": "RMSprop", "centered": True}),
    ("optimizer: Adagrad with lr_decay = 0.1", (linear(),), {"rule": "Adagrad", "lr_decay": 0.1}),
    ("optimizer: 1 of its parameters", (linear(),), {"optimizer": optim.SGD([standins.Tensor(0)])}),
    ("training.learning_rate: expected a number above 0", (linear(),), {"lr": 0.0}),
    ("layers[1].units: expected 1 unit", (linear(2, 2),), {}),
]


@each(("named", "steps", "options"), REFUSED)
def test_what_cannot_be_expressed_is_refused_by_name_and_place(named, steps, options):
    with pytest.raises(ExperimentError) as caught:
        import_(*steps, **options)
    assert str(caught.value).startswith(named)


def test_a_module_of_ones_own_is_refused():
    class Linear:
        pass

    with pytest.raises(ExperimentError, match=r"^layer 1: Linear is not supported"):
        import_(Linear(), optimizer=optim.SGD([standins.Tensor(0)]))
    with pytest.raises(ExperimentError, match=r"^module: expected an nn\.Sequential, found Linear"):
        from_module(Linear(), loss=nn.MSELoss(), optimizer=None, X=[[1]], y=[1], epochs=1)


def test_an_optimizer_that_has_made_steps_is_refused():
    layer = linear()
    for state in ({"step": 3.0}, {"momentum_buffer": 0.0}):
        optimizer = optim.SGD([layer.weight, layer.bias])
        optimizer.state[layer.weight] = state
        with pytest.raises(ExperimentError, match="found one that has made steps"):
            import_(layer, optimizer=optimizer)


def test_groups_must_agree():
    layer = linear()
    weights, biases = {"params": [layer.weight]}, {"params": [layer.bias]}
    with pytest.raises(ExperimentError, match=r"SGD with different lr \(0.001 and 0.5\)"):
        import_(layer, optimizer=optim.SGD([weights, {**biases, "lr": 0.5}]))
    with pytest.raises(ExperimentError, match="different weight_decay of weights and biases"):
        import_(layer, optimizer=optim.AdamW([weights, {**biases, "weight_decay": 0.0}]))
    made = import_(layer, optimizer=optim.SGD([{**weights, "weight_decay": 0.1}, biases]))
    assert made.training.l2 == 0.1


def test_biases_that_are_not_trained_keep_their_values():
    missing, kept = import_(linear(bias=False)), linear()
    kept.bias = standins.Tensor([2.0], requires_grad=False)
    present = import_(kept)
    assert (missing.training.train_biases, present.training.train_biases) == (False, False)
    assert (missing.init.biases, present.init.biases) == (((0.0,),), ((2.0,),))
    assert import_(linear()).training.train_biases


def test_names_and_classes_come_from_the_data():
    import pandas as pd

    frame = pd.DataFrame({"sun": [0.0, 1.0], "rain": [1.0, 0.0]})
    layer = linear(2, 2)
    options = {"optimizer": optim.SGD([layer.weight, layer.bias]), "epochs": 1}
    kind = pd.Series([0, 1], name="kind")
    made = from_module(layer, loss=nn.CrossEntropyLoss(), X=frame, y=kind, **options)
    assert made.dataset.input_names == ("sun", "rain")
    assert (made.dataset.target_names, made.dataset.classes) == (("kind",), (0, 1))
    arrays = from_module(layer, loss=nn.CrossEntropyLoss(), X=[[0, 1], [1, 0]], y=[0, 1], **options)
    assert arrays.dataset.input_names == ("x1", "x2")
    assert case("relu", "bce mean", "sgd").y.shape == (7, 1)
