"""The law of rows: what is to be known of one stands in it, so its name stands nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import nodes

from house import _templates, modules, part_of, room_name, walked

#: Where rows of the catalog may be called by name, and why.
MAY_NAME = {
    "reread": "the re-reader has a grammar of its own, and knows nothing else of tracer",
    "interop": "what other libraries call their functions, and which of ours they are",
    "check.sklearn": "the outputs and solvers that scikit-learn has",
    "check.fits": "the solvers that scikit-learn has",
    "training.ieee": "functions of NumPy and of Python's math, which kernels call by these names",
    "catalog.terms": "the same functions, as they are written out",
    "experiment.model": "the optimizer that the file format takes where none is named",
    "experiment.data": "the loss that it takes where nothing else fits",
}
#: Templates that turn names into words: a row that has none there is called by its own name.
WORDS_OF_NAMES = frozenset(["templates/words/named.j2"])
#: Names of rows that are options of other rows too.
ALSO_OPTIONS = frozenset(["momentum"])
KINDS = frozenset(["Activation", "Loss", "Optimizer"])


def a_row_is_named_in_the_catalog_alone(root: Path) -> Iterator[str]:
    """No name of an activation, a loss or an optimizer stands outside of the catalog as a string.

    Aside are the rooms and modules of ``MAY_NAME``.
    """
    names = _row_names(root)
    for module, tree in modules(root).items():
        if not {part_of(module), room_name(module)} & {"catalog", *MAY_NAME}:
            for node in walked(tree):
                if isinstance(node, ast.Constant) and node.value in names:
                    yield f"{module}:{node.lineno}: {node.value!r}"
    others = (one for one in _templates(root) if one[0].as_posix() not in WORDS_OF_NAMES)
    for path, template in others:
        for const in template.find_all(nodes.Const):
            if const.value in names:
                yield f"{path}:{const.lineno}: {const.value!r}"


def _row_names(root: Path) -> set[object]:
    """What calls in the catalog that make a row get as its ``name``."""
    trees = (tree for module, tree in modules(root).items() if part_of(module) == "catalog")
    calls = (node for tree in trees for node in walked(tree) if isinstance(node, ast.Call))
    names: set[object] = {
        keyword.value.value
        for call in calls
        if _maker(call.func) in KINDS
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
    return names - ALSO_OPTIONS


def _maker(function: ast.expr) -> str:
    """The class that makes a row: ``Loss`` of ``Loss(…)`` and of ``Loss.of(…)``."""
    inner = function.value if isinstance(function, ast.Attribute) else function
    return inner.id if isinstance(inner, ast.Name) else ""
