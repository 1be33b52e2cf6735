"""What a table is about: pages and pictures say it in the author's words."""

from __future__ import annotations

from typing import Any

import pytest

from single import text_of, walk_of
from tracer.pictures.categories import answer_words, category_names, row_text

STORY = {
    "question": "Was a rainbow seen?",
    "meaning": {"a": "hours of sun", "y": "what was seen"},
    "words": {"-1": "no rainbow", "1": "rainbow"},
}
TOLD = {
    "task": ("Was a rainbow seen?", "hours of sun (a)", "−1 stands for “no rainbow”"),
    "epoch-1/row-1": ("The table", "rainbow”"),
    "predictions": ("Was a rainbow seen?", "above one half it means “rainbow”", "| no rainbow"),
    "network": ("hours of sun (a)", "class “rainbow”"),
    "": ("Was a rainbow seen?",),
}


def walk(**story: Any) -> Any:
    data = {"columns": ["a", "b", "y"], "rows": [[1, 2, -1], [2, 1, 1]], **story}
    layers = [{"units": 1, "activation": "sigmoid"}]
    return walk_of({"data": data, "layers": layers, "training": {"epochs": 2}})


@pytest.mark.parametrize("slug", TOLD)
def test_pages_speak_in_the_words_of_the_author(slug: str) -> None:
    said = text_of(walk(**STORY), slug)
    assert [words for words in TOLD[slug] if words not in said] == []
    assert "class −1" not in said
    assert "class no" not in said


def test_pictures_name_classes_and_columns_in_words() -> None:
    dataset = walk(**STORY).trace.experiment.dataset
    assert category_names(dataset) == ("no rainbow", "rainbow")
    assert row_text(dataset, 0) == "no rainbow"
    assert answer_words(dataset, dataset.y[1], 4) == "rainbow"


def test_without_words_the_table_speaks() -> None:
    said = walk()
    assert "class −1 the target" in text_of(said, "task")
    assert category_names(said.trace.experiment.dataset) == ("y = −1", "y = 1")
