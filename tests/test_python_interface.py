"""The Python interface: experiments from plain data, and what a trace offers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tracer
from networks import mapping
from tracer.errors import ExperimentError, RenderError, TracerError
from tracer.trace.table import tidy_columns
from traces import EXPERIMENTS, trace_of

pytestmark = pytest.mark.usefixtures("rendered_once")

OF_VISITS = ("x", "y", "z", "a", "loss", "dL_da", "dL_dz", "dL_dW", "dL_db")
OF_UPDATES = ("W", "b", "grad_W", "grad_b", "state", "W_after", "b_after")
QUANTITIES = (*OF_VISITS, *OF_UPDATES)
X, Y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
LAYERS = [(3, "relu"), (1, "sigmoid")]


def framed(columns):
    import pandas as pd

    return pd.DataFrame(columns)


def frame():
    return framed({"sun": X[:, 0], "rain": X[:, 1] / 2, "grows": Y.astype(bool)})


# Experiments


def test_a_mapping_of_the_file_is_taken_as_it_is():
    for k, (sizes, activations, loss, options) in enumerate(EXPERIMENTS.values()):
        document = mapping(sizes, activations, loss, seed=k, **options)
        assert tracer.Experiment(**document) == tracer.Experiment.from_mapping(document)


@pytest.mark.parametrize(
    "given",
    [
        lambda: (X, Y),
        lambda: [X.tolist(), Y.tolist()],
        lambda: (X, [bool(y) for y in Y]),
        lambda: (X.astype(np.float32), Y.astype(bool)),
        lambda: (X, Y[:, None]),
        lambda: {"x": X, "y": Y},
        lambda: {"columns": ["x1", "x2", "y"], "rows": np.column_stack([X, Y])},
        lambda: (framed({"x1": X[:, 0], "x2": X[:, 1]}), framed({"y": Y})["y"]),
        lambda: framed({"x1": X[:, 0], "x2": X[:, 1], "y": Y}),
        lambda: (framed({"y": Y, "x1": X[:, 0], "x2": X[:, 1]}), "y"),
    ],
)
def test_data_may_be_arrays_or_frames(given):
    data = given()
    made = tracer.Experiment(data=data, layers=LAYERS, title="XOR")
    assert (made.title, made.name, made.layer_sizes) == ("XOR", "experiment", (2, 3, 1))
    assert (made.dataset.input_names, made.dataset.target_names) == (("x1", "x2"), ("y",))
    assert made.dataset.task == "binary"
    assert np.array_equal(made.dataset.x, X)
    assert made.dataset.y.ravel().tolist() == Y.tolist()


def test_names_come_from_frames():
    made = tracer.Experiment(data=frame(), layers=LAYERS)
    assert (made.dataset.input_names, made.data.target) == (("sun", "rain"), "grows")
    made = tracer.Experiment(data=(frame(), ["rain", "sun"]), layers=[(2, "tanh")])
    assert made.dataset.target_names == ("rain", "sun")
    made = tracer.Experiment(data=(frame()[["sun"]], ["no", "yes", "yes", "no"]), layers=LAYERS)
    assert made.dataset.classes == ("no", "yes")
    made = tracer.Experiment(data={"rows": frame(), "target": "sun", "train": 3}, layers=LAYERS)
    assert (made.dataset.target_names, made.dataset.test) == (("sun",), (3,))


def test_weights_may_be_arrays_and_layers_those_of_another_experiment():
    weights = [np.full((2, 3), 0.5, dtype=np.float32), np.ones((3, 1))]
    first = tracer.Experiment(data=(X, Y), layers=LAYERS)
    init = {"scheme": "given", "weights": weights, "biases": [np.zeros(3), [1]]}
    made = tracer.Experiment(data=(X, Y), layers=first.layers, init=init)
    assert (made.layers, made.init.weights[0][0]) == (first.layers, (0.5, 0.5, 0.5))


def test_numbers_of_numpy_are_numbers():
    training = {"epochs": np.int64(3), "learning_rate": np.float32(0.5), "shuffle": np.bool_(True)}
    made = tracer.Experiment(data=(X, Y), layers=[(np.int64(1), "sigmoid")], training=training)
    assert (made.training.epochs, made.training.learning_rate, made.layer_sizes) == (3, 0.5, (2, 1))
    assert made.training.shuffle
    assert tracer.Experiment(**made.to_mapping()) == made


def test_parts_of_an_experiment_can_be_replaced():
    made = tracer.Experiment(data=(X, Y), layers=LAYERS)
    other = replace(made, title="Another", init=made.init.model_copy(update={"seed": 3}))
    assert (other.title, other.init.seed, other.dataset) == ("Another", 3, made.dataset)


def test_every_mistake_is_told_with_its_key():
    with pytest.raises(ExperimentError) as caught:
        tracer.Experiment(
            data=(frame(), "grow"),
            layers=[(3, "relux"), (0, "sigmoid"), (1,)],
            training={"epoch": 3},
            init="uniform",
        )
    keys = [problem.key for problem in caught.value.problems]
    assert {problem.file for problem in caught.value.problems} == {None}
    assert {
        "layers[1].activation",
        "layers[2].units",
        "layers[3]",
        "training.epoch",
        "init",
        "data.target",
    } == set(keys)
    assert 'Did you mean "grows"?' in str(caught.value)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ((X, Y[:3]), "data.y"),
        ((Y, Y), "data.x"),
        (X, "data"),
        (7, "data"),
        ({"x": X}, "data.x"),
        ((np.array([[0.0], [np.nan]]), [0, 1]), "data.rows[2][1]"),
        (([[0], [1, 2]], [0, 1]), "data.rows[1]"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(data, key):
    with pytest.raises(ExperimentError) as caught:
        tracer.Experiment(data=data, layers=LAYERS)
    assert key in [problem.key for problem in caught.value.problems]


# What a trace offers


def test_the_names_of_the_package_exist_and_import_lightly():
    assert all(hasattr(tracer, name) for name in tracer.__all__)
    code = (
        "import sys, tracer; heavy = {'numpy', 'jinja2', 'pandas', 'tracer.trace'}; "
        "assert not heavy & set(sys.modules); import tracer.training; "
        "assert not {'jinja2', 'pandas', 'tracer.writing.site'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_repr_is_one_good_line():
    made = trace_of("batches")
    first, last = made.loss_curve[0], made.loss_curve[-1]
    start = "<Trace 'A small network': 3-4-2-3, 3 epochs, 9 updates, loss "
    assert repr(made) == f"{start}{first:.4g} → {last:.4g}>"


def test_render_writes_the_walkthrough_and_says_what(tmp_path):
    made = trace_of("one batch")
    report = made.render(tmp_path / "pages")
    files = {str(p.relative_to(tmp_path / "pages")) for p in (tmp_path / "pages").rglob("*.*")}
    assert {path for path in report.written if "." in Path(path).name} <= files
    assert {"experiment/index.md", "assets/tracer.css"} <= set(report.written)
    again = tracer.render(made, str(tmp_path / "pages"))
    assert (again.written, set(again.unchanged)) == ((), set(report.written))
    latex = made.render(tmp_path / "latex", math="latex")
    assert not [path for path in latex.written if path.startswith("assets")]
    with pytest.raises(RenderError, match="expected 'mathml' or 'latex', found 'tex'"):
        made.render(tmp_path, math="tex")


def test_render_uses_the_templates_of_the_experiment(tmp_path):
    made = trace_of("one batch")
    pages = made.experiment.pages.model_copy(update={"templates": "none"})
    other = replace(made, experiment=replace(made.experiment, pages=pages))
    with pytest.raises(ExperimentError, match=r"pages\.templates: there is no folder"):
        other.render(tmp_path)


@pytest.mark.parametrize("line", ['templates = "none"', 'templates = ".."', 'language = "xx"'])
def test_what_only_rendering_can_know_is_told_with_its_line(tmp_path, line):
    path = tmp_path / "wrong.toml"
    trace_of("one batch").experiment.save(path)
    text = path.read_text(encoding="utf-8").replace('language = "en"\n', "")
    first, _, rest = text.partition("[pages]\n")
    path.write_text(f"{first}[pages]\n{line}\n{rest}", encoding="utf-8")
    where = rf"wrong\.toml:{first.count(chr(10)) + 2}: pages\.{line.split()[0]}: "
    made = tracer.run(tracer.load_experiment(path))
    with pytest.raises(TracerError, match=where):
        made.render(tmp_path / "pages")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_table_holds_every_number_of_every_cycle(name):
    made = trace_of(name)
    table = made.to_dataframe()
    assert list(table.columns) == ["epoch", "row", "layer", "quantity", "index", "value"]
    lines = table.itertuples(index=False, name=None)
    found = {line[:5]: line[5] for line in lines}
    assert len(found) == len(table)
    wanted: dict[Any, float] = {}
    for epoch in range(1, made.epochs + 1):
        for cycle in made.cycles(epoch):
            wanted |= dict(numbers_of(made, cycle))
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[key], wanted[key], equal_nan=True) for key in wanted)
    assert table["value"].dtype == np.float64


def numbers_of(made, cycle):
    """(epoch, row, layer, quantity, index) and value of everything in a cycle."""
    for name in QUANTITIES:
        if name in OF_UPDATES and not cycle.is_last_of_batch:
            continue
        for label, layer, values in quantities(made, cycle, name):
            for index in np.ndindex(*np.shape(values)):
                text = ",".join(str(k + 1) for k in index)
                yield (cycle.epoch, cycle.row, layer, label, text), np.asarray(values)[index]


def quantities(made, cycle, name):
    if name in ("x", "y", "loss"):
        yield name, 0, getattr(cycle, name)
    elif name == "state":
        for variable, kinds in made.state.items():
            for kind, layers in kinds.items():
                for k, values in enumerate(layers, start=1):
                    yield f"state.{variable}.{kind}", k, values[cycle.update + 1]
    else:
        for k, values in enumerate(getattr(cycle, name), start=1):
            yield name, k, values


def test_the_table_has_the_optimizers_state():
    data = {"x": X, "y": Y}
    made = tracer.run(tracer.Experiment(data, LAYERS, training={"optimizer": "adam", "epochs": 2}))
    table = made.to_dataframe(quantities=["state"])
    assert set(table["quantity"]) >= {"state.m.W", "state.v.b", "state.m_hat.W"}
    last = table[(table["quantity"] == "state.m.b") & (table["layer"] == 2)]
    assert last["value"].to_list() == made.state["m"]["b"][1][1:, 0].tolist()


def test_epochs_and_quantities_choose_lines():
    made = trace_of("batches")
    chosen = tidy_columns(made, epochs=[2, 3], quantities=["loss", "grad_b"])
    assert set(chosen["epoch"].tolist()) == {2, 3}
    assert set(chosen["quantity"].tolist()) == {"loss", "grad_b"}
    assert len(made.to_dataframe(epochs=[])) == 0
    assert len(made.to_dataframe(quantities=[])) == 0
    with pytest.raises(TracerError, match="there is no epoch 4: this run has the epochs 1 to 3"):
        made.to_dataframe(epochs=[4])
    with pytest.raises(TracerError, match="there is no quantity 'dW': a trace has x, y, z"):
        made.to_dataframe(quantities=["dW"])


def test_without_pandas_the_table_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(TracerError, match=r"needs pandas\. In the checkout .*'\.\[pandas\]'"):
        trace_of("batches").to_dataframe()


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_notebooks_table_is_small_and_self_contained(name):
    made = trace_of(name)
    html = made._repr_html_()
    assert html == tracer.to_html(made)
    assert html.startswith("<table")
    assert "\n" not in html
    assert len(html) < 6000
    for foreign in ("<script", "<style", "http", "class=", "id=", "#"):
        assert foreign not in html
    assert "A small network" in html
    assert ("not finite" in html) == (made.first_nonfinite is not None)


def test_the_notebooks_table_tells_accuracy_and_error():
    made = tracer.run(tracer.Experiment((X, Y), LAYERS, training={"epochs": 1}, title="<XOR>"))
    right = sum((made.forward(made.x)[1][-1].ravel() > 0.5) == Y)
    assert f"{right} of 4 right" in made._repr_html_()
    assert "&lt;XOR&gt;" in made._repr_html_()
    assert "root mean square error" in trace_of("one sample an update")._repr_html_()
    assert "test rows" in trace_of("a test")._repr_html_()
