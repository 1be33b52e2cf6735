"""What an executor is, and the one that needs no other process."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Results = Generator[Result, None, None]
AHEAD = 4
"""Items that are handed out for each process before the first result is taken: one that it works
on, one that waits for it, and as many more while the results before them are still awaited."""


class Executor(Protocol):
    """Calls a function for many items."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order, each as soon as it and those before it are there.

        Raises what the function raised for the first item that has no result; later items may not
        be tried then. Closing the iterator ends what has not begun.
        """


class Here:
    """Calls the function in this process, one item after the other, when its result is taken."""

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Results[Result]:
        """The result for each item, in order."""
        for item in items:
            yield function(item)
