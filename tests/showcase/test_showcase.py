"""What the site's own pages show: parts made of runs, and judgements that were tried."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from posixpath import normpath

import numpy as np
import pytest
from markdown import Markdown

from rendering import DEFAULT, pages_of, trace_of
from sites import ROOT
from test_examples import CASES, PUBLISHED
from tracer.errors import RenderError
from tracer.examples import built_in_names
from tracer.experiment import Experiment
from tracer.html.sources import TITLE
from tracer.pages import Page as Made
from tracer.refs import Ref
from tracer.showcase import errors, parts, slips
from tracer.showcase.figures import Figure, printed_figures
from tracer.studies.run import study
from tracer.writing.site import GROUP, build_pages, page_renderer

FRONT = (ROOT / "site" / "index.md").read_text(encoding="utf-8")
OFF = ("mazur", "postnetwork-softmax", "sreekanth-bce", "hmkcode-linear")
every = pytest.mark.parametrize("name", sorted(PUBLISHED))


@every
def test_figures_are_those_of_the_source_and_judged_as_elsewhere(name: str) -> None:
    told = CASES[PUBLISHED[name]].document["expected"]["printed"]
    said = [row for row in told if not row["quantity"].startswith("explains")]
    figures = [one for one in printed_figures()[name] if not one.place]
    assert [one.printed for one in figures] == [row["printed"] for row in said]
    wrong = [one.figure.printed for one in errors.compared(name).wrong if not one.figure.place]
    assert wrong == [row["printed"] for row in said if row["verdict"] == "wrong"]


@pytest.mark.parametrize("name", OFF)
def test_without_a_slip_the_descent_is_that_of_the_run(name: str) -> None:
    """So what comes out with a slip is due to the slip."""
    trace = errors.trace_of(name)
    descent = slips.Descent(trace)
    for after in sorted({0, min(2, trace.updates - 1)}):
        ours, theirs = descent.at(after), slips.traced(trace, after)
        for field in ("z", "a", "dL_dz", "dL_dW", "W_after", "b_after"):
            for one, other in zip(getattr(ours, field), getattr(theirs, field), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15, err_msg=field)
        assert ours.loss == pytest.approx(theirs.loss, rel=1e-14)


def test_every_wrong_figure_comes_out_of_its_slip() -> None:
    found = [one for name in OFF for one in errors.compared(name).wrong]
    assert [one.comes_out for one in found].count("exact") == 14
    assert {one.figure.name for one in found if one.comes_out != "exact"} == {"y1", "y2"}
    for one in found:
        assert one.slip is not None
        value = one.slip.at(one.figure.after).entry(one.figure.ref, one.figure.row)
        away = abs(Decimal(value) - Decimal(one.figure.printed))
        assert away <= Decimal(1 if one.comes_out == "near" else "0.5").scaleb(-one.figure.digits)
        assert one.gives == one.figure.rounded(value)


def test_the_slips_are_those_that_another_program_found() -> None:
    derived = CASES["mazur_2_2_2"].computed["derived"]
    found = {one.figure.printed: one for one in errors.compared("mazur").wrong}
    for printed, value in (
        ("0.291027924", derived["seq_E1"]),
        ("0.000035085", derived["seq_E10000"]),
        ("0.015912196", derived["seq_o1"]),
        ("0.0000351085", derived["std_E9999"]),
    ):
        one = found[printed]
        assert one.slip is not None
        ours = one.slip.at(one.figure.after).entry(one.figure.ref, one.figure.row)
        assert ours == pytest.approx(value, rel=1e-12)


def test_nothing_is_called_a_mistake_that_does_not_lead_to_the_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    odd = Figure("z", "0.4", Ref("z", 2, (1,)))
    monkeypatch.setattr("tracer.showcase.errors.printed_figures", lambda: {"sreekanth-bce": (odd,)})
    (one,) = errors.compared.__wrapped__("sreekanth-bce").wrong
    assert (one.slip, one.gives, one.comes_out) == (None, "", "")
    assert one.right == "0.2"  # 0.5 · 0.5


@pytest.mark.parametrize(
    ("printed", "value", "near"),
    [
        ("0.157", 0.1574, "exact"),
        ("0.157", 0.1575, "exact"),
        ("0.157", 0.1577, "near"),
        ("0.157", 0.1586, ""),
        ("7", 7.0, "exact"),
        ("-0.3", -0.30000000000000004, "exact"),
    ],
)
def test_how_near_a_number_comes(printed: str, value: float, near: str) -> None:
    assert Figure("q", printed, Ref("loss")).nearness(value) == near


@pytest.mark.parametrize("name", sorted(parts.PARTS))
def test_links_of_a_part_lead_to_lines_of_the_walkthrough(name: str) -> None:
    pages = pages_of(trace_of(DEFAULT))
    text = parts.part(name, None)
    ids = set(re.findall(r'(?<= id=")[^"]+', text))
    links = re.findall(r'(?<= href=")[^"]+', text)
    assert links or name == "errors"
    for link in links:
        address, _, anchor = link.partition("#")
        if not address:
            assert name == "row"
            assert anchor in {*ids, "own"}
        elif "://" not in address:
            path = normpath(address)
            if path == "worked-examples.html":
                assert f"{{#{anchor}}}" in parts.part("errors", None)
                continue
            page = path.removeprefix(f"examples/{DEFAULT}/").replace(".html", ".md")
            if "=" in anchor:  # a moment of the run
                assert page == "explore/index.md"
            elif not page.startswith("checks/"):  # which is made after all others
                assert not anchor or f'id="{anchor}"' in pages[page], link


def test_one_number_of_the_picture_is_lit_from_the_start() -> None:
    text = parts.part("row", None)
    (lit,) = re.findall(r'<a href="#([\w-]+)"[^<>]* class="[^"]*tr-at-first', text)
    assert f'class="tr-line" id="{lit}"' in text


def test_the_line_is_what_a_calculator_gives() -> None:
    text = parts.part("line", None)
    (typed,) = re.findall(r'class="tr-keys">([^<]+) = ([^<]+)<', text)
    shown = typed[0].replace("−", "-").replace("⋅", "*")
    assert set(shown) <= set("0123456789.+-*() ")
    value = sum(
        Decimal(a) * Decimal(b or 1)
        for a, b in re.findall(r"(-?[\d.]+)\)?(?: \* \(?(-?[\d.]+))?", shown)
    )
    assert value == Decimal(typed[1].replace("−", "-"))


def test_the_way_of_a_number_goes_from_line_to_line_to_the_table() -> None:
    text = parts.part("origin", None)
    stations = [one.split("</li>")[0] for one in text.split("<li>")[1:]]
    homes = [re.findall(r'class="tr-label"><a href="([^"]+)"', one)[0] for one in stations[:-1]]
    assert len(homes) > trace_of(DEFAULT).layers
    for here, after in zip(stations, homes[1:], strict=False):
        assert after in re.findall(r'href="([^"]+)"', here), "each is an operand of the one before"
    assert "task/index.html#x-" in stations[-1]


def test_the_gallery_has_every_example_as_a_picture_of_its_own() -> None:
    text = parts.part("gallery", None)
    names = re.findall(r"<code>tracer render ([\w-]+)</code>", text)
    assert sorted(names) == list(built_in_names())
    pictures = re.findall(r"<svg .*?</svg>", text)
    assert len(pictures) == len(names)
    assert all("<text" not in picture for picture in pictures)


def test_a_page_asks_by_a_mark_and_a_wrong_name_is_told() -> None:
    md = Markdown(extensions=["tracer.markdown", "tracer.showcase"])
    html = md.convert("a\n\n<!-- showcase: line -->\n\nb <!-- showcase: line -->\n")
    assert html.count("tr-exhibit") == 1
    with pytest.raises(RenderError, match="no part 'lines'"):
        md.convert("<!-- showcase: lines -->\n")


def test_unchecked_pages_are_not_called_checked() -> None:
    text = parts.part("checks", None)
    assert "<table" not in text
    assert "How these pages are checked" in text


def test_the_front_page_types_no_number_and_its_file_is_an_experiment() -> None:
    (file,) = re.findall(r"```toml\n(.*?)```", FRONT, re.DOTALL)
    assert len(file.splitlines()) == 10
    said = tomllib.loads(file)
    said["data"] = {"columns": ["a", "answer"], "rows": [[0, 0], [1, 1]], "target": "answer"}
    assert Experiment.from_mapping(said).layer_sizes == (1, 2, 1)
    assert not re.search(r"\d\.\d", FRONT.split("---\n", 2)[2])
    for page in ("index.md", "worked-examples.md"):
        text = (ROOT / "site" / page).read_text(encoding="utf-8")
        assert set(re.findall(r"showcase: (\w+)", text)) <= {*parts.PARTS, parts.CHECKS}


def test_a_page_has_one_way_on() -> None:
    pages = pages_of(trace_of(DEFAULT))
    for path, text in pages.items():
        if path.endswith(".md"):
            assert len(re.findall(r'<p class="tr-(?:next|steps)"', text)) == 1, path
            assert re.search(r"\A---\ntitle: .*\nhide: \[(toc, )?footer\]\n---\n", text), path


def test_a_menu_entry_has_the_name_of_the_page_it_leads_to() -> None:
    trace = trace_of(DEFAULT)
    render, seen = page_renderer(trace.experiment), set()
    for kind, page in build_pages(trace, study(trace)):
        group = kind.group(page.slug)
        if group and group not in seen:
            seen.add(group)
            names = [render(Made(page.slug, one, page.context)) for one in (GROUP, TITLE)]
            assert names[0] == names[1]
    assert len(seen) > 3


def test_the_guide_has_its_own_page_that_leads_to_all_of_it() -> None:
    guide = ROOT / "site" / "guide"
    text = (guide / "index.md").read_text(encoding="utf-8")
    others = {path.name for path in guide.glob("*.md")} - {"index.md"}
    assert set(re.findall(r"\]\((\S+?\.md)\)", text)) == others
