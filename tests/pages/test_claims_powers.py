"""A derivative that is raised to a power stands in brackets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from claims import markdown, traced

BASE = {
    "data": {"columns": ["u", "t"], "rows": [[0.5, 1], [-1, 0]]},
    "layers": [{"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 2, "decimals": 2},
}
TRAININGS: list[dict[str, Any]] = [
    {"epochs": 1},
    {"epochs": 1, "optimizer": "adam"},
    {"epochs": 1, "optimizer": "rmsprop", "batch_size": 2},
    {"epochs": 1, "optimizer": "adagrad"},
    {"epochs": 1, "optimizer": "adamw"},
]
RAISED = re.compile(r"<msup>(?=(<mrow><mo>\(</mo>)?(?:<a [^>]*>)?<mfrac[^>]*>)")
FRACTION = r"\frac{\partial"


@pytest.mark.parametrize("training", TRAININGS, ids=[t.get("optimizer", "sgd") for t in TRAININGS])
@pytest.mark.parametrize("errors", ["partial", "delta"])
def test_in_the_site(training, errors):
    trace = traced({**BASE, "training": training, "notation": {"errors": errors}})
    text = markdown(trace, "epoch-1/row-2")
    found = RAISED.findall(text)
    assert found
    assert all(found)


@pytest.mark.parametrize("training", TRAININGS, ids=[t.get("optimizer", "sgd") for t in TRAININGS])
def test_in_latex(training):
    text = markdown(traced({**BASE, "training": training}), "epoch-1/row-2", math="latex")
    raised = 0
    for place in re.finditer(re.escape(FRACTION), text):
        end = _end_of_group(text, _end_of_group(text, place.start() + len(r"\frac")))
        assert not text[end:].lstrip().startswith("^"), text[place.start() : end + 4]
        raised += text[end:].startswith(r"\right)^")
    assert raised


def _end_of_group(text, start):
    depth = 0
    for k in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[k], 0)
        if depth == 0 and text[k] == "}":
            return k + 1
    raise AssertionError(text[start : start + 40])
