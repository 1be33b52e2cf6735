"""Many parameters: the optimizer's program in blocks is the program, bit for bit."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from each import each
from networks import experiment
from tracer.catalog.optimizer import Assignment, Program
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.deferred import symbols
from tracer.training import blocks, run
from tracer.training.blocks import Blocks
from tracer.training.step import UpdateStep

ODD = [0.0, -0.0, 1e-320, 1e300, np.inf, -np.inf, np.nan]
PROGRAMS = {
    f"{row.name}-{variant}": (program, dict(row.options))
    for row in OPTIMIZERS.values()
    for variant, program in row.programs.items()
}


@each("name", PROGRAMS)
@each("size", [len(ODD), 2 * blocks.BLOCK + 3])
def test_every_program_gives_the_same_numbers_in_blocks(name: str, size: int) -> None:
    program, options = PROGRAMS[name]
    rng = np.random.default_rng(size)
    rows = {key: rng.normal(size=size) ** 2 for key in (*program.variables, "w", "sums")}
    for row in rows.values():
        row[rng.permutation(size)[: len(ODD)]] = ODD
    known: dict[str, Any] = {**options, "eta": 0.1, "t": 3}
    into = {key: np.empty(size) for key in ("g", "w", *program.variables)}
    with np.errstate(all="ignore"):
        assert Blocks(program).apply({**known, **rows, "size": 7}, into)
        gradients = rows.pop("sums") / 7
        right = program.apply({**known, **rows, "g": gradients})
    assert right.keys() == into.keys() - {"g"}
    for key, values in {"g": gradients, **right}.items():
        np.testing.assert_array_equal(into[key].view(np.int64), values.view(np.int64))


def test_a_variable_that_is_only_taken_over_has_a_place_of_its_own() -> None:
    w, g, d = symbols("w", "g", "d")
    program = Program((Assignment("d", g), Assignment("w", w - d)))
    into = {key: np.empty(3) for key in ("d", "w")}
    assert Blocks(program).apply({"w": np.arange(3.0), "g": np.full(3, 0.5)}, into)
    np.testing.assert_array_equal(into["d"], [0.5, 0.5, 0.5])
    np.testing.assert_array_equal(into["w"], [-0.5, 0.5, 1.5])


@pytest.mark.parametrize("kernel", [np.cumsum, lambda g: g.copy(), lambda g: g if g[0] else -g])
def test_what_is_no_function_of_single_numbers_is_not_done_in_blocks(kernel: Any) -> None:
    program = Program(())
    program.__dict__["steps"] = (("w", ("g",), kernel),)
    assert not Blocks(program).apply({"g": np.ones(3)}, {"w": np.empty(3)})


@pytest.mark.parametrize(
    "changed",
    [{}, {"l2": 0.1}, {"train_biases": False}, {"reduction": "sum"}, {"optimizer": "adam"}],
)
def test_a_large_update_is_the_same_in_blocks_and_whole(
    changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    training = {"epochs": 1, "batch_size": 2, "learning_rate": 0.1, **changed}
    chosen = experiment(sizes=(60, 300, 2), rows=4, **training)
    assert UpdateStep.of(chosen).flat.count > blocks.BLOCK
    large = run(chosen, engine="numpy")
    monkeypatch.setattr(Blocks, "apply", lambda *_: False)
    whole = run(replace(chosen), engine="numpy")
    for name in ("W", "b", "grad_W", "grad_b"):
        for one, other in zip(getattr(large, name), getattr(whole, name), strict=True):
            np.testing.assert_array_equal(one, other)
    for one, other in zip(large.state, whole.state, strict=True):
        for part in "Wb":
            for a, b in zip(large.state[one][part], whole.state[other][part], strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("training", [{}, {"optimizer": "adam"}, {"schedule": "exponential"}])
def test_the_memory_of_a_run_is_given_back_with_it(training: dict[str, Any]) -> None:
    """Not when garbage is collected next: until then each run would take memory that is new."""
    chosen = experiment(sizes=(60, 300, 2), rows=4, epochs=2, batch_size=2, **training)
    gc.disable()
    try:
        trace = run(chosen, engine="numpy")
        memory = weakref.ref(trace.W[0].base)
        del trace
        assert memory() is None
    finally:
        gc.enable()


def test_what_is_large_begins_where_a_large_page_does() -> None:
    chosen = experiment(sizes=(60, 300, 2), rows=4, epochs=12, batch_size=2)
    trace = run(chosen, engine="numpy")
    arrays = [*trace.W, *trace.b, *trace.grad_W, *trace.grad_b, *trace.z, *trace.dL_dz]
    assert len({id(array.base) for array in arrays}) == 1
    assert min(array.ctypes.data for array in arrays) % 2**21 == 0
