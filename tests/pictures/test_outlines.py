"""Pictures of a network that share their layout are those that are laid out each by itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from examples import examples
from tracer.notation import Notation, Number
from tracer.numerals import show
from tracer.pictures import draw
from tracer.pictures.network.layout import lay_out
from tracer.pictures.network.picture import network_picture
from tracer.pictures.network.plan import Names, plan
from tracer.writing.templating import environment, of_experiment
from traces import trace_of

SIZES = (2, 3, 1)
NAMES = Names(("a", "an input"), ("y",), ("relu", "sigmoid"), Notation(2))
NUMBERS = st.sampled_from([0.0, -0.25, 0.5, -12.3456789, 0.00012, 1234567.0, float("inf")])
SOMETIMES = st.sampled_from(["", "#there", "../other/#b"])


def drawn_network(values: Mapping[Any, float], href: str, *, has_loss: bool, mode: Any) -> Any:
    """A picture whose numbers are drawn, and the same laid out by itself."""

    def value(name: str, layer: int, *index: int) -> float:
        return values[(len(name) + layer + 3 * sum(index)) % len(values)]

    def number(name: str, layer: int, *index: int) -> Number:
        if name == "loss" and not has_loss:
            return Number("")
        return Number(show(value(name, layer, *index), 4), href)

    more: Any = {"inputs": NAMES.inputs, "outputs": NAMES.outputs, "activations": NAMES.activations}
    shared = network_picture(SIZES, number, mode=mode, value=value, **more)
    return shared, lay_out(plan(SIZES, mode, NAMES, number, value))


@examples(25)
@given(
    st.lists(NUMBERS, min_size=7, max_size=7),
    SOMETIMES,
    st.booleans(),
    st.sampled_from(["forward", "backward"]),
)
def test_a_shared_layout_is_that_of_the_picture_alone(
    numbers: list[float], href: str, has_loss: bool, mode: str
) -> None:
    values = dict(enumerate(numbers))
    shared, alone = drawn_network(values, href, has_loss=has_loss, mode=mode)
    assert shared.told is not None
    assert alone.told is None
    env, words = page_environment(), {"id": "p", "caption": "told"}
    drawn: Any = env.globals["draw"]
    by_pieces = drawn(shared, **words)
    assert by_pieces == drawn(alone, **words)
    assert by_pieces == draw(env, alone, **words)
    assert shared == alone


@cache
def page_environment() -> Environment:
    """The environment of an experiment's pages, which keeps what it has drawn."""
    return of_experiment(environment(), trace_of("a test").experiment)
