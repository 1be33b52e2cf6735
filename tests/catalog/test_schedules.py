"""Schedules of the learning rate, scikit-learn's draw, and the example that uses it."""

from __future__ import annotations

import io
import json
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims import words
from examples import examples
from networks import experiment, mapping
from rendering import checked, pages_of, trace_of, unexplored, walkthrough
from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.errors import ExperimentError
from tracer.experiment import Experiment, Stop, experiment_schema, load_experiment
from tracer.explain.rate import rate, rate_line
from tracer.notation import QUANTITIES
from tracer.pages.results import idle_units, silent_rows
from tracer.refs import Setting
from tracer.trace import Trace
from tracer.trace.json import write_json
from tracer.training import run
from tracer.training.draws import starting_values

CHANGING = [name for name, row in SCHEDULES.items() if not row.is_constant]
PLATEAU = {"tolerance": 1e9, "patience": 2}
TRUTH = Path(__file__).parents[1] / "truth" / "sklearn" / "seed_program.json"
each = pytest.mark.parametrize("row", SCHEDULES.values(), ids=SCHEDULES.keys())


def rates(**options):
    """η of each epoch; seven rows, in batches of three."""
    trace = run(experiment(batch_size=3, learning_rate=0.4, **options))
    by_epoch = trace.learning_rate.reshape(trace.epochs, 3)
    assert (by_epoch == by_epoch[:, :1]).all(), "it changes between epochs only"
    return by_epoch[:, 0].tolist()


# The catalog


@each
def test_a_row_is_whole(row):
    names = {str(symbol) for symbol in row.definition.free_symbols}
    assert names <= {"eta0", "k", *row.options}
    assert names <= QUANTITIES.keys()
    assert row.title
    assert row.source
    assert row.rate(0.3, row.options, Progress()) == 0.3, "the first epoch has η₀"
    assert ("least" in row.options) == row.on_plateau


@each
@examples(50)
@given(
    start=st.floats(1e-6, 10),
    progress=st.builds(Progress, *(st.integers(0, top) for top in (300, 9999, 12))),
)
def test_the_kernel_holds_the_definition(row, start, progress):
    k = row.count(progress, row.options)
    values = {**row.options, "eta0": start, "k": k}
    known = {symbol: values[str(symbol)] for symbol in row.definition.free_symbols}
    expression = row.definition.evalf(30, subs=known)
    found = row.rate(start, row.options, progress)
    assert found == pytest.approx(float(expression), rel=1e-12, abs=1e-300)


def test_rates_beyond_float64():
    row = SCHEDULES["exponential"]
    assert row.rate(0.1, {"factor": 2.0}, Progress(5000)) == math.inf
    assert row.rate(0.1, {"factor": 0.5}, Progress(5000)) == 0.0


# The run


def test_the_rate_of_every_update():
    assert rates(epochs=3) == [0.4] * 3
    assert rates(epochs=5, schedule="step", factor=0.5, every=2) == [0.4, 0.4, 0.2, 0.2, 0.1]
    assert rates(epochs=3, schedule="exponential", factor=0.5) == [0.4, 0.2, 0.1]
    found = rates(epochs=4, schedule="invscaling", power_t=0.25)
    assert found == [0.4 / (7 * epoch + 1) ** 0.25 for epoch in range(4)]
    found = rates(epochs=10, schedule="adaptive", divide_by=4, stop=PLATEAU)
    assert found == [0.4] * 4 + [0.1] * 3 + [0.025] * 3


@pytest.mark.parametrize("schedule", CHANGING)
def test_an_update_uses_its_own_rate(schedule):
    stop: dict[str, Any] = {"stop": PLATEAU} if schedule == "adaptive" else {}
    trace = run(experiment(schedule=schedule, epochs=12, learning_rate=0.2, **stop))
    assert len(set(trace.learning_rate.tolist())) > 1
    assert not trace.learning_rate.flags.writeable
    for history, gradients in zip(trace.W, trace.grad_W, strict=True):
        steps = trace.learning_rate[:, None, None] * gradients
        np.testing.assert_array_equal(history[1:], history[:-1] - steps)
    for update in range(trace.updates):
        assert rate(trace, update).value == trace.learning_rate[update]


def test_an_adaptive_rate_waits_by_default_and_ends_the_run():
    made = experiment(schedule="adaptive", epochs=500, learning_rate=1e-3, least=1e-5)
    assert made.training.stop is None
    assert made.training.plateau == Stop(tolerance=1e-4, patience=10)
    stopping = made.to_mapping()
    stopping["training"] |= {"stop": {"tolerance": 1e9, "patience": 1}}
    trace = run(Experiment.from_mapping(stopping))
    # One good epoch, then plateaus of two: 1e-3, 2e-4, 4e-5, and 8e-6, at which it ends.
    assert trace.epochs == 1 + 4 * 2
    assert trace.learning_rate[-1] <= 1e-5 < trace.learning_rate[-15]
    assert experiment(schedule="step").training.plateau is None


def test_other_schedules_stop_on_a_plateau():
    assert len(rates(epochs=20, schedule="exponential", stop=PLATEAU)) == 4


@pytest.mark.parametrize("schedule", CHANGING)
def test_the_file_and_the_json_of_a_trace_keep_the_rates(schedule, tmp_path):
    trace = run(experiment(schedule=schedule, epochs=4))
    trace.save(tmp_path / "trace.npz")
    loaded = Trace.load(tmp_path / "trace.npz")
    np.testing.assert_array_equal(loaded.learning_rate, trace.learning_rate)
    assert loaded.experiment == trace.experiment
    stream = io.StringIO()
    write_json(trace, stream)
    told = [update["learning_rate"] for update in json.loads(stream.getvalue())["updates"]]
    assert told == trace.learning_rate.tolist()


# The experiment file


@each
def test_options_come_back_and_foreign_ones_are_refused(row):
    made = experiment(schedule=row.name)
    assert made.training.schedule_options == dict(row.options)
    assert Experiment.from_mapping(json.loads(json.dumps(made.to_mapping()))) == made
    schema = experiment_schema()
    jsonschema.validate(mapping(schedule=row.name, **row.options), schema)
    known = {name for other in SCHEDULES.values() for name in other.options}
    assert known <= schema["$defs"]["Training"]["properties"].keys()
    for foreign in known - row.options.keys():
        with pytest.raises(ExperimentError) as caught:
            experiment(schedule=row.name, **{foreign: 2})
        assert f'expected a key of the schedule "{row.name}"' in str(caught.value)
        assert f"{foreign} belongs to: " in str(caught.value)


@pytest.mark.parametrize(
    ("schedule", "key", "value", "message"),
    [
        ("step", "every", 2.0, "of at least 1, found 2.0"),
        ("step", "every", 0, "found 0"),
        ("exponential", "factor", 0, "a number above 0, found 0"),
        ("invscaling", "power_t", -1, "a number from 0 to 100, found -1"),
        ("adaptive", "divide_by", 1, "a number above 1, found 1"),
        ("adaptive", "least", "1e-6", 'found "1e-6"'),
        ("cosine", "factor", 0.5, 'one of "constant", "step"'),
    ],
)
def test_wrong_options_are_told(schedule, key, value, message):
    with pytest.raises(ExperimentError) as caught:
        experiment(schedule=schedule, **{key: value})
    assert len(caught.value.problems) == 1
    assert message in str(caught.value)


# The pages


#: Of each schedule, an experiment whose every printed line is proved where lines are read.
SHOWN = {
    "step": "rate by steps",
    "exponential": "rate falls",
    "invscaling": "rate by a power",
    "adaptive": "adaptive rate",
}


@pytest.mark.parametrize(
    ("schedule", "math_form"), [*((name, "mathml") for name in CHANGING), ("invscaling", "latex")]
)
def test_every_printed_line_is_true_and_the_rate_has_one(schedule, math_form):
    training = trace_of(SHOWN[schedule]).experiment.training
    assert training.schedule == schedule
    # The update of a batch beside has its rate, too.
    elsewhere = ["explore/index.md"] + ["batches/index.md"] * (training.batch_size == 1)
    pages = walkthrough(SHOWN[schedule], math_form)
    lines = checked(SHOWN[schedule], math_form)
    assert [line for found in lines.values() for line in found if not line.ok] == []
    for path, found in lines.items():
        of_rate = [line for line in found if line.anchor == "eta"]
        updates = "/row-" in path and "waits until" not in pages[path] and "epoch-" in path
        if math_form == "mathml":
            assert len(of_rate) == int(updates or path in elsewhere), path


@pytest.mark.parametrize("schedule", CHANGING)
def test_the_rate_leads_to_its_line_and_its_line_to_the_settings(schedule):
    rendered = walkthrough(SHOWN[schedule])
    overview = next(text for path, text in rendered.items() if "/" not in path.rstrip("/"))
    (page,) = (text for path, text in rendered.items() if path.endswith("epoch-2/row-2/index.md"))
    assert overview.count('id="eta"') == 1
    assert page.count('id="eta"') == 1
    line = next(text for text in page.splitlines() if 'id="eta"' in text)
    assert 'href="../../index.html#eta"' in line
    assert page.count('href="#eta"') > 8
    for name in SCHEDULES[schedule].options.keys() - {"every", "least"}:
        assert f'href="../../index.html#{name}"' in line
        assert f'id="{name}"' in overview


def test_a_constant_rate_is_a_setting():
    trace = run(experiment())
    assert rate_line(trace, 0) is None
    operand = rate(trace, 0)
    assert (operand.value, operand.exact, operand.ref.moment) == (0.1, True, Setting())


# scikit-learn's draw


@pytest.mark.parametrize(("hidden", "factor"), [("relu", 6), ("tanh", 6), ("sigmoid", 2)])
def test_values_and_orders_come_from_one_generator(hidden, factor):
    init = {"scheme": "sklearn", "seed": 5}
    activations, loss = (hidden, "sigmoid"), "binary_cross_entropy"
    made = experiment(
        (2, 3, 1), activations, loss, rows=9, train=[2, 3, 5, 8], init=init, shuffle=True, epochs=4
    )
    rng = np.random.RandomState(5)
    values = starting_values(made)
    for W, b in zip(*values, strict=True):
        bound = np.sqrt(factor / sum(W.shape))
        np.testing.assert_array_equal(W, rng.uniform(-bound, bound, W.shape))
        np.testing.assert_array_equal(b, rng.uniform(-bound, bound, b.shape))
    rows, found = np.array([1, 2, 4, 7]), run(made).row.reshape(4, 4)
    for order in found:
        places = np.arange(4)
        rng.shuffle(places)
        rows = rows[places]
        np.testing.assert_array_equal(order, rows)


def test_scikit_learn_s_draw_takes_a_seed_and_nothing_else():
    for key, value in (("decimals", 2), ("biases", "zeros"), ("low", 0.5), ("seed", 2**32)):
        with pytest.raises(ExperimentError) as caught:
            experiment(init={"scheme": "sklearn", key: value})
        assert len(caught.value.problems) == 1
        assert caught.value.problems[0].key == f"init.{key}"


# The example


@pytest.fixture(scope="module")
def article():
    path = files("tracer") / "examples" / "article-sklearn.toml"
    return run(load_experiment(str(path)))


def test_the_example_is_scikit_learn_s_run(article):
    known = json.loads(TRUTH.read_text(encoding="utf-8"))
    expected = known["expected"]
    assert article.epochs == expected["n_iter"] == 423
    np.testing.assert_allclose(article.loss_curve, expected["loss_curve"], rtol=1e-12)
    for history, start in zip(article.W, known["network"]["weights"], strict=True):
        np.testing.assert_array_equal(history[0], start)
    np.testing.assert_array_equal(article.row.reshape(-1, 8), known["order"][:423])
    ends = zip(
        (*article.W, *article.b),
        (*expected["coefs_final"], *expected["intercepts_final"]),
        strict=True,
    )
    for history, final in ends:
        np.testing.assert_allclose(history[-1], final, rtol=1e-12, atol=1e-12)


def test_the_example_tells_what_goes_wrong(article):
    data = article.experiment.dataset
    answers = article.forward(article.x)[1][-1]
    right = [data.decode(answers[row]) == data.labels[row] for row in range(13)]
    assert (sum(right[:8]), sum(right[8:])) == (6, 3)
    (dead,) = idle_units(article)
    assert (dead.layer, dead.unit, dead.dead) == (1, 1, True)
    assert silent_rows(article, data.train) == (0, 1, 2, 3, 6, 7)
    assert silent_rows(article, data.test) == (8, 9, 10, 11)
    pages = pages_of(unexplored(article))
    text = {Path(path).parent.name: words(page) for path, page in pages.items()}
    assert "One hidden unit is 0 for every training row in the end: unit 1" in text["trained"]
    assert "For 6 of the 8 training rows and 4 of the 5 test rows" in text["trained"]
    assert "stopped earlier: the loss had not fallen by more than 0.0001" in text["epochs"]
    assert "drawn as scikit-learn draws it" in text["start"]


def test_units_that_are_only_silent_are_not_called_dead():
    still = run(experiment((2, 2, 1), ("tanh", "identity"), init={"scheme": "zeros"}, epochs=1))
    assert [unit.dead for unit in idle_units(still)] == [False, False]
    assert silent_rows(run(experiment((2, 1), ("identity",))), (0, 1)) == ()
    assert idle_units(run(experiment((2, 3, 2), ("tanh", "identity")))) == ()
