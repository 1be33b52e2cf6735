"""Why a check does not apply or a line does not hold: a key, and the values that its words need.

The words stand in ``templates/words/reasons.j2``: a macro for each key, its arguments the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reason:
    """One reason; in a test or a debugger it reads like the call of its macro."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.key}({values})"


def because(key: str, **values: object) -> Reason:
    """The reason with this key; a test holds key and values to the macro of its words."""
    return Reason(key, values)
