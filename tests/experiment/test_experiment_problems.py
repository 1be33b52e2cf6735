"""Every mistake gets one line that names file, key and line, what was expected and found."""

from __future__ import annotations

from pathlib import Path

import pytest

from each import each
from tracer.errors import ExperimentError, Problem
from tracer.experiment import load_experiment

# A valid experiment, one line a key, so that a case replaces or adds lines by number.
GOOD = """\
[data]
columns = ["a", "b", "y"]
rows = [[0, 0, 0], [1, 0, 1], [0, 1, 1], [1, 1, 0]]
[[layers]]
units = 3
activation = "relu"
[[layers]]
units = 1
activation = "sigmoid"
[training]
epochs = 2
"""
GIVEN = """\
[init]
scheme = "given"
weights = [
  [[1, 2, 3], [4, 5, 6]],
  [[1], [2], [3]],
]
"""


def load(folder: Path, text: str, table: str | bytes | None = None) -> tuple[Problem, ...]:
    (folder / "x.toml").write_bytes(text.encode())
    if table is not None:
        data = table if isinstance(table, bytes) else table.encode()
        (folder / "t.csv").write_bytes(data)
    try:
        load_experiment(folder / "x.toml")
    except ExperimentError as error:
        return error.problems
    return ()


def edited(**lines: str) -> str:
    """GOOD with whole lines replaced: ``edited(L5="units = 0")``; L12 and on are appended."""
    rows = GOOD.splitlines()
    for name, text in lines.items():
        number = int(name[1:])
        rows[number - 1 : number] = [text]
    return "\n".join(rows) + "\n"


def test_the_good_file_is_good(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == ()
    assert load(tmp_path, GOOD + GIVEN) == ()


# (what is changed, line, key, fragments of the message and of the hint)
CASES: list[tuple[str, int | None, str, str]] = [
    # Sections and keys
    (edited(L12="[trainig]"), 12, "trainig", 'Did you mean "training"?'),
    (edited(L12="[nonsense]"), 12, "nonsense", "expected title or one of the tables data, layers"),
    (edited(L1="title = 3\n[data]"), 1, "title", "expected text in quotes, found 3"),
    (edited(L1="units = 3\n[data]"), 1, "units", "units belongs to [layers] or [pages]."),
    (edited(L12="title = 'late'"), 12, "training.title", "belongs to the top of the file"),
    (edited(L12="epoch = 3"), 12, "training.epoch", 'Did you mean "epochs"?'),
    (edited(L12="lr = 0.1"), 12, "training.lr", 'Did you mean "learning_rate"?'),
    (edited(L12="Shuffle = true"), 12, "training.Shuffle", 'Did you mean "shuffle"?'),
    (edited(L12="options = {}"), 12, "training.options", "expected one of the keys loss"),
    (edited(L10="[training]\nseed = 1"), 11, "training.seed", "seed belongs to [init]."),
    (edited(L12='"a b" = 3'), 12, 'training."a b"', "found"),
    ("notation = 3\n" + GOOD, 1, "notation", "expected a table, found 3"),
    # Layers
    (edited(L5="units = 0"), 5, "layers[1].units", "from 1 to 10000, found 0"),
    (edited(L5="units = true"), 5, "layers[1].units", "found true"),
    (edited(L5="units = 2.0"), 5, "layers[1].units", "found 2.0"),
    (edited(L5='units = "3"'), 5, "layers[1].units", "Numbers stand without quotes"),
    (edited(L5=""), 4, "layers[1].units", "expected a whole number from 1 to 10000, found nothing"),
    (edited(L9='activation = "sigmod"'), 9, "layers[2].activation", 'Did you mean "sigmoid"?'),
    (edited(L6='activation = "ReLU"'), 6, "layers[1].activation", 'Did you mean "relu"?'),
    (edited(L6='activation = "swish"'), 6, "layers[1].activation", 'Did you mean "silu"?'),
    (edited(L6="activation = 3"), 6, "layers[1].activation", 'one of "identity", "relu"'),
    (edited(L9='activation = "softmax"'), 8, "layers[2].units", "at least 2 units for softmax"),
    (edited(L8="units = 2"), 8, "layers[2].units", 'expected 1 unit, for the task "binary"'),
    # Data
    (edited(L3=""), 1, "data", "path (a CSV file) or rows with columns, found neither"),
    (edited(L3='path = "t.csv"\nrows = []'), 4, "data.rows", "either path or rows, found both"),
    (edited(L2=""), 1, "data.columns", "expected the names of the columns of rows, found nothing"),
    (edited(L2="columns = []"), 2, "data.columns", "found an empty list"),
    (edited(L3="rows = []"), 3, "data.rows", "expected at least one row"),
    (edited(L3="rows = [1]"), 3, "data.rows[1]", "a list of rows, each a list, found 1"),
    (edited(L2='columns = ["a", "a", "y"]'), 2, "data.columns[2]", 'found "a" for the columns 1'),
    (edited(L3='inputs = ["a", "B"]\n' + GOOD.splitlines()[2]), 3, "data.inputs[2]", '"b"?'),
    (edited(L3='inputs = ["a", "a"]\n' + GOOD.splitlines()[2]), 3, "data.inputs[2]", "once"),
    (edited(L3="inputs = []\n" + GOOD.splitlines()[2]), 3, "data.inputs", "found an empty list"),
    (edited(L3='inputs = ["y"]\n' + GOOD.splitlines()[2]), 3, "data.inputs[1]", "The target is"),
    (edited(L3='target = "yy"\n' + GOOD.splitlines()[2]), 3, "data.target", 'found "yy". Did'),
    (edited(L3='target = ["y", 1]\n' + GOOD.splitlines()[2]), 3, "data.target[2]", "found 1"),
    (edited(L3="target = []\n" + GOOD.splitlines()[2]), 3, "data.target", "at least one column"),
    (edited(L3='task = "binery"\n' + GOOD.splitlines()[2]), 3, "data.task", 'mean "binary"?'),
    (edited(L3="train = 0\n" + GOOD.splitlines()[2]), 3, "data.train", "at least 1, or a list"),
    (edited(L3="train = 5\n" + GOOD.splitlines()[2]), 3, "data.train", "at most 4"),
    (edited(L3="train = []\n" + GOOD.splitlines()[2]), 3, "data.train", "at least one row"),
    (edited(L3="train = [1, 5]\n" + GOOD.splitlines()[2]), 3, "data.train[2]", "from 1 to 4"),
    (edited(L3="train = [2, 2]\n" + GOOD.splitlines()[2]), 3, "data.train[2]", "2 again"),
    (edited(L3="train = true\n" + GOOD.splitlines()[2]), 3, "data.train", "found true"),
    (
        edited(L3="classes = [0]\n" + GOOD.splitlines()[2]),
        3,
        "data.classes",
        "expected two classes",
    ),
    (edited(L3="classes = [1, 1.0]\n" + GOOD.splitlines()[2]), 3, "data.classes", "different"),
    (edited(L3="classes = [0, true]\n" + GOOD.splitlines()[2]), 3, "data.classes[2]", "found true"),
    (edited(L3="rows = [\n [0, 0, 0],\n [0, 1]]"), 5, "data.rows[2]", "3 cells, one a column"),
    (edited(L3="rows = [[0, 0, 0],\n [0, true, 1]]"), 4, "data.rows[2][2]", "found true"),
    (edited(L3='rows = [[0, 0, 0],\n [0, "1", 1]]'), 4, "data.rows[2][2]", 'found "1"'),
    (
        edited(L3="rows = [[0, 0, 0],\n [0, 0x1%s, 1]]" % ("0" * 400)),
        4,
        "data.rows[2][2]",
        "finite",
    ),
    (edited(L3="rows = [[0, 0, 0],\n [0, nan, 1]]"), 4, "data.rows[2][2]", "finite number, found"),
    (
        edited(L3="task = 'binary'\nrows = [[0, 0, 0], [0, 1, 2], [0, 1, 3]]"),
        3,
        "data.task",
        "two c",
    ),
    (edited(L2='columns = ["y"]', L3="rows = [[1]]"), 2, "data.columns", "found only"),
    # Start values
    (edited(L12='[init]\nscheme = "xavier"'), 13, "init.scheme", 'mean "glorot_uniform"?'),
    (
        edited(L12='[init]\nscheme = "sklearn"\ndecimals = 2'),
        14,
        "init.decimals",
        "from the seed alone",
    ),
    (edited(L12='[init]\nscheme = "sklearn"\nseed = 4294967296'), 14, "init.seed", "2 to the 32nd"),
    (edited(L12="[init]\nlow = 2"), 13, "init.low", "less than high"),
    (edited(L12="[init]\nlow = inf"), 13, "init.low", "expected a number, found inf"),
    (edited(L12="[init]\nhigh = -3"), 13, "init.high", "low = -1.0 and high = -3.0"),
    (
        edited(L12="[init]\nlow = 0.1\nhigh = 0.2\ndecimals = 0"),
        15,
        "init.decimals",
        "none between",
    ),
    (edited(L12="[init]\nstd = 1"), 13, "init.std", 'std goes with scheme = "normal".'),
    (edited(L12="[init]\nscheme='normal'\nstd = 0"), 14, "init.std", "above 0, found 0"),
    (
        edited(L12="[init]\nscheme='he_normal'\nlow = 0"),
        14,
        "init.low",
        'low goes with scheme = "un',
    ),
    (edited(L12="[init]\nweights = [[[1]]]"), 13, "init.weights", 'goes with scheme = "given"'),
    (edited(L12="[init]\nbiases = [[1]]"), 13, "init.biases", 'goes with scheme = "given"'),
    (edited(L12="[init]\nbiases = 'none'"), 13, "init.biases", 'expected "same", "zeros"'),
    (edited(L12="[init]\nseed = -1"), 13, "init.seed", "at least 0"),
    (edited(L12="[init]\nseed = 0x1ffffffffffffffffffffffff"), 13, "init.seed", "too large"),
    (edited(L12="[init]\ndecimals = 16"), 13, "init.decimals", "from 0 to 15, found 16"),
    (edited(L12="[init]\nscheme = 'given'"), 12, "init.weights", "a matrix a layer"),
    (GOOD + GIVEN + "decimals = 2", 18, "init.decimals", "taken as they stand"),
    (GOOD + GIVEN + "biases = 'same'", 18, "init.biases", 'found "same"'),
    (GOOD + GIVEN + "biases = [[1, 2, 3]]", 18, "init.biases", "2 lists, one a layer, found 1"),
    (GOOD + GIVEN + "biases = [[1, 2],\n[1]]", 18, "init.biases[1]", "expected 3 numbers"),
    (GOOD + GIVEN.replace("  [[1], [2], [3]],\n", ""), 14, "init.weights", "expected 2 matrices"),
    (GOOD + GIVEN.replace(", [3]", ""), 16, "init.weights[2]", "3 rows of 1, found 2 rows of 1"),
    (GOOD + GIVEN.replace("5, 6", "5"), 15, "init.weights[1][2]", "one a unit of layer 1, found 2"),
    (GOOD + GIVEN.replace("5", "nan"), 15, "init.weights[1][2][2]", "found nan"),
    (GOOD + GIVEN.replace("5", "'5'"), 15, "init.weights[1][2][2]", 'found "5"'),
    # Training
    (edited(L11="epochs = 0"), 11, "training.epochs", "from 1 to 1000000, found 0"),
    (edited(L12='loss = "mse"'), 12, "training.loss", 'Did you mean "mean_squared_error"?'),
    (edited(L12='loss = "cross_entropy"'), 12, "training.loss", "an output layer with softmax"),
    (edited(L12='reduction = "avg"'), 12, "training.reduction", 'one of "mean", "sum"'),
    (edited(L12='optimizer = "sgdd"'), 12, "training.optimizer", 'Did you mean "sgd"?'),
    (edited(L12="learning_rate = 0"), 12, "training.learning_rate", "above 0, found 0"),
    (edited(L12="learning_rate = inf"), 12, "training.learning_rate", "found inf"),
    (edited(L12='learning_rate = "0,1"'), 12, "training.learning_rate", "with a point: 0.1"),
    (edited(L12="batch_size = 0"), 12, "training.batch_size", 'at least 1, or "all", found 0'),
    (edited(L12="batch_size = 5"), 12, "training.batch_size", "expected at most 4"),
    (edited(L12='batch_size = "full"'), 12, "training.batch_size", 'found "full"'),
    (edited(L12="shuffle = 1"), 12, "training.shuffle", "expected true or false, found 1"),
    (edited(L12="order = [[1, 2, 3, 4]]"), 12, "training.order", "2 lists of rows, one an epoch"),
    (edited(L12="order = [[1, 2, 3, 4],\n[1, 2, 3, 5]]"), 13, "training.order[2]", "found 5, not"),
    (edited(L12="order = [[1, 2, 3, 4],\n[1, 2, 3, 3]]"), 13, "training.order[2]", "3 more than"),
    (edited(L12="order = [[1, 2, 3, 4],\n[1, 2, 4]]"), 13, "training.order[2]", "found 3 missing"),
    (edited(L12="order = [[1, 2, 3, 4], [4, 0]]"), 12, "training.order[2][2]", "found 0"),
    (edited(L12="l2 = -1"), 12, "training.l2", "at least 0, found -1"),
    (edited(L12="stop = true"), 12, "training.stop", "expected a table: { tolerance"),
    (edited(L12="stop = { patience = 0 }"), 12, "training.stop.patience", "at least 1, found 0"),
    (edited(L12="stop = { tol = 1 }"), 12, "training.stop.tol", 'Did you mean "tolerance"?'),
    (edited(L12="[training.stop]\ntolerance = -1"), 13, "training.stop.tolerance", "at least 0"),
    (edited(L12='schedule = "steps"'), 12, "training.schedule", 'Did you mean "step"?'),
    (edited(L12='stop = { measure = "log" }'), 12, "training.stop.measure", '"loss", "sklearn"'),
    (edited(L12="momentum = 0.9"), 12, "training.momentum", "momentum belongs to: "),
    # Notation and pages
    (edited(L12='[notation]\nconvention = "col"'), 13, "notation.convention", '"row", "column"'),
    (edited(L12="[pages]\nepochs = [1, 3]"), 13, "pages.epochs[2]", "from 1 to 2, found 3"),
    (edited(L12="[pages]\nepochs = [1, 1]"), 13, "pages.epochs[2]", "1 again"),
    (edited(L12="[pages]\nepochs = 1"), 13, "pages.epochs", "a list of epochs"),
    (edited(L12="[pages]\ndecimals = 13"), 13, "pages.decimals", "from 1 to 12, found 13"),
    (edited(L12="[pages]\ntemplates = ''"), 13, "pages.templates", "the name of a folder"),
]


@each(("text", "line", "key", "fragment"), CASES)
def test_one_mistake_one_problem(
    tmp_path: Path, text: str, line: int | None, key: str, fragment: str
) -> None:
    problems = load(tmp_path, text)
    assert [(p.key, p.line) for p in problems] == [(key, line)], problems
    assert fragment in str(problems[0])
    assert str(problems[0]).startswith(f"{tmp_path / 'x.toml'}:{line}: {key}: expected ")


def test_missing_sections(tmp_path: Path) -> None:
    problems = load(tmp_path, "title = 'nothing else'\n")
    assert [(p.key, p.line, p.message) for p in problems] == [
        ("data", None, "expected a table [data], found nothing"),
        ("layers", None, "expected [[layers]], one table a layer, found nothing"),
    ]


def test_a_misspelt_section_is_not_missing_too(tmp_path: Path) -> None:
    problems = load(tmp_path, GOOD.replace("[[layers]]", "[[layer]]"))
    assert [(p.key, p.hint) for p in problems] == [("layer", 'Did you mean "layers"?')]


@pytest.mark.parametrize("written", ["[layers]", "layers = []", "layers = 3"])
def test_layers_are_a_list_of_tables(tmp_path: Path, written: str) -> None:
    head = 'title = "x"\n' if written.startswith("[") else written + "\n"
    tail = written + '\nunits = 1\nactivation = "relu"\n' if written.startswith("[") else ""
    text = head + "\n".join(GOOD.splitlines()[:3]) + "\n" + tail
    (problem,) = load(tmp_path, text)
    assert problem.key == "layers"
    assert "expected [[layers]], one table a layer, found" in problem.message


EVERYTHING = """\
titel = "misspelt"
[data]
path = "t.csv"
inputs = ["A", "b"]
target = "y"
train = [1, 99]
[[layers]]
units = 2
activation = "rellu"
[[layers]]
units = 3
activation = "sigmoid"
[init]
scheme = "he_normal"
low = -1
decimals = 99
[training]
loss = "cross_entropy"
learning_rate = -0.1
epochs = 3
batch_size = 70
momentum = 0.9
stop = { patience = 1.5 }
[pages]
epochs = [4]
[extra]
"""


def test_all_problems_come_at_once_ordered_by_line(tmp_path: Path) -> None:
    table = "a,b,y\n1,x,0\n2,3\n,4,1\n5,6,0\n"
    problems = load(tmp_path, EVERYTHING, table)
    assert [(Path(p.file or "").name, p.line, p.key) for p in problems] == [
        ("x.toml", 1, "titel"),
        ("x.toml", 4, "data.inputs[1]"),
        ("x.toml", 6, "data.train[2]"),
        ("x.toml", 9, "layers[1].activation"),
        ("x.toml", 11, "layers[2].units"),
        ("x.toml", 15, "init.low"),
        ("x.toml", 16, "init.decimals"),
        ("x.toml", 18, "training.loss"),
        ("x.toml", 19, "training.learning_rate"),
        ("x.toml", 22, "training.momentum"),
        ("x.toml", 23, "training.stop.patience"),
        ("x.toml", 25, "pages.epochs[1]"),
        ("x.toml", 26, "extra"),
        ("t.csv", 3, None),
    ]
    table = "A,b,y\n1,x,0\n2,3\n,4,1\n5,6,0\n"
    in_table = [(p.line, p.key) for p in load(tmp_path, EVERYTHING, table) if p.key != "titel"][-3:]
    assert in_table == [(2, "b"), (3, None), (4, "A")]


def test_rules_skip_what_is_broken(tmp_path: Path) -> None:
    text = edited(L11="epochs = 0", L12="order = [[1, 2, 3, 4]]\n[pages]\nepochs = [7]")
    assert [p.key for p in load(tmp_path, text)] == ["training.epochs"]
    text = edited(L8='units = "1"', L12='loss = "cross_entropi"')
    assert [p.key for p in load(tmp_path, text)] == ["layers[2].units", "training.loss"]


def test_many_problems_of_one_key_are_cut(tmp_path: Path) -> None:
    rows = "[0, 1, 0]" + ", [0, nan, 1]" * 30
    problems = load(tmp_path, edited(L3=f"rows = [{rows}]"))
    assert len(problems) == 21
    assert problems[-1].message == "and 10 more like these"


SYNTAX: list[tuple[str, int, str]] = [
    ("[data\n", 1, "expected ] after the name of the section"),
    ("a = 1\na = 2\n", 2, "expected each key once in its section"),
    ("[data]\n[data]\n", 2, "expected each [section] once"),
    ("x = 0,1\n", 1, "Numbers are written with a point: 0.1."),
    ("[a]\nactivation = relu\n", 2, 'Text stands in quotes: "text".'),
    ("x = True\n", 1, "true and false are written small."),
    ("x = None\n", 1, "Leave the key out instead."),
    ("x: 3\n", 1, "Write key = value."),
    ("// note\n", 1, "Comments begin with #."),
    ("x = “text”\n", 1, "Use straight quotes"),
    ("x = 'text\n", 1, "closing quote"),
    ('a = 1\r\nx = "text\r\n', 2, "closing quote"),
    ("rows = [[1, 2],\n", 1, "found the end of the file"),
    ("rows = [[1, 2],\n [3]\n[training]\n", 3, "a comma or ] in the list"),
    ("x = { a = 1\n", 1, "in the table that is open here"),
    ("x = 1 2\n", 1, "expected the end of the line after a value"),
    ("x =\n", 1, "expected a value"),
    ("= 3\n", 1, "found"),
    ('x = "\\q"\n', 1, "a known escape"),
    ("x = 2020-13-45\n", 1, "expected"),
    ("x = " + "[" * 5000 + "]" * 5000, 1, "at most a few levels deep"),
    ("x = " + "1" * 5000, 1, "expected"),
    ("x = 1\ny = \x00\n", 2, "expected"),
]


@each(("text", "line", "fragment"), SYNTAX)
def test_syntax_errors_stand_alone(tmp_path: Path, text: str, line: int, fragment: str) -> None:
    (problem,) = load(tmp_path, text)
    assert problem.line in (line, None)
    assert fragment in str(problem)
    assert problem.file == str(tmp_path / "x.toml")


def test_unreadable_files(tmp_path: Path) -> None:
    def problem(path: Path) -> Problem:
        with pytest.raises(ExperimentError) as caught:
            load_experiment(path)
        return caught.value.problems[0]

    (tmp_path / "mini.toml").write_bytes(b"title = '\xff\n'")
    assert "is a folder" in str(problem(tmp_path))
    assert str(problem(tmp_path / "mimi.toml")).endswith('Did you mean "mini.toml"?')
    away = GOOD.replace("columns", 'path = "mini.csv"\n#').replace("rows", "#")
    (tmp_path / "table.toml").write_text(away, encoding="utf-8")
    assert 'found no file "' in str(problem(tmp_path / "table.toml"))
    assert "Did you mean" not in str(problem(tmp_path / "table.toml"))
    assert "found no file" in str(problem(tmp_path / "no" / "where.toml"))
    assert "cannot be read" in str(problem(tmp_path / "nul\0.toml"))
    assert "expected UTF-8, found the byte 0xff" in str(problem(tmp_path / "mini.toml"))


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n")) == ()
    text = "\ufeff" + edited(L5="units = 0").replace("\n", "\r\n")
    assert [(p.key, p.line) for p in load(tmp_path, text)] == [("layers[1].units", 5)]


@each(
    "value",
    ["0x" + "f" * 6000, "1979-05-27", "{ a.b.c = 1 }", "[[[[[[1]]]]]]", "'" + "x" * 500 + "'"],
)
@each("number", [2, 3, 5, 6, 11])
def test_strange_values_are_named_shortly(tmp_path: Path, value: str, number: int) -> None:
    key = GOOD.splitlines()[number - 1].split(" = ")[0]
    problems = load(tmp_path, edited(**{f"L{number}": f"{key} = {value}"}))
    assert problems
    assert problems[0].line == number
    assert all(len(p.message) < 300 for p in problems)


def test_deep_dotted_keys(tmp_path: Path) -> None:
    problems = load(tmp_path, edited(L3="rows." + ".".join("a" * 3000) + " = 1"))
    assert [(p.key, p.line) for p in problems] == [("data.rows", 3)]
