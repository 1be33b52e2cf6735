"""NumPy that was imported without docstrings and aliases is NumPy, and gives both when asked."""

from __future__ import annotations

import json
import subprocess
import sys

SCRIPT = """
import json, sys
from tracer.files.sparing import ALIASES, DOCSTRINGS, numpy_spared

with numpy_spared():
    import numpy as np

    spared = ALIASES + "._array_like" in sys.modules
behind = [name for name in (ALIASES, *DOCSTRINGS) if name in sys.modules]
same = np.linalg.eigh(np.eye(2)).eigenvalues.tolist()
had = np.ndarray.sum.__doc__
with numpy_spared():  # too late: nothing is to change
    import numpy._core._add_newdocs
import numpy.typing as npt
print(json.dumps([spared, behind, same, had, bool(np.ndarray.sum.__doc__),
                  repr(npt.NDArray[np.int64]), hasattr(npt, "ArrayLike")]))
"""
ASKED_INSIDE = """
import sys
from tracer.files.sparing import ALIASES, numpy_spared

with numpy_spared():
    import numpy
    from numpy.typing import ArrayLike, NDArray
    import numpy._typing._shape
assert ArrayLike is sys.modules[ALIASES].ArrayLike and NDArray is sys.modules[ALIASES].NDArray
assert sys.modules[ALIASES].__file__
"""
A_PART_FIRST = """
from tracer.files.sparing import numpy_spared

with numpy_spared():
    import numpy
    import numpy._typing._shape
    from numpy._typing import NDArray
    assert numpy.array([1.5]).dtype == NDArray[numpy.float64].__args__[1].__args__[0]
"""


def told(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_missed_and_nothing_stays_behind() -> None:
    spared, behind, values, had, has, alias, has_more = json.loads(told(SCRIPT))
    assert not spared
    assert not behind
    assert values == [1.0, 1.0]
    assert not had
    assert has
    assert alias.startswith("numpy.ndarray[")
    assert has_more


def test_what_else_is_asked_for_is_the_real_module() -> None:
    told(ASKED_INSIDE)


def test_a_part_of_the_aliases_is_imported_as_ever() -> None:
    told(A_PART_FIRST)
