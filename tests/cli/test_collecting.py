"""A command looks seldom for objects that hold each other, and leaves Python as it was."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

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


WATCHED = ENDING.replace(
    "main()", "sys.setprofile(lambda *_: None)\ntry:\n    main()\nfinally:\n    last()"
)
WAITED_FOR = ENDING.replace(
    "main()",
    "from threading import Thread, main_thread\n"
    "Thread(target=lambda: (main_thread().join(), print('waited for'))).start()\n"
    "main()",
)


@pytest.mark.parametrize(
    ("program", "said"), [(WATCHED, "False False"), (WAITED_FOR, "waited for")]
)
def test_what_else_is_to_be_done_is_done(program: str, said: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[1:] == [said, "False True"]


def test_the_status_is_told_and_nothing_printed_is_lost() -> None:
    program = "import sys\nfrom tracer.cli import main\nsys.argv = ['tracer', 'nothing']\nmain()"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "nothing" in ended.stderr
