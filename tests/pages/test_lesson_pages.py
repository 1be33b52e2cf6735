"""The pages of the lesson: each is there, says what the trace says, and in words."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from rendering import DEFAULT, EXPERIMENTS, pages_of, studies_of, trace_of, walkthrough
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment import Experiment
from tracer.explain.rules import EXAMPLES
from tracer.explain.slopes import activation_slopes, loss_slopes, softmax_slope
from tracer.numerals import exact_numeral, show
from tracer.pages import kinds
from tracer.pages.epochs import compared, milestones, sampled, scores
from tracer.pages.results import confusion
from tracer.pages.walk import Walk
from tracer.training import run
from tracer.writing.templating import environment

ALL = [DEFAULT, *EXPERIMENTS]
LESSON = (
    "tools",
    "tools/matrices",
    "tools/derivatives",
    "tools/chain-rule",
    "epochs",
    "batches",
    "learning-rate",
    "predictions",
    "determinism",
    "glossary",
)
TAG = re.compile(r"<[^>]+>")
GUIDE = Path(__file__).resolve().parents[2] / "site" / "guide" / "what-is-taught.md"


def page(name: str, slug: str, math: str = "mathml") -> str:
    return walkthrough(name, math)[f"{slug}/index.md"]


@pytest.mark.parametrize("name", ALL)
def test_every_page_of_the_lesson_is_there(name):
    pages = walkthrough(name)
    for slug in LESSON:
        assert f"{slug}/index.md" in pages


@pytest.mark.parametrize("name", ALL)
def test_every_label_is_words(name):
    for path, text in walkthrough(name).items():
        for label in re.findall(r'<p class="tr-label">(.*?)</p>', text):
            assert "_" not in TAG.sub("", label), path


#: Rules for |u| and sign, which no row of the catalog itself needs.
OF_ROWS_FROM_OUTSIDE = {"size", "flat"}


def test_every_rule_that_a_derivation_uses_has_words():
    used = set(EXAMPLES)
    for name, entry in ACTIVATIONS.items():
        if entry.vector:
            used |= {*softmax_slope(3, 0, 0).rules, *softmax_slope(3, 0, 1).rules}
        else:
            used |= {rule for branch in activation_slopes(name) for rule in branch.derivation.rules}
    for name in LOSSES:
        used |= {rule for branch in loss_slopes(name, 2, 0) for rule in branch.derivation.rules}
    words = vars(environment().get_template("words/rules.j2").module)
    assert used | {"chain"} | OF_ROWS_FROM_OUTSIDE == set(words["names"])
    assert set(EXAMPLES) == set(words["says"])


def test_the_table_of_topics_leads_to_pages_of_the_built_in_example():
    pattern = r"\]\(\.\./examples/mini2d/([^)#]*)(?:#([^)]*))?\)"
    links = re.findall(pattern, GUIDE.read_text("utf-8"))
    assert len(links) > 30
    pages = {**walkthrough(DEFAULT), "checks/index.md": ""}
    for path, _ in links:
        assert path in pages
    taught = {path for path, _ in links}
    slugs = {kind.slug for kind in kinds() if "{" not in kind.slug}
    assert {f"{slug}/index.md".lstrip("/") for slug in slugs} <= taught


@pytest.mark.parametrize("name", [DEFAULT, "multiclass", "mean squared error", "diverging relu"])
def test_the_learning_rates_are_those_of_the_study(name):
    text, rates = page(name, "learning-rate"), studies_of(name).rates
    for tried in rates.tried:
        assert re.search(rf'<th scope="row">{re.escape(exact_numeral(tried.rate).text)}[ <]', text)
    for one in (rates.small, rates.right, rates.big):
        if one is not None:
            assert f"= {exact_numeral(one.rate).text}." in TAG.sub("", text)
    limit = show(rates.limit, 4)
    if rates.gone_wrong and rates.gone_wrong[0]:
        epoch, loss = rates.gone_wrong
        assert f"After epoch {epoch} it is {show(loss, 4)}" in text
    elif rates.gone_wrong:
        assert f"does not come down to {limit} in any epoch" in text
    if rates.big is not None and not np.isfinite(rates.big.last):
        lost = rates.big.trace.first_nonfinite
        assert lost is not None
        assert f"in epoch {lost.epoch}, at row {lost.row}" in text


@pytest.mark.parametrize("name", [DEFAULT, "l2 a batch", "column"])
def test_the_batch_is_the_mean_of_its_samples(name):
    text = page(name, "batches")
    (rows,) = re.findall(r"<caption>The slope by every parameter.*?</table>", text, re.DOTALL)
    trace = trace_of(name)
    if len(trace.visits_of(0)) == 1:
        trace = next(run for run in studies_of(name).batches if run.batch > 1).trace
        assert f"batches/row-{int(trace.row[0]) + 1}/index.md" in walkthrough(name)
    cells = [TAG.sub("", cell) for cell in re.findall(r"<td>(.*?)</td>", rows)]
    width = len(trace.visits_of(0)) + 1
    parameters = sum(g[0].size for g in (*trace.grad_W, *trace.grad_b))
    assert len(cells) == width * parameters
    first = float(trace.grad_W[0][trace.update_of[0], 0, 0])
    assert cells[width - 1] == show(first, trace.experiment.pages.decimals)


def test_a_single_training_row_has_no_batches():
    data = {"columns": ["u", "t"], "rows": [[1, 0], [2, 1]], "task": "regression", "train": 1}
    layers = [{"units": 1, "activation": "identity"}]
    made = {"data": data, "layers": layers, "training": {"epochs": 2}}
    trace = run(Experiment.from_mapping(made))
    pages = pages_of(trace)
    assert [path for path in pages if path.startswith("batches/")] == ["batches/index.md"]
    assert "nothing to group" in pages["batches/index.md"]


@pytest.mark.parametrize("name", ["mini2d", "multiclass", "mean squared error"])
def test_the_same_again_is_the_same(name):
    text = page(name, "determinism")
    prints = re.findall(r"<code>([0-9a-f]{64})</code>", text)
    assert prints[0] == prints[1] == studies_of(name).again
    assert len(set(prints)) == len(prints) - 1
    rows = re.findall(r"<td>([^<]*)</td><td>([^<]*)</td></tr>", text)
    numbers = sum(2 * n for n in trace_of(name).layer_sizes[1:])
    assert len(rows) >= numbers
    assert all(one == other for one, other in rows[:numbers])


@pytest.mark.parametrize("name", [DEFAULT, "multiclass", "multilabel", "mean squared error"])
def test_scores_after_epochs_are_those_of_the_parameters_then(name):
    trace = trace_of(name)
    data = trace.experiment.dataset
    at = sampled(trace.epochs)
    assert (at[0], at[-1]) == (0, trace.epochs)
    found = scores(trace, data.train, at)
    _, a = trace.forward(trace.x[list(data.train)])
    if data.task == "regression":
        wanted = float(np.abs(a[-1] - trace.y[list(data.train)]).mean())
    else:
        said = [data.decode(y) for y in a[-1]]
        wanted = float(
            np.mean([s == data.labels[r] for s, r in zip(said, data.train, strict=True)])
        )
    assert found[-1] == pytest.approx(wanted)


def test_long_runs_are_thinned():
    assert len(sampled(100_000)) <= 241
    assert sampled(3).tolist() == [0, 1, 2, 3]
    assert milestones(7) == [1, 2, 3, 4, 5, 7]
    assert compared(trace_of(DEFAULT)) == (1, 150, 300)


@pytest.mark.parametrize("name", ALL)
def test_a_confusion_table_counts_every_row(name):
    trace = trace_of(name)
    rows = trace.experiment.dataset.test or trace.experiment.dataset.train
    tables = confusion(Walk(trace, studies_of(name)), rows)
    task = trace.experiment.dataset.task
    assert len(tables) == {"regression": 0, "multilabel": trace.layer_sizes[-1]}.get(task, 1)
    for table in tables:
        assert sum(sum(counts) for _, counts in table.rows) <= len(rows)
        if np.isfinite(trace.forward(trace.x[list(rows)])[1][-1]).all():
            assert sum(sum(counts) for _, counts in table.rows) == len(rows)


def test_the_cycle_tells_what_was_predicted_and_what_came():
    text = page(DEFAULT, "epoch-1/row-3")
    results = {
        anchor: TAG.sub("", re.findall(rf'id="{anchor}".*?tr-result">(.*?)</span>', text)[0])[1:]
        for anchor in ("predicted_change", "loss_change")
    }
    sentence = f"Expected {results['predicted_change']}, and really {results['loss_change']}."
    assert sentence in text
    assert 'id="square_all"' in text
