"""The numbers of the built-in example, as stored text; and the snapshots themselves."""

from __future__ import annotations

from importlib.resources import files

import pytest

from snapshots import Snapshots, alike
from tracer.experiment import load_experiment
from tracer.trace.json import update_document
from tracer.training import run

EXAMPLE = files("tracer") / "examples" / "mini2d.toml"
EPOCHS = (1, 2, 5, 10, 25, 50, 100, 150, 200, 250, 300)
#: Rounding differs between processors in the sixteenth digit, and 8,000 updates pass it on.
ROOM = 1e-9


@pytest.fixture(scope="module")
def trace():
    return run(load_experiment(str(EXAMPLE)))


def number(value):
    """Twelve significant digits; what is exactly 0 stays 0."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def lines(name, value):
    """A quantity as readable lines: layers from 1, a row of a matrix on its own line."""
    if not isinstance(value, list):
        return [f"{name} = {number(value)}"]
    if not value or not isinstance(value[0], list):
        return [f"{name} = " + "  ".join(number(item) for item in value)]
    parts = enumerate(value, start=1)
    return [line for k, item in parts for line in lines(f"{name}[{k}]", item)]


def update_text(trace, update):
    document = update_document(trace, update)
    (visit,) = document.pop("visits")
    numbers = {key: value for key, value in document.items() if key not in visit and key != "state"}
    order = ("update", "epoch", "batch", "rows", "W", "b")
    head = {key: numbers.pop(key) for key in order}
    parts = {**head, **{key: visit[key] for key in visit if key != "row"}, **numbers}
    return [line for name, value in parts.items() for line in lines(name, value)]


def text(*blocks):
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def test_first_and_last_update(trace, snapshots):
    first, last = (update_text(trace, update) for update in (0, trace.updates - 1))
    snapshots.check("mini2d-updates.txt", text(first, last), relative=ROOM)


def test_loss_curve(trace, snapshots):
    curve = [f"epoch {epoch}: {number(float(trace.loss_curve[epoch - 1]))}" for epoch in EPOCHS]
    snapshots.check("mini2d-loss.txt", text(curve), relative=ROOM)


def test_predictions(trace, snapshots):
    data = trace.experiment.dataset
    _, a = trace.forward(data.x)
    rows = [
        f"row {row + 1} ({'train' if row in data.train else 'test'}): "
        f"x = {', '.join(number(v) for v in data.x[row].tolist())}; "
        f"y_hat = {number(float(a[-1][row, 0]))}; "
        f"predicted {data.decode(a[-1][row])}, actual {data.labels[row]}"
        for row in range(len(data.labels))
    ]
    snapshots.check("mini2d-predictions.txt", text(rows), relative=ROOM)


# The snapshots themselves


def test_a_snapshot_is_written_then_compared(tmp_path):
    Snapshots(update=True, folder=tmp_path).check("deep/a.txt", "one\ntwo\n")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"one\ntwo\n"
    Snapshots(update=False, folder=tmp_path).check("deep/a.txt", "one\ntwo\n")


def test_a_change_is_shown_with_the_way_out(tmp_path):
    Snapshots(update=True, folder=tmp_path).check("a.txt", "one\ntwo\nthree\n")
    with pytest.raises(pytest.fail.Exception) as caught:
        Snapshots(update=False, folder=tmp_path).check("a.txt", "one\n2\nthree\n")
    message = str(caught.value)
    assert "a.txt is not what is stored" in message
    assert "\n-two\n+2\n" in message
    assert "make snapshots" in message


def test_a_missing_snapshot_is_no_success(tmp_path):
    with pytest.raises(pytest.fail.Exception, match="make snapshots"):
        Snapshots(update=False, folder=tmp_path).check("a.txt", "one\n")
    assert list(tmp_path.iterdir()) == []


def test_an_update_within_the_room_leaves_the_file_alone(tmp_path):
    Snapshots(update=True, folder=tmp_path).check("a.txt", "x = 1.00000000001\n", relative=ROOM)
    Snapshots(update=True, folder=tmp_path).check("a.txt", "x = 1\n", relative=ROOM)
    assert (tmp_path / "a.txt").read_text() == "x = 1.00000000001\n"


@pytest.mark.parametrize(
    ("stored", "made", "equal"),
    [
        ("z[1] = 0.5  -1e-07", "z[1] = 0.5000000000001  -1e-07", True),
        ("z[1] = 0.5", "z[1] = 0.500001", False),
        ("z[1] = 0.5", "z[2] = 0.5", False),
        ("z = 0.5", "a = 0.5", False),
        ("z = 1  2", "z = 1  2  3", False),
        ("z = nan", "z = 0", False),
        ("z = -0.25", "z = 0.25", False),
    ],
)
def test_only_numbers_have_room_and_only_a_little(stored, made, equal):
    assert alike(stored, made, ROOM) == equal
    assert not alike(stored, made, 0.0)
