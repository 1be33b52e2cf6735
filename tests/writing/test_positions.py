"""Code without columns is the same code on the same lines."""

from __future__ import annotations

from types import CodeType

from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.writing.positions import lines_only

PARTS = (
    "x = 1\n",
    "\n" * 70,
    "def f(a):\n    return [a\n, 1 / a]\n",
    "def g(a):\n    return a" + ", a" * 40 + "\n",
    "try:\n    f(0)\nexcept ZeroDivisionError:\n    x = f(2)\n",
)


@examples(25)
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=6))
def test_code_without_columns_has_its_lines(parts: list[str]) -> None:
    code = compile("def f(a): pass\n" + "".join(parts), "<text>", "exec")
    short = lines_only(code)
    check_lines(code, short)
    assert len(short.co_linetable) < len(code.co_linetable)
    ways: tuple[dict[str, object], ...] = ({}, {})
    for one, names in zip((code, short), ways, strict=True):
        exec(one, names)
    assert ways[0].get("x") == ways[1].get("x")


def check_lines(code: CodeType, short: CodeType) -> None:
    """The same instructions on the same lines, in functions too."""
    assert code.co_code == short.co_code
    assert len(short.co_linetable) <= len(code.co_linetable)
    assert lines_of(code) == lines_of(short)
    for one, other in zip(code.co_consts, short.co_consts, strict=True):
        if isinstance(one, CodeType):
            check_lines(one, other)


def lines_of(code: CodeType) -> list[int | None]:
    """The line of each instruction."""
    return [line for start, end, line in code.co_lines() for _ in range(start, end, 2)]
