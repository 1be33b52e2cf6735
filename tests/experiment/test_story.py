"""Words for the question, the columns and the classes of a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tracer.errors import ExperimentError
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.dataset import Story

DATA = {"columns": ["a", "b", "y"], "rows": [[1, 2, -1], [2, 1, 1], [0, 0, 1]]}
WORDS = {"-1": "no rainbow", "1": "rainbow"}
STORY: dict[str, Any] = {
    "question": "Was a rainbow  seen?",
    "meaning": {"a": "hours of sun"},
    "words": WORDS,
}


def made(activation: str = "sigmoid", **data: Any) -> Experiment:
    layers = [{"units": 1, "activation": activation}]
    return Experiment.from_mapping({"data": {**DATA, **data}, "layers": layers})


def problems(activation: str = "sigmoid", **data: Any) -> list[str]:
    with pytest.raises(ExperimentError) as caught:
        made(activation, **data)
    return [f"{problem.key}: {problem.message}" for problem in caught.value.problems]


def test_a_table_has_no_words_unless_its_author_gives_some() -> None:
    story = made().dataset.story
    assert story == Story()
    assert (story.titled("a"), story.label(-1)) == ("a", -1)


def test_the_words_of_a_file_belong_to_columns_and_classes() -> None:
    story = made(**STORY).dataset.story
    assert story.question == "Was a rainbow seen?"
    assert [story.titled(name) for name in ("a", "b")] == ["hours of sun (a)", "b"]
    assert [story.label(label) for label in (-1, 1)] == ["no rainbow", "rainbow"]


@pytest.mark.parametrize("key", ["1", "+1", "1.0", " 1 "])
def test_a_class_that_is_a_number_may_be_written_in_any_way(key: str) -> None:
    assert made(words={key: "yes"}).dataset.story.words == ((1, "yes"),)


def test_words_survive_a_file(tmp_path: Path) -> None:
    experiment = made(**STORY)
    experiment.save(tmp_path / "x.toml")
    assert load_experiment(tmp_path / "x.toml").dataset == experiment.dataset
    assert Experiment.from_mapping(experiment.to_mapping()) == experiment
    assert made().dataset != experiment.dataset


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"meaning": {"c": "x"}}, 'data.meaning.c: expected columns of the table, "a", "b", "y"'),
        ({"words": {"2": "x"}}, 'data.words.2: expected classes, "-1", "1"; found "2"'),
        ({"words": {"1": "x", "-1": " x "}}, "data.words.-1: expected other words than for"),
        ({"words": {"1": " "}}, "data.words.1: expected words, found only blanks"),
        ({"words": {"1": 3}}, "data.words.1: expected a table of classes"),
        ({"meaning": ["a"]}, "data.meaning: expected a table of column names"),
        ({"question": "a\x07"}, "data.question: expected no control characters"),
        ({"question": "a" * 301}, "data.question: expected at most 300 characters, found 301"),
        ({"question": 3}, "data.question: expected text in quotes, found 3"),
    ],
)
def test_what_fits_nothing_is_said(data: Mapping[str, Any], told: str) -> None:
    (said,) = problems(**data)
    assert said.startswith(told)


def test_numbers_to_predict_have_no_words() -> None:
    (said,) = problems("identity", words=WORDS)
    assert said.startswith("data.words: expected no words for the task")
    assert made("identity", meaning={"y": "size"}).dataset.story.titled("y") == "size (y)"
