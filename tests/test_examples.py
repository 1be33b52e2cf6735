"""The built-in experiments: each runs, renders to true lines, and found what its file says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rendering import DEFAULT, pages_of, unexplored
from sites import ROOT
from tracer import examples as builtin
from tracer.catalog.losses import LOSSES
from tracer.cli import main
from tracer.examples import built_in_names
from tracer.experiment import load_experiment
from tracer.reread import check_pages
from tracer.teaching import lesson_of
from tracer.trace import Trace
from tracer.training import run
from truth_cases import cases

CASES = {case.name: case for case in cases()}
#: The worked examples of tests/truth by the built-in experiment that shows them.
PUBLISHED = {
    "ai-by-hand-mlp": "aibyhand_mlp_small_4_3_4_3_1",
    "hmkcode-linear": "hmkcode_2_2_1_linear",
    "keras-momentum": "tfdocs_sgd_momentum",
    "mazur": "mazur_2_2_2",
    "postnetwork-softmax": "postnetwork_softmax_3_2_2",
    "sreekanth-bce": "sreekanth_relu_sigmoid_bce",
}
TITLE_WORDS = 3


@dataclass(frozen=True)
class Figure:
    """A number in a finding: its text there, and the number of the trace that it is about.

    ``right`` says whether the text is that number rounded to its own digits; a wrong one is a
    figure of the source, more than half a unit of its last digit away.
    """

    text: str
    value: float
    right: bool = True


@cache
def trace_of(name: str) -> Trace:
    return run(load_experiment(builtin.example(name).path))


def loss_of(name: str, update: int) -> float:
    """The loss of the training rows with the parameters before an update; −1 is the end."""
    trace = trace_of(name)
    data, rows = trace.experiment.dataset, list(trace.experiment.dataset.train)
    z, a = trace.forward(data.x[rows], update)
    kernel = LOSSES[trace.experiment.training.loss].kernel
    return float(np.mean(kernel(data.y[rows], a[-1], z[-1])))


def outputs(name: str) -> Any:
    return trace_of(name).forward(trace_of(name).x)[1][-1]


def right(name: str) -> tuple[int, int, int, int]:
    """Right answers and rows, of training and of test."""
    data, lesson = trace_of(name).experiment.dataset, lesson_of(trace_of(name))
    return (
        lesson.right(data.train),
        len(data.train),
        lesson.right(data.test),
        len(data.test),
    )


def mazur() -> list[Figure]:
    derived = CASES["mazur_2_2_2"].computed["derived"]
    y = outputs("mazur")[0]
    return [
        Figure("0.291027924", loss_of("mazur", 1), right=False),
        Figure("0.291027924", derived["seq_E1"]),
        Figure("0.291027774", loss_of("mazur", 1)),
        Figure("0.000035085", loss_of("mazur", -1), right=False),
        Figure("0.000035085", derived["seq_E10000"]),
        Figure("0.0000351019", loss_of("mazur", 10000)),
        Figure("0.0000351085", loss_of("mazur", 9999)),
        Figure("0.015913620", y[0]),
        Figure("0.984064274", y[1]),
        Figure("0.015912196", derived["seq_o1"]),
        Figure("0.984065734", derived["seq_o2"]),
    ]


def postnetwork() -> list[Figure]:
    trace = trace_of("postnetwork-softmax")
    (p, q), loss = trace.a[1][0], trace.loss[0]
    return [
        Figure("0.185", trace.z[1][0][1], right=False),
        Figure("0.157", trace.z[1][0][1]),
        Figure("0.567", p),
        Figure("0.433", q),
        Figure("0.561", p, right=False),
        Figure("0.439", q, right=False),
        Figure("0.567", loss),
        Figure("0.579", loss, right=False),
        Figure("0.1", trace.experiment.training.learning_rate),
    ]


def ai_by_hand() -> list[Figure]:
    trace = trace_of("ai-by-hand-mlp")
    assert trace.z[2][0][1] == 0.0, "z of the second unit of the third layer, first row"
    assert trace.dL_da[2][0][1] != 0.0 == trace.dL_dz[2][0][1]
    first, second = trace.a[3][:, 0]
    return [Figure("0.11920292202211755", first), Figure("0.9525741268224334", second)]


def keras() -> list[Figure]:
    trace = trace_of("keras-momentum")
    (start, one, two), gradients = trace.W[0].ravel(), trace.grad_W[0].ravel()
    assert start == 1
    eta = trace.experiment.training.learning_rate
    return [
        Figure("0.1", eta),
        Figure("0.9", float(trace.experiment.training.options["momentum"])),
        Figure("0.9", one),
        Figure("0.18", one - two),
        Figure("0.09", eta * gradients[1]),
        Figure("0.09", one - two - eta * gradients[1]),
    ]


def hmkcode() -> list[Figure]:
    trace = trace_of("hmkcode-linear")
    (h1, h2), after = trace.a[0][0], trace.forward(trace.x)[0][0][0]
    w1, w2 = trace.W[0][1][:, 0]
    shown = 2 * round(w1, 2) + 3 * round(w2, 2)
    return [
        Figure("0.191", trace.a[1][0][0]),
        Figure("0.26", outputs("hmkcode-linear")[0][0]),
        Figure(".85", h1),
        Figure(".48", h2),
        Figure(".92", after[0]),
        Figure(".56", after[1]),
        Figure("0.92", after[0]),
        Figure("0.12", w1),
        Figure("0.23", w2),
        Figure("0.93", shown),
    ]


def sreekanth() -> list[Figure]:
    trace = trace_of("sreekanth-bce")
    a = trace.a[1][0][0]
    gradients = [trace.grad_W[k][0].item() for k in (0, 1)]
    weights = [trace.W[k][1].item() for k in (0, 1)]
    twice = [g * a * (1 - a) for g in gradients]
    return [
        *(Figure("0.281", g) for g in gradients),
        *(Figure("0.069", g, right=False) for g in gradients),
        *(Figure("0.069", g) for g in twice),
        *(Figure("0.4719", w) for w in weights),
        *(Figure("0.4931", w, right=False) for w in weights),
        *(Figure("0.4931", 0.5 - 0.1 * g) for g in twice),
    ]


def xor() -> list[Figure]:
    trace = trace_of("xor")
    assert right("xor")[:2] == (4, 4)
    assert trace.epochs == 2000
    first = trace.cycle(epoch=1, row=1)
    assert first.x.tolist() == [0, 0]
    assert not first.dL_dW[0].any()
    assert first.dL_db[0].all()
    return [Figure("0.2283", loss_of("xor", 0)), Figure("0.000175", loss_of("xor", -1))]


def xor_adam() -> list[Figure]:
    trace = trace_of("xor-adam")
    assert right("xor-adam")[:2] == (4, 4)
    assert trace.updates == 200
    steps = [np.abs(p[1] - p[0]).ravel() for p in (*trace.W, *trace.b)]
    gradients = [np.abs(g[0]).ravel() for g in (*trace.grad_W, *trace.grad_b)]
    assert min(map(np.min, gradients)) < max(map(np.max, gradients)) / 5
    return [
        *(Figure("0.0500", step) for step in np.concatenate(steps)),
        Figure("0.7382", loss_of("xor-adam", 0)),
        Figure("0.00242", loss_of("xor-adam", -1)),
    ]


def sine() -> list[Figure]:
    trace = trace_of("sine-tanh")
    data = trace.experiment.dataset
    assert (len(data.train), len(data.test), trace.epochs) == (9, 3, 1000)
    off = np.abs(outputs("sine-tanh") - data.y)[list(data.test)]
    assert off.max() < 0.01
    np.testing.assert_allclose(data.y, np.sin(np.pi * data.x), atol=5e-5)
    return [
        Figure("0.4036", loss_of("sine-tanh", 0)),
        Figure("0.0000328", loss_of("sine-tanh", -1)),
        Figure("0.01", 0.01),
    ]


def mini2d() -> list[Figure]:
    assert right("mini2d") == (8, 8, 2, 5)
    x = trace_of("mini2d").x
    assert len(x) == 13
    assert x[12].tolist() == x[4].tolist()
    return []


def article_sklearn() -> list[Figure]:
    trace = trace_of("article-sklearn")
    assert (trace.epochs, right("article-sklearn")[2:]) == (423, (3, 5))
    assert not trace.a[0][:, 0].any()
    return [Figure("0.60", 3 / 5)]


FINDINGS = {
    "ai-by-hand-mlp": ai_by_hand,
    "article-sklearn": article_sklearn,
    "hmkcode-linear": hmkcode,
    "keras-momentum": keras,
    "mazur": mazur,
    "mini2d": mini2d,
    "postnetwork-softmax": postnetwork,
    "sine-tanh": sine,
    "sreekanth-bce": sreekanth,
    "xor": xor,
    "xor-adam": xor_adam,
}
every = pytest.mark.parametrize("name", built_in_names())


def test_the_list_is_complete():
    assert set(FINDINGS) == set(built_in_names())
    assert len(FINDINGS) >= 9


@every
def test_it_says_where_it_is_from_and_what_was_found(name):
    example = builtin.example(name)
    assert example.source
    assert example.finding.endswith(".")
    assert len(example.title.split()) >= TITLE_WORDS
    if name in PUBLISHED:
        source = CASES[PUBLISHED[name]].document["source"]
        assert example.address == source["address"]
    ours = ("ours", "made for tracer", "course")
    assert bool(example.address) or any(word in example.source for word in ours)


@every
def test_every_number_of_the_finding_is_held(name):
    figures, finding = FINDINGS[name](), builtin.example(name).finding
    written = re.findall(r"(?<![\d.])\d*\.\d+", finding)
    assert sorted(set(written)) == sorted({figure.text for figure in figures})
    for figure in figures:
        decimals = len(figure.text.partition(".")[2])
        near = abs(figure.value - float(figure.text)) <= 0.5 * 10.0**-decimals * (1 + 1e-9)
        assert bool(near) is figure.right, figure


@pytest.mark.parametrize("name", PUBLISHED)
def test_it_is_the_published_network(name):
    case, chosen = CASES[PUBLISHED[name]].document, load_experiment(builtin.example(name).path)
    network, optimizer = case["network"], case["optimizer"]
    trace = trace_of(name)
    assert list(chosen.layer_sizes) == network["layer_sizes"]
    assert [layer.activation for layer in chosen.layers] == network["activations"]
    for k, (weights, biases) in enumerate(zip(network["weights"], network["biases"], strict=True)):
        np.testing.assert_array_equal(trace.W[k][0], weights)
        np.testing.assert_array_equal(trace.b[k][0], biases or np.zeros_like(trace.b[k][0]))
        if biases is None:
            assert not trace.b[k].any()
    np.testing.assert_array_equal(chosen.dataset.x, case["data"]["X"])
    np.testing.assert_array_equal(chosen.dataset.y, case["data"]["y"])
    assert chosen.training.learning_rate == optimizer["lr"]
    assert chosen.training.epochs == case["epochs"]


@every
def test_it_renders_and_every_line_is_true(name):
    # The lines of its explorer are those of one of its cycles.
    trace = trace_of(name) if name == DEFAULT else unexplored(trace_of(name))
    checked = check_pages(pages_of(trace), trace.experiment.pages.decimals)
    lines = [line for found in checked.values() for line in found]
    assert len(lines) > 10
    assert [line for line in lines if not line.ok] == []


def test_the_guide_lists_every_example():
    guide = (ROOT / "site" / "guide" / "examples.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)` \|", guide, re.MULTILINE)
    assert listed == list(built_in_names())
    for name in PUBLISHED:
        assert f"({builtin.example(name).address})" in guide


# The command


@pytest.fixture
def tracer(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


def test_the_list_names_title_source_and_finding(tracer):
    status, out, err = tracer("examples")
    assert (status, err) == (0, "")
    letters = re.sub(r"\s", "", out)
    for example in builtin.examples():
        assert example.name in out
        assert re.sub(r"\s", "", example.finding)[:12] in letters
        assert re.sub(r"\s", "", example.title)[:12] in letters


def test_one_is_told_in_full(tracer):
    _, out, _ = tracer("examples", "mazur")
    example = builtin.example("mazur")
    assert out.splitlines()[:4] == [
        example.title,
        example.source,
        example.address,
        example.finding,
    ]


def test_a_copy_runs_and_is_never_overwritten(tracer):
    status, out, err = tracer("examples", "mini2d", "--copy", "mine")
    assert (status, out) == (0, "")
    assert "tracer render mine/mini2d.toml" in err
    assert {path.name for path in Path("mine").iterdir()} == {"mini2d.toml", "mini2d.csv"}
    assert load_experiment("mine/mini2d.toml") == trace_of("mini2d").experiment
    Path("mine/mini2d.toml").write_text("mine", encoding="utf-8")
    Path("mine/mini2d.csv").unlink()
    status, out, err = tracer("examples", "mini2d", "--copy", "mine")
    assert (status, out) == (2, "")
    assert "mine/mini2d.toml: is there already" in err
    assert Path("mine/mini2d.toml").read_text(encoding="utf-8") == "mine"
    assert not Path("mine/mini2d.csv").exists()
    assert tracer("examples", "xor", "--copy", "mine")[0] == 0
    assert tracer("examples", "xor", "--copy", "mine/xor.toml")[0] == 2


def test_a_name_that_is_none(tracer):
    status, out, err = tracer("examples", "mazurr")
    assert (status, out) == (2, "")
    assert 'Did you mean "mazur"?' in err
    assert "xor-adam" in tracer("examples", "12345")[2]
    assert tracer("examples", "--copy", "mine")[0] == 2


def test_the_header_is_read_as_far_as_it_goes():
    text = "# Source: one\n#   and more\n# Finding: two\n#\n#   not this\n# Address: nor this\n"
    assert builtin.header(text) == {"Source": "one and more", "Finding": "two"}
    assert builtin.header("title = 1\n# Source: too late\n") == {}
