"""Both engines are one training: every row of the catalog gives the same run by either."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from each import each
from engines import SAME, both, differences
from networks import OUTPUTS, experiment
from outside_rows import HARD_TANH, HINGE, HUBER, LION, MISH, RELU6, TOLERANT
from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.catalog.terms import NoScalarForm
from tracer.errors import TracerError
from tracer.formula import Z
from tracer.registry import registered
from tracer.trace import Trace
from tracer.trace.fields import ENGINES, FIELDS, Each, Over, TraceField
from tracer.trace.json import write_json
from tracer.training import code, run
from tracer.training.ieee import CAREFUL, RAISING
from tracer.training.lines import Lines

EDGES = [0.0, -0.0, 5e-324, -1e-300, 0.25, -0.5, 1.0, -1.0, 2.5, 6.0, -6.0, 40.0, -40.0]
EDGES += [710.0, -710.0, 745.2, -745.2, 1e4, -1e4, 1e200, -1e308, np.inf, -np.inf, np.nan]
OUTSIDE = (MISH, HARD_TANH, RELU6, HUBER, HINGE, TOLERANT, LION)
VARIANTS = [
    (name, {row.variant: variant} if variant else {})
    for name, row in OPTIMIZERS.items()
    for variant in row.programs
]


def written(names: list[str], value: Any, *, careful: bool) -> Any:
    """A function of these names that computes what a kernel gave for them."""
    lines = Lines(careful=careful)
    found = lines.assign([f"r{k}" for k in range(3)], value(lines))
    body = "\n    ".join([*lines.lines, f"return {', '.join(found)}"])
    space: dict[str, Any] = dict(CAREFUL if careful else RAISING)
    exec(f"def computed({', '.join(names)}):\n    {body}", space)
    return space["computed"]


def held_to_numpy(names: list[str], value: Any, wanted: Any) -> None:
    """Careful code gives NumPy's numbers everywhere; fast code the same, or an error."""
    rng = np.random.default_rng(1)
    fast, careful = (written(names, value, careful=way) for way in (False, True))
    rows = rng.choice(EDGES, (300, len(names)))
    rows[:100] = rng.normal(0.0, 2.0, (100, len(names)))
    for row in rows.tolist():
        with np.errstate(all="ignore"):
            right = wanted(dict(zip(names, row, strict=True)))
        np.testing.assert_allclose(careful(*row), right, SAME, 1e-15, err_msg=str(row))
        try:
            quick = fast(*row)
        except (ArithmeticError, ValueError):
            continue
        np.testing.assert_array_equal(quick, careful(*row))


Z3, A3, D3, Y3 = ([f"{letter}{k}" for k in range(3)] for letter in "zady")


def of(values: dict[str, float], names: list[str]) -> np.ndarray:
    return np.array([values[name] for name in names])


@pytest.mark.parametrize("name", [*ACTIVATIONS, *(r.name for r in (MISH, HARD_TANH, RELU6))])
def test_an_activation_written_out_is_its_kernel(name: str) -> None:
    with registered(MISH, HARD_TANH, RELU6):
        row = ACTIVATIONS[name]
        held_to_numpy(
            Z3, lambda lines: row.kernel(lines.row(Z3)), lambda values: row.kernel(of(values, Z3))
        )
        held_to_numpy(
            [*Z3, *A3, *D3],
            lambda lines: row.backward(lines.row(Z3), lines.row(A3), lines.row(D3)),
            lambda values: row.backward(of(values, Z3), of(values, A3), of(values, D3)),
        )


@pytest.mark.parametrize("name", [*LOSSES, *(r.name for r in (HUBER, HINGE, TOLERANT))])
def test_the_slope_of_a_loss_written_out_is_its_kernel(name: str) -> None:
    with registered(HUBER, HINGE, TOLERANT):
        row = LOSSES[name]
        if row.fused:  # ∂L/∂z is ŷ − y, and the slope is of no use to the code
            return
        held_to_numpy(
            [*Y3, *A3],
            lambda lines: row.slope(lines.row(Y3), lines.row(A3), lines.row(A3)),
            lambda values: row.slope(of(values, Y3), of(values, A3), of(values, A3)),
        )


# Whole runs


@each("name", ACTIVATIONS)
@each("batch_size", [1, 3])
def test_every_activation(name: str, batch_size: int) -> None:
    made = experiment((2, 3, 2), (name, "identity"), batch_size=batch_size)
    assert list(differences(*both(made))) == []


@each(("output", "loss"), OUTPUTS)
def test_every_loss_with_every_output(output: str, loss: str) -> None:
    made = experiment((2, 2, 2), ("tanh", output), loss, batch_size=2, learning_rate=0.05)
    assert list(differences(*both(made))) == []


@pytest.mark.parametrize(("optimizer", "variant"), VARIANTS)
@each("schedule", SCHEDULES)
@each("train_biases", [True, False])
def test_every_optimizer_with_every_schedule(
    optimizer: str, variant: dict[str, str], schedule: str, train_biases: bool
) -> None:
    chosen = {"optimizer": optimizer, "schedule": schedule, "train_biases": train_biases}
    options = {**variant, "learning_rate": 0.01, "l2": 0.02, "batch_size": 3}
    made = experiment((2, 2, 1), ("silu", "identity"), **chosen, **options)
    assert list(differences(*both(made))) == []


@pytest.mark.parametrize("loss", ["huber", "hinge", "tolerant"])
@pytest.mark.parametrize("hidden", ["mish", "hard_tanh", "relu_six"])
def test_rows_from_outside(loss: str, hidden: str) -> None:
    with registered(*OUTSIDE):
        made = experiment((2, 3, 2), (hidden, "identity"), loss, optimizer="lion")
        assert list(differences(*both(made))) == []


@given(data=st.data())
def test_any_small_experiment(data: st.DataObject) -> None:
    draw = data.draw
    output, loss = draw(st.sampled_from(OUTPUTS))
    hidden = draw(st.lists(st.sampled_from(list(ACTIVATIONS)), max_size=2))
    units = st.integers(2, 4)
    sizes = [draw(st.integers(1, 4)), *(draw(units) for _ in hidden), draw(units)]
    optimizer, variant = draw(st.sampled_from(VARIANTS))
    made = experiment(
        sizes,
        [*hidden, output],
        loss,
        rows=draw(st.integers(4, 9)),
        seed=draw(st.integers(0, 99)),
        optimizer=optimizer,
        batch_size=draw(st.sampled_from([1, 2, 3, "all"])),
        reduction=draw(st.sampled_from(["mean", "sum"])),
        learning_rate=draw(st.sampled_from([0.001, 0.02])),
        shuffle=draw(st.booleans()),
        l2=draw(st.sampled_from([0.0, 0.1])),
        l2_per_batch=draw(st.booleans()),
        train_biases=draw(st.booleans()),
        epochs=2,
        **variant,
    )
    assert list(differences(*both(made))) == []


@each("rate", [3.0, 1e3, 1e100, 1e300])
@each("batch_size", [1, 3])
@each("activation", ["relu", "softplus", "elu", "gelu", "softmax", "mish"])
def test_a_run_that_diverges_does_so_at_the_same_place(
    rate: float, batch_size: int, activation: str
) -> None:
    chosen: dict[str, Any] = {"batch_size": batch_size, "learning_rate": rate, "epochs": 4}
    with registered(MISH):
        one, other = both(experiment((2, 3, 2), (activation, "identity"), **chosen))
        assert str(one.first_nonfinite) == str(other.first_nonfinite)
        if rate > 1e10:
            assert one.first_nonfinite is not None
            for a, b in zip((*one.W, *one.z), (*other.W, *other.z), strict=True):
                np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
                np.testing.assert_array_equal(np.isinf(a), np.isinf(b))


@each("optimizer", ["adam", "adamw"])
@each("batch_size", [1, 3])
def test_careful_code_counts_the_updates_from_where_it_begins(
    optimizer: str, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A schedule gives each epoch a call of its own; every second one is beyond fast code."""
    chosen: dict[str, Any] = {"optimizer": optimizer, "batch_size": batch_size, "epochs": 4}
    made = experiment((2, 3, 2), **chosen, schedule="exponential")
    calls = count()

    def failing(arrays: code.Code) -> Any:
        if next(calls) % 2:
            raise OverflowError
        return arrays._function(careful=False)

    monkeypatch.setattr(code.Code, "fast", property(failing))
    assert list(differences(*both(made))) == []
    assert next(calls) > chosen["epochs"]


@pytest.mark.parametrize("measure", ["loss", "sklearn"])
@pytest.mark.parametrize("schedule", ["constant", "adaptive"])
def test_the_stop_rule_ends_both_after_the_same_epoch(schedule: str, measure: str) -> None:
    rule = {"tolerance": 1e-3, "patience": 2, "measure": measure}
    made = experiment(
        (2, 3, 1),
        ("relu", "sigmoid"),
        "binary_cross_entropy",
        schedule=schedule,
        stop=rule,
        learning_rate=0.5,
        epochs=400,
        shuffle=True,
    )
    one, other = both(made)
    assert one.epochs == other.epochs < 400
    np.testing.assert_array_equal(one.learning_rate, other.learning_rate)


# Which one, and that it is said


def test_the_faster_engine_is_chosen() -> None:
    small = experiment((2, 3, 1), ("relu", "identity"), epochs=200)
    wide = experiment((30, 40, 1), ("relu", "identity"), epochs=20, batch_size="all")
    assert run(small).engine == "scalar"
    assert run(wide).engine == "numpy"
    assert run(replace(small, training=small.training.model_copy(update={"epochs": 1}))).engine


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_stands_in_the_trace(engine: str, tmp_path: Path) -> None:
    trace = run(experiment(epochs=1), engine=engine)
    trace.save(tmp_path / "run.npz")
    out = io.StringIO()
    write_json(trace, out)
    said = json.loads(out.getvalue())["experiment"]["engine"]
    assert (trace.engine, Trace.load(tmp_path / "run.npz").engine, said) == (engine,) * 3


def test_a_file_of_before_there_were_two_is_numpys(tmp_path: Path) -> None:
    run(experiment(epochs=1), engine="scalar").save(tmp_path / "run.npz")
    arrays = dict(np.load(tmp_path / "run.npz"))
    del arrays["engine"]
    np.savez(tmp_path / "old.npz", **arrays)
    assert Trace.load(tmp_path / "old.npz").engine == "numpy"


def test_there_is_no_other_engine() -> None:
    with pytest.raises(TracerError, match="there is no engine 'abacus'"):
        run(experiment(epochs=1), engine="abacus")


def plain_loop(z: Any) -> Any:
    return np.array([max(float(number), 0.0) for number in np.ravel(z)]).reshape(np.shape(z))


KERNELS: dict[str, Any] = {
    "vectorized": np.vectorize(lambda z: max(z, 0.0), otypes=[float]),
    "loop": plain_loop,
    "decides": lambda z: z if z.max() > 0 else 0.0 * z,
    "over_the_batch": lambda z: z - np.mean(z, axis=0),
    "rare": lambda z: np.maximum(np.nextafter(z, 9.0), 0.0),
}


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_without_scalar_form_is_trained_by_arrays(name: str) -> None:
    row = Activation.of(
        name=name, title=name, latex="o", definition=Z, source="here", kernel=KERNELS[name]
    )
    with registered(row):
        made = experiment((2, 3, 2), (name, "identity"), epochs=60)
        assert run(made).engine == "numpy"
        with pytest.raises(TracerError, match="cannot be written out"):
            run(made, engine="scalar")


def test_a_field_from_outside_sees_every_update() -> None:
    field = TraceField("first_output", Over.VISITS, Each.NUMBER, take=lambda done: done.a[-1][:, 0])
    with registered(field):
        assert FIELDS.outside
        assert run(experiment(epochs=60)).engine == "numpy"


def test_code_is_kept_by_what_it_was_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, other = experiment(), experiment(l2=0.1)
    monkeypatch.setenv("TRACER_CACHE", str(tmp_path))
    monkeypatch.setattr(code, "_CODES", {})
    first = run(made, engine="scalar")

    def refuse(*_arguments: object) -> str:
        raise NoScalarForm("asked for")

    monkeypatch.setattr(code, "source", refuse)
    monkeypatch.setattr(code, "_CODES", {})
    np.testing.assert_array_equal(run(made, engine="scalar").W[0], first.W[0])
    with pytest.raises(TracerError, match="cannot be written out"):
        run(other, engine="scalar")
    # no other process knows a row from outside, nor whether it is the same
    with registered(MISH), pytest.raises(TracerError, match="cannot be written out"):
        run(experiment((2, 3, 2), ("mish", "identity")), engine="scalar")


def test_another_row_of_the_same_name_has_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with registered(MISH):
        made = experiment((2, 3, 2), ("mish", "identity"))
        first = run(made, engine="scalar")
        other = replace(MISH, kernel=lambda z: 0.5 * z)
        with monkeypatch.context() as patch:
            patch.setitem(ACTIVATIONS._rows, "mish", other)  # type: ignore[attr-defined]
            assert not np.allclose(first.a[0], run(made, engine="scalar").a[0])
