"""The sections of an experiment file, each key with its type, its default and its meaning.

Cross-section rules live in `rules`; a section alone can only say what each key may hold.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.initializers import INITIALIZERS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.schedules import SCHEDULES
from tracer.experiment.fields import (
    BatchSize,
    Bounds,
    Choice,
    Count,
    EpochChoice,
    EpochNumbers,
    Epochs,
    Expected,
    Flag,
    Label,
    Matrices,
    Names,
    NotNegative,
    Number,
    Positive,
    RowNumbers,
    Rows,
    Seed,
    Spread,
    Text,
    Units,
    Vectors,
    Wording,
)
from tracer.experiment.picks import ALL, Pick, Picks, picks
from tracer.experiment.section import Section, key

TASKS = ("binary", "multiclass", "multilabel", "regression")


ROW_WORDS, UNIT_WORDS = ("first", "hardest"), ("largest",)
_ROWS = Picks(
    'a choice of rows: "all", "first 10", "hardest 5", "1-10", or a list such as [1, 3, "5-8"]',
    ROW_WORDS,
)
_UNITS = Picks(
    'a choice of units: "all", "largest 10", "1-10", or a list such as [1, 3, "5-8"]', UNIT_WORDS
)


class DataSection(Section):
    """The table to learn from. Give either path, or rows with columns."""

    path: Annotated[str | None, Bounds(min_length=1), Expected("the name of a CSV file")] = key(
        default=None,
        description="A CSV file with a header, in UTF-8, relative to the experiment file.",
    )
    columns: Annotated[Names | None, Expected("a list of column names")] = key(
        default=None,
        description="The names of the columns of rows, or of a file with header = false.",
    )
    header: Annotated[bool | None, Expected("true or false")] = key(
        default=None,
        description="Whether the first line of the file holds the names of the columns. Default: "
        "it does, and what looks like a row of numbers there is a mistake.",
    )
    rows: Annotated[Rows | None, Expected("a list of rows, each a list")] = key(
        default=None, description="The table itself, one list of numbers and texts a row."
    )
    inputs: Annotated[Names | None, Expected("a list of column names")] = key(
        default=None, description="The input columns. Default: every column but the target."
    )
    target: Annotated[
        Annotated[str, Bounds(min_length=1)] | Names | None,
        Expected("a column name, or a list of column names"),
    ] = key(default=None, description="The column or columns to predict. Default: the last column.")
    task: Annotated[str, Choice(TASKS)] = key(
        default="",
        description="What is predicted. Default: inferred from the output layer and the data.",
    )
    classes: Annotated[tuple[Label, ...] | None, Expected("a list of numbers or texts")] = key(
        default=None, description="The classes in order; of two the last is the positive one."
    )
    train: Annotated[
        Annotated[int, Bounds(ge=1)] | RowNumbers | None,
        Expected("a number of rows of at least 1, or a list of row numbers from 1"),
    ] = key(
        default=None,
        description="The first so many rows, or a list of row numbers from 1, are trained on in "
        "the order of the file; the rest is the test. Default: all rows.",
    )
    question: Annotated[str, Expected("text in quotes")] = key(
        default="", description="What the network shall answer, as a question that pages open with."
    )
    meaning: Annotated[Wording, Expected("a table of column names, each with its words")] = key(
        default_factory=dict,
        description='What columns stand for: { "x1" = "hours of sun" }. Axes and tables say it.',
    )
    words: Annotated[Wording, Expected("a table of classes, each with its words")] = key(
        default_factory=dict,
        description='What classes are called: { "-1" = "no rainbow", "1" = "rainbow" }.',
    )


class Layer(Section):
    """One layer after the input; the last one is the output."""

    units: Units = key(description="How many units the layer has.")
    activation: Annotated[str, Choice(ACTIVATIONS)] = key(
        description="The function that turns z into a."
    )


class Init(Section):
    """The starting values of weights and biases."""

    scheme: Annotated[str, Choice(INITIALIZERS, besides=("given", "sklearn"))] = key(
        default="uniform",
        description="How the weights are drawn; given: they are listed here; sklearn: weights, "
        "biases and shuffling as scikit-learn's MLPClassifier and MLPRegressor draw them.",
    )
    low: Number = key(default=-1.0, description="Lower bound of a uniform draw (scheme uniform).")
    high: Number = key(default=1.0, description="Upper bound of a uniform draw (scheme uniform).")
    std: Spread = key(
        default=1.0, description="Standard deviation of a normal draw (scheme normal)."
    )
    biases: Annotated[
        Literal["same", "zeros"] | Vectors,
        Expected('"same", "zeros", or with scheme "given" a list of lists of numbers'),
    ] = key(
        default="same",
        description="Biases are drawn like the weights (same), 0 (zeros), or with the scheme given "
        "listed, one list a layer (default then: zeros).",
    )
    seed: Seed = key(default=0, description="The seed of every draw, and of shuffling.")
    decimals: Annotated[
        int | None, Bounds(ge=0, le=15), Expected("a whole number from 0 to 15")
    ] = key(
        default=None, description="Round drawn values to so many decimals. Default: not at all."
    )
    chosen: Annotated[str, Expected("text in quotes")] = key(
        default="",
        description="How the starting values were chosen, in a sentence that the pages quote.",
    )
    weights: Annotated[
        Matrices, Expected("numbers, in a list of matrices: one a layer, n_in rows of n_out")
    ] = key(default=(), description="With the scheme given: a matrix a layer, n_in rows of n_out.")

    def values(self, n_in: int, n_out: int) -> dict[str, float]:
        """What the scheme of a layer of these sizes may ask for, by name."""
        given = {"low": self.low, "high": self.high, "std": self.std}
        return {"n_in": n_in, "n_out": n_out, **given}


class Stop(Section):
    """When to stop before the last epoch."""

    tolerance: NotNegative = key(
        default=1e-4,
        description="An epoch that lowers the loss by less does not count as progress.",
    )
    patience: Count = key(
        default=10, description="How many epochs without progress are borne in a row."
    )
    measure: Annotated[str, Choice(("loss", "sklearn"))] = key(
        default="loss",
        description="The loss that is watched: as it is, or as scikit-learn reports it (from "
        "probabilities kept away from 0 and 1, squared errors averaged over the outputs).",
    )


class Training(Section):
    """How the network learns."""

    loss: Annotated[str, Choice(LOSSES)] = key(
        default="",
        description="The loss. Default: the one that fits the task and the output layer.",
    )
    reduction: Annotated[str, Choice(("mean", "sum"))] = key(
        default="mean",
        description="Whether a batch's gradient is the mean or the sum over its samples.",
    )
    optimizer: Annotated[
        str,
        Choice(OPTIMIZERS),
    ] = key(default="sgd", description="The rule of the update.")
    learning_rate: Positive = key(default=0.1, description="The size η of a step.")
    epochs: Epochs = key(
        default=1000, description="How many times the training rows are gone through."
    )
    batch_size: BatchSize = key(default=1, description='Samples an update, or "all" training rows.')
    shuffle: Flag = key(default=False, description="Draw a new order of the rows in every epoch.")
    order: Annotated[
        tuple[RowNumbers, ...],
        Expected("a list of row numbers from 1 for each epoch"),
    ] = key(default=(), description="The order of the training rows: one permutation an epoch.")
    l2: NotNegative = key(default=0.0, description="λ of the penalty ½·λ·ΣW², biases left out.")
    l2_per_batch: Flag = key(
        default=False, description="Divide the penalty by the size of the batch."
    )
    train_biases: Flag = key(
        default=True, description="false keeps the biases at their starting values."
    )
    stop: Annotated[Stop | None, Expected("a table: { tolerance = 1e-4, patience = 10 }")] = key(
        default=None,
        description="Stop early when the training loss no longer falls. Default: never.",
    )
    schedule: Annotated[str, Choice(SCHEDULES)] = key(
        default="constant", description="How the learning rate changes over the epochs."
    )
    options: dict[str, float | str] = key(
        default_factory=dict, description="The optimizer's own keys, defaults filled in."
    )
    schedule_options: dict[str, int | float] = key(
        default_factory=dict, description="The schedule's own keys, defaults filled in."
    )

    @property
    def plateau(self) -> Stop | None:
        """When the loss counts as standing still: the stop rule, or what the schedule waits for."""
        waits = self.stop is None and SCHEDULES[self.schedule].on_plateau
        return Stop() if waits else self.stop


class Notation(Section):
    """How formulas are written."""

    convention: Annotated[str, Choice(("row", "column"))] = key(
        default="row", description="row: z = a W + b with W (n_in, n_out); column: z = W a + b."
    )
    errors: Annotated[str, Choice(("partial", "delta"))] = key(
        default="partial",
        description="How the error of a layer is written: partial: ∂L/∂z; delta: δ.",
    )
    first_index: Annotated[int, Bounds(ge=0, le=1), Expected("0 or 1")] = key(
        default=1,
        description="The number of the first unit, input and output. Layers, rows, epochs and "
        "updates are counted from 1.",
    )
    logarithm: Annotated[str, Choice(("ln", "log"))] = key(
        default="ln", description="How the natural logarithm is written."
    )


class Pages(Section):
    """What is shown."""

    epochs: EpochNumbers = key(
        default=(1,), description="The epochs whose cycles get pages of their own."
    )
    rows: Annotated[
        Annotated[str, _ROWS]
        | tuple[Annotated[Annotated[int, Bounds(ge=1)] | str, _ROWS], ...]
        | None,
        _ROWS,
    ] = key(
        default=None,
        description="The rows of the table that get pages of their own, for their cycles and "
        'predictions: "all", row numbers from 1, ranges "1-10", "first 10", "hardest 5" (those '
        "with the largest final loss), or a list of these. Default: all, unless too many.",
    )
    units: Annotated[
        Annotated[str, _UNITS]
        | tuple[Annotated[Annotated[int, Bounds(ge=1)] | str, _UNITS], ...]
        | None,
        _UNITS,
    ] = key(
        default=None,
        description="The units of a wide layer (more than 20) that are written out line by line: "
        '"all", numbers, ranges "1-10", "largest 10", or a list of these. Default: "largest 10".',
    )
    decimals: Annotated[int, Bounds(ge=1, le=12), Expected("a whole number from 1 to 12")] = key(
        default=4, description="Digits after the point of computed values."
    )
    explore: EpochChoice = key(
        default=None,
        description='The epochs that the explorer carries: "all", or a list; an empty one makes no '
        "explorer. Default: all, or as many as a file of some megabytes holds.",
    )
    language: Annotated[
        str,
        Bounds(pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})?$"),
        Expected('the short name of a language, such as "en" or "pt_BR"'),
    ] = key(default="en", description="The language of the pages: that of a catalog of messages.")
    templates: Annotated[str | None, Bounds(min_length=1), Expected("the name of a folder")] = key(
        default=None, description="A folder of templates that come before the built-in ones."
    )

    @property
    def unit_picks(self) -> tuple[Pick, ...]:
        """The parts of the choice of units; all of them where nothing is said."""
        return picks(ALL if self.units is None else self.units, UNIT_WORDS)

    @property
    def row_picks(self) -> tuple[Pick, ...]:
        """The parts of the choice of rows; all of them where nothing is said."""
        return picks(ALL if self.rows is None else self.rows, ROW_WORDS)


class Record(Section):
    """What is kept of the run: keep, epochs, or every; disk alone or beside every; or nothing."""

    keep: Annotated[str | None, Choice(("all",))] = key(
        default=None,
        description="all: every number of the run is kept. Default: all, or checkpoints where that "
        "would be too large.",
    )
    epochs: EpochNumbers = key(
        default=(),
        description="The epochs that are kept whole; of the others what each began with.",
    )
    every: Annotated[
        Count | None, Expected("a whole number (below 2 to the 63rd) of at least 1")
    ] = key(
        default=None,
        description="Parameters and optimizer state are kept every so many updates; what lies "
        "between is computed again when it is asked for.",
    )
    disk: Annotated[
        Count | None, Expected("a whole number (below 2 to the 63rd) of at least 1")
    ] = key(
        default=None,
        description="Gigabytes of the disk that what is kept may take, in place of memory. "
        "Without every it is kept as often as there is room for.",
    )

    @property
    def given(self) -> dict[str, Any]:
        """The keys that were given, as a file would hold them."""
        return {key: value for key, value in self.model_dump(mode="json").items() if value}


class ExperimentFile(Section):
    """The whole experiment file. Only for the schema: `sections` reads it part by part."""

    title: Text = key(default="", description="The title of the site. Default: the file's name.")
    data: DataSection = key(description="The table to learn from.")
    layers: Annotated[tuple[Layer, ...], Bounds(min_length=1)] = key(
        description="The layers after the input, one table each; the last is the output."
    )
    init: Init = key(default_factory=Init, description="The starting values.")
    training: Training = key(default_factory=Training, description="How to learn.")
    notation: Notation = key(default_factory=Notation, description="How to write.")
    pages: Pages = key(default_factory=Pages, description="What to show.")
    record: Record = key(default_factory=Record, description="What to keep of the run.")
