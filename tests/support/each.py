"""One test that asks the same of many small cases, and says at which of them it failed.

A test of its own costs pytest and its processes some milliseconds; such a case costs less than one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

Test = Callable[..., None]
Values = Iterable[Any] | Callable[[], Iterable[Any]]


def each(names: str | tuple[str, ...], values: Values) -> Callable[[Test], Test]:
    """Decorate a test as ``pytest.mark.parametrize`` does, but leave it one test.

    What a test asks of fixtures is the same for all its cases, so none of them may change it.
    A function gives the values when the test is run.
    """
    called = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    kept = list(values) if isinstance(values, Iterable) else values

    def decorate(test: Test) -> Test:
        @wraps(test)
        def of_all(**given: Any) -> None:
            cases = list(_cases(called, kept if isinstance(kept, list) else kept()))
            assert cases, f"there is no {names}"
            for case in cases:
                _ask(test, given, case)

        told = inspect.signature(test)
        left = [value for name, value in told.parameters.items() if name not in called]
        assert len(left) == len(told.parameters) - len(called), f"{names} is not asked for"
        of_all.__dict__["__signature__"] = told.replace(parameters=left)
        return of_all

    return decorate


def _cases(names: list[str], values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for value in values:
        yield dict(zip(names, value, strict=True)) if len(names) > 1 else {names[0]: value}


def _ask(test: Test, given: dict[str, Any], case: dict[str, Any]) -> None:
    try:
        test(**given, **case)
    except BaseException as error:
        error.add_note(", ".join(f"{name} = {value!r}" for name, value in case.items()))
        raise
