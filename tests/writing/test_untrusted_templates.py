"""Templates that an experiment file names: they write pages, and can do nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rendering import studies_of, trace_of, walkthrough
from tracer.api import own_templates
from tracer.errors import ExperimentError, RenderError
from tracer.experiment import Experiment, load_experiment
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import _render, build_pages, page_renderer, render_pages
from tracer.writing.templating import DataTemplates, environment, of_experiment

SMALL = """
[data]
columns = ["u", "t"]
rows = [[0, 0], [1, 1]]
[[layers]]
units = 1
activation = "sigmoid"
[training]
epochs = 1
[pages]
epochs = []
"""


@cache
def small() -> Trace:
    """The run of a network with one weight."""
    data = {"columns": ["u", "t"], "rows": [[0, 0], [1, 1]]}
    layers = [{"units": 1, "activation": "sigmoid"}]
    return run(Experiment.from_mapping({"data": data, "layers": layers, "training": {"epochs": 1}}))


def boxed(folder: Path, text: str) -> str:
    """What a template gives in the sandbox, told what an overview is told of the experiment."""
    (folder / "mine.j2").write_text(text, encoding="utf-8")
    trace = small()
    env = of_experiment(environment(DataTemplates(folder)), trace.experiment)
    return _render(env, "mine.j2", {"trace": trace, "experiment": trace.experiment}, (Exception,))


ATTACKS = {
    "by a global": '{{ cycler.__init__.__globals__.os.popen("touch {0}").read() }}',
    "by a class": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "by a filter": "{{ '' | attr('__class__') }}",
    "by a format": "{{ '{0.__class__}'.format('') }}",
    "by a percent": "{{ '%s' % trace.__class__ }}",
    "by a macro": "{% macro m() %}{% endmacro %}{{ m.__init__.__globals__ }}",
    "by the trace": '{{ trace.save("{0}") }}',
    "by the experiment": '{{ experiment.save("{0}") }}',
    "by a file": '{{ experiment.source.write_text("x") }}',
    "by an array": '{{ trace.x.tofile("{0}") }}',
    "by a dump": '{{ trace.loss.dump("{0}") }}',
}


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_run_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    target = tmp_path / "written"
    with pytest.raises(RenderError) as found:
        boxed(tmp_path, "\n" + ATTACKS[name].replace("{0}", str(target)))
    assert not target.exists()
    (problem,) = found.value.problems
    assert (Path(problem.file or "").name, problem.line) == ("mine.j2", 2)


ENDLESS = {
    "a range": "{% for i in range(10 ** 12) %}x{% endfor %}",
    "ranges": "{% set r = range(99999) %}{% for i in r %}{% for j in r %}{% endfor %}{% endfor %}",
    "a product": "{{ 'a' * 10 ** 10 }}",
    "a list": "{{ [1] * 10 ** 10 }}",
    "a power": "{{ 9 ** (9 ** 9) }}",
    "doubled": "{% set n = namespace(s='a') %}{% for i in range(99) %}"
    "{% set n.s = n.s ~ n.s %}{% endfor %}",
    "added": "{% set n = namespace(s='a') %}{% for i in range(99) %}"
    "{% set n.s = n.s + n.s %}{% endfor %}",
    "captured": "{% set n = namespace(s='a') %}{% for i in range(99) %}"
    "{% set t %}{{ n.s }}{{ n.s }}{% endset %}{% set n.s = t %}{% endfor %}",
    "joined": "{% set n = namespace(s='a') %}{% for i in range(99) %}"
    "{% set n.s = [n.s, n.s] | join %}{% endfor %}",
    "replaced": "{% set n = namespace(s='aa') %}{% for i in range(99) %}"
    "{% set n.s = n.s | replace('a', n.s) %}{% endfor %}",
    "wide": "{{ 'a'.center(10 ** 10) }}",
    "called": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "recursive": "{% for i in [1] recursive %}{{ loop([1, 1]) }}{% endfor %}",
    "large": "{# " + "x" * 1_000_001 + " #}",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_it_comes_to_an_end(name: str, tmp_path: Path) -> None:
    begun = time.process_time()
    with pytest.raises(RenderError, match=r"mine\.j2:\d+: "):
        boxed(tmp_path, ENDLESS[name])
    assert time.process_time() - begun < 30


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ experiment.title | md }}", "experiment\n"),
        ("{{ 'a' ~ 1 ~ '<' }}", "a1&lt;\n"),
        ("{{ 2 ** 10 + 3 * 4 }} {{ 7 % 4 }} {{ 'ab' * 2 }}", "1036 3 abab\n"),
        ("{{ [1, 2] | join(', ') }} {{ 'a-b' | replace('-', '+') }}", "1, 2 a+b\n"),
        ("{% for v in trace.x %}{{ v[0] | num }} {% endfor %}", "0 1\n"),
        ("{% macro m(x) %}<{{ x.upper() }}>{% endmacro %}{{ m('a') }}", "<A>\n"),
    ],
)
def test_what_a_page_needs_works(text: str, shown: str, tmp_path: Path) -> None:
    assert " ".join(boxed(tmp_path, text).split()) == shown.strip()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataTemplates]:
    """A folder with a page of one's own; what is beside it is compiled for the sandbox once."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "pages").mkdir()
    text = '{% extends "tracer/pages/overview.md.j2" %}{% block question %}Mine.{% endblock %}'
    (folder / "pages" / "overview.md.j2").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracer.writing.site.environment", cache(environment))
        yield DataTemplates(folder)


def test_a_page_of_ones_own_has_the_built_in_macros(own: DataTemplates) -> None:
    trace = small()
    studies = study(trace)
    plain = render_pages(trace, studies, proofs=False)
    found = render_pages(trace, studies, proofs=False, templates=own)
    assert "\nMine.\n" in found.pop("index.md")
    del plain["index.md"]
    assert found == plain


OUTSIDE = ["..", "../elsewhere", "/", "own/../..", "link"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_folder_lies_beside_the_experiment(name: str, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / "own").mkdir()
    (home / "link").symlink_to(elsewhere)
    (home / "x.toml").write_text(f'{SMALL}templates = "{name}"\n', encoding="utf-8")
    with pytest.raises(ExperimentError, match=r"x\.toml:12: pages\.templates: .*--templates DIR"):
        own_templates(load_experiment(home / "x.toml"))


def test_a_template_that_is_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    own = tmp_path / "own"
    own.mkdir()
    (own / "other.j2").symlink_to(tmp_path / "secret")
    with pytest.raises(RenderError, match="leads out of the folder"):
        boxed(own, '{% include "other.j2" %}')
    with pytest.raises(RenderError, match="there is no template"):
        boxed(own, '{% include "../secret" %}')
    with pytest.raises(RenderError, match="there is no template"):
        boxed(own, '{% include "/etc/hostname" %}')


def test_templates_given_by_hand_are_trusted(tmp_path: Path) -> None:
    (tmp_path / "mine.j2").write_text("{{ ''.__class__.__name__ }}", encoding="utf-8")
    assert environment(tmp_path).get_template("mine.j2").render() == "str"


@pytest.mark.parametrize("name", ["multiclass", "l2 a batch"])
def test_the_explorer_is_the_same_beside_templates_of_ones_own(
    name: str, own: DataTemplates
) -> None:
    trace = trace_of(name)
    built = build_pages(trace, studies_of(name), templates=own)
    (page,) = [page for _, page in built if page.slug == "explore"]
    render = page_renderer(trace.experiment, templates=own)
    assert render(page) == walkthrough(name)[page.path]
