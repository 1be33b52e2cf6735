"""The search for start values: right numbers, an honest ranking, a file that keeps its words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from at_work import gone, wait_until_at_work
from networks import experiment
from rendering import trace_of
from sites import SMALL
from tracer.cli.seedfile import write_seed
from tracer.cli.wording import number, percent
from tracer.errors import ExperimentError
from tracer.teaching import findings, lesson_of, search
from tracer.teaching.many import lessons, with_epochs, with_seed
from tracer.teaching.measures import is_hopeless
from tracer.teaching.score import PARTS, candidate
from tracer.training import run

CLASSES = ((2, 4, 3), ("relu", "softmax"), "cross_entropy")
LABELS = ((3, 4, 2), ("gelu", "sigmoid"), "binary_cross_entropy")
NUMBERS = ((2, 3, 2), ("tanh", "identity"), "half_squared_error")
ROOT_OF_LABELS = ((2, 3, 1), ("relu", "sigmoid"), "binary_cross_entropy")
STOP = {"tolerance": 0.02, "patience": 1}

EXPERIMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "one sample an update": (NUMBERS, {"epochs": 40}),
    "batches that do not divide": (CLASSES, {"batch_size": 3, "epochs": 30}),
    "all at once, summed": (LABELS, {"batch_size": "all", "reduction": "sum", "epochs": 30}),
    "softmax and squares": (((2, 3), ("softmax",), "squared_error"), {"epochs": 20}),
    "the penalty": (NUMBERS, {"l2": 0.1, "l2_per_batch": True, "batch_size": 2, "epochs": 20}),
    "the penalty, summed": (NUMBERS, {"l2": 0.1, "reduction": "sum", "batch_size": 2}),
    "fixed biases": (CLASSES, {"train_biases": False, "optimizer": "momentum", "epochs": 20}),
    "shuffled": (CLASSES, {"shuffle": True, "batch_size": 2, "epochs": 20}),
    "an order": (NUMBERS, {"order": [[7, 6, 5, 4, 3, 2, 1], [2, 1, 3, 4, 5, 6, 7]], "epochs": 2}),
    "nesterov": (LABELS, {"optimizer": "nesterov", "epochs": 20, "train": [5, 2, 3]}),
    "adam": (ROOT_OF_LABELS, {"optimizer": "adam", "learning_rate": 0.05, "epochs": 60}),
    "adamw": (CLASSES, {"optimizer": "adamw", "batch_size": 4, "epochs": 20}),
    "rmsprop": (NUMBERS, {"optimizer": "rmsprop", "learning_rate": 0.01, "epochs": 20}),
    "a stop": (NUMBERS, {"stop": STOP, "epochs": 60}),
    "scikit-learn's stop": (NUMBERS, {"stop": {**STOP, "measure": "sklearn"}, "epochs": 60}),
    "steps": (CLASSES, {"schedule": "step", "every": 3, "factor": 0.5, "epochs": 12}),
    "inverse scaling": (NUMBERS, {"schedule": "invscaling", "power_t": 0.5, "epochs": 12}),
    "an adaptive rate": (
        NUMBERS,
        {"schedule": "adaptive", "stop": {"tolerance": 0.05, "patience": 1}, "epochs": 40},
    ),
    "scikit-learn's start": (NUMBERS, {"init": {"scheme": "sklearn"}, "shuffle": True}),
    "normal, rounded": (CLASSES, {"init": {"scheme": "normal", "std": 0.5, "decimals": 1}}),
}
EXACT: dict[str, Any] = {"rtol": 0.0, "atol": 1e-12}


def made(name):
    network, options = EXPERIMENTS[name]
    return experiment(*network, **options)


def assert_same(one, other):
    """Both lessons hold the same numbers to 1e-12."""
    for ours, theirs in ((one.first, other.first), (one.last, other.last)):
        assert ours.epoch == theirs.epoch
        for name in ("z", "a"):
            for a, b in zip(getattr(ours, name), getattr(theirs, name), strict=True):
                np.testing.assert_allclose(a, b, **EXACT)
        for name in ("gradients", "before", "after"):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), **EXACT)
    assert [view.epoch for view in one.shown] == [view.epoch for view in other.shown]
    np.testing.assert_allclose(one.loss_curve, other.loss_curve, **EXACT)
    np.testing.assert_allclose(one.y_hat, other.y_hat, **EXACT)
    np.testing.assert_allclose(
        (one.loss_before, one.loss_after), (other.loss_before, other.loss_after), **EXACT
    )


# Many at once


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_many_at_once_give_the_numbers_of_each_alone(name):
    chosen, seeds = made(name), (0, 3, 11, 12, 40)
    found = lessons(chosen, seeds)
    assert set(found) == set(seeds)
    for seed in seeds:
        assert_same(found[seed], lesson_of(run(with_seed(chosen, seed))))


def test_the_built_in_example_to_its_end():
    chosen = trace_of("mini2d").experiment
    found = lessons(chosen, range(3475, 3484))
    assert_same(found[3483], lesson_of(trace_of("mini2d")))
    assert_same(found[3475], lesson_of(run(with_seed(chosen, 3475))))


def test_seeds_that_stop_leave_the_others_alone():
    ends = {len(lesson.loss_curve) for lesson in lessons(made("a stop"), range(12)).values()}
    assert len(ends) > 1


def test_each_seed_has_its_own_rate():
    chosen = made("an adaptive rate")
    runs = (run(with_seed(chosen, seed)) for seed in (0, 3, 11, 12, 40))
    assert len({tuple(trace.learning_rate.tolist()) for trace in runs}) > 1


def test_a_seed_that_diverges_ends_early_and_says_so():
    wild = experiment((2, 2), ("identity",), "squared_error", learning_rate=1e100, epochs=30)
    (lesson,) = lessons(wild, [4]).values()
    assert len(lesson.loss_curve) < 30
    assert not lesson.finite
    assert is_hopeless(lesson)
    judged = candidate(4, lesson)
    assert "not-finite" in judged.findings
    assert 0 <= judged.score <= 100


# The search


def looks(chosen, seeds):
    """The same ranking by full runs, without anything being dropped."""
    each = [candidate(seed, lesson_of(run(with_seed(chosen, seed)))) for seed in seeds]
    return sorted(each, key=lambda one: one.rank)


def test_the_ranking_is_that_of_full_runs():
    chosen = experiment(*ROOT_OF_LABELS, epochs=30, train=5)
    found = search.search(chosen, range(1, 31), top=5)
    short = with_epochs(chosen, 1)
    hopeless = {s for s in range(1, 31) if is_hopeless(lesson_of(run(with_seed(short, s))))}
    assert found.tried == 30
    assert found.dropped == len(hopeless) > 0
    kept = [one for one in looks(chosen, range(1, 31)) if one.seed not in hopeless]
    assert [one.seed for one in found.best] == [one.seed for one in kept[:5]]
    assert found.best[0].score == pytest.approx(kept[0].score, abs=1e-9)


def test_few_findings_come_before_a_high_score():
    ranked = looks(experiment(*ROOT_OF_LABELS, epochs=30), range(12))
    assert [one.rank for one in ranked] == sorted(one.rank for one in ranked)
    assert len(ranked[0].findings) < len(ranked[-1].findings)


def test_something_is_shown_although_all_is_hopeless():
    dead = experiment(
        (2, 3, 1),
        ("relu", "sigmoid"),
        "binary_cross_entropy",
        init={"scheme": "uniform", "low": -3.0, "high": -2.0},
        rows=3,
    )
    rows = replace(dead.dataset, x=np.abs(dead.dataset.x))
    found = search.search(replace(dead, dataset=rows), range(20), top=4)
    assert (len(found.best), found.dropped) == (4, 16)
    assert all("dead-at-start" in one.findings for one in found.best)


def test_processes_find_the_same(monkeypatch):
    chosen = experiment(*ROOT_OF_LABELS, epochs=5)
    here = search.search(chosen, range(40), top=3)
    monkeypatch.setattr(search, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(search, "CHUNK", 9)
    seen = []
    there = search.search(
        chosen, range(40), top=3, jobs=2, meter=lambda *counts: seen.append(counts)
    )
    assert there == here
    assert seen[-1] == (40, 40)
    assert all(0 < done <= total == 40 for done, total in seen)


def test_the_meter_moves_within_a_chunk():
    seen = []
    chosen = experiment(*NUMBERS, epochs=10)
    search.search(chosen, range(20), meter=lambda *counts: seen.append(counts))
    assert [done for done, _ in seen[-11:]] == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert seen[-1] == (20, 20)


def test_chunks_hold_every_seed_once():
    chosen = experiment(*NUMBERS)
    for count in (0, 1, 124, 125, 126, 1000):
        parts = search._chunks(chosen, range(count))
        assert [seed for part in parts for seed in part] == list(range(count))
        assert all(len(part) <= search.CHUNK for part in parts)
    large = experiment((50, 200, 1), ("relu", "sigmoid"), "binary_cross_entropy", rows=60)
    assert max(len(part) for part in search._chunks(large, range(9))) == 1


def test_a_short_run_is_the_beginning_of_the_long_one():
    for name in ("an order", "shuffled", "steps"):
        chosen = made(name)
        (short,) = lessons(with_epochs(chosen, 1), [3]).values()
        (whole,) = lessons(chosen, [3]).values()
        np.testing.assert_array_equal(short.first.after, whole.first.after)


def test_the_score_is_the_mean_of_its_parts():
    judged = candidate(3483, lesson_of(trace_of("mini2d")))
    assert judged.score == pytest.approx(100 * np.mean(list(judged.parts.values())))
    assert list(judged.parts) == [part.name for part in PARTS]
    assert judged.findings == ()
    assert judged.train == (8, 8)
    assert (judged.hidden, judged.started, judged.ended) == (5, 5, 5)
    on = np.mean(trace_of("mini2d").a[0][:8] > 0, axis=0)
    assert (on > 0).all()
    regression = candidate(0, lesson_of(run(experiment(*NUMBERS, train=5))))
    assert regression.train is None
    assert "train" in regression.parts


@pytest.mark.parametrize("scheme", ["given", "zeros"])
def test_where_no_seed_is_drawn_there_is_nothing_to_search(scheme):
    init = {"scheme": scheme} | ({"weights": [[[1.0]]]} if scheme == "given" else {})
    fixed = experiment((1, 1), ("identity",), init=init)
    with pytest.raises(ExperimentError, match=f'init.scheme: .*"{scheme}"'):
        search.search(fixed, range(3))


# The command

COMMENTED = """\
# My lesson  # with odd   spacing
title   =  "Three rows"

[data]
columns = ["u", "v", "t"]   # names
rows = [
    [0, 1, 0],   # first
    [1, 0.5, 1],
    [0.25, 1, 1],
]

[[layers]]
units = 1
activation = "sigmoid"

[init]
seed   =   7     # drawn from a hat
decimals = 2

[training]
epochs = 3
"""


@pytest.fixture
def tracer(tmp_path, monkeypatch, call_main):
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(SMALL, encoding="utf-8")
    return call_main


def test_the_table_shows_the_best_and_says_why(tracer):
    status, out, err = tracer("seeds", "small.toml", "--count", "30", "--top", "2")
    assert (status, err) == (0, "")
    _, text, _ = tracer("seeds", "small.toml", "--count", "30", "--top", "2", "--format", "json")
    document = json.loads(text, parse_constant=pytest.fail)
    assert (document["experiment"], document["tried"]) == ("small", 30)
    first, second = document["best"]
    assert first["score"] >= second["score"] or len(first["findings"]) < len(second["findings"])
    whole = " ".join(out.split())
    assert f"{first['score']:.1f}" in whole
    assert f"{first['seed']}: 2 of 2 hidden units work in the first epoch" in whole
    assert number(first["loss"][0]) in whole
    assert "How they are ranked" in whole


def test_the_search_begins_where_it_is_told(tracer):
    arguments = ("--from", "50", "--count", "3", "--top", "9", "--format", "json")
    _, text, _ = tracer("seeds", "small.toml", *arguments)
    assert sorted(one["seed"] for one in json.loads(text)["best"]) == [50, 51, 52]


def test_the_best_seed_is_written_and_nothing_else(tracer):
    Path("mine.toml").write_text(COMMENTED, encoding="utf-8")
    status, text, err = tracer("seeds", "mine.toml", "--count", "20", "--write", "--format", "json")
    best = json.loads(text)["best"][0]["seed"]
    assert (status, err) == (0, f"mine.toml: seed = {best}\n")
    written = Path("mine.toml").read_text(encoding="utf-8")
    assert written == COMMENTED.replace("seed   =   7", f"seed   =   {best}")
    again = tracer("seeds", "mine.toml", "--count", "20", "--write")
    assert again[2] == f"mine.toml: seed = {best}, as before\n"
    assert Path("mine.toml").read_text(encoding="utf-8") == written


def test_words_about_the_seed_before_are_pointed_out(tracer):
    said = COMMENTED.replace("decimals = 2", 'decimals = 2\nchosen = "Drawn from a hat."')
    Path("mine.toml").write_text(said, encoding="utf-8")
    _, _, err = tracer("seeds", "mine.toml", "--count", "20", "--write")
    assert "mine.toml: [init] chosen still tells how the seed before was chosen" in err
    _, _, err = tracer("seeds", "mine.toml", "--count", "20", "--write")
    assert "chosen" not in err


@pytest.mark.parametrize(
    "text",
    [
        COMMENTED,
        COMMENTED.replace("\n", "\r\n"),
        "\ufeff" + COMMENTED,
        COMMENTED.replace("seed   =   7     # drawn from a hat\n", ""),
        COMMENTED.replace("[init]\nseed   =   7     # drawn from a hat\ndecimals = 2\n", ""),
        COMMENTED.replace("[init]\nseed   =   7 ", "[init]\n'seed' = 7 "),
        "init.seed = 3 # here\n[data]\nx = 1\n",
        "init = { seed = 3 } # here\n[data]\nx = 1\n",
    ],
    ids=["plain", "crlf", "bom", "no seed", "no init", "quoted", "dotted", "inline"],
)
def test_only_the_seed_changes(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode())
    assert write_seed(path, 99)
    written = path.read_bytes().decode()
    before, after = (tomllib.loads(each.removeprefix("\ufeff")) for each in (text, written))
    assert after == {**before, "init": {**before.get("init", {}), "seed": 99}}
    changed = set(written.splitlines()) ^ set(text.splitlines())
    assert all("seed" in line or line in ("", "[init]") for line in changed)
    assert written.startswith("\ufeff") == text.startswith("\ufeff")
    assert [line for line in text.splitlines() if "#" in line and "seed" not in line] == [
        line for line in written.splitlines() if "#" in line and "seed" not in line
    ]
    assert not write_seed(path, 99)


def test_what_cannot_be_written_is_refused_before_the_search(tracer):
    status, out, err = tracer("seeds", "mini2d", "--write")
    assert (status, out) == (2, "")
    assert "tracer examples mini2d --copy" in err
    status, out, err = tracer("seeds", "mazur")
    assert (status, out) == (2, "")
    assert "mazur.toml: init.scheme" in err
    for wrong in (["--count", "0"], ["--from", "-1"], ["--jobs", "0"], ["--from", str(2**63)]):
        assert tracer("seeds", "small.toml", *wrong)[0] == 2


def test_ctrl_c_ends_the_search_and_its_processes(tmp_path):
    long = SMALL.replace("epochs = 3", "epochs = 30_000")
    (tmp_path / "long.toml").write_text(long, encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, "-m", "tracer", "seeds", "long.toml", "--jobs", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_until_at_work(started.pid)
        os.killpg(started.pid, signal.SIGINT)
        out, err = started.communicate(timeout=60)
    finally:
        started.kill()
    assert (started.returncode, out, err.strip()) == (130, "", "")
    assert gone(started.pid)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.001, "1 %"), (0.9999, "99 %"), (0.256, "26 %")],
)
def test_only_all_is_a_hundred_percent(share, text):
    assert percent(share) == text


def test_lint_agrees_with_the_search():
    chosen = experiment(*ROOT_OF_LABELS, epochs=5)
    for one in islice(looks(chosen, range(5)), 3):
        lesson = lesson_of(run(with_seed(chosen, one.seed)))
        assert one.findings == tuple(found.measure.name for found in findings(lesson))
