"""Every key of a TOML document is found on its own line."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import examples
from tracer.experiment.locate import locate
from tracer.experiment.report import KeyPath, Report, key_text

DOCUMENT = '''\
# a comment with [data] and key = 1
title = "a # b = [c]"

[ data ]   # spaces
"path" = 'x\\y.csv'
rows = [
  [1, 2], # ] no end
  [3,
   4],
]
"a.b"."c \\"d\\"" = """
text = 1
[none]""\\""""
lit = \'\'\'
[[layers]]\'\'\'\'
[[layers]]
units = 1
  [layers.extra]
  deep.er = { x = 1, y.z = [ { k = 2 },
     { k = 3 } ] }
[[ layers ]]
units = 2
[ training . "stop" ]
tolerance = 1979-05-27 07:32:00
[[a.b]]
[[a.b.c]]
n = 1
[[a.b.c]]
n = 2
[[a.b]]
[[a.b.c]]
n = 3
'''

LINES: dict[KeyPath, int] = {
    ("title",): 2,
    ("data",): 4,
    ("data", "path"): 5,
    ("data", "rows"): 6,
    ("data", "rows", 0, 1): 7,
    ("data", "rows", 1): 8,
    ("data", "rows", 1, 1): 9,
    ("data", "a.b"): 11,
    ("data", "a.b", 'c "d"'): 11,
    ("data", "lit"): 14,
    ("layers",): 16,
    ("layers", 0): 16,
    ("layers", 0, "units"): 17,
    ("layers", 0, "extra"): 18,
    ("layers", 0, "extra", "deep", "er", "x"): 19,
    ("layers", 0, "extra", "deep", "er", "y", "z", 0, "k"): 19,
    ("layers", 0, "extra", "deep", "er", "y", "z", 1, "k"): 20,
    ("layers", 1): 21,
    ("layers", 1, "units"): 22,
    ("training",): 23,
    ("training", "stop"): 23,
    ("training", "stop", "tolerance"): 24,
    ("a", "b", 0, "c", 1, "n"): 29,
    ("a", "b", 1): 30,
    ("a", "b", 1, "c", 0, "n"): 32,
}


@pytest.mark.parametrize("text", [DOCUMENT, DOCUMENT.replace("\n", "\r\n"), "\ufeff" + DOCUMENT])
def test_a_document_with_everything(text: str) -> None:
    tomllib.loads(text.removeprefix("\ufeff"))
    lines = locate(text)
    assert {path: lines.get(path) for path in LINES} == LINES
    assert ("layers", 2) not in lines
    assert ("none",) not in lines


def test_a_missing_key_stands_where_its_table_stands() -> None:
    report = Report("x.toml", locate(DOCUMENT))
    assert report.line(("layers", 1, "activation")) == 21
    assert report.line(("nowhere", "at all")) is None


def test_key_text_counts_from_one() -> None:
    assert key_text(("layers", 0, "units")) == "layers[1].units"
    assert key_text(("init", "weights", 1, 2, 0)) == "init.weights[2][3][1]"
    assert key_text(("data", "a b")) == 'data."a b"'


def test_text_that_is_no_toml_does_no_harm() -> None:
    assert locate("a = 1\nb =\nc = 3")[("a",)] == 1
    assert locate("]\n= 3") == {}
    assert locate("a = " + "[" * 20_000)[("a",)] == 1


# Random documents, written one key a line with comments between, so that every line is known.

names = st.text(min_size=1, max_size=4)
scalars = st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=6))
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
tables = st.dictionaries(names, values, max_size=4)
documents = st.dictionaries(names, st.one_of(tables, st.lists(tables, max_size=3)), max_size=4)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return quoted(value) if isinstance(value, str) else str(value).lower()


def below(path: KeyPath, value: Any) -> list[KeyPath]:
    if isinstance(value, dict):
        return [path] + [p for k, v in value.items() for p in below((*path, k), v)]
    if isinstance(value, list):
        return [path] + [p for k, v in enumerate(value) for p in below((*path, k), v)]
    return [path]


@examples(150)
@given(documents, st.sampled_from(["\n", "\r\n"]))
def test_every_path_of_a_random_document(document: dict[str, Any], newline: str) -> None:
    rows: list[str] = []
    expected: dict[KeyPath, int] = {}
    for name, section in document.items():
        many = isinstance(section, list)
        for index, table in enumerate(section if many else [section]):
            path: KeyPath = (name, index) if many else (name,)
            rows.append(f"[[{quoted(name)}]] # [[" if many else f"[{quoted(name)}] # ]")
            expected.setdefault((name,), len(rows))
            expected[path] = len(rows)
            for key, value in table.items():
                rows.append(f"{quoted(key)} = {inline(value)} # {quoted(key)} = 1")
                expected.update(dict.fromkeys(below((*path, key), value), len(rows)))
    text = newline.join(rows) + newline
    assert tomllib.loads(text) == {k: v for k, v in document.items() if v != []}
    assert locate(text) == expected
