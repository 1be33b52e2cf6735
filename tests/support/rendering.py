"""Walkthroughs rendered once and shared by the tests of what is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from sharing import shared
from tracer.experiment import Experiment, load_experiment
from tracer.reread import PrintedLine, check_pages
from tracer.studies.model import Studies
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import render_pages

DEFAULT = "mini2d"
PLANE = {
    "columns": ["u", "v", "t"],
    "rows": [[0.5, -1.25, 0], [1.5, 0.75, 1], [-0.25, 2, 1], [0, 0, 0]],
    "train": 3,
}
PAIR = {
    "columns": ["u", "v", "p", "q"],
    "rows": [[0.5, -1.25, 0.3, -0.7], [1.5, 0.75, 1.2, 0.4]],
    "target": ["p", "q"],
    "task": "regression",
}
CLASSES = {
    "columns": ["u", "v", "t"],
    "rows": [[0.5, -1.25, "a"], [1.5, 0.75, "b"], [-0.25, 2, "c"]],
}

SOME = [2, 4]
"""Of ``PLANE``, a row to learn from, the last of a batch of one or two, and one to predict."""
FAR = 900.0
"""So large that e to the power of it is no float64: a function has only its limits left."""


def layers(*pairs: tuple[int, str]) -> list[dict[str, Any]]:
    """The layers of an experiment from (units, activation) pairs."""
    return [{"units": units, "activation": activation} for units, activation in pairs]


def drawn(seed: int = 3, **keys: Any) -> dict[str, Any]:
    """Starting values on a grid of two decimals."""
    return {"init": {"seed": seed, "decimals": 2, **keys}}


def given(*weights: Any, biases: Any = "zeros") -> dict[str, Any]:
    """Starting values that are listed."""
    return {"init": {"scheme": "given", "weights": list(weights), "biases": biases}}


def training(loss: str = "", **keys: Any) -> dict[str, Any]:
    """One epoch of training, with what is said about it."""
    named = {"loss": loss} if loss else {}
    return {"training": {"epochs": 1, **named, **keys}}


def hidden(activation: str, furthest: float = 1.0, **keys: Any) -> dict[str, Any]:
    """A small network with three hidden units of one activation, and a binary answer.

    Its starting values lie between −``furthest`` and ``furthest``.
    """
    return {
        "data": PLANE,
        "layers": layers((3, activation), (1, "sigmoid")),
        **drawn(low=-furthest, high=furthest),
        **training(**{"epochs": 2, **keys}),
        "pages": {"epochs": [2], "rows": SOME},
    }


def saturated(z: float) -> dict[str, Any]:
    """A sigmoid whose weighted sum is ``z`` or −``z``, and a twentieth of it for the last rows."""
    return {
        "data": {
            "columns": ["u", "t"],
            "rows": [[1, 0], [-1, 1], [1, 1], [-1, 0], [0.05, 0], [-0.05, 1]],
        },
        "layers": layers((1, "sigmoid")),
        **given([[z]]),
        **training(learning_rate=0.25, batch_size="all"),
    }


def optimized(name: str, activation: str = "tanh", **keys: Any) -> dict[str, Any]:
    """A small network that one of the optimizers trains for two epochs."""
    return {
        "data": PLANE,
        "layers": layers((2, activation), (1, "sigmoid")),
        **drawn(4),
        **training(optimizer=name, epochs=2, **keys),
        "pages": {"epochs": [2]},
    }


def few(document: dict[str, Any], **pages: Any) -> dict[str, Any]:
    """The same experiment with pages for some of its rows."""
    return {**document, "pages": {**document["pages"], "rows": SOME, **pages}}


def line_through(rows: Sequence[Sequence[float]], weight: float, **keys: Any) -> dict[str, Any]:
    """Identity regression on one input."""
    return {
        "data": {"columns": ["u", "t"], "rows": rows, "task": "regression"},
        "layers": layers((2, "identity"), (1, "identity")),
        **given([[weight, -0.5]], [[0.25], [1.5]], biases=[[0.125, 0], [-1]]),
        **training("half_squared_error", **keys),
    }


EXPERIMENTS: dict[str, dict[str, Any]] = {
    "batch of 4 of 10, l2": {
        "data": {
            "columns": ["u", "v", "t"],
            "rows": [[k / 4, (k * k) % 7 / 3, int(k in (1, 4, 8))] for k in range(10)],
        },
        "layers": layers((2, "relu"), (1, "sigmoid")),
        **drawn(5),
        **training(batch_size=4, l2=0.03),
        "pages": {"epochs": [1], "rows": [3, 4, 10]},
    },
    "l2 a batch": {
        "data": PLANE,
        "layers": layers((2, "sigmoid"), (1, "sigmoid")),
        **drawn(),
        **training(batch_size=2, l2=0.7, l2_per_batch=True),
    },
    "l2, one sample": {
        "data": PLANE,
        "layers": layers((2, "tanh"), (1, "sigmoid")),
        **drawn(),
        **training(l2=0.01, l2_per_batch=True, train_biases=False),
        "pages": {"rows": SOME},
    },
    "column": {
        "data": PLANE,
        "layers": layers((3, "relu"), (2, "tanh"), (1, "sigmoid")),
        **drawn(1),
        **training(batch_size=2),
        "notation": {"convention": "column"},
        "pages": {"rows": SOME},
    },
    "multiclass": {
        "data": CLASSES,
        "layers": layers((2, "relu"), (3, "softmax")),
        **drawn(2),
        **training(epochs=2),
        "pages": {"epochs": [1, 2], "rows": [2, 3]},
    },
    "logits of 1000": {
        "data": CLASSES,
        "layers": layers((3, "softmax")),
        **given([[1000, 990, -1000], [500, 1, 2.5]]),
        **training(learning_rate=0.1),
        "pages": {"rows": [1, 3]},
    },
    "multilabel": {
        "data": {**PAIR, "rows": [[0.5, -1.25, 0, 1], [1.5, 0.75, 1, 1]], "task": "multilabel"},
        "layers": layers((2, "relu"), (2, "sigmoid")),
        **drawn(4),
        **training("binary_cross_entropy"),
    },
    "saturated at 800": saturated(800.0),
    "zeros at relu": {
        "data": {"columns": ["u", "v", "t"], "rows": [[1, -1, 0], [0, 0, 1], [0.5, 0.5, 1]]},
        "layers": layers((3, "relu"), (2, "relu"), (1, "sigmoid")),
        **given(
            [[0.5, 1, -1], [0.5, 2, -1]],
            [[0.3, 0], [1, 0], [0.1, 0]],
            [[0.25], [0.5]],
            biases=[[0, 1, 0], [-0.5, 0], [0]],
        ),
        **training(),
        "pages": {"rows": [1, 2]},
    },
    "gelu, far out": hidden("gelu", 30.0, loss="mean_squared_error"),
    "mean squared error": {
        "data": PAIR,
        "layers": layers((2, "tanh"), (2, "identity")),
        **drawn(),
        **training("mean_squared_error"),
    },
    "squared error": {
        "data": PAIR,
        "layers": layers((2, "sigmoid"), (2, "tanh")),
        **drawn(6),
        **training("squared_error", batch_size=2),
    },
    "tiny data": line_through([[1e-9, 2e-9], [3e-9, -1e-9]], 0.75),
    "large data": line_through([[1e7, 2e7], [3e7, -1e7]], 0.75, learning_rate=1e-15),
    "mixed sizes": line_through([[1e7, 2e-7], [3e-9, -1e7]], 0.75, learning_rate=1e-17),
    "diverging": line_through([[3, 1], [-2, 4], [5, -7]], 2.0, epochs=7, learning_rate=40.0)
    | {"pages": {"epochs": [1, 7], "rows": [1, 3]}},
    "diverging relu": {
        "data": {**PLANE, "task": "regression"},
        "layers": layers((2, "relu"), (1, "identity")),
        **drawn(2),
        **training("squared_error", epochs=9, learning_rate=1e30),
        "pages": {"epochs": [1, 2, 5], "rows": SOME},
    },
    "diverging classes": {
        "data": CLASSES,
        "layers": layers((2, "identity"), (3, "softmax")),
        **drawn(2),
        **training(epochs=6, learning_rate=1e80),
        "pages": {"epochs": [1, 2], "rows": [1, 3]},
    },
    "two decimals": few(optimized("nesterov", "softplus"), decimals=2),
    "eight decimals": few(optimized("nesterov", "silu", velocity="step", momentum=0.5), decimals=8),
    "16 digits given": {
        "data": PLANE,
        "layers": layers((2, "silu"), (1, "sigmoid")),
        **given(
            [[0.1234567890123456, -0.9876543210987654], [0.3333333333333333, 0.7071067811865476]],
            [[1.414213562373095], [-2.718281828459045]],
            biases=[[0.1, -0.2], [0.5772156649015329]],
        ),
        **training(batch_size="all", reduction="sum", l2=0.1),
        "pages": {"rows": [1, 3]},
    },
    "cancelling": {
        "data": {"columns": ["u", "v", "w", "t"], "rows": [[0.1, 0.2, 0.3, 1], [0.7, 0.1, 0.8, 0]]},
        "layers": layers((2, "relu"), (1, "sigmoid")),
        **given([[1, 1], [1, 1], [-1, -1]], [[0.5], [-0.5]], biases=[[0, 0.1], [0]]),
        **training(),
    },
    "noise of computed numbers": {
        "data": {
            "columns": ["u", "v", "t"],
            "rows": [[0.1, 0.2, 1], [0.7, 0.1, 0], [0.3, 0.6, 1], [1.1, 2.2, 0]],
            "task": "regression",
        },
        "layers": layers((3, "identity"), (2, "tanh"), (1, "identity")),
        **given(
            [
                [0.3183098861837907, 0, 0.3183098861837907],
                [0, 0.3678794411714423, 0.3678794411714423],
            ],
            [[1, 0.3], [1, 0.3], [-1, -0.3]],
            [[0.75], [-1.25]],
        ),
        **training("half_squared_error", batch_size="all"),
        "pages": {"rows": SOME},
    },
    "softmax inside": {
        "data": PLANE,
        "layers": layers((3, "softmax"), (2, "tanh"), (1, "sigmoid")),
        **drawn(8),
        **training(),
        "pages": {"epochs": [1], "rows": SOME},
    },
    "squared error on softmax": {
        "data": CLASSES,
        "layers": layers((2, "relu"), (3, "softmax")),
        **drawn(9),
        **training("half_squared_error", optimizer="adagrad"),
        "pages": {"rows": [1, 3]},
    },
    "momentum": few(optimized("momentum", batch_size=2)),
    "momentum by steps": few(optimized("momentum", "elu", velocity="step", l2=0.1)),
    "rmsprop": few(optimized("rmsprop", momentum=0.3, batch_size="all"), rows=[3]),
    "adam": few(optimized("adam", learning_rate=0.001), rows=[1, 4]),
    "adam, uncorrected": few(
        optimized("adam", "gelu", epsilon_placement="uncorrected", epsilon=0.5)
    ),
    "adamw": few(optimized("adamw", weight_decay=0.2, batch_size=2)),
    "rate by steps": hidden("silu", FAR, schedule="step", every=1),
    "rate falls": hidden("elu", FAR, optimizer="momentum", schedule="exponential", batch_size=2),
    "rate by the root": hidden("tanh", 60.0, optimizer="adam", schedule="invscaling"),
    "adaptive rate": hidden("softplus", FAR, schedule="adaptive"),
    "rate by a power": few(
        optimized("sgd", "leaky_relu", schedule="invscaling", power_t=0.3, l2=0.1)
    ),
}
"""Experiments that lead a page to what is hard to print; each to more than one thing at once."""

#: Those whose walkthrough has the explorer's page too. In the others it would repeat the lines of
#: a cycle's page: in these it does so in every form, and with every kind of number.
EXPLORED = frozenset(
    [
        *(DEFAULT, "batch of 4 of 10, l2", "l2 a batch", "column", "multiclass"),
        *("logits of 1000", "zeros at relu", "mean squared error", "diverging classes"),
        *("16 digits given", "softmax inside", "adam, uncorrected", "rate by a power"),
    ]
)


@cache
def trace_of(name: str) -> Trace:
    """The trace of the built-in example, or of one of the experiments."""
    if name == DEFAULT:
        path = files("tracer") / "examples" / f"{DEFAULT}.toml"
        return run(load_experiment(str(path)))
    return run(Experiment.from_mapping({"title": name, **EXPERIMENTS[name]}))


@cache
def studies_of(name: str) -> Studies:
    """The runs that its pages compare it with."""
    return study(trace_of(name))


@cache
def walkthrough(name: str, math: str = "mathml") -> dict[str, str]:
    """The Markdown pages of its walkthrough by their path."""
    trace = trace_of(name)
    return pages_of(trace if name in EXPLORED else unexplored(trace), math)


@cache
def checked(name: str, math: str = "mathml") -> dict[str, list[PrintedLine]]:
    """Every line of its walkthrough, read and judged, once in a run."""
    found: dict[str, list[PrintedLine]] = shared(
        f"checked {math} {name}", lambda: check_pages(walkthrough(name, math), decimals_of(name))
    )
    return found


def unexplored(trace: Trace) -> Trace:
    """The same run, if its pages include no explorer."""
    experiment = trace.experiment
    pages = experiment.pages.model_copy(update={"explore": ()})
    return replace(trace, experiment=replace(experiment, pages=pages))


def pages_of(trace: Trace, math: str = "mathml", studies: Studies | None = None) -> dict[str, str]:
    """The Markdown pages of an unspoiled trace, without the proofs, by their path.

    They are rendered once in a run, whichever tests and processes ask for them.
    """
    told = json.dumps(trace.experiment.to_mapping(), sort_keys=True)
    pages: dict[str, str] = shared(
        f"pages {math} {told}", lambda: _rendered(trace, studies or study(trace), math)
    )
    return pages


def _rendered(trace: Trace, studies: Studies, math: str) -> dict[str, str]:
    rendered = render_pages(trace, studies, math=math, proofs=False)
    return {path: text for path, text in rendered.items() if path.endswith(".md")}


def decimals_of(name: str) -> int:
    """How many digits after the point its pages show."""
    return trace_of(name).experiment.pages.decimals


def lines_in(text: str) -> int:
    """How many printed lines stand in a page, counted without reading them."""
    return len(re.findall(r'class="tr-line"', text))
