"""What is said of numbers, decided by trees: conditions as data, for Python and for a script.

A tree is evaluated over the numbers of one cycle. Every value is a row of numbers, of truths or of
texts; a single one is a row of one, and goes with each of another row. The scripts of
``templates/assets/explore`` evaluate the same trees, so that no judgement is written twice.
"""

from tracer.conditions.decide import Evaluating, Numbers, decide, row_of
from tracer.conditions.leaves import Of, Place, Row, Told
from tracer.conditions.operations import OPERATIONS, ascending
from tracer.conditions.tree import Tree, chosen, given
from tracer.conditions.written import (
    beside,
    choose,
    distinct,
    finite,
    joined,
    larger,
    largest,
    last,
    of,
    printed,
    reads_as,
    row_count,
    select,
    shown,
    size,
    text,
)

__all__ = [
    "OPERATIONS",
    "Evaluating",
    "Numbers",
    "Of",
    "Place",
    "Row",
    "Told",
    "Tree",
    "ascending",
    "beside",
    "choose",
    "chosen",
    "decide",
    "distinct",
    "finite",
    "given",
    "joined",
    "larger",
    "largest",
    "last",
    "of",
    "printed",
    "reads_as",
    "row_count",
    "row_of",
    "select",
    "shown",
    "size",
    "text",
]
