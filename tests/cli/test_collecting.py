"""A command looks seldom for objects that hold each other, and leaves Python as it was."""

from __future__ import annotations

import gc
import subprocess
import sys

from tracer.cli.collecting import MORE_OBJECTS, seldom_collected

ENDING = """
import atexit, gc, sys
from tracer.cli import main

def last():
    print(gc.isenabled(), gc.get_freeze_count() > 0)

class Held:
    def __del__(self):
        print("freed one by one")

held = Held()
held.itself = held
atexit.register(last)  # what is registered first runs last
sys.argv = ["tracer", "--version"]
main()
"""


def test_python_is_left_as_it_was() -> None:
    before = gc.get_threshold()
    with seldom_collected():
        assert gc.get_threshold()[0] == MORE_OBJECTS
    assert gc.get_threshold() == before
    assert gc.isenabled()


def test_a_process_that_ends_leaves_its_memory_to_the_system() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines()[1:] == ["False True"]
