"""The digits of a picture are those of its page."""

from __future__ import annotations

import inspect
import re

import pytest

from claims import markdown, traced
from tracer.pictures import (
    agreement_picture,
    data_picture,
    loss_picture,
    panels,
    series_picture,
    slope_picture,
)

CLASSES = {
    "data": {"columns": ["u", "v", "t"], "rows": [[0, 1, 0], [1, 0.5, 1], [2, -1, 1]], "train": 2},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "init": {"seed": 3},
    "training": {"epochs": 3},
}
NUMBERS = {
    **CLASSES,
    "data": {"columns": ["u", "t"], "rows": [[0, 0.5], [1, 0.25], [2, 3]], "task": "regression"},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "identity"}],
}
WIDE = {
    **NUMBERS,
    "data": {
        "columns": ["u", "v", "w", "t"],
        "rows": [[0, 1, 2, 0.5], [1, 1, 0, 0.25]],
        "task": "regression",
    },
}
TWIN = re.compile(r'class="tr-twin".*?</(?:details|section)>', re.DOTALL)
FRACTION = re.compile(r"(?<![\d.])(?:0\.(?=[1-9])|[1-9]\d*\.)(\d+)")


@pytest.mark.parametrize(
    "builder",
    [agreement_picture, data_picture, loss_picture, panels, series_picture, slope_picture],
)
def test_no_picture_has_digits_of_its_own(builder):
    decimals = inspect.signature(builder).parameters["decimals"]
    assert decimals.default is inspect.Parameter.empty


@pytest.mark.parametrize("decimals", [2, 7])
@pytest.mark.parametrize("document", [CLASSES, NUMBERS, WIDE], ids=["classes", "numbers", "wide"])
@pytest.mark.parametrize("slug", ["tools", "tools/derivatives", "epochs", "trained", "predictions"])
def test_a_picture_shows_the_digits_of_its_page(document, slug, decimals):
    trace = traced({**document, "pages": {"decimals": decimals}})
    twins = "".join(TWIN.findall(markdown(trace, slug)))
    digits = {len(found) for found in FRACTION.findall(twins)}
    assert digits <= ({1, 2, 3} if decimals == 2 else {1, 2, decimals})
    if slug == "epochs" or (slug != "tools" and document is not CLASSES and twins):
        assert decimals in digits or decimals == 2


SEVERAL = {
    "data": {
        "columns": ["u", "v", "p", "q"],
        "rows": [[0, 1, 1, 1], [1, 0.5, 1, 1]],
        "target": ["p", "q"],
        "task": "multilabel",
    },
    "layers": [{"units": 2, "activation": "sigmoid"}],
    "training": {"epochs": 1},
}


@pytest.mark.parametrize(("bias", "drawn"), [(9.0, False), (0.0, True)])
def test_lines_are_told_where_some_are_drawn(bias, drawn):
    weights = [[[0.5, 1.0], [-1.0, 0.25]]]
    start = {"scheme": "given", "weights": weights, "biases": [[bias, bias]]}
    trace = traced({**SEVERAL, "init": start})
    assert bool(data_picture(trace, boundary=True, decimals=4).curves) == drawn
    page = markdown(trace, "trained")
    assert ("Lines show where an output" in page) == drawn
    assert ("Each line is where one of" in page) == drawn
    assert page.count("so no line is drawn") == (0 if drawn else 2)
