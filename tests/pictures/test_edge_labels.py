"""Places of edge labels, compared many at once, are those that one after the other would be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from examples import examples
from tracer.pictures.network import edge_labels
from tracer.pictures.network.edge_labels import Fan

places = st.lists(st.integers(0, 40), min_size=1, max_size=4, unique=True).map(
    lambda found: np.array(sorted(found), dtype=np.float64) * 10
)


@examples(20, HealthCheck.function_scoped_fixture)
@given(st.tuples(places, places), st.booleans(), st.integers(1, 5), st.integers(1, 300))
def test_many_trials_at_once_are_judged_as_each_alone(
    monkeypatch: pytest.MonkeyPatch,
    layers: tuple[np.ndarray, np.ndarray],
    down: bool,
    count: int,
    together: int,
) -> None:
    upper, lower = layers
    rows = upper.size if down else lower.size
    fan, trials = Fan(down, rows, 0.2), np.random.default_rng(count).random((count, rows))
    monkeypatch.setattr(edge_labels, "_AT_ONCE", together)
    found = edge_labels._merits(fan, trials, upper, lower, 40.0)
    assert found == [
        edge_labels._merits(fan, trials[k : k + 1], upper, lower, 40.0)[0] for k in range(count)
    ]
    assert [merit[:2] for merit in found] == [
        tuple(map(round, plainly(fan, trial, upper, lower, 40.0))) for trial in trials
    ]


def plainly(
    fan: Fan, rows: np.ndarray, upper: np.ndarray, lower: np.ndarray, width: float
) -> tuple[float, float]:
    """The least and the mean distance of labels from edges of others, edge by edge."""
    edges = [(k, n, u, v) for k, u in enumerate(upper) for n, v in enumerate(lower)]
    found = []
    for k, n, u, v in edges:
        t = rows[k if fan.upper else n]
        others = [abs(u + t * (v - u) - (a + t * (b - a))) for *at, a, b in edges if at != [k, n]]
        found.append(min([*others, width / 2 + 4]))
    return min(found), float(np.mean(found))
