"""Pages with a number that is wrong, for checks that shall notice it."""

from __future__ import annotations

import random
import re


def spoiled(digits: str, chance: random.Random) -> str:
    """The number with one of its digits changed."""
    places = [k for k, character in enumerate(digits) if character.isdigit()]
    where = chance.choice(places)
    other = chance.choice([d for d in "0123456789" if d != digits[where]])
    return digits[:where] + other + digits[where + 1 :]


def replaced(text: str, found: re.Match[str], group: int, new: str) -> str:
    """The text with something else in the place of a group."""
    return text[: found.start(group)] + new + text[found.end(group) :]
