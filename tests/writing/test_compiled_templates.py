"""Templates are compiled to shorter ways, and say what they say to Jinja itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, pass_context

from examples import examples
from tracer.writing.compiling import PageEnvironment
from tracer.writing.foreign import isolated
from tracer.writing.language import Language, Messages, speak
from tracer.writing.stencils import Stencils, mark, tag

PARTS = {
    "macros": """
{% macro named(one, two="<b>", three=other) %}{{ one }}|{{ two }}|{{ three }}{% endmacro %}
{% macro all(one) %}{{ one }}{{ varargs | join(";") }}{{ kwargs | dictsort | join(";") }}
{% endmacro %}
{% macro around(item) %}[{{ caller(item) }}]{% endmacro %}
{% macro held(one, caller=none) %}{{ one }}{{ caller is none }}{% endmacro %}
{% macro once() %}{{ named(number, three=title) }}{{ named(one=1) }}{% endmacro %}
{% macro raw() %}
{% autoescape false %}{{ title }}{{ named(title) }}{% endautoescape %}
{% endmacro %}
{% set kept = title ~ "<i>" %}{% set asked = whole %}""",
    "inner": """{% import "macros" as tr with context %}
{% macro deep() %}{{ tr.once() }}{% endmacro %}""",
    "plain": "{% macro three(a, b, c) %}{{ a }}{{ b }}{{ c }}{% endmacro %}",
}
TR = '{% import "macros" as tr with context %}'
PAGES = (
    f"{TR}{{{{ tr.named(title) }}}}{{{{ tr.named(two=title, one=number) }}}}",
    f'{TR}{{{{ tr.all(title, 2, "<", x=title) }}}}{{{{ tr.kept }}}}',
    f"{TR}{{% call(x) tr.around(title) %}}<u>{{{{ x }}}}</u>{{% endcall %}}",
    f"{TR}{{{{ tr.held(title) }}}}",
    f"{TR}{{{{ tr.once() }}}}{{{{ tr.raw() }}}}{{{{ tr.asked() }}}}",
    f"""{TR}{{% set title = "new" %}}{{% import "macros" as two with context %}}
{{{{ tr.once() }}}}{{{{ two.once() }}}}{{{{ two.kept }}}}""",
    """{% import "plain" as tr %}{{ tr.three(1, "<", title) }}
{% import "inner" as inner with context %}{{ inner.deep() }}""",
    f"""{{% for title in (1, "<", title) %}}
{TR}{{{{ tr.once() }}}}{{{{ loop.index }}}}{{% endfor %}}""",
    """{% trans %}50% of <em>all</em>{% endtrans %}
{% trans title %}{{ title }} & {{ title }}%{% endtrans %}""",
    """{% trans count=number, title %}{{ count }} row of {{ title }}{% pluralize %}
{{ count }} rows{% endtrans %}{{ _("a < b") }}""",
    """{% macro _(text) %}<{{ text }}>{% endmacro %}{{ _("own") }}
{% set gettext = whole %}{{ gettext() }}""",
    """{% autoescape false %}{{ title }}{% trans title %}off {{ title }}{% endtrans %}
{% endautoescape %}{{ title }}""",
    "{% filter upper %}{{ title }}{{ none }}{{ number }}{% endfilter %}{{ missing is defined }}",
)


@pass_context
def whole(context: Mapping[str, Any]) -> str:
    """What looks at the whole context."""
    return f"<{context['title']}>"


@cache
def made(kind: type[Environment], page: str) -> Environment:
    """An environment in which a page stands beside its parts."""
    return holding(kind, {**PARTS, "page": page})


def holding(kind: type[Environment], templates: Mapping[str, str]) -> Environment:
    """An environment with some templates."""
    found = kind(
        loader=DictLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=isolated,
    )
    speak(found, Language(), isolated)
    if isinstance(found, PageEnvironment):
        found.messages = Messages(NullTranslations())
    found.globals["whole"] = whole
    return found


@pytest.mark.parametrize("page", PAGES)
@examples(20)
@given(titles=st.lists(st.text(max_size=6), min_size=1, max_size=3), number=st.integers(0, 3))
def test_a_page_is_what_jinja_makes_of_it(page: str, titles: list[str], number: int) -> None:
    """Also when it is rendered again with other values, and with the same."""
    ours, theirs = made(PageEnvironment, page), made(Environment, page)
    for title in (*titles, titles[0]):
        told = {"title": title, "number": number, "other": [title], "none": None}
        assert ours.get_template("page").render(told) == theirs.get_template("page").render(told)


LASTING = {
    "said": "{% macro one() %}{{ title }}{{ number }}{% endmacro %}{% set both = (one, 1) %}",
    "holder": """{% import "said" as said with context %}
{% macro two() %}({{ said.one() }}{{ said.both[1] }}{{ title }}){% endmacro %}""",
    "late": """{% set title = "own" %}{% import "said" as said with context %}{% set number = 9 %}
{% macro three() %}{{ said.one() }}{{ title }}{{ number }}{% endmacro %}""",
    "outlives": """{% import "said" as said with context %}
{% macro four(title) %}{{ said.both[1] }}{{ title }}{% endmacro %}""",
}
HOLDER = '{% import "holder" as holder with context %}'
SAID = '{% import "said" as said with context %}'
IN_TURN = (
    HOLDER + "{{ holder.two() }}",
    f"{SAID}{{{{ said.one() }}}}{HOLDER}{{{{ holder.two() }}}}{{{{ said.one() }}}}",
    f"""{SAID}{HOLDER}{{% set title = "new" %}}{{% import "said" as other with context %}}
{{{{ other.one() }}}}{{{{ said.one() }}}}{{{{ holder.two() }}}}""",
    f"""{HOLDER}{{% set number = 7 %}}{{% import "holder" as other with context %}}
{{{{ holder.two() }}}}{{{{ other.two() }}}}""",
    f"""{{% import "late" as late with context %}}{{{{ late.three() }}}}
{SAID}{{{{ said.one() }}}}{{{{ late.three() }}}}""",
    f"""{{% import "outlives" as outlives %}}{{{{ outlives.four(number) }}}}{HOLDER}
{{{{ holder.two() }}}}{{{{ outlives.four(title) }}}}""",
)


@examples(40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(IN_TURN) - 1), st.sampled_from(["a", "<b>", "c"]), st.integers(0, 2)
        ),
        max_size=8,
    )
)
def test_macros_are_given_the_values_of_each_page_in_turn(
    pages: list[tuple[int, str, int]],
) -> None:
    ours, theirs = lasting(PageEnvironment), lasting(Environment)
    assert isinstance(ours, PageEnvironment)
    for k, title, number in pages:
        ours.turn()
        told = {"title": title, "number": number}
        found = ours.get_template(f"page{k}").render(told)
        assert found == theirs.get_template(f"page{k}").render(told)


@cache
def lasting(kind: type[Environment]) -> Environment:
    """An environment of several pages."""
    return holding(kind, {**LASTING, **{f"page{k}": page for k, page in enumerate(IN_TURN)}})


def test_a_page_takes_over_the_macros_of_the_one_before() -> None:
    ours = holding(PageEnvironment, {**LASTING, "page": HOLDER + "{{ holder.two() }}"})
    assert isinstance(ours, PageEnvironment)
    for title in ("one", "other", "one"):
        ours.turn()
        assert ours.get_template("page").render(title=title, number=1) == f"({title}11{title})"
    assert [len(found) for found in ours.modules.lasting.values()] == [1, 1]


def test_what_is_imported_is_made_once_for_the_same_values() -> None:
    page = f'{TR}{{% import "inner" as inner with context %}}{{{{ inner.deep() }}}}'
    ours, told = made(PageEnvironment, page), {"title": "t", "number": 1, "other": 2}
    assert isinstance(ours, PageEnvironment)
    made_of = [ours.get_template("page").render({**told, "whole": 0, "aside": k}) for k in range(3)]
    assert made_of == [made_of[0]] * 3
    assert len(ours.modules.known) == 2
    ours.get_template("page").render({**told, "whole": 0, "title": "other"})
    assert len(ours.modules.known) == 4


def test_an_environment_that_lasts_follows_changed_templates() -> None:
    ours, parts = made(PageEnvironment, TR + "{{ tr.named(1) }}, lasting"), {**PARTS}
    ours.loader, ours.auto_reload = DictLoader({**parts, "page": TR + "{{ tr.named(1) }}"}), True
    assert isinstance(ours.loader, DictLoader)
    told = {"title": "", "number": 0, "other": 0, "whole": 0}
    before = ours.get_template("page").render(told)
    changed = parts["macros"].replace("}}|{{", "}}, {{")
    ours.loader.mapping = {**ours.loader.mapping, "macros": changed}
    assert ours.get_template("page").render(told) == before.replace("|", ", ")


def test_what_is_missing_is_still_an_error() -> None:
    for page in (
        "{{ nothing }}",
        '{% import "macros" as tr with context %}{{ tr.named(nothing) }}',
    ):
        for kind in (PageEnvironment, Environment):
            with pytest.raises(Exception, match="'nothing' is undefined"):
                made(kind, page).get_template("page").render(title="", number=0, other=0)


def test_a_text_is_rendered_once_for_each_shape_and_gets_its_own_pieces() -> None:
    stencils, asked = Stencils(), list[str]()

    def ask() -> str:
        asked.append("once")
        assert stencils.now is not None
        return f"a {mark('one', 1)} <p> {tag('two', 0)} </p>>".replace("> <", "><")

    for shown in ("x", "y"):
        found = stencils.of("shape", ask, list)
        pieces = {"one": (shown + "{}").format, "two": f"<b>{shown}</b>".format}
        assert found.filled(pieces) == f"a {shown}1 <p><b>{shown}</b></p>>"
    assert asked == ["once"]
    assert stencils.now is None
