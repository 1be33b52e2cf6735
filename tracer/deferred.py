"""Formulas that SymPy reads only when somebody asks something of them.

A row of the catalog states its definition, and every line of a page has its formula; most runs of
tracer have met them before, and know what is to be printed. So a formula is first nothing but the
words that make it: ``sympy.exp(z)`` notes the name and the argument. Its ``text`` says all of it,
and is what things are kept by. :func:`real` gives SymPy's own expression, made by the very calls
that were noted.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from importlib import import_module
from typing import Any

Expr = Any  # SymPy publishes no types
_SYMPY, _OPERATOR = "sympy", "operator"


class Deferred:
    """``function`` of ``arguments`` and ``options``, not called yet.

    Whatever else is asked of it is asked of SymPy's expression. A formula that meets one of SymPy's
    own is one of them from there on; so is a comparison by a sign such as ``<``.
    """

    __slots__ = ("_hash", "_real", "arguments", "function", "options", "text")

    def __init__(self, function: str, *arguments: Any, **options: Any) -> None:
        self.function, self.arguments, self.options = function, arguments, options
        named = [f"{name}={_text(value)}" for name, value in sorted(options.items())]
        self.text = f"{function}({', '.join([*map(_text, arguments), *named])})"
        self._hash = hash(self.text)
        self._real: Any = None

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Deferred):
            return self.text == other.text
        return bool(real(self) == other)

    def __repr__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return str(self.arguments[0]) if self.is_named else str(real(self))

    @property
    def is_named(self) -> bool:
        """Whether it is a symbol."""
        return self.function == f"{_SYMPY}:Symbol"

    def _sympy_(self) -> Expr:
        return real(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(real(self), name)

    def __reduce__(self) -> Any:
        return _made_again, (self.function, self.arguments, self.options)

    def __int__(self) -> int:
        return int(real(self))

    def __float__(self) -> float:
        return float(real(self))

    def __bool__(self) -> bool:
        return bool(real(self))

    def __lt__(self, other: Any) -> Expr:
        return real(self) < real(other)

    def __le__(self, other: Any) -> Expr:
        return real(self) <= real(other)

    def __gt__(self, other: Any) -> Expr:
        return real(self) > real(other)

    def __ge__(self, other: Any) -> Expr:
        return real(self) >= real(other)

    def __neg__(self) -> Expr:
        return Deferred(f"{_OPERATOR}:neg", self)

    def __add__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:add", other, self)

    def __sub__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:sub", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:sub", other, self)

    def __mul__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:mul", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:mul", other, self)

    def __truediv__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:truediv", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:truediv", other, self)

    def __pow__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:pow", self, other)

    def __rpow__(self, other: Any) -> Expr:
        return deferred(f"{_OPERATOR}:pow", other, self)


def _made_again(function: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Deferred:
    return Deferred(function, *arguments, **options)


def _text(argument: Any) -> str:
    if isinstance(argument, Deferred):
        return argument.text
    if isinstance(argument, tuple):
        return f"[{', '.join(map(_text, argument))}]"
    return repr(argument)


def _is_real(argument: Any) -> bool:
    if isinstance(argument, tuple):
        return any(map(_is_real, argument))
    return getattr(argument, "__sympy__", False) is True


def deferred(function: str, *arguments: Any, **options: Any) -> Expr:
    """``function`` ("module:name") of the arguments: noted, or called where one is SymPy's own."""
    if any(map(_is_real, arguments)):
        return _function(function)(*map(real, arguments), **options)
    return Deferred(function, *arguments, **options)


_FOUND: dict[str, Any] = {}


def real(expression: Any) -> Expr:
    """SymPy's expression; of a tuple those of its parts, and anything else as it is."""
    if isinstance(expression, tuple):
        return tuple(map(real, expression))
    if not isinstance(expression, Deferred):
        return expression
    if expression._real is None:  # noqa: SLF001 - its own
        expression._real = _called(expression)  # noqa: SLF001
    return expression._real  # noqa: SLF001


def _called(expression: Deferred) -> Expr:
    arguments = [real(argument) for argument in expression.arguments]
    if any(map(_is_real, expression.arguments)):
        return _function(expression.function)(*arguments, **expression.options)
    if expression.text not in _FOUND:
        made = _function(expression.function)(*arguments, **expression.options)
        _FOUND[expression.text] = made
    return _FOUND[expression.text]


def _function(name: str) -> Callable[..., Any]:
    module, _, inner = name.partition(":")
    home = operator if module == _OPERATOR else import_module(module)
    found: Callable[..., Any] = getattr(home, inner)
    return found


class _Sympy:
    """The functions of SymPy by their names, each of which only notes that it was called."""

    def __getattr__(self, name: str) -> Callable[..., Expr]:
        def call(*arguments: Any, **options: Any) -> Expr:
            return deferred(f"{_SYMPY}:{name}", *arguments, **options)

        return call


sympy: Any = _Sympy()


def symbols(*names: str) -> tuple[Expr, ...]:
    """Real symbols of these names."""
    return tuple(sympy.Symbol(name, real=True) for name in names)


Z, A = symbols("z", "a")
"""The weighted sum of a unit, and its activation."""


def is_deferred(expression: Any) -> bool:
    """Whether its text is all of it, so that what follows from it may be kept by that."""
    return isinstance(expression, Deferred)
