"""Every line of every page holds for its printed digits; and one that does not is found out."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

import house
from rendering import DEFAULT, EXPERIMENTS, checked, decimals_of, lines_in, walkthrough
from spoiling import replaced, spoiled
from tracer.cli.wording import words
from tracer.reread import PrintedLine, check_origins, check_page, check_pages
from tracer.reread.reason import Reason

ALL = [DEFAULT, *EXPERIMENTS]
#: In LaTeX the same lines are made by other code; these lead it through every form.
IN_LATEX = [
    DEFAULT,
    "column",
    "multiclass",
    "mean squared error",
    "momentum by steps",
    "softmax inside",
    "diverging classes",
    "adam, uncorrected",
    "rate by a power",
]
PAGE = "epoch-1/row-1/index.md"
WORDS = words("reasons")
DIGIT = re.compile(r'(?<=tabindex="-1">)(−?\d[\d.]*)(?=</a></mn>)')
RESULT = re.compile(
    r'(<(?:span|td) class="tr-result"><math><mo form="infix">[=≈]</mo><mn[^>]*>)([^<]*)(</mn>)'
)


def said(*reasons: Reason) -> str:
    """Reasons in the words that a reader sees."""
    return "; ".join(getattr(WORDS, reason.key)(**reason.values) for reason in reasons)


def wrong(found: Mapping[str, list[PrintedLine]]) -> list[tuple[str, PrintedLine]]:
    return [(path, line) for path, lines in found.items() for line in lines if not line.ok]


# The pages as they are


@pytest.mark.parametrize("name", ALL)
def test_every_line_and_every_linked_number_holds_and_none_is_skipped(name: str) -> None:
    pages = walkthrough(name)
    assert wrong(checked(name)) == []
    counts = {path: len(lines) for path, lines in checked(name).items()}
    assert counts == {path: lines_in(text) for path, text in pages.items()}
    assert sum(counts.values()) > 30
    count, mismatches = check_origins(pages, decimals_of(name))
    assert mismatches == []
    assert count > sum(counts.values())


def test_the_built_in_walkthrough_has_what_it_shall_have() -> None:
    found = checked(DEFAULT)
    for row in range(1, 9):
        assert len(found[f"epoch-1/row-{row}/index.md"]) > 100
    for row in range(9, 14):
        assert len(found[f"predictions/row-{row}/index.md"]) >= 18
    assert sum(map(len, found.values())) > 900


@pytest.mark.parametrize("name", IN_LATEX)
def test_every_line_and_every_linked_number_holds_in_latex_too(name: str) -> None:
    pages = walkthrough(name, "latex")
    assert wrong(checked(name, "latex")) == []
    count, mismatches = check_origins(pages, decimals_of(name))
    assert mismatches == []
    assert count > 20
    in_mathml = {path: lines_in(text) for path, text in walkthrough(name).items()}
    in_mathml.pop("explore/index.md", 0)  # its script sets no LaTeX
    counts = {path: len(lines) for path, lines in checked(name, "latex").items()}
    assert counts == in_mathml


# Pages that were spoiled


def complaints(pages: Mapping[str, str], decimals: int) -> int:
    """How much is wrong with the lines and the links of a walkthrough."""
    return len(wrong(check_pages(pages, decimals))) + len(check_origins(pages, decimals)[1])


SMALL = "l2 a batch"


@pytest.mark.parametrize("pattern", [DIGIT, RESULT], ids=["operands", "results"])
def test_any_digit_that_is_changed_is_noticed(pattern: re.Pattern[str]) -> None:
    page, decimals = "epoch-1/row-2/index.md", decimals_of(SMALL)
    near = (page, "epoch-1/row-1/index.md", "index.md", "task/index.md", "start/index.md")
    pages = {path: walkthrough(SMALL)[path] for path in near}
    text, chance = pages[page], random.Random(4)
    assert complaints(pages, decimals) == 0
    assert wrong(check_pages({page: text}, decimals)) == []
    group = min(2, pattern.groups)
    for found in chance.sample(list(pattern.finditer(text)), 30):
        new = spoiled(found[group], chance)
        again = replaced(text, found, group, new)
        # Most stand in a line of this page, and then the others need not be read for it.
        noticed = wrong(check_pages({page: again}, decimals)) or complaints(
            {**pages, page: again}, decimals
        )
        assert noticed, f"{found[group]} became {new}: {again[found.start() - 300 : found.end()]}"


def line_of(anchor: str, name: str = DEFAULT, page: str = PAGE) -> str:
    """The HTML of one line of a page."""
    text = walkthrough(name)[page]
    (found,) = re.findall(rf'<(?:div|tr) class="tr-line" id="{anchor}".*?</(?:div|tr)>', text)
    return str(found)


SPOILT = [
    ("an operand", "z-2-1", r"0\.87(?=</a>)", "0.88", "no rounding|although"),
    ("a result", "a-3-1", r"(?<=≈</mo><mn>)(.*?)\d(?=</mn>)", r"\g<1>0", "no rounding"),
    ("≈ for =", "z-1-1", r'(?<="tr-result"><math><mo form="infix">)=', "≈", "≈ although"),
    ("= for ≈", "a-3-1", r'(?<="tr-result"><math><mo form="infix">)≈', "=", "= although"),
    (
        "no relation",
        "a-3-1",
        r'(?<="tr-result"><math><mo form="infix">)≈',
        "&lt;",
        "before a result",
    ),
    ("no parentheses", "z-2-1", r"<mo[^>]*>\(</mo>|<mo[^>]*>\)</mo>", "", "without parentheses"),
    ("half a pair", "z-2-1", r"<mo[^>]*>\)</mo>", "", "without parentheses|missing|left over"),
    ("a hyphen", "z-1-2", r"−(?=0\.27</mn>)", "-", "not a number"),
    ("−0", "a-1-2", r"(?<==</mo><mn>)0(?=</mn>)", "−0", "negative zero"),
    ("a branch", "da_dz-2-1", r"<mo>≤</mo>", "<mo>&gt;</mo>", "does not hold|slope"),
    ("a constant", "da_dz-2-1", r"(?<=<mn>)0(?=</mn></math></span>)", "2", "slope of ReLU"),
    (
        "no numbers",
        "z-2-1",
        r'<span class="tr-numbers">.*?</math></span>(?= ?</td)',
        "",
        "no numbers",
    ),
    ("no result", "z-2-1", r'<td class="tr-result">.*?</td>', "", "is no number"),
    ("two results", "z-2-1", r"(<td class=.tr-result.>.*?</td>)", r"\1\1", "twice"),
    ("broken HTML", "z-2-1", r"</mn>", "", "cannot be read"),
    ("a fewer digit", "a-3-1", r"(?<=≈</mo><mn>)(.*?)\d(?=</mn>)", r"\1", "fewer than 4"),
    ("a letter", "z-2-1", r"(?<=<mn><a )(.*?>)[\d.]+", r"\1x", "not a number"),
    (
        "an unknown",
        "z-2-1",
        r"</span> ?</td> ?<td class=.tr-result",
        r"<math><mi>q</mi></math>\g<0>",
        "q",
    ),
    (
        "a gradient",
        "dL_db-3-1",
        r"(?<=<mn>)(.*?)\d(?=</a></mn></math></span>)",
        r"\g<1>9",
        "repeats",
    ),
]


@pytest.mark.parametrize(
    ("anchor", "pattern", "new", "reason"),
    [pytest.param(*row[1:], id=row[0]) for row in SPOILT],
)
def test_a_spoiled_line_is_reported(anchor: str, pattern: str, new: str, reason: str) -> None:
    pages = walkthrough(DEFAULT)
    line = line_of(anchor)
    broken, count = re.subn(pattern, new, line)
    assert count, line
    assert broken != line
    lines = check_page(pages[PAGE].replace(line, broken), 4)
    assert len(lines) == lines_in(pages[PAGE])
    reported = {found.anchor: said(*found.reasons) for found in lines if not found.ok}
    assert re.search(reason, reported[anchor]), reported


def test_a_line_that_does_not_stand_alone_is_reported() -> None:
    line = line_of("a-3-1")
    assert line.startswith("<div")
    for text in (f"<p>{line}</p>", line + line, line.replace("<math>", "\n<math>", 1)):
        found = check_page(text)
        assert len(found) >= 1
        assert not any(each.ok for each in found)


def test_a_matrix_entry_is_noticed() -> None:
    page = walkthrough("column")["epoch-1/row-2/index.md"]
    (line, *_) = [x for x in page.splitlines() if '"tr-line" data' in x]
    assert "<mtable>" in line
    cut = line.rindex("</mn></mtd>")
    broken = page.replace(line, line[: cut - 1] + "77" + line[cut:])
    (found,) = [each for each in check_page(broken) if not each.ok]
    assert re.search("rounding|although", said(*found.reasons))


def test_what_a_checked_line_says() -> None:
    (first, *_) = [line for line in check_page(walkthrough(DEFAULT)[PAGE]) if line.anchor]
    assert (first.anchor, first.relation, first.ok, first.reasons) == ("z-1-1", "=", True, ())
    assert first.numbers == "0 ⋅ 0.63 + 0 ⋅ 0.02 + 0.17"
    assert (first.result, first.value) == ("0.17", Decimal("0.17"))


ORIGINS = [
    ("0.25", "#a", []),
    ("0.2512", "#a", []),
    ("0.3", "#a", ["0.3 leads to 0.25"]),
    ("0.2561", "#a", ["0.2561 leads to 0.25"]),
    ("∞", "#a", ["∞ leads to 0.25"]),
    ("0", "#a", ["0 leads to 0.25"]),
    ("0", "#d", ["0 leads to −1.23 × 10^-7"]),
    ("0.25", "#b", ["it leads nowhere"]),
    ("0.25", "other/index.html#a", ["it leads nowhere"]),
    ("0.25", "#c", ["it leads to no number"]),
    ("−1.23 × 10⁻⁷", "#d", []),
    ("1.23 × 10⁻⁷", "#d", ["1.23 × 10^-7 leads to −1.23 × 10^-7"]),
    ("words", "#b", []),
    ("3", "#epoch=1&amp;row=3", []),
]


@pytest.mark.parametrize(("text", "href", "reasons"), ORIGINS)
def test_a_number_that_leads_to_another_number_is_reported(
    text: str, href: str, reasons: list[str]
) -> None:
    page = '<td id="a">0.25</td><h2 id="c">x</h2><td id="d"><a href="#d">−1.23 × 10⁻⁷</a></td>'
    pages = {"index.md": f'{page}\n<a href="{href}">{text}</a>\n'}
    assert [said(found.reason) for found in check_origins(pages, 2)[1]] == reasons


def test_a_number_that_leads_to_another_line_of_latex_is_reported() -> None:
    line = f'<a id="z-1-1"></a>weighted sum, unit 1:\n{block("0.5 = 0.25")}'
    links = '<a href="#z-1-1">0.25</a> <a href="#z-1-1">0.75</a>'
    pages = {"index.md": f"{line}\n{links}\n"}
    (found,) = check_origins(pages, 2)[1]
    assert said(found.reason) == "0.75 leads to 0.25"


# The rules, one by one


def m(cells: str) -> str:
    """A matrix, its rows divided by semicolons."""
    rows = cells.replace(";", r" \\ ")
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


def gelu(z: str, literal: str) -> str:
    inner = rf"\operatorname{{erf}}\left(\frac{{{literal} \cdot \sqrt{{2}}}}{{2}}\right)"
    return rf"\frac{{{z} \left(1 + {inner}\right)}}{{2}}"


TRUE = [
    r"1 \cdot 0.25 + 0 \cdot (-0.55) + (-0.99) = -0.74",
    r"0.5 \cdot 0.3333 \approx 0.1667",
    r"0.5 \cdot 0.33335 \approx 0.1667",
    r"0.5 \cdot 0.00025 = 0.000125",
    r"\frac{1}{3} \approx 0.3333",
    r"\frac{1}{1 + e^{-0}} = 0.5",
    r"\frac{1}{1 + e^{-800}} \approx 1.0000",
    r"\frac{e^{2}}{e^{2} + e^{2}} = 0.5",
    r"\ln\left(1 + e^{843.5}\right) \approx 843.5000",
    r"\ln\left(1 + e^{-595.4875}\right) \approx 2.42 \times 10^{-259}",
    r"\ln\left(e^{1000}\right) - 1000 = 0",
    r"\ln\left(e^{1000} + e^{-1000}\right) - 1 \cdot 1000 \approx 0",
    r"\tanh\left(0\right) = 0",
    r"1 - \tanh^{2}\left(400\right) \approx 1.47 \times 10^{-347}",
    rf"{gelu('0.5', '0.5')} \approx 0.3457",
    rf"{gelu('-20', '(-20)')} \approx -5.51 \times 10^{{-88}}",
    r"\max\left(0, -0.74\right) = 0",
    rf"\operatorname{{ReLU}} {m('-1 & 2')} = {m('0 & 2')}",
    rf"{m('1 & 2')} {m('3; 4')} - 0.5 {m('2')} = {m('10')}",
    rf"{m('1 & 2')} \odot {m('3 & 4')} = {m('3 & 8')}",
    r"\sqrt{0.25} = 0.5",
    r"\sqrt{2} \approx 1.4142",
    r"3^{0.5} \approx 1.7321",
    r"2 \left(3 + 4\right)^{2} = 98",
    r"(1 \times 10^{200}) \cdot (1 \times 10^{200}) \approx \infty",
    r"\infty - \infty = \text{nan}",
    r"2 - \frac{0.1 \cdot 0}{\sqrt{0} + 0} = \text{nan}",
    r"\frac{1}{1 + e^{-\infty}} = 1",
    r"1234567 \cdot 10 \approx 1.23 \times 10^{7}",
    r"2 \cdot 0.0000001 = 2 \times 10^{-7}",
]
FALSE = [
    (r"0.2 \cdot 2 = 0.39", "no rounding"),
    (r"0.5 \cdot 0.3333 \approx 0.1668", "no rounding"),
    (r"0.5 \cdot 0.3333 = 0.1667", "= although"),
    (r"0.5 \cdot 0.5 \approx 0.25", "≈ although"),
    (r"\frac{1}{3} \approx 0.33", "significant"),
    (r"\frac{1}{3000} \approx 0.0003", "significant"),
    (r"\frac{1}{3} \approx 0", "neither noise"),
    (r"\frac{1}{1 + e^{-800}} = 1", "= although"),
    (r"\frac{e^{2}}{e^{2} + e^{2}} \approx 0.5000", "≈ although"),
    (r"\ln\left(1 + e^{-595.4875}\right) \approx 0", "neither noise"),
    (r"\ln\left(-1\right) = 0", "cannot be evaluated"),
    (r"\frac{1}{0} = \infty", "cannot be evaluated"),
    (r"\frac{1}{0} = \text{nan}", "for ∞"),
    (r"\frac{0}{0} = 0", "cannot be evaluated"),
    (r"1 \cdot 2 = \infty", "∞ stands for 2"),
    (r"1 \cdot 2 = \text{nan}", "nan stands for 2"),
    (r"\infty - \infty = 0", "for nan"),
    (r"(-2) \cdot 3 + -6 = -12", "side by side"),
    (r"2 - - 3 = 5", "side by side"),
    (r"2 \cdot -3 = -6", "side by side"),
    (r"2 - 2 = -0", "negative zero"),
    (r"1234567 \cdot 10 = 12345670", "with a power of ten"),
    (r"0.5 \cdot 0.5 = 2.5 \times 10^{-1}", "without a power of ten"),
    (r"123 \cdot 10^{7} = 12.3 \times 10^{8}", "one digit before"),
    (rf"1 {m('1')} = 1 2", "is no number"),
    (rf"{m('1 & 2')} {m('3')} = 3", "does not fit"),
    (rf"1 + 2 {m('3')} = {m('7')}", "do not fit"),
    (r"\operatorname{foo}\left(1\right) = 1", "the function 'foo'"),
    (r"\left(1 + 2 = 3", "is missing|is no number|no equation"),
    (r"1 + = 1", "breaks off"),
    (r"1 = 1 = 2 \approx 3", "no rounding"),
    (r"1 \approx 2 = 3", "no equation"),
    (r"\frac{1}{2 = 3", "cannot be read"),
]


def block(equation: str) -> str:
    return f"\n$$\nz_{{1}} = w_{{1}} x_{{1}} = {equation}\n$$\n"


@pytest.mark.parametrize("equation", TRUE)
def test_what_is_true(equation: str) -> None:
    (line,) = check_page(block(equation))
    assert line.ok, line


@pytest.mark.parametrize(("equation", "reason"), FALSE)
def test_what_is_false(equation: str, reason: str) -> None:
    (line,) = check_page(block(equation))
    assert not line.ok
    assert re.search(reason, said(*line.reasons)), line


def test_digits_after_the_point_are_counted() -> None:
    (line,) = check_page(block(r"\frac{1}{3} \approx 0.333"), decimals=4)
    assert "fewer than 4 digits" in said(*line.reasons)
    assert check_page(block(r"\frac{1}{3} \approx 0.333"), decimals=3)[0].ok


def test_the_proof_knows_nothing_of_how_lines_are_made() -> None:
    root = Path(__file__).resolve().parents[2]
    checks = ("tracer.reread.printed", "tracer.reread.origins")
    known = {name for check in checks for name in house.reached(root, check)}
    assert {house.part_of(module) for module in known} == {"reread"}


def test_a_formula_of_symbols_is_no_line() -> None:
    assert check_page("$$\nz = x W + b\n$$\n") == []


def test_numbers_do_not_hide_among_aligned_symbols() -> None:
    symbols = "\n$$\n\\begin{aligned}\nz = \\frac{x}{100}\n\\end{aligned}\n$$\n"
    assert check_page(symbols) == []
    (line,) = check_page(symbols.replace("100", "0.25"))
    assert not line.ok


def test_a_quoted_line_is_read_where_its_home_is() -> None:
    pages = walkthrough(DEFAULT)
    page = pages["tools/derivatives/index.md"]
    (line, *_) = [text for text in page.splitlines() if "because" in text and "tr-line" in text]
    assert ' id="da_dz' not in line.split(">")[0]
    slope = re.search(r"(?<=<mn><a href=)([^>]*>)([01])(?=</a></mn></math></span>)", line)
    assert slope is not None
    other = {"0": "1", "1": "0"}[slope[2]]
    broken = line[: slope.start(2)] + other + line[slope.end(2) :]
    path = "tools/derivatives/index.md"
    spoiled = {**pages, path: page.replace(line, broken)}
    assert [where for where, _ in wrong(check_pages(spoiled, 4))] == [path]
