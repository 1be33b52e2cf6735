"""An experiment saved as a file gives the very same trace, whatever it was made from."""

from __future__ import annotations

import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracer
from each import each
from examples import examples
from networks import experiment
from pytorch.cases import STORED, build
from pytorch.standins import nn, optim, put
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.errors import ExperimentError
from tracer.examples import built_in, built_in_names
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.save import toml_text
from tracer.interop.sklearn import from_fitted, trace_fit
from tracer.interop.torch import from_module
from tracer.training import run
from traces import EXPERIMENTS, every, same

X = np.array([[0.1, 0.0], [1 / 3, 1e-300], [-2.5, 4.0], [1e17, 0.7], [3.0, -1.0]])
LAYERS = [(2, "tanh"), (1, "sigmoid")]
SHORT = {"epochs": 2}


def saved(made: Experiment, folder: Path) -> Experiment:
    """What comes back from the file."""
    made.save(folder / "saved.toml", overwrite=True)
    return load_experiment(folder / "saved.toml")


def check(made: Experiment, folder: Path) -> None:
    """The file gives an experiment that is the same in everything but its name, and its trace."""
    loaded = saved(made, folder)
    assert replace(loaded, name=made.name) == made
    assert same(replace(run(loaded), experiment=made), run(made))


@every
def test_experiments_of_every_kind(name: str, tmp_path: Path) -> None:
    sizes, activations, loss, options = EXPERIMENTS[name]
    check(experiment(sizes, activations, loss, **options), tmp_path)


@pytest.mark.parametrize("name", built_in_names())
def test_the_built_in_experiments(name: str, tmp_path: Path) -> None:
    made = load_experiment(built_in(name))
    loaded = saved(made, tmp_path)
    assert replace(loaded, name=made.name) == made
    assert loaded.dataset == made.dataset
    few = {"epochs": 1, "order": made.training.order[:1]}
    short = replace(made, training=made.training.model_copy(update=few))
    loaded = replace(loaded, training=loaded.training.model_copy(update=few))
    assert same(replace(run(loaded), experiment=short), run(short))


@each("optimizer", OPTIMIZERS)
@each("schedule", SCHEDULES)
def test_every_optimizer_and_schedule(optimizer: str, schedule: str, tmp_path: Path) -> None:
    check(experiment(optimizer=optimizer, schedule=schedule, shuffle=True, l2=0.1), tmp_path)


def test_orders_weights_stops_and_words(tmp_path: Path) -> None:
    orders = {"order": [[3, 1, 2], [1, 2, 3], [2, 3, 1]], "train": 3}
    check(experiment(stop={"tolerance": 1e-9, "patience": 3}, **orders), tmp_path)
    weights = {"weights": [np.array([[1 / 3], [np.pi]])], "biases": [[5e-324]], "scheme": "given"}
    made = Experiment(
        (X, [0, 1, 0, 1, 1]), [(1, "sigmoid")], init=weights, training=SHORT,
        notation={"convention": "column"}, pages={"epochs": [2, 1], "decimals": 7},
        title='A "title" with # and \\',
    )  # fmt: skip
    (tmp_path / "other").mkdir()
    check(made, tmp_path / "other")


@pytest.mark.parametrize(
    "y",
    [
        [0, 1, 1, 0, 1],
        [-1, 1, 1, -1, 1],
        [True, False, False, True, True],
        np.array([False, True, True, False, True]),
        ["no", "yes", "yes", "no", "no"],
        ["1", "yes", "yes", "1", "1"],
        ["true", "false", "true", "false", "false"],
        ["#", '"', '"', "#", "#"],
        ["nan", "inf", "inf", "nan", "nan"],
        [1.5, 2, 2, 1.5, 2],
        [2**70, 0, 0, 0, 2**70],
    ],
    ids=str,
)
def test_classes_of_every_kind(y, tmp_path: Path) -> None:
    data = {"x": X, "y": y, "task": "binary"}
    check(Experiment(data, LAYERS, training=SHORT), tmp_path)
    data = {"x": X, "y": [*y[:4], "third"], "task": "multiclass"}
    check(Experiment(data, [(3, "softmax")], training=SHORT), tmp_path)


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_several_targets(task: str, tmp_path: Path) -> None:
    y = [[0.25, 1], [1, 0], [0.5, 0], [1, 1], [0, 1e-9]]
    check(Experiment({"x": X, "y": y, "task": task}, [(2, "sigmoid")], training=SHORT), tmp_path)


def test_shares_of_classes(tmp_path: Path) -> None:
    y = [[0.25, 0.75], [1, 0], [0.1, 0.9], [0.5, 0.5], [0, 1]]
    data = {"x": X, "y": y, "task": "multiclass", "train": [5, 1, 2]}
    check(Experiment(data, [(2, "softmax")], training=SHORT), tmp_path)


def test_data_frames(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({3: X[:, 0], "a b": X[:, 1], "🌞\n=": [True, False, True, False, True]})
    made = Experiment(frame, LAYERS, training=SHORT)
    assert made.dataset.input_names == ("3", "a b")
    check(made, tmp_path)


def test_two_columns_of_one_name_are_refused_or_survive(tmp_path: Path) -> None:
    import pandas as pd

    for names in (["a", "a", "y"], ["a", "a ", "y"], ["y", "b", "y"], ["", "b", "y"]):
        frame = pd.DataFrame(np.column_stack([X, [0, 1, 0, 1, 1]]), columns=names)
        try:
            made = Experiment(frame, LAYERS, training=SHORT)
        except ExperimentError:
            continue
        check(made, tmp_path)


def test_a_csv_file_comes_along(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n0.1,1e-5,ja\n1,0,nein\n", encoding="utf-8")
    held = {"data": {"path": "t.csv"}, "layers": [{"units": 1, "activation": "sigmoid"}]}
    made = Experiment.from_mapping(held | {"training": SHORT}, base=tmp_path)
    (tmp_path / "t.csv").unlink()
    check(made, tmp_path)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_fits_of_scikit_learn(kind: str, solver: str, tmp_path: Path) -> None:
    import pandas as pd

    from sklearn import neural_network

    frame = pd.DataFrame(X[:, ::-1] % 1, columns=["a", "a"])
    y = [0, 1, 2, 1, 0] if kind == "MLPClassifier" else X % 1
    options = {"max_iter": 3, "n_iter_no_change": 9, "random_state": 5}
    model = getattr(neural_network, kind)(hidden_layer_sizes=(2,), solver=solver, **options)
    traced = trace_fit(model, frame, y)
    traced.experiment.save(tmp_path / "fit.toml")
    again = run(load_experiment(tmp_path / "fit.toml"))
    assert same(replace(again, experiment=traced.experiment), traced)
    with pytest.warns(Warning, match="converge"):
        model.fit(X % 1, y)
    check(from_fitted(model, X % 1, y), tmp_path)


@pytest.mark.parametrize("case", STORED, ids=lambda case: case.name)
def test_models_of_pytorch(case, tmp_path: Path) -> None:
    module, loss, optimizer = build(case, nn, optim, put)
    options = {"epochs": case.epochs, "batch_size": case.batch_size}
    made = from_module(module, loss=loss, optimizer=optimizer, X=case.x, y=case.y, **options)
    check(made, tmp_path)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
names = texts.map(str.strip).filter(bool)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)


@examples(60)
@given(
    columns=st.lists(names, min_size=2, max_size=4, unique=True),
    title=names,
    labels=st.lists(names, min_size=2, max_size=2, unique=True) | st.sampled_from([[0, 1], [7, 8]]),
    data=st.data(),
)
def test_any_names_and_numbers(columns, title, labels, data) -> None:
    rows = data.draw(
        st.lists(
            st.tuples(*[numbers] * (len(columns) - 1), st.sampled_from(labels)), min_size=1,
            max_size=4,
        )
    )  # fmt: skip
    table = {"columns": columns, "rows": rows, "task": "binary", "classes": labels}
    try:
        made = Experiment(table, LAYERS, training=SHORT, title=title)
    except ExperimentError:
        return  # names that no experiment may have
    with tempfile.TemporaryDirectory() as folder:
        check(made, Path(folder))


plain = st.recursive(
    st.booleans() | st.integers() | numbers | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=8,
)


@examples(30)  # a long document takes tomlkit a second
@given(st.dictionaries(names, plain | st.lists(st.dictionaries(names, plain), min_size=1)))
def test_toml_reads_back_the_same(document) -> None:
    assert tomllib.loads(toml_text(document)) == document


# Files


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    made, path = experiment(), tmp_path / "mine.toml"
    path.write_text("mine", encoding="utf-8")
    (tmp_path / "link.toml").symlink_to(tmp_path / "nothing")
    for place in (path, tmp_path / "link.toml", tmp_path):
        with pytest.raises(ExperimentError, match=r"is there already\. Choose another name"):
            made.save(place)
    assert path.read_text(encoding="utf-8") == "mine"
    made.save(path, overwrite=True)
    assert load_experiment(path).dataset == made.dataset
    with pytest.raises(ExperimentError):
        made.save(tmp_path, overwrite=True)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    for place in ("gone/x.toml", "x" * 300, "nul\0"):
        with pytest.raises(ExperimentError):
            experiment().save(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_experiment_finds_its_templates(tmp_path: Path) -> None:
    (tmp_path / "mine" / "looks").mkdir(parents=True)
    (tmp_path / "there").mkdir()
    made = experiment()
    made.save(tmp_path / "mine" / "first.toml")
    text = (tmp_path / "mine" / "first.toml").read_text(encoding="utf-8")
    text = text.replace("[pages]", '[pages]\ntemplates = "looks"')
    (tmp_path / "mine" / "first.toml").write_text(text, encoding="utf-8")
    load_experiment(tmp_path / "mine" / "first.toml").save(tmp_path / "there" / "second.toml")
    assert load_experiment(tmp_path / "there" / "second.toml").pages.templates == "../mine/looks"


def test_the_file_is_read_like_one_written_by_hand(tmp_path: Path) -> None:
    made = Experiment((X[:2], [0, 1]), LAYERS, training=SHORT, title="Two rows")
    made.save(tmp_path / "two.toml")
    lines = (tmp_path / "two.toml").read_text(encoding="utf-8").splitlines()
    assert lines[0] == 'title = "Two rows"'
    assert "  [0.1, 0.0, 0]," in lines
    assert {"[data]", "[[layers]]", "[init]", "[training]"} <= set(lines)
    assert tracer.load_experiment(str(tmp_path / "two.toml")).name == "two"
