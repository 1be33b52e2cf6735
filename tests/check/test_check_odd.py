"""Ordinary experiments with something missing or something zero pass their own checks."""

from __future__ import annotations

import pytest

from rendering import PLANE, drawn, layers, pages_of, training
from tracer.check.proofs import prove
from tracer.experiment import Experiment
from tracer.training import run

ODD = {
    "zeros with gelu": {
        "layers": layers((2, "gelu"), (1, "sigmoid")),
        "init": {"scheme": "zeros"},
        **training(),
        "pages": {"rows": [2, 4], "explore": []},
    },
    "no pages of cycles": {
        "layers": layers((2, "leaky_relu"), (1, "sigmoid")),
        **drawn(),
        **training(epochs=2),
        "pages": {"epochs": []},
    },
    "overflow": {
        "layers": layers((2, "relu"), (1, "identity")),
        **drawn(2),
        **training("squared_error", epochs=3, learning_rate=1e200),
        "pages": {"rows": [2, 4], "explore": []},
    },
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_experiment_passes(name: str) -> None:
    data = {**PLANE, "task": "regression"} if name == "overflow" else PLANE
    trace = run(Experiment.from_mapping({"title": name, "data": data, **ODD[name]}))
    pages = pages_of(trace)
    wrong = [one for one in prove(trace, pages) if one.applies and not one.ok]
    assert wrong == []
