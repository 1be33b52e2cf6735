"""Seeds are chosen by the training rows alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from networks import experiment
from rendering import trace_of
from tracer.teaching import search

ROOT_OF_LABELS = ((2, 3, 1), ("relu", "sigmoid"), "binary_cross_entropy")


def test_what_the_test_rows_say_has_no_say():
    chosen = experiment(*ROOT_OF_LABELS, epochs=30, train=5)
    data = chosen.dataset
    x, y = data.x.copy(), data.y.copy()
    labels: list[Any] = list(data.labels)
    for row in data.test:
        x[row], y[row], labels[row] = -x[row], 1 - y[row], 1 - labels[row]
    other = replace(chosen, dataset=replace(data, x=x, y=y, labels=tuple(labels)))
    assert search.search(chosen, range(20)) == search.search(other, range(20))


def test_the_seed_of_the_built_in_example_is_the_best_of_its_neighbours():
    chosen = trace_of("mini2d").experiment
    found = search.search(chosen, range(3450, 3511), top=1)
    assert found.best[0].seed == chosen.init.seed
    assert "1 to 6000" in chosen.init.chosen
