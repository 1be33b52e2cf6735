"""What lint says is decided from the run: experiments made to break its sentences."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from test_teaching import lesson, names
from tracer.cli.wording import words
from tracer.experiment import Experiment
from tracer.teaching import findings, lesson_of
from tracer.teaching.score import PARTS, candidate
from tracer.training import run

GOOD = [[[1.0, -0.5], [0.5, 1.0]], [[1.0], [1.0]]]
SORTED = [[n % 3, n % 2, int(n > 5)] for n in range(12)]
MIXED = [[n % 3, n % 2, n % 2] for n in range(12)]


def classes(labels, **training):
    rows = [[n % 3, n % 4, label] for n, label in enumerate(labels)]
    mapping = {
        "data": {"columns": ["a", "b", "kind"], "rows": rows, "task": "multiclass"},
        "layers": [{"units": 3, "activation": "softmax"}],
        "training": {"epochs": 2, **training},
    }
    return lesson_of(run(Experiment.from_mapping(mapping)))


def test_rows_sorted_by_class_are_found():
    assert "sorted-rows" in names(lesson(GOOD, rows=SORTED))
    assert "sorted-rows" in names(lesson(GOOD, rows=SORTED[::-1]))
    assert "sorted-rows" in names(classes([k for k in "abc" for _ in range(5)]))
    assert "sorted-rows" in names(classes([k for k in "abc" for _ in range(5)], batch_size=3))


def test_rows_that_are_mixed_or_shuffled_or_one_batch_are_not():
    labels = [k for k in "abc" for _ in range(5)]
    assert "sorted-rows" not in names(lesson(GOOD, rows=MIXED))
    assert "sorted-rows" not in names(lesson(GOOD, rows=SORTED, shuffle=True))
    assert "sorted-rows" not in names(lesson(GOOD, rows=SORTED, batch_size="all"))
    assert "sorted-rows" not in names(classes(labels, batch_size=15))
    assert "sorted-rows" not in names(classes(list("abcabcabcabcabc")))
    assert "sorted-rows" not in names(lesson(GOOD, rows=[[0, 0, 0], [1, 1, 1]]))


def test_an_output_whose_error_is_a_difference_is_not_called_saturated():
    far = [[[9.0], [9.0]]]
    one_layer = lesson(far, [[9.0]], activations=("sigmoid",))
    assert "saturated-at-start" not in names(one_layer)


def test_a_unit_that_is_off_from_the_start_did_not_die():
    found = names(lesson([[[1.0, -1.0], [1.0, -1.0]], [[1.0], [1.0]]], epochs=1))
    assert "dead-at-start" in found
    assert "dead-at-end" not in found


def test_other_seeds_are_advised_only_where_there_are_any():
    found = findings(lesson([[[0.0], [0.0]], [[1.0]]]))
    advice = [words("lint").advice(one) for one in found]
    assert any("init.weights" in text for text in advice)
    assert not any("seeds" in text or "{" in text for text in advice)


def test_units_are_counted(tmp_path, monkeypatch, call_main):
    monkeypatch.chdir(tmp_path)
    Path("off.toml").write_text(
        'data = { columns = ["a", "b", "y"], rows = [[0, 1, 0], [1, 0, 1], [1, 1, 1]] }\n'
        'layers = [{ units = 3, activation = "relu" }, { units = 1, activation = "sigmoid" }]\n'
        "training = { epochs = 1 }\n"
        '[init]\nscheme = "given"\n'
        "weights = [[[-1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]], [[1.0], [1.0], [1.0]]]\n",
        encoding="utf-8",
    )
    status, out, _ = call_main("lint", "off.toml")
    assert status == 1
    assert "2 such units" in out
    assert "layer 1, unit 1; layer 1, unit 2" in out


def test_seeds_are_ranked_by_training_rows_alone():
    assert not any("test" in part.name for part in PARTS)
    rows = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]

    def judged(last):
        mapping = {
            "data": {"columns": ["u", "v", "t"], "rows": [*rows, last], "train": 4},
            "layers": [{"units": 1, "activation": "sigmoid"}],
            "training": {"epochs": 3},
        }
        return candidate(0, lesson_of(run(Experiment.from_mapping(mapping))))

    assert judged([1, 1, 0]).rank == judged([9, 9, 1]).rank


@pytest.mark.parametrize("rate", [1e100, 1e150, 1e300])
def test_a_run_that_diverges_warns_nobody(rate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wild = lesson(
            GOOD, activations=("relu", "identity"), loss="squared_error", learning_rate=rate
        )
        assert "not-finite" in names(wild)
        candidate(1, wild)


def test_the_mode_of_the_file_stays(tmp_path, monkeypatch, call_main):
    monkeypatch.chdir(tmp_path)
    path = Path("mine.toml")
    path.write_text(
        'data = { columns = ["a", "y"], rows = [[0, 0], [1, 1]] }\n'
        'layers = [{ units = 1, activation = "sigmoid" }]\ntraining = { epochs = 1 }\n',
        encoding="utf-8",
    )
    path.chmod(0o600)
    assert call_main("seeds", "mine.toml", "--count", "3", "--write")[0] == 0
    assert path.stat().st_mode & 0o777 == 0o600
    status, out, err = call_main("seeds", "mine.toml", "--count", str(2**63 - 2))
    assert (status, out) == (2, "")
    assert "--insist" in err
