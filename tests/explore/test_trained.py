"""Training in the page gives what training in Python gave, for every row of the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import compress
from typing import Any

import pytest

import outside_rows
from explored import held, run_file
from networks import OUTPUTS, experiment, mapping
from rendering import trace_of as rendered_trace
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.examples import built_in, built_in_names
from tracer.experiment import Experiment, load_experiment
from tracer.explain.terms import MOST, RESTS
from tracer.explore.program import program
from tracer.registry import registered
from tracer.trace import Trace
from tracer.training import run
from traces import EXPERIMENTS, trace_of
from trained import answers, asking

CYCLE = 1e-12
"""What a cycle that is computed from its own parameters may be apart, of its largest numbers: some
thousand roundings, among them those of exponentials, which no two libraries round alike."""
WHOLE_RUN = 1e-9
Made = tuple[tuple[Any, ...], dict[str, Any]]


def by_rows() -> Iterator[Made]:
    """An experiment for every row of the catalog, and for every way to form a batch's gradient."""
    for name, row in ACTIVATIONS.items():
        if not row.vector:
            yield ((2, 2, 1), (name, "identity"), "half_squared_error"), {}
    for output, loss in OUTPUTS:
        yield ((2, 3), (output,), loss), {"batch_size": 4, "rows": 5}
    for name, rule in OPTIMIZERS.items():
        for variant in rule.programs:
            options = {rule.variant: variant} if rule.variant else {}
            yield ((2, 2, 1), ("tanh", "identity"), "squared_error"), {"optimizer": name, **options}
    for name in SCHEDULES:
        stop = {"tolerance": 1e-3, "patience": 1, "measure": "sklearn"}
        more = {"schedule": name, "stop": stop, "epochs": 12, "rows": 3}
        yield ((2, 2), ("sigmoid",), "binary_cross_entropy"), more
    for more in BATCHES:
        yield ((2, 2, 1), ("softplus", "sigmoid"), "binary_cross_entropy"), more


BY_CODE = re.compile(r"(?:[za]|dL_d[az]|grad_[Wb]|[Wb](?:_after)?|[vs]_[Wb](?:_after)?)-")
RUN_FILES = ("batch of 4 of 10, l2", "adam, uncorrected")
BATCHES: tuple[dict[str, Any], ...] = (
    {"reduction": "sum", "batch_size": 3, "l2": 0.1},
    {"batch_size": 2, "l2": 0.1, "l2_per_batch": True, "shuffle": True},
    {"batch_size": "all", "train_biases": False, "optimizer": "adam"},
)


def differences(asked: list[dict[str, Any]], bounds: dict[str, float]) -> list[Any]:
    """Whatever is further apart than its bound, and what was to be compared and was not."""
    found = []
    for question, answer in zip(asked, answers(asked), strict=True):
        for name, bound in bounds.items():
            proof = answer[name]
            most = proof["largest"]
            if most is not None and not float(most["apart"]) <= bound:
                found.append((name, most))
            if int(proof["numbers"]) != len(question["names"]) * len(question["cycles"]):
                found.append((name, "not everything was compared"))
    return found


def test_every_row_of_the_catalog_trains_alike() -> None:
    traces = [run(experiment(*args, **options)) for args, options in by_rows()]
    asked = [asking(trace, ["computed", "prove"], most=4) for trace in traces]
    assert differences(asked, {"computed": CYCLE, "prove": WHOLE_RUN}) == []


def test_every_kind_of_run_trains_alike() -> None:
    asked = [asking(trace_of(name), ["computed", "prove"], most=9) for name in EXPERIMENTS]
    assert differences(asked, {"computed": CYCLE, "prove": WHOLE_RUN}) == []


def test_rows_from_outside_train_alike() -> None:
    rows = [getattr(outside_rows, name) for name in dir(outside_rows) if name.isupper()]
    known = [row for row in rows if hasattr(row, "source")]
    with registered(*known):
        options = {"optimizer": "lion", "rows": 4}
        layers = ("mish", "hard_tanh"), ("relu_six", "identity")
        pairs = zip([*layers, *layers], ("huber", "hinge", "tolerant", "huber"), strict=True)
        traces = [run(experiment((2, 2, 2), names, loss, **options)) for names, loss in pairs]
        asked = [asking(trace, ["computed", "prove"]) for trace in traces]
    assert differences(asked, {"computed": CYCLE, "prove": WHOLE_RUN}) == []


def test_without_exponentials_not_one_digit_differs() -> None:
    asked = []
    for name in ("sgd", "momentum", "nesterov", "rmsprop", "adagrad"):
        kind = (2, 3, 1), ("relu", "identity"), "squared_error"
        asked.append(asking(run(experiment(*kind, optimizer=name), engine="scalar"), ["prove"]))
    for question in asked:  # of what the written code computes, NumPy rounds the rest otherwise
        kept = [bool(BY_CODE.match(name)) for name in question["names"]]
        question["names"] = list(compress(question["names"], kept))
        question["values"] = [list(compress(row, kept)) for row in question["values"]]
    assert [answer["prove"]["first"] for answer in answers(asked)] == [None] * len(asked)


@pytest.mark.parametrize("name", RUN_FILES)
def test_every_number_of_a_run_file_is_computed(name: str) -> None:
    is_proved(rendered_trace(name))


def test_a_run_that_carries_some_epochs_is_trained_from_its_beginning() -> None:
    given = mapping((2, 2), ("tanh",), "squared_error", rows=3, optimizer="momentum", epochs=5)
    trace = run(Experiment.from_mapping({**given, "pages": {"explore": [3, 5]}}))
    assert is_proved(trace) == 3 * len({1, 3, 5})  # that of the page itself too


def test_what_a_long_batch_leaves_out_is_computed() -> None:
    options = {"rows": MOST + 1, "batch_size": "all", "epochs": 2, "l2": 0.1}
    trace = run(experiment((2, 1, 1), ("tanh", "identity"), "squared_error", **options))
    names = run_file(trace).parts()[0]["names"]
    assert {name.partition("-")[0] for name in names} >= RESTS
    assert is_proved(trace) == len(trace.row)


@pytest.mark.parametrize(("rows", "batch_size"), [(5, 3), (MOST + 5, MOST + 1), (100, 64)])
def test_a_last_batch_that_is_short_is_proved_too(rows: int, batch_size: int) -> None:
    options = {"rows": rows, "batch_size": batch_size, "epochs": 2, "l2": 0.1}
    trace = run(experiment((2, 1, 1), ("tanh", "identity"), "squared_error", **options))
    assert is_proved(trace) == len(trace.row)


def is_proved(trace: Trace) -> int:
    """How many cycles of its file are computed, each by itself and in a run, with all they name.

    A batch that is shorter than others lacks the numbers of some rows.
    """
    file = run_file(trace)
    names = file.parts()[0]["names"]
    asked = {"program": program(trace), "names": names, "held": held(file)}
    (found,) = answers([{**asked, "what": ["computed", "prove", "missing"]}])
    assert found["missing"] == []
    parameters = sum(array[0].size for array in (*trace.W, *trace.b))
    assert sum(re.match(r"[Wb]-", name) is not None for name in names) == parameters
    cycles = int(found["prove"]["cycles"])
    for kind, bound in {"computed": CYCLE, "prove": WHOLE_RUN}.items():
        whole, compared = cycles * len(names), int(found[kind]["numbers"])
        assert compared == whole or (0 < compared < whole and len(set(trace.batch_sizes)) > 1)
        assert float((found[kind]["largest"] or {"apart": 0})["apart"]) <= bound, found[kind]
    return cycles


@cache
def built(name: str) -> Trace:
    return run(load_experiment(built_in(name)))


def test_the_built_in_runs_train_alike_to_their_end() -> None:
    asked = [asking(built(name), ["computed", "prove"], most=20) for name in built_in_names()]
    assert differences(asked, {"computed": CYCLE, "prove": CYCLE}) == []
