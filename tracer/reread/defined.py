"""Functions that the grammar does not know by itself: their definitions, as LaTeX, read.

Whoever wrote the pages says what a name on them stands for, ``{"Mish": [(formula, condition)]}``,
with the letter z for the number. The formula is read and evaluated by the rules for printed ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracer.reread.evaluate import Condition, Definition, Definitions, Piece
from tracer.reread.grammar import Faults, Node, parse, split_at_relations
from tracer.reread.latex import read_latex
from tracer.reread.tokens import Row, Sign, UnreadableError, text_of

VARIABLE, AND, OR = "z", Sign("∧"), Sign("∨")
Defined = Mapping[str, Sequence[tuple[str, str]]]
"""(formula, condition) of each piece by the name as it is read; "" for a condition: everywhere."""


def name_of(latex: str) -> str:
    r"""The name of a function as it is read: ``Mish`` of ``\mathrm{Mish}``."""
    return text_of(read_latex(latex))


def read_definitions(defined: Defined) -> Definitions:
    """The definitions, ready to be evaluated.

    Raises:
        UnreadableError: a formula or a condition that is none.
    """
    return {name: _definition(pieces) for name, pieces in defined.items()}


def _definition(pieces: Sequence[tuple[str, str]]) -> Definition:
    return tuple(
        Piece(parse(read_latex(formula), Faults(), VARIABLE), _of_latex(condition))
        for formula, condition in pieces
    )


def _of_latex(condition: str) -> Condition:
    return read_condition(read_latex(condition), Faults(), VARIABLE) if condition else ()


def read_condition(row: Row, faults: Faults, variable: str = "") -> Condition:
    """Relations with ∧ between them, and ∨ between those. Raises UnreadableError for others."""
    return tuple(
        tuple(_relation(part, faults, variable) for part in _parts(way, AND))
        for way in _parts(row, OR)
    )


def _parts(row: Row, sign: Sign) -> list[Row]:
    ends = [at for at, token in enumerate(row) if token == sign]
    starts = [0, *(end + 1 for end in ends)]
    return [row[start:end] for start, end in zip(starts, [*ends, len(row)], strict=True)]


def _relation(row: Row, faults: Faults, variable: str) -> tuple[Node, str, Node]:
    signs, parts = split_at_relations(row)
    if len(signs) != 1:
        raise UnreadableError(f"{text_of(row)!r} is no condition")
    left, right = (parse(part, faults, variable) for part in parts)
    return left, signs[0], right
