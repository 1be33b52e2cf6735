"""Every word that a picture says, drawn or read aloud, stands in the catalog of messages.

As with pages: pictures are drawn in a language made of the catalog in which no English letter is
left. What the author would name is in other letters already.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from babel.messages.extract import extract_from_dir

from each import each
from messages import Pseudo, english
from pictures import MINI_X, MINI_Y, MODES, TEMPLATES, Source, fake_trace, half
from tracer.pictures import (
    Picture,
    Series,
    agreement_picture,
    data_picture,
    dial_picture,
    draw,
    heat_picture,
    loss_picture,
    network_picture,
    series_picture,
    slope_picture,
)
from tracer.writing.language import Language
from tracer.writing.templating import environment

#: What stands for no number.
NAMES = frozenset(["nan"])
LETTERS = ("ж", "щ", "ю", "я")
EPOCHS = np.arange(1.0, 41.0)


def _network(sizes: tuple[int, ...], mode: Any, change: Callable[[float], float] = float) -> Any:
    source = Source(change)
    return network_picture(
        sizes,
        source.number,
        mode=mode,
        inputs=["ж"] * sizes[0],
        outputs=["ю"] * sizes[-1],
        activations=["ы"] * (len(sizes) - 1),
        value=source.value,
    )


def _networks() -> dict[str, Any]:
    found: dict[str, Any] = {mode: _network((2, 3, 2, 1), mode) for mode in MODES}
    for mode in MODES:
        found[f"wide {mode}"] = wide = _network((30, 20, 9, 2), mode)
        found[f"zeros {mode}"] = _network((2, 2, 1), mode, lambda _: 0.0)
        found[f"one left out {mode}"] = _with_one_left_out(wide)
    return found | {"way": replace(found["structure"], path=(1, 2, 1, 1))}


def _with_one_left_out(picture: Any) -> Any:
    layers = tuple(replace(layer, skipped=min(layer.skipped, 1)) for layer in picture.layers)
    nodes = tuple(replace(node, skipped=min(node.skipped, 1)) for node in picture.nodes)
    clipped = tuple((layer, 1) for layer, _ in picture.clipped)
    return replace(picture, layers=layers, nodes=nodes, clipped=clipped)


def _trace(x: Any, y: Any, answer: Callable[[np.ndarray], Any], task: str, **more: Any) -> Any:
    inputs, outputs = LETTERS[: len(x[0])], LETTERS[: len(y[0])]
    names: dict[str, Any] = {"inputs": inputs, "targets": outputs, "outputs": outputs}
    return fake_trace(x, y, answer, task=task, **names, **more)


def _classes(points: np.ndarray) -> Any:
    return np.exp(points @ [[1, 0, -1], [0, 1, 0]])


def _first(points: np.ndarray) -> Any:
    return np.tile([0.8, 0.1, 0.1], (len(points), 1))


def _lost(points: np.ndarray) -> Any:
    return np.full((len(points), 1), math.nan)


def _data() -> dict[str, Any]:
    x, y, soft = [[0, 0], [1, 0], [1, 1]], np.eye(3), {"activation": "softmax"}
    line = ([[0], [1], [2]], [[0], [1], [4]], lambda p: p**2)
    traces = {
        "plane": _trace(MINI_X, MINI_Y, half, "binary", train=8),
        "classes": _trace(x, y, _classes, "multiclass", **soft),
        "labels": _trace(x, y[:, :2], lambda p: 0.8 - 0.6 * p, "multilabel"),
        "one class": _trace(x, y, _first, "multiclass", **soft),
        "no line": _trace(x, y[:, :2], lambda p: 0.8 + 0 * p, "multilabel"),
        "values": _trace(MINI_X, MINI_Y, half, "regression", train=8),
        "line": _trace(*line, "regression"),
        "half": _trace([[0], [1]], [[0], [1]], lambda p: p / 2, "binary", train=1),
        "lost": _trace(MINI_X, MINI_Y, _lost, "binary", train=8),
    }
    found: dict[str, Any] = {
        f"{name} {boundary}": data_picture(trace, boundary=boundary, decimals=4)
        for name, trace in traces.items()
        for boundary in (True, False)
    }
    many = np.linspace(0, 1, 600)[:, None]
    found["many rows"] = data_picture(
        _trace(many, many, lambda p: p, "regression"), boundary=False, decimals=4
    )
    found["beyond"] = replace(found["line True"], beyond=True)
    found["many classes"] = replace(found["classes False"], categories=("ж",) * 13)
    found["one row"] = replace(found["line False"], twin=found["line False"].twin[:1])
    found["lost line"] = replace(found["line False"], lost=True, keys=())
    return found


def _agreements() -> dict[str, Any]:
    x = np.eye(4)[:, :2]
    trace = _trace(x, x, lambda p: p / 2, "regression")
    two = agreement_picture(trace, decimals=4)
    assert two is not None
    rows = {"one": (1,), "some": (1, 2), "many": tuple(range(1, 30))}
    found = {name: replace(two, missing=told, beyond=told) for name, told in rows.items()}
    return found | {"agreement": two, "nothing": replace(two, markers=())}


def _losses() -> dict[str, Any]:
    curves = {
        "loss": np.linspace(2, 0.1, 50),
        "log": np.geomspace(2, 1e-7, 50),
        "one epoch": np.array([1.0]),
        "diverged": np.array([1.0, 2.0, np.inf]),
        "lost": np.array([np.nan, np.nan]),
    }
    found: dict[str, Any] = {
        name: loss_picture(curve, decimals=4) for name, curve in curves.items()
    }
    values = np.arange(5.0)
    for of in ("loss", "activation"):
        found[f"slope {of}"] = slope_picture(values, values**2, 2.0, 4.0, "ж", decimals=4, of=of)
    for over in ("weight", "share", "miss"):
        marks = [(1.0, 1.0), (3.0, 9.0)]
        found[f"dial {over}"] = dial_picture(values, values**2, marks, over, decimals=4)
    return found


def _series() -> dict[str, Any]:
    with np.errstate(all="ignore"):
        gone = [Series("ж", EPOCHS, 9.0**EPOCHS), Series("щ", EPOCHS, 1e20**EPOCHS)]
    rows = [Series(name, EPOCHS, 0.5 ** (k * EPOCHS)) for k, name in enumerate(("train", "test"))]
    many = [Series(f"ж{k}", EPOCHS, EPOCHS * k, group=1 + k % 2) for k in range(30)]
    sinking = [Series("train", EPOCHS, -y.y) for y in gone]
    never = [Series("train", EPOCHS, EPOCHS * math.nan)]
    runs = {"rows": rows, "gone": gone + rows, "never": never, "many": many, "down": sinking + rows}
    found = {
        f"{name} {kind}": series_picture(curves, kind, decimals=4)
        for kind in ("accuracy", "error", "parameters", "rates")
        for name, curves in runs.items()
    }
    steps = [
        Series(name, EPOCHS, np.sin(EPOCHS * k)) for k, name in enumerate(("slope", "step"), 1)
    ]
    found["steps"] = series_picture(steps, "steps", decimals=4)
    for kind in ("batches_by_epoch", "batches_by_update"):
        for name in ("gone", "never", "rows"):
            found[f"{name} {kind}"] = series_picture(runs[name], kind, decimals=4)
    exits = found["gone rates"].exits
    upside_down = tuple(replace(one, up=False) for one in exits)
    found["out below"] = replace(found["gone rates"], exits=upside_down)
    one = replace(found["many parameters"], strands=found["many parameters"].strands[:1])
    return found | {"one in a group": one}


def _heats() -> dict[str, Any]:
    values = {
        "matrix": np.arange(-3.0, 3.0).reshape(2, 3),
        "vector": np.arange(36.0),
        "one": np.array([0.0]),
        "many": np.zeros((200, 130)),
        "lost": np.array([1.0, math.nan]),
        "all lost": np.full(3, math.inf),
    }
    return {
        f"heat {name} {which}": heat_picture(array, name, 1, lambda _: "ж", decimals=4)
        for name in ("x", "W", "z", "a", "dL_dz", "dL_dW")
        for which, array in values.items()
    }


@cache
def _pictures() -> dict[str, Any]:
    found = {**_networks(), **_data(), **_agreements(), **_losses(), **_series(), **_heats()}
    return {name: picture for name, picture in found.items() if picture is not None}


@cache
def _told() -> tuple[dict[str, str], frozenset[str]]:
    """Each picture in the made language, and the messages that were asked for."""
    spoken = Pseudo()
    env = environment(language=Language("xx", spoken))
    told = {name: str(draw(env, picture, id="ж")) for name, picture in _pictures().items()}
    return told, frozenset(spoken.asked)


#: The kinds of pictures of tracer itself; other tests register some from outside.
OWN = [kind for kind in Picture.__subclasses__() if kind.__module__.startswith("tracer.")]


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.__name__)
def test_every_kind_of_picture_is_drawn(kind: type[Picture]) -> None:
    assert any(isinstance(picture, kind) for picture in _pictures().values())


@each("name", _pictures)
def test_no_english_word_is_left_in_a_picture_and_its_twin(name: str) -> None:
    assert english(_told()[0][name], NAMES) == []


def test_every_message_of_the_pictures_is_drawn_somewhere() -> None:
    options = {"**.j2": {"trimmed": "true", "newstyle_gettext": "true", "encoding": "utf-8"}}
    keywords: Any = {"gettext": None, "ngettext": (1, 2), "_": None}
    found = extract_from_dir(TEMPLATES / "svg", [("**.j2", "jinja2")], options, keywords)
    messages = {m if isinstance(m, str) else m[0] for _, _, m, _, _ in found}
    assert len(messages) > 100
    assert messages - _told()[1] == set()
