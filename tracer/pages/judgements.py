"""What is judged of a cycle, as trees over its numbers: each gives a key, a place or a truth.

Pages evaluate them in :mod:`tracer.pages.verdicts`; the explorer's script evaluates the same trees
for any cycle. What a network and its settings decide once is decided here, not in a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.conditions import (
    Place,
    Tree,
    choose,
    distinct,
    finite,
    given,
    larger,
    largest,
    last,
    of,
    printed,
    reads_as,
    select,
    shown,
    size,
)
from tracer.experiment import Experiment
from tracer.experiment.dataset import Dataset, Label

HALF = 0.5  # where two classes have equal claims to a probability
ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""Relative: two losses as near as this may differ by nothing but rounding."""
FEWEST_STILL = 2
"""A single row in which nothing happens is no heap to be set apart."""
NETWORKS = 2**6
"""The shapes of network whose trees are remembered: a walkthrough has one."""
Y_HAT, LOSS, AFTER = of("y_hat"), of("loss"), of("loss_after")
LOST = Y_HAT.differs(Y_HAT).any()
"""Whether an output is nan."""
IS_ALONE = of("batch").equals(1)
"""Whether the batch is this one row."""


def near(one: Tree, other: Tree) -> Tree:
    """Whether two losses may differ by nothing but rounding."""
    return size(one - other) <= larger(size(one), size(other)) * ROUNDING


# What the output means


@cache
def answer(task: str) -> Tree:
    """How clearly an output decides between classes: a key of :data:`Answer`."""
    texts = shown("y_hat")
    if task == "regression":
        return choose((LOST, "lost"), otherwise="clear")
    if task == "multiclass":
        best = largest(Y_HAT)
        tie = Y_HAT.equals(Y_HAT.at(best)).count() > 1
        alike = texts.equals(texts.at(best)).count() > 1
    else:
        tie, alike = Y_HAT.equals(HALF).any(), reads_as(texts, HALF).any()
    return choose((LOST, "lost"), (tie, "tie"), (alike, "close"), otherwise="clear")


@cache
def tied() -> Tree:
    """Of each class whether it shares the largest output."""
    return Y_HAT.equals(Y_HAT.at(largest(Y_HAT)))


def decision(task: str) -> Tree:
    """The class (from 0) that the output decides for; one for each output of several targets."""
    return largest(Y_HAT) if task == "multiclass" else select(Y_HAT > HALF, 1, 0)


def labels(data: Dataset) -> tuple[tuple[Label | tuple[Label, ...], ...], Tree]:
    """What rows are labelled with, and the tree that tells which of them a target stands for.

    The tree gives −1 for a target that no row has.
    """
    by_target = {row.tobytes(): k for k, row in reversed(list(enumerate(data.y + 0.0)))}
    rows = sorted(by_target.values())
    same = given(1).equals(1)
    for k in range(data.y.shape[1]):
        same &= given(*data.y[rows, k].tolist()).equals(of("y", 0, [(k + 1,)]))
    return tuple(data.labels[row] for row in rows), last(same)


def is_right(data: Dataset) -> Tree:
    """Whether the decision is the row's label; only asked where there are classes."""
    if data.task == "multilabel":
        return ~LOST & decision(data.task).equals(of("y")).all()
    found, place = labels(data)
    classes: Sequence[Label | tuple[Label, ...]] = data.classes or ()
    known = given(*(classes.index(label) for label in found)).at(place)
    return ~LOST & decision(data.task).equals(known)


# What an update did


OUTCOME = choose(
    (~finite(AFTER - LOSS), "lost"),
    ((AFTER - LOSS).equals(0), "same"),
    (near(LOSS, AFTER), "noise"),
    (AFTER - LOSS < 0, "fell"),
    otherwise="rose",
).once()
"""What an update did to the loss of its row."""
CHANGED = OUTCOME.equals("fell") | OUTCOME.equals("rose") | OUTCOME.equals("noise")
HIDDEN = CHANGED & printed("loss").equals(printed("loss_after"))
"""Whether the two losses are printed alike although they differ."""
AS_FORESEEN = printed("predicted_change").equals(printed("loss_change"))
"""Whether the change is printed as it was predicted."""
NEARLY_FORESEEN = finite(AFTER) & near(LOSS + of("predicted_change"), AFTER)
CAN_BE_FORESEEN = (
    finite(of("predicted_change")).all()
    & finite(of("dL_dW")).all()
    & finite(of("dL_db")).all()
    & finite(of("W_after")).all()
    & finite(of("b_after")).all()
)
"""Whether slopes and steps are finite numbers, so that their products can be added up."""


def compared(experiment: Experiment) -> Tree:
    """How the change of the loss compares with the one that was foreseen, as a key."""
    return _compared(pushing(experiment))


@cache
def _compared(pushing: tuple[str, ...] | None) -> Tree:
    still = _stillness(pushing)
    is_same, is_lost = OUTCOME.equals("same"), still.equals("rounded") | still.equals("absorbed")
    return choose(
        (AS_FORESEEN, "alike"),
        (is_same, choose((is_lost, "lost"), otherwise="digits")),
        (OUTCOME.equals("noise") | NEARLY_FORESEEN, "digits"),
        otherwise="curve",
    )


def _any(trees: Iterable[Tree]) -> Tree:
    found = given(0).equals(1)
    for tree in trees:
        found |= tree.any()
    return found


def stillness(experiment: Experiment) -> Tree:
    """Why the loss stayed what it was: a key of :data:`Stillness`."""
    return _stillness(pushing(experiment))


@cache
def _stillness(pushing: tuple[str, ...] | None) -> Tree:
    pairs = {kind: of(kind).differs(of(f"{kind}_after")) for kind in ("W", "b")}
    felt = (move & of(f"dL_d{kind}").differs(0) for kind, move in pairs.items())
    same = of("z").equals(of("z_after")).all()
    return choose(
        (~_any(pairs.values()) & ~_pushes(pushing), "no_gradient"),
        (~_any(pairs.values()) & of("eta").equals(0), "no_rate"),
        (~_any(pairs.values()), "rounded"),
        (~_any(felt), "flat"),
        (same, "absorbed"),
        otherwise="moved",
    )


def _pushes(pushing: tuple[str, ...] | None) -> Tree:
    """Whether one of them is not 0."""
    if pushing is None:
        return given(1).equals(1)
    return _any(of(name).differs(0) for name in pushing)


def pushing(experiment: Experiment) -> tuple[str, ...] | None:
    """What the optimizer received or kept, and may use; None where it needs nothing to do so."""
    if decays(experiment):
        return None
    kinds = ("W", "b") if experiment.training.train_biases else ("W",)
    names = [f"{name}_{kind}" for name in kept(experiment) for kind in kinds]
    return (*names, *(f"grad_{kind}" for kind in kinds))


def kept(experiment: Experiment) -> tuple[str, ...]:
    """The variables that the optimizer carries from one update into the next."""
    training = experiment.training
    program = OPTIMIZERS[training.optimizer].program(training.options)
    return tuple(name for name in program.variables if name in program.carried)


def decays(experiment: Experiment) -> bool:
    """Whether the optimizer itself makes weights smaller."""
    return float(experiment.training.options.get("weight_decay", 0.0)) > 0


# What the slopes are, and where nothing happens


@lru_cache(maxsize=NETWORKS)
def largest_slope(places: tuple[tuple[int, Place], ...]) -> Tree:
    """Of some slopes by weights, (layer, place) of each, that farthest from 0; −1 for none."""
    slopes = slopes_of(places)
    sized = finite(slopes) & slopes.differs(0)
    sizes = select(sized, size(slopes), -1)
    return select(sized.any(), largest(sizes), -1)


@lru_cache(maxsize=NETWORKS)
def lost_slopes(places: tuple[tuple[int, Place], ...]) -> Tree:
    """Whether one of them is no finite number."""
    return ~finite(slopes_of(places)).all()


@lru_cache(maxsize=NETWORKS)
def flat_slopes(places: tuple[tuple[int, Place], ...]) -> Tree:
    """How many of them are 0."""
    return slopes_of(places).equals(0).count()


def slopes_of(places: Sequence[tuple[int, Place]]) -> Tree:
    """Some slopes by weights, layer after layer as they are given."""
    return _each("dL_dW", places)


@lru_cache(maxsize=NETWORKS)
def last_moved(places: tuple[tuple[int, Place], ...]) -> Tree:
    """The last of some weights that the update moves; −1 for none."""
    return last(_each("W", places).differs(_each("W_after", places)))


def _each(name: str, places: Sequence[tuple[int, Place]]) -> Tree:
    return of(name, 0, [(layer, *place) for layer, place in places])


def is_still(name: str, layer: int, places: Sequence[Place]) -> Tree:
    """Of each slope whether it is 0, of each parameter whether it is what it was."""
    if name in ("W", "b"):
        return of(name, layer, places).equals(of(f"{name}_after", layer, places))
    return of(name, layer, places).equals(0)


def apart(still: Tree, count: int) -> Tree:
    """Of ``count`` rows those set apart: the first is left where nothing happens in all."""
    return still & (given(0, *(1 for _ in range(count - 1))).equals(1) | ~still.all())


def is_own_slope(experiment: Experiment) -> Tree:
    """Whether a parameter's step is the learning rate times this sample's slope, and no more."""
    training = experiment.training
    plain = OPTIMIZERS[training.optimizer].is_plain and not training.l2
    return IS_ALONE if plain else given(0).equals(1)


def reason(
    experiment: Experiment, name: str, layer: int, places: Sequence[Place], rows: Tree
) -> Tree:
    """Why nothing happens in those ``rows`` of a quantity: a key of :data:`Why`."""
    pair, after = len(places[0]) > 1, name in ("W", "b")
    units = [place[-1:] for place in places]
    slopes = of("dL_dW" if pair else "dL_db", layer, places)
    no_error = _among(rows, of("dL_dz", layer, units).equals(0))
    entry = ACTIVATIONS[experiment.layers[layer - 1].activation]
    cut = (of("z", layer, units) <= 0) & of("a", layer, units).equals(0)
    off = _among(rows, cut) if entry.says == "rectifies" else given(0).equals(1)
    cases = [(~is_own_slope(experiment), "")] if after else []
    cases += [((rows & slopes.differs(0)).any(), "lost" if after else "")]
    cases += [(no_error & off, "off"), (no_error, "error")]
    if pair:
        sources = [place[:1] for place in places]
        signal = of("x", 0, sources) if layer == 1 else of("a", layer - 1, sources)
        cases += [(_among(rows, signal.equals(0)), "input")]
    return choose(*cases, otherwise="slope")


def _among(rows: Tree, holds: Tree) -> Tree:
    """Whether something holds in each of some rows."""
    return (~rows | holds).all()


def named_units(places: Sequence[Place], rows: Tree, *, sources: bool) -> Tree:
    """The units (from 1) of those rows, or the units that they lead from."""
    return distinct(given(*(place[0 if sources else -1] for place in places)).where(rows))
