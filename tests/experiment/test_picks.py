"""Choices of rows: what is read, what is refused, and what is said then."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from networks import mapping
from tracer.errors import ExperimentError
from tracer.experiment import Experiment, load_experiment
from tracer.experiment.model import ROW_WORDS, Pages
from tracer.experiment.picks import Counted, Everything, Pick, Span, picked, picks
from tracer.experiment.schema import experiment_schema
from tracer.studies.size import MOST_UNASKED, check_walkthrough, walkthrough_size

numbers = st.integers(1, 40)
spans = st.tuples(numbers, numbers).map(lambda pair: Span(min(pair), max(pair)))
named = st.builds(Counted, st.sampled_from(ROW_WORDS), numbers)
parts = st.one_of(st.builds(Everything), spans, named)


def written(pick: Pick) -> str:
    match pick:
        case Span(first, last):
            return str(first) if first == last else f"{first}-{last}"
        case Counted(word, count):
            return f"{word} {count}"
        case _:
            return "all"


def chosen(rows: Any) -> Experiment:
    return Experiment.from_mapping({**mapping(rows=40), "pages": {"rows": rows}})


@given(st.lists(parts, min_size=1, max_size=5))
def test_what_is_written_is_read_back_as_text_and_as_a_list(found: list[Pick]) -> None:
    texts = [written(pick) for pick in found]
    assert picks(", ".join(texts), ROW_WORDS) == tuple(found)
    assert picks(texts, ROW_WORDS) == tuple(found)
    assert picks([text.upper() for text in texts], ROW_WORDS) == tuple(found)


@given(st.lists(parts, max_size=5), st.sets(numbers), st.randoms(use_true_random=False))
def test_what_is_picked_is_the_union_of_the_parts_in_the_given_order(
    found: list[Pick], among: set[int], random: Any
) -> None:
    rows, ranked = sorted(among), sorted(among)
    random.shuffle(ranked)
    orders = {"first": rows, "hardest": ranked}
    got = picked(found, rows, lambda word: orders[word])
    alone = [picked([pick], rows, lambda word: orders[word]) for pick in found]
    assert list(got) == sorted({row for part in alone for row in part})
    for pick, part in zip(found, alone, strict=True):
        if isinstance(pick, Counted):
            assert set(part) == set(orders[pick.word][: pick.count])


@given(st.text(max_size=20) | st.integers() | st.lists(st.integers() | st.text(max_size=9)))
def test_whatever_stands_there_is_a_choice_or_a_problem_of_this_key(rows: Any) -> None:
    try:
        experiment = chosen(rows)
    except ExperimentError as error:
        keys = {str(problem.key).partition("[")[0] for problem in error.problems}
    else:
        keys = {"pages.rows"}
        assert Experiment.from_mapping(experiment.to_mapping()) == experiment
    assert keys == {"pages.rows"}


@pytest.mark.parametrize(
    ("rows", "key", "words"),
    [
        ("harddest 5", "pages.rows", 'Did you mean "hardest 5"?'),
        ("5 hardest", "pages.rows", 'Did you mean "hardest 5"?'),
        ("hardest", "pages.rows", 'Did you mean "hardest 10"?'),
        ("10-2", "pages.rows", 'Did you mean "2-10"?'),
        ("1, frist 3", "pages.rows", 'Did you mean "1, first 3"?'),
        (5, "pages.rows", 'Write [5] for the one of that number, or "first 5".'),
        ([1, "ferst 2"], "pages.rows[2]", 'Did you mean "first 2"?'),
        ([0], "pages.rows[1]", "found 0"),
        ([1, 41], "pages.rows[2]", "expected rows from 1 to 40, found 41"),
        ("38-41", "pages.rows", "expected rows from 1 to 40, found 41"),
        ("first 41", "pages.rows", "expected at most 40, the number of rows, found 41"),
    ],
)
def test_what_is_wrong_is_named_with_its_nearest_spelling(rows: Any, key: str, words: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        chosen(rows)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert words in str(problem)


def test_all_wrong_parts_are_told_at_once_with_their_lines(tmp_path: Any) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'title = "t"\n[data]\ncolumns = ["u", "t"]\nrows = [[0, 0], [1, 1]]\n'
        '[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
        '[pages]\nepochs = [1]\nrows = [\n  1,\n  "fist 2",\n  0,\n]\n'
    )
    with pytest.raises(ExperimentError) as caught:
        load_experiment(path)
    assert [problem.line for problem in caught.value.problems] == [12, 13]


def test_a_saved_choice_is_the_same_choice(tmp_path: Any) -> None:
    for rows in ("hardest 5", [1, "3-5", "first 2"], "all"):
        experiment = chosen(rows)
        experiment.save(tmp_path / "saved.toml", overwrite=True)
        again = load_experiment(tmp_path / "saved.toml")
        assert again.pages == experiment.pages
    assert "rows" not in Experiment.from_mapping(mapping()).to_mapping()["pages"]


def test_python_may_choose_by_a_range_or_an_array() -> None:
    table = mapping(rows=9)
    for rows in (range(2, 5), np.array([2, 3, 4])):
        made = Experiment(table["data"], table["layers"], pages={"rows": rows})
        assert made.pages.rows == (2, 3, 4)


def test_the_schema_knows_the_key() -> None:
    schema = json.loads(json.dumps(experiment_schema()))
    rows = schema["$defs"]["Pages"]["properties"]["rows"]
    assert {kind["type"] for kind in rows["anyOf"]} == {"string", "array"}
    assert "hardest 5" in rows["description"]


def test_too_many_rows_ask_for_a_choice_and_any_choice_is_an_answer() -> None:
    many = mapping(rows=MOST_UNASKED)
    with pytest.raises(ExperimentError) as caught:
        check_walkthrough(Experiment.from_mapping(many))
    (problem,) = caught.value.problems
    size = walkthrough_size(Experiment.from_mapping(many))
    assert problem.key == "pages.rows"
    assert f"{size.pages:,} pages of about " in problem.message
    assert 'rows = "all"' in str(problem)
    for rows in ("all", "first 3", "hardest 3", [1], []):
        check_walkthrough(Experiment.from_mapping({**many, "pages": {"rows": rows}}))
    check_walkthrough(Experiment.from_mapping(many, insist=True))
    check_walkthrough(Experiment.from_mapping(mapping(rows=MOST_UNASKED // 2)))


def test_a_choice_makes_the_estimate_smaller() -> None:
    def size(**pages: Any) -> int:
        experiment = Experiment.from_mapping({**mapping(rows=40, train=30), "pages": pages})
        return walkthrough_size(experiment).pages

    assert size() - size(rows="first 3") == 27 + 7
    assert size() - size(rows=[1, 31]) == 29 + 9
    assert size() == size(rows="all")
    assert Pages(rows="all").row_picks == Pages().row_picks
