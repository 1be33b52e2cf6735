"""The laws of the house hold, and each law is able to find what breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import house
import house_rows
from house_files import every_package_is_shipped, no_long_files, nothing_of_one_machine
from house_pages import pages_are_named_in_one_table
from house_words import sentences_are_messages
from reasons import numbers_say_why

ROOT = Path(__file__).resolve().parents[1]
Law = Callable[[Path], Iterable[str]]
OF_ROWS = house_rows.a_row_is_named_in_the_catalog_alone
LAWS: tuple[Law, ...] = (
    *house.LAWS,
    pages_are_named_in_one_table,
    OF_ROWS,
    sentences_are_messages,
)

#: A small house in order, with a little of everything that a law could mistake.
IN_ORDER = {
    "pyproject.toml": '[tool.setuptools]\npackages = ["tracer", "tracer.cli", "tracer.pages"]\n',
    "tracer/__init__.py": "from tracer.training import run\n",
    "tracer/trace.py": "import numpy\nimport sympy as sp\nsp.lambdify((), 0)\n",
    "tracer/training.py": "from tracer.trace import Trace\n",
    "tracer/writing/site.py": (
        "from jinja2 import Environment\nfrom tracer import trace\nlog.print(1)\n"
    ),
    "tracer/pages/__init__.py": (
        'PAGES = (PageKind(name="a", slug="up/a"),'
        ' PageKind(name="b", slug="b-{row}", listed=False))'
    ),
    "tracer/pages/a.py": 'desk = desk_of(walk, "a")\nx = desk.link_to("b", "anchor", row=1), "a"\n',
    "tracer/errors.py": (
        "from fractions import Fraction\nfrom decimal import Decimal\n"
        "FAR = 1e6  # what is larger is no number of a lesson\n"
        "# Both are what a page shows\n# unless it is told otherwise.\nA, B = 4, 0.5\n"
        'SMALL = Fraction(1, 10)\n"""Below it nothing is seen."""\n'
        "LAYERS, NONE = 2, 0\nrate = 0.5\nROWS = {'a': row('a name', 0.3)}\nSUM = other * 2\n"
        "QUIET = {'SILENT': '7'}\n"
    ),
    "tracer/pictures/network/b.py": "",
    "tracer/pictures/draw.py": '''"""A picture of what is learned."""
def draw(name, row):
    """Draws one row of the table."""
    if row is None:
        raise ValueError(f"there is no row {row} in the table")
    problem = Problem("a picture needs a row", hint=f"Give the row {row}.")
    path = cast("dict[str, str]", f"M {row} 0 L {row} 1")
    return f'<g class="tr-row {name}"><path d="{path}"/></g>', "epoch-1", r"\\left( \\partial L"
''',
    "tracer/catalog.py": (
        'Activation.of(name="relu", title="the ReLU", source="Nair and Hinton, 2010")\n'
    ),
    "tracer/files/tree.py": 'HINT = "Move it away, and render again."\n',
    "tracer/cli/__init__.py": "import sys, click\nfrom tracer.training import run\nprint(run)\n",
    "templates/pages/a.md.j2": (
        "{# 0.5 #}\n{{ items[-1] ~ '.' }} {% trans %}layer 3{% endtrans %} {{ _('the loss') }}"
        '\n<a {% if x %}class="tr-a"{% endif %} href="#a">{{ x }}</a> `code it is`\n'
    ),
    "templates/pages/b.md.j2": "title: {{ x }} {{ tr.term('a-b', 'title: A', ['a', b]) }}\n",
    "templates/words/pages.j2": (
        "{% macro title_a() %}A.{% endmacro %}{% macro teaser_a() %}{% endmacro %}"
        "{% macro title_b(row) %}B{% endmacro %}"
    ),
    "templates/svg/a.svg.j2": '<svg viewBox="0 0 1.5 1.5">{{ x }}</svg>\n',
}
BROKEN: list[tuple[Law, str, str, str]] = [
    (
        house.rendering_knows_no_training,
        "tracer/writing/site.py",
        "import tracer.training",
        "training",
    ),
    (
        house.rendering_knows_no_training,
        "tracer/writing/site.py",
        "from tracer import training",
        "training",
    ),
    (
        house.rendering_knows_no_training,
        "tracer/trace.py",
        "import tracer.training",
        "tracer.writing.site",
    ),
    (
        house.rendering_knows_no_training,
        "tracer/anew.py",
        "def f():\n import tracer.training",
        "anew",
    ),
    (house.numbers_know_no_printing, "tracer/trace.py", "import jinja2", "jinja2"),
    (house.numbers_know_no_printing, "tracer/trace.py", "from mkdocs import config", "mkdocs"),
    (house.numbers_know_no_printing, "tracer/trace.py", "from sympy import latex", "sympy.latex"),
    (house.numbers_know_no_printing, "tracer/trace.py", "import sympy.printing.str", "printing"),
    (house.numbers_know_no_printing, "tracer/trace.py", "sp.latex(1)", "sp.latex"),
    (
        house.numbers_know_no_printing,
        "tracer/trace.py",
        "import tracer.writing.site",
        "through tracer.writing.site",
    ),
    (house.no_import_cycles, "tracer/trace.py", "import tracer.training", "leads back"),
    (
        house.no_import_cycles,
        "tracer/trace.py",
        "def f():\n from tracer.writing import site",
        "leads back",
    ),
    (
        house.imports_run_downstairs,
        "tracer/trace.py",
        "import tracer.writing.site",
        "not on a floor",
    ),
    (house.imports_run_downstairs, "tracer/pages/a.py", "import tracer.writing.site", "pages.a"),
    (house.imports_run_downstairs, "tracer/reread/a.py", "import tracer.errors", "reread.a"),
    (house.imports_run_downstairs, "tracer/anew.py", "", "anew is on no floor"),
    (
        house.imports_run_downstairs,
        "tracer/pictures/plot/a.py",
        "import tracer.pictures.network.b",
        "plot.a imports",
    ),
    (house.only_the_command_line_talks, "tracer/writing/site.py", "print(1)", "print"),
    (
        house.only_the_command_line_talks,
        "tracer/writing/site.py",
        "import sys\nsys.exit(1)",
        "sys.exit",
    ),
    (
        house.only_the_command_line_talks,
        "tracer/writing/site.py",
        "sys.stdout.write('')",
        "sys.stdout",
    ),
    (house.only_the_command_line_talks, "tracer/writing/site.py", "raise SystemExit", "SystemExit"),
    (house.only_the_command_line_talks, "tracer/writing/site.py", "exit()", "exit"),
    (
        house.only_the_command_line_talks,
        "tracer/writing/site.py",
        "from rich import progress",
        "rich",
    ),
    (house.wording_stands_in_templates, "tracer/writing/site.py", "x = 'the loss falls'", "site:4"),
    (house.wording_stands_in_templates, "tracer/writing/site.py", "x = f'row {y}'", "row …"),
    (house.wording_stands_in_templates, "tracer/writing/site.py", "x = f'{y}, {z} rows'", "… rows"),
    (
        house.wording_stands_in_templates,
        "tracer/writing/site.py",
        "x = '<b>the loss</b>'",
        "the loss",
    ),
    (
        house.wording_stands_in_templates,
        "tracer/writing/site.py",
        "x = r'\\text{if big}'",
        "if big",
    ),
    (house.wording_stands_in_templates, "tracer/pages/a.py", "f(title='The loss')", "The loss"),
    (house.wording_stands_in_templates, "tracer/catalog.py", "f(why='It is so')", "It is so"),
    (house.wording_stands_in_templates, "tracer/anew.py", "because('no rows, here')", "anew:1"),
    (
        OF_ROWS,
        "tracer/teaching/readings.py",
        'SWITCHED = frozenset(["relu"])',
        "teaching.readings:1: 'relu'",
    ),
    (
        OF_ROWS,
        "templates/pages/a.md.j2",
        "{% if entry.name == 'relu' %}{% endif %}",
        "'relu'",
    ),
    (
        OF_ROWS,
        "tracer/catalog/losses.py",
        'Loss(name="epoch-1", source="here")',
        "'epoch-1'",
    ),
    (house.templates_never_compute, "templates/svg/a.svg.j2", "{{ x + 1 }}", "Add"),
    (house.templates_never_compute, "templates/pages/a.md.j2", "{% if x * 2 %}{% endif %}", "Mul"),
    (house.templates_never_compute, "templates/pages/a.md.j2", "{{ x | round(2) }}", "round"),
    (house.templates_never_compute, "templates/pages/a.md.j2", "{{ -x }}", "Neg"),
    (house.templates_never_compute, "templates/pages/a.md.j2", "{{ '%f' % x }}", "Mod"),
    (sentences_are_messages, "templates/pages/a.md.j2", "It falls.", "4: 'It'"),
    (sentences_are_messages, "templates/svg/a.svg.j2", "<text>loss</text>", "'loss'"),
    (sentences_are_messages, "templates/pages/a.md.j2", '<p title="The loss">', "The loss"),
    (sentences_are_messages, "templates/pages/a.md.j2", "{{ f('It falls') }}", "It falls"),
    (
        sentences_are_messages,
        "templates/pages/a.md.j2",
        "<a {% if x %}b{% endif %}>{% trans %}It{% endtrans %} falls</a>",
        "'falls'",
    ),
    (
        sentences_are_messages,
        "templates/pages/a.md.j2",
        "{% if x %}{{ x }}{% else %}nothing{% endif %}",
        "'nothing'",
    ),
    (house.templates_hold_no_results, "templates/pages/a.md.j2", "It is 0.25.", "0.25"),
    (house.templates_hold_no_results, "templates/partials/b.j2", "{{ f(0.25) }}", "0.25"),
    (house.templates_hold_no_results, "templates/words/b.j2", "It is 0.25.", "0.25"),
    (pages_are_named_in_one_table, "tracer/anew.py", "x = 'up/a'", "the address up/a"),
    (pages_are_named_in_one_table, "tracer/anew.py", "x = f'b-{y}#z-{k}'", "the address b-…#z-…"),
    (pages_are_named_in_one_table, "tracer/pages/a.py", "desk.link('a')", "given the address 'a'"),
    (pages_are_named_in_one_table, "tracer/pages/a.py", "Place('a', 'z')", "given the address 'a'"),
    (pages_are_named_in_one_table, "tracer/pages/a.py", "walk.slug('c')", "called 'c'"),
    (pages_are_named_in_one_table, "tracer/pages/a.py", "desk_of(walk, 'c')", "called 'c'"),
    (pages_are_named_in_one_table, "tracer/pages/a.py", "Desk(walk, 'a')", "given the address 'a'"),
    (pages_are_named_in_one_table, "templates/pages/a.md.j2", "{{ x('up/a') }}", "address up/a"),
    (pages_are_named_in_one_table, "templates/pages/a.md.j2", "{{ d.link('a') }}", "address 'a'"),
    (pages_are_named_in_one_table, "templates/macros.md.j2", "{{ d.link_to('c') }}", "called 'c'"),
    (
        pages_are_named_in_one_table,
        "templates/pages/a.md.j2",
        "{% call term('x', 'X', ['c']) %}{% endcall %}",
        "called 'c'",
    ),
    (pages_are_named_in_one_table, "templates/pages/a.md.j2", "title: A", "a title that is typed"),
    (
        pages_are_named_in_one_table,
        "templates/words/pages.j2",
        "{% macro next_c() %}{% endmacro %}",
        "next_c is of no row",
    ),
    (
        pages_are_named_in_one_table,
        "tracer/pages/__init__.py",
        "\nPageKind(name='c', slug='c')",
        "there is no teaser_c",
    ),
    (no_long_files, "tests/test_a.py", "\n" * 401, "401 lines"),
    (nothing_of_one_machine, "README.md", "see /" + "work/main", "README.md:1"),
    (nothing_of_one_machine, "a/b.yml", "x\nhttps://pyp" + "i.org/x", "b.yml:2"),
    (numbers_say_why, "tracer/anew.py", "FAR = 1e6", "anew.py:1: FAR"),
    (numbers_say_why, "tracer/anew.py", "A, B = 1, -3", "A, B"),
    (numbers_say_why, "tracer/anew.py", "KEY, LEAST = 'key', 1e-9", "LEAST"),
    (numbers_say_why, "tracer/anew.py", "WAIT: float = 2.0  # seconds", "WAIT"),
    (numbers_say_why, "tracer/anew.py", "SMALL = Fraction(1, 100)", "SMALL"),
    (numbers_say_why, "tracer/anew.py", "SMALL = Decimal('1e-6')", "SMALL"),
    (numbers_say_why, "tracer/anew.py", "SIZES = {'a': 3 * 2**10}", "SIZES"),
    (numbers_say_why, "tracer/anew.py", "# It is so for good reason.\n\nFAR = 7", "FAR"),
    (numbers_say_why, "tracer/anew.py", 'FAR = 7\nx = 1\n"It is so for a reason."', "FAR"),
    (every_package_is_shipped, "tracer/anew/__init__.py", "", "tracer.anew is not listed"),
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_law_holds(law: Law) -> None:
    assert list(law(ROOT)) == []


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_house_in_order_breaks_no_law(tmp_path: Path, law: Law) -> None:
    build(tmp_path, IN_ORDER)
    assert list(law(tmp_path)) == []


@pytest.mark.parametrize(
    ("law", "path", "text", "named"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_the_law_finds_what_breaks_it(
    tmp_path: Path, law: Law, path: str, text: str, named: str
) -> None:
    build(tmp_path, IN_ORDER | {path: IN_ORDER.get(path, "") + text})
    assert [problem for problem in law(tmp_path) if named in problem]


def test_every_law_is_shown_to_fail() -> None:
    assert {law for law, *_ in BROKEN} == set(LAWS)


def test_the_guide_names_every_key_of_the_experiment_file() -> None:
    from tracer.experiment import experiment_schema

    guide = (ROOT / "site" / "guide" / "experiment-file.md").read_text(encoding="utf-8")
    keys = set(_properties(experiment_schema()))
    assert {"title", "units", "learning_rate", "convention"} <= keys
    assert sorted(key for key in keys if f"`{key}`" not in guide and f"[{key}]" not in guide) == []


def _properties(schema: Any) -> Iterable[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)


def build(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
