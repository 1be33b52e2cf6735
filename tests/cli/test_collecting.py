"""A command looks seldom for objects that hold each other, and leaves Python as it was."""

from __future__ import annotations

import gc

from tracer.cli.collecting import MORE_OBJECTS, seldom_collected


def test_python_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] == MORE_OBJECTS
    assert gc.get_threshold() == before
