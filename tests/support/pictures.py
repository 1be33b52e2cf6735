"""Pictures for the tests: networks, data and what is checked of each drawing."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tracer.experiment.dataset import Dataset
from tracer.notation import Number
from tracer.numerals import show
from tracer.pictures import (
    NetworkPicture,
    draw,
    network_picture,
)
from tracer.pictures.plot.geometry import Box, Label
from tracer.writing.templating import environment

ENV = environment()
TEMPLATES = Path(__file__).parents[2] / "templates"
SIZES = [
    (1, 1),
    (2, 1),
    (2, 2, 2),
    (2, 3, 2, 1),
    (3, 2, 3),
    (4, 3, 4, 3, 1),
    (4, 4),
    (1, 12, 1),
    (12, 1),
    (2, 8, 2),
    (4, 8, 8, 3),
    (5, 3, 5),
    (20, 5, 1),
    (13, 13, 13),
    (1000, 2),
]
MODES = ["structure", "forward", "backward"]
KINDS: dict[str, Callable[[float], float]] = {
    "grid": lambda v: round(v, 2),
    "computed": lambda v: v,
    "tiny": lambda v: v * 1.7e-7,
    "huge": lambda v: v * 1e300,
    "negative": lambda v: -0.12345678,
    "nan": lambda v: math.nan,
}
PHONE = 360


class Source:
    """Numbers that depend on nothing but their name."""

    def __init__(self, change: Callable[[float], float] = lambda v: v) -> None:
        self.change = change
        self.asked: set[tuple[Any, ...]] = set()

    def value(self, name: str, layer: int, *index: int) -> float:
        return self.change(_drawn(name, layer, *index))

    def number(self, name: str, layer: int, *index: int) -> Number:
        self.asked.add((name, layer, *index))
        address = "-".join(map(str, (name, layer, *index)))
        return Number(show(self.value(name, layer, *index), 4), f"#{address}")


@cache
def _drawn(name: str, *index: int) -> float:
    return float(np.random.default_rng([len(name), ord(name[-1]), *index]).uniform(-1, 1))


def network(sizes: Sequence[int], mode: str, kind: str = "computed", **more: Any) -> NetworkPicture:
    source = Source(KINDS[kind])
    return network_picture(
        sizes,
        source.number,
        mode=mode,  # type: ignore[arg-type]
        inputs=more.pop("inputs", [f"a feature {k}" for k in range(1, sizes[0] + 1)]),
        outputs=more.pop("outputs", [f"class {k}" for k in range(1, sizes[-1] + 1)]),
        activations=["leaky_relu"] * (len(sizes) - 2) + ["sigmoid"],
        value=source.value,
        **more,
    )


@dataclass(eq=False)
class Traced:
    """What pictures ask of a trace."""

    experiment: Any
    x: np.ndarray
    y: np.ndarray
    forward: Callable[..., Any]


def fake_trace(
    x: Any,
    y: Any,
    answer: Callable[[np.ndarray], np.ndarray],
    *,
    task: str = "binary",
    activation: str = "identity",
    train: int | None = None,
    **names: Any,
) -> Any:
    """What pictures ask of a trace; ``answer`` maps (n, n_0) to ŷ (n, n_L)."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    rows, first_test = len(x), len(x) if train is None else train
    classes = {"binary": (-1, 1), "multiclass": tuple("abcdefghij"[: y.shape[1]])}.get(task)
    labels: Any = [tuple(row) if len(row) > 1 else row[0] for row in y.tolist()]
    if classes is not None:
        pick = np.argmax(y, axis=1) if y.shape[1] > 1 else y[:, 0].astype(int)
        labels = [classes[k] for k in pick]
    dataset = Dataset(
        input_names=names.get("inputs", tuple(f"in {k}" for k in range(x.shape[1]))),
        target_names=names.get("targets", ("y",)),
        output_names=names.get("outputs", tuple(f"out {k}" for k in range(y.shape[1]))),
        task=task,
        classes=classes,
        x=x,
        y=y,
        labels=tuple(labels),
        train=tuple(range(first_test)),
        test=tuple(range(first_test, rows)),
    )
    layers = (SimpleNamespace(units=y.shape[1], activation=activation),)
    experiment = SimpleNamespace(dataset=dataset, layers=layers)

    def forward(points: np.ndarray, update: int = -1) -> Any:
        found = answer(np.asarray(points))
        return (found,), (found,)

    return Traced(experiment, x, y, forward)


MINI_X = [[0, 0], [1, 0], [1, 1], [2, 0], [3, 1], [3, 2], [2, 3], [3, 3], [0, 1], [0, 2], [1, 3]]
MINI_X += [[2, 2], [3, 1]]
MINI_Y = [[1], [0], [0], [0], [1], [1], [1], [0], [0], [0], [1], [1], [1]]


def half(points: np.ndarray) -> np.ndarray:
    """A plane's boundary through the middle of the data."""
    return 0.5 + 0.3 * (points[:, :1] - 1.5)


def mini(answer: Callable[[np.ndarray], np.ndarray] = half) -> Any:
    return fake_trace(MINI_X, MINI_Y, answer, train=8, inputs=("🌞", "💧"))


def collisions(labels: Iterable[Label]) -> list[tuple[Label, Label]]:
    """Every pair of labels whose boxes overlap."""
    rest = [label for label in labels if label.text]
    boxes = [label.box for label in rest]
    return [
        (rest[i], rest[j])
        for i in range(len(rest))
        for j in range(i + 1, len(rest))
        if boxes[i].overlaps(boxes[j])
    ]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg.replace(" data-search-exclude>", ">"))


def svg_of(picture: Any, **more: Any) -> str:
    return str(draw(ENV, picture, id="pic", **more))


def check_texts(picture: Any, labels: Sequence[Label]) -> None:
    whole = Box(-0.5, -0.5, picture.width + 0.5, picture.height + 0.5)
    outside = [label for label in labels if label.text and not label.box.within(whole)]
    assert not outside
    assert not collisions(labels)


def check_svg(svg: str) -> None:
    assert "\n" not in svg
    assert "\r" not in svg
    root = parsed(svg)
    assert root.tag == "figure"
    drawing = root.find(".//{http://www.w3.org/2000/svg}svg")
    assert drawing is not None
    # What holds links is a group: an image would be one thing that nobody can enter.
    assert drawing.get("role") == ("group" if "<a " in svg else "img")
    assert drawing.get("aria-labelledby") == "pic-title pic-desc"
    ids = [element.get("id", "") for element in root.iter()]
    assert set(filter(None, ids)) - {"pic-net"} == {"pic", "pic-desc", "pic-title"}
    texts = {e.get("id"): "".join(e.itertext()).strip() for e in drawing if e.get("id")}
    assert all(texts[f"pic-{part}"] for part in ("title", "desc"))
