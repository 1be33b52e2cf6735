"""Trees over the numbers of a cycle: what they keep, and what they order."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.conditions import Numbers, ascending, decide, of


@settings(max_examples=40)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-3, 3)))
def test_each_number_is_there_once_ascending(values: list[float]) -> None:
    row = np.array(values, dtype=np.float64)
    assert ascending(row).tolist() == np.unique(row).tolist()


def test_a_tree_is_evaluated_once_for_each_cycle() -> None:
    tree, asked = of("z").equals(0).once(), [Numbers({"z": [0.0]}, {}), Numbers({"z": [1.0]}, {})]
    for told, found in zip([*asked, asked[0]], (True, False, True), strict=True):
        assert tree.evaluate(told) is tree.evaluate(told)
        assert decide(tree | tree, told) is found
