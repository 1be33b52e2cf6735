"""Rules of [init]: keys that fit the scheme, bounds that leave room, shapes that fit the layers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tracer.experiment.data import Found
from tracer.experiment.model import Init
from tracer.experiment.report import KeyPath, Report
from tracer.experiment.sections import Draft
from tracer.experiment.words import count_text, found_text

COMMON = ("scheme", "seed", "chosen")
DRAWN = (*COMMON, "biases", "decimals")
SCHEME_KEYS: Mapping[str, tuple[str, ...]] = {
    "uniform": (*DRAWN, "low", "high"),
    "normal": (*DRAWN, "std"),
    "given": (*COMMON, "weights", "biases"),
    "sklearn": COMMON,
}
SKLEARN_SEEDS = 2**32  # numpy's RandomState, which scikit-learn draws from, takes 32 bits


def meaningful_keys(scheme: str) -> tuple[str, ...]:
    """The keys of [init] that mean something with this scheme."""
    return SCHEME_KEYS.get(scheme, DRAWN)


def check_init(draft: Draft, found: Found, report: Report) -> None:
    """Apply the rules of [init]; problems go to `report`."""
    if not draft.ok("init.scheme"):
        return
    _check_keys(draft.init, report)
    if draft.init.scheme == "uniform":
        _check_bounds(draft, report)
    if draft.init.scheme == "given":
        _check_given(draft, found, report)
    elif draft.init.scheme == "sklearn":
        _check_seed(draft, report)
    elif not isinstance(draft.init.biases, str):
        message = 'expected "same" or "zeros", found a list'
        hint = 'A list of biases goes with scheme = "given".'
        report.add(("init", "biases"), message, hint)


def _check_keys(init: Init, report: Report) -> None:
    allowed = meaningful_keys(init.scheme)
    for key in sorted(init.model_fields_set):
        if key not in allowed:
            homes = [name for name, keys in SCHEME_KEYS.items() if key in keys]
            message = f"expected no {key} with the scheme {found_text(init.scheme)}, found some"
            hint = f"{key} goes with scheme = {' or '.join(found_text(name) for name in homes)}."
            if key == "decimals" and init.scheme == "given":
                hint = "Given weights are taken as they stand."
            elif init.scheme == "sklearn":
                hint = "scikit-learn's rule draws weights and biases from the seed alone."
            report.add(("init", key), message, hint)


def _check_seed(draft: Draft, report: Report) -> None:
    if draft.ok("init.seed") and draft.init.seed >= SKLEARN_SEEDS:
        message = 'expected a seed below 2 to the 32nd with the scheme "sklearn"'
        report.add(("init", "seed"), f"{message}, found {draft.init.seed}")


def _check_bounds(draft: Draft, report: Report) -> None:
    init = draft.init
    if not draft.ok("init.low", "init.high"):
        return
    path = report.first(("init", "low"), ("init", "high"))
    bounds = f"low = {init.low!r} and high = {init.high!r}"
    if init.low >= init.high or not math.isfinite(init.high - init.low):
        report.add(path, f"expected low to be less than high (and finitely so), found {bounds}")
    elif init.decimals is not None and _no_grid_point(init):
        message = f"expected a number of {count_text(init.decimals, 'decimal')} between the bounds"
        report.add(("init", "decimals"), f"{message}, found none between {bounds}")


def _no_grid_point(init: Init) -> bool:
    scale = 10.0 ** (init.decimals or 0)
    low, high = init.low * scale, init.high * scale
    return math.isfinite(low) and math.isfinite(high) and math.ceil(low) > math.floor(high)


def _check_given(draft: Draft, found: Found, report: Report) -> None:
    init, units = draft.init, [layer.units for layer in draft.layers]
    if draft.ok("init.weights"):
        _check_weights(init, [found.inputs, *units], draft, report)
    if init.biases == "same" and "biases" in init.model_fields_set:
        message = 'expected "zeros" or a list of lists with the scheme "given", found "same"'
        report.add(("init", "biases"), message)
    if not isinstance(init.biases, str) and draft.ok("layers"):
        path: KeyPath = ("init", "biases")
        if _one_a_layer(init.biases, ("list", "lists"), units, path, report):
            for index, (vector, n_out) in enumerate(zip(init.biases, units, strict=True)):
                _check_vector(vector, n_out, index, (*path, index), report)


def _check_weights(init: Init, sizes: Sequence[int | None], draft: Draft, report: Report) -> None:
    path: KeyPath = ("init", "weights")
    if "weights" not in init.model_fields_set:
        report.add(path, 'expected a matrix a layer with the scheme "given", found nothing')
        return
    if not draft.ok("layers"):
        return
    if not _one_a_layer(init.weights, ("matrix", "matrices"), sizes[1:], path, report):
        return
    if _decimal_commas(init, sizes[1:]):
        found = f"{len(init.weights[0][0])} in the first row of layer 1"
        message = f"expected {count_text(sizes[1] or 0, 'number')} a row, found {found}"
        report.add(path, message, "Are there decimal commas? Write numbers with a point: 0.15.")
        return
    for index, matrix in enumerate(init.weights):
        _check_matrix(matrix, sizes[index], sizes[index + 1], index, report)


def _one_a_layer(
    values: Sequence[object],
    nouns: tuple[str, str],
    layers: Sequence[object],
    path: KeyPath,
    report: Report,
) -> bool:
    if len(values) == len(layers):
        return True
    expected = f"expected {count_text(len(layers), *nouns)}, one a layer"
    report.add(path, f"{expected}, found {len(values)}")
    return False


def _decimal_commas(init: Init, units: Sequence[int | None]) -> bool:
    """Whether every row holds whole numbers, twice as many as the layer has units."""
    return all(
        len(row) == 2 * (n_out or 0) and all(float(value).is_integer() for value in row)
        for matrix, n_out in zip(init.weights, units, strict=True)
        for row in matrix
    ) and any(map(len, init.weights))


def _check_matrix(
    matrix: Sequence[Sequence[float]],
    n_in: int | None,
    n_out: int | None,
    index: int,
    report: Report,
) -> None:
    path: KeyPath = ("init", "weights", index)
    widths = {len(row) for row in matrix}
    shape = f"layer {index + 1} is {count_text(n_in or 0, 'row')} of {n_out}"
    if n_in is not None and len(matrix) != n_in:
        of = f" of {widths.pop()}" if len(widths) == 1 else ""
        full = f"expected that {shape}" if n_out is not None else f"expected {n_in} rows"
        hint = "W has a row for each unit before the layer, a column for each of its own."
        if len(matrix) == n_out and {len(row) for row in matrix} == {n_in}:
            hint = f"It looks transposed: swap its rows and columns. {hint}"
        report.add(path, f"{full}, found {count_text(len(matrix), 'row')}{of}", hint)
        return
    for row, values in enumerate(matrix):
        _check_vector(values, n_out, index, (*path, row), report)


def _check_vector(
    vector: Sequence[float], n_out: int | None, index: int, path: KeyPath, report: Report
) -> None:
    if n_out is not None and len(vector) != n_out:
        expected = f"expected {count_text(n_out, 'number')}, one a unit of layer {index + 1}"
        report.add(path, f"{expected}, found {len(vector)}")
