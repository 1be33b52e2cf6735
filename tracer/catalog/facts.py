"""What follows from a formula and needs SymPy to be found: asked once, and kept.

Of a formula that says all of itself (see :mod:`tracer.deferred`) the answers are kept between runs;
one that is SymPy's own, as a row from elsewhere may state it, is asked each time.
"""

from __future__ import annotations

import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial, reduce
from types import CodeType, ModuleType
from typing import Any, TypeVar

import numpy as np

from tracer.deferred import Expr, deferred, is_deferred, real, symbols
from tracer.files.packs import code_of, worked_out

T = TypeVar("T")


class _InPairs:
    """A function of two arrays, put on several of them pair by pair: whatever acts as an array."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        self._function = function

    def reduce(self, parts: Sequence[Any]) -> Any:
        """All parts put together; there are no other axes."""
        return reduce(self._function, parts)


PAIRS = {"logical_and": _InPairs(np.logical_and), "logical_or": _InPairs(np.logical_or)}
Function = Callable[..., Any]


def fact(question: object, expression: Expr, make: Callable[[Expr], T]) -> T:
    """What ``make`` finds for SymPy's expression; ``question`` names what is asked."""
    if not is_deferred(expression):
        return make(expression)
    return worked_out(lambda: make(real(expression)), question, expression)


def names_in(expression: Expr) -> tuple[str, ...]:
    """The names of the symbols that stand in a formula, in order."""
    return fact("names", expression, lambda e: tuple(sorted(str(s) for s in e.free_symbols)))


def symbols_in(expression: Expr) -> tuple[Expr, ...]:
    """The symbols that stand in a formula, in the order of their names."""
    if is_deferred(expression):
        return symbols(*names_in(expression))
    return tuple(sorted(expression.free_symbols, key=str))


def pieces_of(expression: Expr) -> tuple[tuple[Expr, Expr | None], ...]:
    """(piece, condition) of each branch of an expression; None: it holds everywhere."""
    if not is_deferred(expression):
        return tuple(_pieces(expression))
    everywhere = fact("branches", expression, lambda e: tuple(c is None for _, c in _pieces(e)))
    part = partial(deferred, "tracer.algebra:part_of_branch", expression)
    return tuple((part(k, 0), None if whole else part(k, 1)) for k, whole in enumerate(everywhere))


def _pieces(expression: Expr) -> Iterator[tuple[Expr, Expr | None]]:
    from tracer.algebra import branches

    for piece, condition in branches(expression):
        yield piece, None if condition == True else condition  # noqa: E712 - SymPy's truth


def lambdified(arguments: Sequence[Expr], expression: Expr, module: ModuleType) -> Function:
    """The formula as a function of its symbols, as ``lambdify`` makes it for numpy or math."""
    library = module.__name__
    if not all(map(is_deferred, (expression, *arguments))):
        return _lambdify(tuple(arguments), expression, library)
    named = tuple(argument.text for argument in arguments)

    def source(formula: Expr) -> str:
        # Of the module itself: by its name, SymPy would first import all that numpy offers.
        return inspect.getsource(_lambdify(real(tuple(arguments)), formula, library, module))

    text = fact((library, named), expression, source)
    known = {**vars(builtins), **vars(module), **_replaced(library)}
    return from_source(text, known) or _lambdify(real(tuple(arguments)), real(expression), library)


def _lambdify(
    arguments: tuple[Expr, ...], expression: Expr, library: str, module: ModuleType | None = None
) -> Function:
    import sympy as sp

    names = [_replaced(library), module or library]
    made: Function = sp.lambdify(arguments, expression, modules=names)
    return made


def _replaced(library: str) -> Mapping[str, Any]:
    """What of a library works only on arrays of its own, in a form that works on what acts so."""
    return PAIRS if library == "numpy" else {}


def from_source(text: str, space: Mapping[str, Any]) -> Function | None:
    """The one function that a text defines; None where it needs a name that ``space`` lacks."""
    code = compiled_text(text)
    inner = next(part for part in code.co_consts if isinstance(part, CodeType))
    if any(name not in space for name in inner.co_names):
        return None
    found = {name: space[name] for name in inner.co_names}
    exec(code, found)
    made: Function = found[inner.co_name]
    return made


@cache
def compiled_text(text: str) -> CodeType:
    """The code of a text."""
    return code_of(text, "<lambdifygenerated>")
