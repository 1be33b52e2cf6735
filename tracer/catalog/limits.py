"""What the value of an option may be, as data: in words, as a test and as a schema elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

MOST_WHOLE = 2**63  # what 64 bits with a sign hold: TOML's and numpy's whole numbers end there


@dataclass(frozen=True)
class Limit:
    """The numbers between two bounds, each with or without the bound; whole ones if ``whole``."""

    at_least: int | None = None
    above: int | None = None
    below: int | None = None
    at_most: int | None = None
    whole: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies within the bounds; numbers that are not finite never do."""
        return (
            math.isfinite(value)
            and (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
            and not (self.whole and value >= MOST_WHOLE)
        )


ANY = Limit()
FRACTION = Limit(at_least=0, below=1)
POSITIVE = Limit(above=0)
NOT_NEGATIVE = Limit(at_least=0)
COUNT = Limit(at_least=1, whole=True)

LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "momentum": FRACTION,
        "beta1": FRACTION,
        "beta2": FRACTION,
        "rho": FRACTION,
        "epsilon": NOT_NEGATIVE,
        "weight_decay": NOT_NEGATIVE,
        "factor": POSITIVE,
        "every": COUNT,
        "power_t": Limit(at_least=0, at_most=100),
        "divide_by": Limit(above=1),
        "least": POSITIVE,
    }
)
"""Those of the options that several rows share; a row states those of its own."""
