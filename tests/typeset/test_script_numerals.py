"""Numbers have the same text in the scripts of the pages as in Python, digit by digit."""

from __future__ import annotations

import math
import random
import struct

from scripted import ask, repr_of
from tracer.numerals import Numeral, exact_numeral, numeral

COUNT = 12_000
EDGES = [0.0, -0.0, 5e-324, 1.7976931348623157e308, 999999.5, 999999.99999, 9.9999999e-7, 1e-6, 1e6]
EDGES += [math.inf, -math.inf, math.nan, 0.1 + 0.2, 2.675, 1e15, 123456789012345.0, 0.43249]


def number(draw: random.Random) -> float:
    """A number as computed, as written, near a tie, or of any bits."""
    kind = draw.randrange(6)
    if kind == 0:
        return draw.choice(EDGES)
    if kind == 1:
        return draw.randrange(-(10**5), 10**5) / 10.0 ** draw.randrange(7)
    if kind == 2:
        tie = (2 * draw.randrange(-(10**4), 10**4) + 1) / 2 / 10.0 ** draw.randrange(6)
        return tie * (1 + draw.randrange(-20, 21) * 2.0**-52)
    if kind == 3:
        return draw.gauss(0, 1) * 10.0 ** draw.randrange(-12, 12)
    if kind == 4:
        return draw.uniform(-1, 1) + draw.uniform(-1, 1)
    found: float = struct.unpack("<d", struct.pack("<Q", draw.getrandbits(64)))[0]
    return found


def told(text: Numeral, quantum: int | None) -> list[object]:
    return [text.mantissa, text.exponent, quantum]


def unit(text: Numeral) -> int | None:
    """The power of ten of its last digit."""
    return None if text.quantum == 0 else text.quantum.adjusted()


def test_numbers_have_the_same_text() -> None:
    draw = random.Random(20)
    cases = [
        (number(draw), draw.randrange(1, 13), draw.choice([0, 0, 1, 2, 5, 17]), draw.random() < 0.3)
        for _ in range(COUNT)
    ]
    exact = [number(draw) for _ in range(COUNT // 4)]
    wanted = [numeral(v, places, more, binary=b) for v, places, more, b in cases]
    wanted += map(exact_numeral, exact)
    asked = [[repr_of(v), places, more, b] for v, places, more, b in cases]
    asked += [[repr_of(v), None, 0, False] for v in exact]
    found = ask({"numerals": asked})["numerals"]
    rows = zip(asked, (told(text, unit(text)) for text in wanted), found, strict=True)
    assert [row for row in rows if row[1] != row[2]] == []
