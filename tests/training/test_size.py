"""Sizes are told before anything is allocated, near the truth, and refused with a way out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explored import run_file
from networks import experiment
from tracer.errors import ExperimentError
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.limits import MAX_CELLS, MAX_TABLE_BYTES
from tracer.studies.run import study
from tracer.studies.size import check_walkthrough, walkthrough_size
from tracer.trace import Trace
from tracer.training import run
from tracer.training.size import check_run, check_search, replay_seconds, run_size
from tracer.writing.site import render_pages


def made(
    sizes: tuple[int, ...], rows: int = 4, pages: Any = None, insist: bool = False, **training: Any
) -> Experiment:
    draw = np.random.default_rng(0)
    x = np.round(draw.uniform(-1, 1, (rows, sizes[0])), 2)
    hidden = [(n, "tanh") for n in sizes[1:-1]]
    return Experiment(
        data=(x, [row % 2 for row in range(rows)]),
        layers=[*hidden, (sizes[-1], "sigmoid")],
        init={"decimals": 2},
        training={"epochs": 1, **training},
        pages=pages,
        insist=insist,
    )


def allocated(trace: Trace) -> int:
    """Bytes of everything that a trace recorded."""
    names = ("W", "b", "z", "a", "dL_da", "dL_dz", "grad_W", "grad_b")
    arrays = [array for name in names for array in getattr(trace, name)]
    single = ("loss", "row", "update_of", "epoch_of", "penalty", "learning_rate")
    arrays += [getattr(trace, name) for name in single]
    for state in trace.state.values():
        arrays += [array for layers in state.values() for array in layers]
    return sum(array.nbytes for array in arrays)


@pytest.mark.parametrize(
    ("sizes", "training"),
    [
        ((2, 3, 2, 1), {"epochs": 5}),
        ((3, 1), {"epochs": 2, "batch_size": "all"}),
        ((2, 2, 1), {"epochs": 3, "batch_size": 3, "optimizer": "adam"}),
        ((2, 2, 1), {"epochs": 3, "optimizer": "momentum"}),
    ],
)
def test_bytes_of_a_trace_are_counted_as_they_are_allocated(
    sizes: tuple[int, ...], training: dict[str, Any]
) -> None:
    experiment = made(sizes, **training)
    trace = run(experiment)
    assert run_size(experiment).trace == allocated(trace)
    assert run_size(experiment).updates == trace.updates


def test_pages_are_estimated_near_the_truth() -> None:
    experiment = made((3, 2, 1), rows=2)
    trace = run(experiment)
    pages = render_pages(trace, study(trace), proofs=False)
    told = walkthrough_size(experiment)
    text = [len(page.encode()) for page in pages.values()]
    assert 0.7 < told.pages / len(pages) < 1.4
    assert 0.6 < told.text / sum(text) < 1.6
    assert 0.6 < told.page / max(text) < 1.6


def refusal(check: Any, *arguments: Any) -> str:
    with pytest.raises(ExperimentError) as caught:
        check(*arguments)
    text = str(caught.value)
    assert "--insist" in text
    assert "insist=True" in text
    return text


LARGE = [
    (check_run, (1, 3000, 3000, 1), 4, {"epochs": 100_000}, "of training, found about"),
    (check_run, (2, 10_000, 10_000, 1), 4, {}, "updates of 100,050,001 parameters"),
    (check_run, (2, 2, 1), 8, {"epochs": 1_000_000}, "expected"),
    (
        check_walkthrough,
        (200, 5, 1),
        4,
        {"pages": {"units": "all"}},
        "expected pages of at most 4 MB, found one of",
    ),
    (check_walkthrough, (2, *[2] * 50, 1), 4, {}, "expected pages of at most 4 MB"),
    (check_walkthrough, (4, 3, 1), 400, {"pages": {"rows": "all"}}, "of pages, found about"),
    (check_walkthrough, (4, 3, 1), 400, {}, "expected a choice of rows, found none"),
    (check_walkthrough, (5, 500, 1), 500, {"batch_size": "all"}, "expected"),
]


@pytest.mark.parametrize(("check", "sizes", "rows", "training", "fragment"), LARGE)
def test_what_is_too_large_is_refused_at_once(
    check: Any, sizes: tuple[int, ...], rows: int, training: dict[str, Any], fragment: str
) -> None:
    experiment = made(sizes, rows, **training)
    begun = time.thread_time()
    assert fragment in refusal(check, experiment)
    assert time.thread_time() - begun < 1
    check(made(sizes, rows, insist=True, **training))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("batch", [1, 4])
def test_an_explorer_that_was_asked_for_is_counted_and_refused(
    optimizer: str, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    training: Any = {"epochs": 30, "optimizer": optimizer, "batch_size": batch}
    some, every = ({"explore": epochs} for epochs in ([1, 2], "all"))
    counted = walkthrough_size(made((3, 4, 1), 4, pages=every, **training)).explored
    _, carried = run_file(run(made((3, 4, 1), 4, pages=every, **training))).parts()
    assert 0.8 * counted < len(carried) / 8 < 1.3 * counted
    monkeypatch.setattr("tracer.studies.size.MAX_EXPLORED", counted // 10)
    text = refusal(check_walkthrough, made((3, 4, 1), 4, pages=every, **training))
    assert f"an explorer of at most {counted // 10:,} numbers, found about {counted:,}" in text
    asked: tuple[Any, ...] = (some, None, {"explore": []})
    for pages in asked:
        check_walkthrough(made((3, 4, 1), 4, pages=pages, **training))


def test_pages_of_many_epochs_are_refused() -> None:
    many = made((1, 1), 2, pages={"epochs": list(range(1, 5001))}, epochs=5000)
    assert "at most 2,000 pages, found about 10,0" in refusal(check_walkthrough, many)


@pytest.mark.parametrize("batch", [1, 32, 1000])
def test_a_large_run_takes_as_long_as_its_updates_again(batch: int) -> None:
    experiment = made((784, 128, 1), rows=2000, epochs=3, batch_size=batch, insist=True)
    size = run_size(experiment)
    again = replay_seconds(experiment, size.updates)
    assert again < size.training - size.trace / 2e8 < 2 * again


def test_a_search_is_refused_by_its_time() -> None:
    check_search(made((2, 2, 1), epochs=1000), 1000)
    assert " years. Try fewer" in refusal(check_search, made((2, 2, 1)), 9_223_372_036_854_775_806)


def test_run_and_render_refuse_and_can_be_told_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, insisted = made((1, 1), 2), made((1, 1), 2, insist=True)
    trace = run(small)
    for name in ("MAX_TRACE", "MAX_KEPT"):
        monkeypatch.setattr(f"tracer.training.size.{name}", 100)
    refusal(run, small)
    refusal(trace.render, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert run(insisted).updates == 2


def test_the_built_in_examples_are_small() -> None:
    for path in sorted(Path("tracer/examples").glob("*.toml")):
        experiment = load_experiment(path)
        check_walkthrough(experiment)
        check_search(experiment, 1000)


# Tables


def test_a_large_table_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "t.csv").open("wb") as stream:
        stream.write(b"a,y\n1,0\n2,1\n")
        stream.truncate(MAX_TABLE_BYTES + 1)
    (tmp_path / "x.toml").write_text(
        '[data]\npath = "t.csv"\n[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
    )
    begun = time.thread_time()
    text = refusal(load_experiment, tmp_path / "x.toml")
    assert "x.toml:2: data.path: expected a CSV file of at most 33.6 MB, found 33.6 MB in" in text
    assert time.thread_time() - begun < 1


def test_cells_are_counted_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracer.experiment.csvfile.MAX_CELLS", 6)
    (tmp_path / "t.csv").write_text("a,y\n" + "1,0\n2,1\n" * 3)
    (tmp_path / "x.toml").write_text(
        '[data]\npath = "t.csv"\n[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
    )
    assert "a table of at most 6 cells" in refusal(load_experiment, tmp_path / "x.toml")
    assert len(load_experiment(tmp_path / "x.toml", insist=True).dataset.x) == 6


def test_large_arrays_are_refused_before_they_are_copied() -> None:
    x = np.broadcast_to(0.0, (MAX_CELLS, 2))
    text = refusal(lambda: Experiment(data=(x, [0]), layers=[(1, "sigmoid")]))
    assert "data: expected an array of at most 2,000,000 cells, found 4,000,000" in text


def test_numbers_of_rows_as_classes() -> None:
    rows = [[k, f"id{k}"] for k in range(20_000)]
    begun = time.thread_time()
    with pytest.raises(ExperimentError, match="expected 20000 units, one for each class"):
        Experiment(
            data={"columns": ["x", "id"], "rows": rows}, layers=[(2, "softmax")], training={}
        )
    layers = [(10_000, "softmax")]
    ten = [[k, f"id{k % 10_000}"] for k in range(20_000)]
    text = refusal(lambda: Experiment(data={"columns": ["x", "id"], "rows": ten}, layers=layers))
    assert 'Is "id" the number of a row, and no class?' in text
    assert time.thread_time() - begun < 10


@pytest.mark.parametrize(("optimizer", "most"), [("sgd", 0.3e-3), ("adam", 1.1e-3)])
def test_what_an_update_takes_that_is_computed_again_grows_with_what_it_reads(
    optimizer: str, most: float
) -> None:
    """As it was measured with 784-128-10, to a tenth; each update on the way takes as much."""
    wide = experiment((784, 128, 10), ("relu", "softmax"), "cross_entropy", optimizer=optimizer)
    assert replay_seconds(wide, 1) == pytest.approx(most, rel=0.1)
    assert replay_seconds(wide, 15) == pytest.approx(15 * replay_seconds(wide, 1))
