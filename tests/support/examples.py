"""How many examples a property is tried on: few while one works, many where all has to hold.

``HYPOTHESIS_PROFILE`` chooses. ``dev``, the default, takes a quarter of the examples and always the
same ones; ``ci`` takes all of them, others each time; ``fuzz`` is for `make fuzz`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
#: What a test is tried on that says no number: of hypothesis itself.
USUAL = 100
SHARE = 4 if PROFILE == "dev" else 1
FEWEST = 10


def of_profile(count: int) -> int:
    """So many of ``count`` examples are tried in this run."""
    return max(count // SHARE, min(count, FEWEST))


def examples(count: int = USUAL, *unchecked: HealthCheck) -> settings:
    """Decorate a test that is tried on ``count`` examples where everything is tried."""
    return settings(max_examples=of_profile(count), suppress_health_check=unchecked)


def load() -> None:
    """Load the profile; a busy machine is no failure."""
    settings.register_profile("ci", deadline=None, max_examples=USUAL)
    settings.register_profile("fuzz", settings.get_profile("ci"))
    dev = settings(deadline=None, max_examples=of_profile(USUAL), derandomize=True, database=None)
    settings.register_profile("dev", dev)
    settings.load_profile(PROFILE)


def compared(function: Any) -> Callable[[Any, Any], Any]:
    """The larger or smaller of two; the first, where SymPy cannot tell that both are numbers."""

    def made(one: Any, other: Any) -> Any:
        try:
            return function(one, other)
        except ValueError:
            return one

    return made
