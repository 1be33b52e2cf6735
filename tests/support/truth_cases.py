"""Worked examples with trusted numbers (tests/truth), as the experiment files they stand for.

A case is JSON in the conventions of its README; here it becomes a TOML file with a CSV beside it,
as a user would write them, and what tracer says of the run becomes `computed` of the case again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TRUTH = Path(__file__).parents[1] / "truth"

LOSSES = {
    "half_sse": "half_squared_error",
    "sse": "squared_error",
    "mse": "mean_squared_error",
    "bce": "binary_cross_entropy",
    "cce": "cross_entropy",
}
PLACEMENTS = {"kingma": "corrected", "sklearn": "uncorrected"}
# scikit-learn's default of n_iter_no_change, and how many epochs a run may have beyond its stop.
PATIENCE, BEYOND = 10, 3


@dataclass(frozen=True)
class Case:
    """One case; `document` is its JSON."""

    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def expected(self) -> Mapping[str, Any]:
        return dict(self.document["expected"])

    @property
    def computed(self) -> Mapping[str, Any]:
        return dict(self.expected["computed"])

    @property
    def printed(self) -> Sequence[Mapping[str, Any]]:
        return list(self.expected.get("printed", ()))

    @property
    def from_sklearn(self) -> bool:
        return bool(self.document["category"] == "sklearn")

    @property
    def optimizer(self) -> str:
        """The optimizer's name in an experiment file."""
        given = self.document["optimizer"]
        if given["name"] == "sgd" and given.get("momentum", 0):
            return "nesterov" if given.get("nesterov") else "momentum"
        return str(given["name"])

    @property
    def has_biases(self) -> bool:
        biases = self.document["network"]["biases"]
        assert len({b is None for b in biases}) == 1, "a network with biases in some layers only"
        return biases[0] is not None

    @property
    def tolerance(self) -> tuple[float, float]:
        """(absolute, relative). Mazur's example is held to 1e-12 outright."""
        given = self.document["tolerance"]
        if self.name.startswith("mazur"):
            return 1e-12, 0.0
        prefix = "computed_" if "computed_abs" in given else ""
        return given[f"{prefix}abs"], given[f"{prefix}rel"]

    @property
    def updates_listed(self) -> int:
        """How many updates the case has numbers of."""
        history = self.computed.get("loss_history_first", self.computed.get("loss_history", ()))
        return max(len(self.computed["steps"]), len(history))

    def write(self, folder: Path) -> Path:
        """Write the experiment file and its table; returns the experiment file."""
        header, rows = self._table()
        lines = [",".join(header), *(",".join(_cell(cell) for cell in row) for row in rows)]
        (folder / f"{self.name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        path = folder / f"{self.name}.toml"
        path.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        return path

    def _table(self) -> tuple[list[str], list[list[Any]]]:
        """Header and rows: those to train on, the case's own test, those to train on again.

        The last lets the predictions show what the final network says of the training rows.
        """
        data = self.document["data"]
        targets = self._targets(data["y"], data.get("y_labels"))
        train = [[*x, *y] for x, y in zip(data["X"], targets, strict=True)]
        names = [f"x{k + 1}" for k in range(len(data["X"][0]))]
        names += [f"y{k + 1}" for k in range(len(targets[0]))]
        tested = zip(self.expected.get("test_X", ()), self.expected.get("test_y", ()), strict=True)
        return names, [*train, *([*x, y] for x, y in tested), *train]

    def _targets(self, y: Sequence[Any], labels: Sequence[Any] | None) -> list[list[Any]]:
        return [list(row) for row in y] if labels is None else [[label] for label in labels]

    @property
    def _task(self) -> str:
        outputs = self.document["network"]["layer_sizes"][-1]
        if self.document["loss"]["name"] == "bce":
            return "binary" if outputs == 1 else "multilabel"
        return "multiclass" if self.document["loss"]["name"] == "cce" else "regression"

    def _lines(self) -> Iterator[str]:
        data, network = self.document["data"], self.document["network"]
        header, _ = self._table()
        names = [name for name in header if name.startswith("y")]
        yield f"title = {_toml(self.document['source']['title'])}"
        yield "[data]"
        yield f"path = {_toml(self.name + '.csv')}"
        yield f"target = {_toml(names[0] if len(names) == 1 else names)}"
        yield f"task = {_toml(self._task)}"
        if self._task == "binary":
            yield f"classes = {_toml(self.expected.get('classes', [0, 1]))}"
        yield f"train = {len(data['X'])}"
        for units, activation in zip(
            network["layer_sizes"][1:], network["activations"], strict=True
        ):
            yield "[[layers]]"
            yield f"units = {units}"
            yield f"activation = {_toml(activation)}"
        yield "[init]"
        yield 'scheme = "given"'
        yield f"weights = {_toml(network['weights'])}"
        if self.has_biases:
            yield f"biases = {_toml(network['biases'])}"
        yield "[training]"
        for key, value in self._training().items():
            yield f"{key} = {_toml(value)}"

    def _training(self) -> dict[str, Any]:
        given, rows = self.document["optimizer"], len(self.document["data"]["X"])
        values: dict[str, Any] = {
            "loss": LOSSES[self.document["loss"]["name"]],
            "reduction": self.document["loss"]["reduction"],
            "optimizer": self.optimizer,
            "learning_rate": given["lr"],
            "epochs": self.document["epochs"],
            "batch_size": self.document["batch_size"],
            "l2": given.get("l2", 0.0),
            "l2_per_batch": given.get("l2_scaled_by_batch", False),
            "train_biases": self.document["network"]["train_biases"] and self.has_biases,
        }
        if order := self.document.get("order"):
            values["order"] = [[row + 1 for row in rows_] for rows_ in order]
        if self.expected.get("converged_before_max_iter"):
            # The run has to find its end by itself: it is offered more epochs than it needs.
            values["epochs"] += BEYOND
            values["order"] += [list(range(1, rows + 1))] * BEYOND
            tolerance = self.document["sklearn_params"]["tol"]
            values["stop"] = {"tolerance": tolerance, "patience": PATIENCE}
        return values | self._options()

    def _options(self) -> dict[str, Any]:
        given = self.document["optimizer"]
        if self.optimizer in ("momentum", "nesterov"):
            return {"momentum": given["momentum"]}
        if self.optimizer == "adam":
            return {
                "beta1": given["beta1"],
                "beta2": given["beta2"],
                "epsilon": given["eps"],
                "epsilon_placement": PLACEMENTS[given["variant"]],
            }
        return {}


def cases() -> tuple[Case, ...]:
    """Every case, by its name."""
    found = sorted(TRUTH.glob("*/*.json"))
    return tuple(Case(json.loads(path.read_text(encoding="utf-8"))) for path in found)


def as_step(update: Mapping[str, Any]) -> dict[str, Any]:
    """One update of tracer's JSON, as a step of a case."""
    visits, layers = update["visits"], range(len(update["W"]))
    by_layer = {
        name: [[visit[name][layer] for visit in visits] for layer in layers]
        for name in ("z", "a", "dL_dz")
    }
    step = {
        "epoch": update["epoch"] - 1,
        "batch": update["batch"] - 1,
        "indices": [row - 1 for row in update["rows"]],
        **by_layer,
        "loss_per_sample": [visit["loss"] for visit in visits],
        "loss": update["loss"],
        "penalty": update["penalty"],
        "loss_total": update["loss"] + update["penalty"],
        "dW": update["grad_W"],
        "db": update["grad_b"],
        "W_after": update["W_after"],
        "b_after": update["b_after"],
    }
    state = {name: _flat(kinds) for name, kinds in update["state"].items()}
    return step | state | ({"velocity": state["v"]} if set(state) == {"v"} else {})


def _flat(kinds: Mapping[str, Sequence[Any]]) -> list[Any]:
    """W1, b1, W2, b2, …"""
    return [part for pair in zip(kinds["W"], kinds["b"], strict=True) for part in pair]


def differences(
    expected: Any, found: Any, tolerance: tuple[float, float], path: str = ""
) -> list[str]:
    """Where `found` differs from `expected`, which may leave out (null) what is not there.

    Numbers are compared under |found − expected| ≤ abs + rel·|expected|; "nan", "inf" and "-inf"
    by their kind. Of two mappings, `expected` says which keys are looked at.
    """
    if expected is None:
        return []
    if isinstance(expected, Mapping):
        items = [(key, value, found.get(key, "nothing")) for key, value in expected.items()]
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{path}: expected a list of {len(expected)}, found {found!r}"]
        pairs = zip(expected, found, strict=True)
        items = [(index, *pair) for index, pair in enumerate(pairs)]
    else:
        right = _close(expected, found, tolerance)
        return [] if right else [f"{path}: expected {expected!r}, found {found!r}"]
    return [
        text
        for key, value, other in items
        for text in differences(value, other, tolerance, f"{path}.{key}".lstrip("."))
    ]


def _close(expected: Any, found: Any, tolerance: tuple[float, float]) -> bool:
    try:
        a, b = float(expected), float(found)
    except (TypeError, ValueError):
        return bool(expected == found)
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (math.isnan(a) and math.isnan(b))
    return abs(b - a) <= tolerance[0] + tolerance[1] * abs(a)


def at(document: Any, path: str) -> Any:
    """What stands at a path such as "steps.0.W_after.1.0.0"."""
    for part in path.split("."):
        document = document[int(part)] if part.isdigit() else document[part]
    return document


def _cell(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _toml(value: Any) -> str:
    """TOML's text of a value: JSON's, but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
