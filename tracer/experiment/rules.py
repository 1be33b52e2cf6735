"""Rules between sections: layers, loss, training and pages must fit each other and the data."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.experiment.data import DataFacts
from tracer.experiment.limits import WIDE
from tracer.experiment.model import ROW_WORDS, UNIT_WORDS
from tracer.experiment.picks import Counted, Span, numbers_beyond, picks
from tracer.experiment.report import Report, key_text
from tracer.experiment.sections import Draft
from tracer.experiment.words import count_text, found_text, list_text


def check_rules(draft: Draft, found: DataFacts, report: Report) -> None:
    """Apply every rule whose keys can be relied on; problems go to `report`."""
    _check_softmax(draft, report)
    _check_units(draft, found, report)
    _check_loss(draft, report)
    _check_batch_size(draft, found, report)
    _check_order(draft, found, report)
    _check_pages(draft, report)
    _check_record(draft, report)
    _check_rows(draft, found, report)
    _check_written_units(draft, found, report)


def _mixes(activation: str | None) -> bool:
    """Whether an activation needs several units, as softmax does."""
    return activation is not None and ACTIVATIONS[activation].vector


def _check_softmax(draft: Draft, report: Report) -> None:
    for index, layer in enumerate(draft.layers):
        if _mixes(layer.activation) and layer.units == 1:
            message = f"expected at least 2 units for {layer.activation}, found 1"
            hint = "With one unit its output is always 1; use sigmoid."
            report.add(("layers", index, "units"), message, hint)


def _check_units(draft: Draft, found: DataFacts, report: Report) -> None:
    units, targets = draft.output.units, found.targets
    if units is None or targets is None or targets.units in (None, units):
        return
    if units == 1 and _mixes(draft.output.activation):
        return  # Wrong for any target, and noted as that.
    inferred = "" if draft.data.task else " (the task was inferred)"
    expected = f"{count_text(int(targets.units or 0), 'unit')}, {targets.why}{inferred}"
    message = f"expected {expected}, found {units}"
    hint = None
    if targets.task == "binary" and _mixes(draft.output.activation):
        hint = 'A softmax over two classes is task = "multiclass".'
    elif not draft.data.task:
        hint = _targets_hint(found, units, draft) or "Say in data.task what is to be predicted."
    report.add(("layers", len(draft.layers) - 1, "units"), message, hint)


def _targets_hint(found: DataFacts, units: int, draft: Draft) -> str | None:
    """Several outputs where no target was named: most likely the last columns are meant."""
    if draft.data.target is not None or _mixes(draft.output.activation):
        return None
    if not 1 < units < len(found.names):
        return None
    last = ", ".join(found_text(name) for name in found.names[-units:])
    return f"For {units} targets name their columns: target = [{last}] in [data]."


def _check_loss(draft: Draft, report: Report) -> None:
    activation, loss = draft.output.activation, draft.training.loss
    if activation is None or not loss:
        return
    needed = LOSSES[loss].output_activation
    if needed in (None, activation):
        return
    output = key_text(("layers", len(draft.layers) - 1, "activation"))
    message = f"expected an output layer with {needed} for the loss {found_text(loss)}"
    fitting = [name for name, row in LOSSES.items() if row.output_activation in (None, activation)]
    hint = f'Set {output} = "{needed}", or a loss of {list_text(fitting)}.'
    report.add(("training", "loss"), f"{message}, found {found_text(activation)}", hint)


def _check_batch_size(draft: Draft, found: DataFacts, report: Report) -> None:
    size = draft.training.batch_size
    if found.train is None or not isinstance(size, int) or size <= len(found.train):
        return
    rows = len(found.train)
    message = (
        f'expected at most {rows}, the number of training rows, or "all"; found {found_text(size)}'
    )
    report.add(("training", "batch_size"), message)


def _check_order(draft: Draft, found: DataFacts, report: Report) -> None:
    training = draft.training
    if not training.order:
        return
    path = ("training", "order")
    if training.shuffle:
        report.add(path, "expected either shuffle = true or an order, found both")
    if draft.ok("training.epochs") and len(training.order) != training.epochs:
        expected = f"expected {count_text(training.epochs, 'list')} of rows, one an epoch"
        report.add(path, f"{expected}, found {len(training.order)}")
    if found.train is None:
        return
    rows = {row + 1 for row in found.train}
    for epoch, order in enumerate(training.order):
        wrong = _not_a_permutation(order, rows)
        if wrong:
            expected = f"expected each of the {len(rows)} training rows once"
            report.add((*path, epoch), f"{expected}, found {wrong}")


def _not_a_permutation(order: tuple[int, ...], rows: set[int]) -> str | None:
    foreign = [row for row in order if row not in rows]
    if foreign:
        return f"{list_text(dict.fromkeys(foreign))}, not to be trained on"
    often = [row for row, count in Counter(order).items() if count > 1]
    if often:
        return f"{list_text(often)} more than once"
    missing = sorted(rows - set(order))
    return f"{list_text(missing)} missing" if missing else None


def _check_pages(draft: Draft, report: Report) -> None:
    _check_epochs(draft, ("pages", "epochs"), draft.pages.epochs, report)
    if isinstance(draft.pages.explore, tuple):
        _check_epochs(draft, ("pages", "explore"), draft.pages.explore, report)


def _check_record(draft: Draft, report: Report) -> None:
    given = tuple(draft.record.given)
    if len(given) > 1 and given != ("every", "disk"):
        message = f"expected one of the keys keep, epochs, every; found {', '.join(given)}"
        hint = "Each of them says what is kept of the run; disk goes with every."
        report.add(("record", given[1]), message, hint)
    _check_epochs(draft, ("record", "epochs"), draft.record.epochs, report)


def _check_epochs(
    draft: Draft, key: tuple[str, str], epochs: tuple[int, ...], report: Report
) -> None:
    last, seen = draft.training.epochs, set[int]()
    for index, epoch in enumerate(epochs):
        path = (*key, index)
        if draft.ok("training.epochs") and epoch > last:
            report.add(path, f"expected epochs from 1 to {last}, found {found_text(epoch)}")
        elif epoch in seen:
            report.add(path, f"expected each epoch once, found {found_text(epoch)} again")
        seen.add(epoch)


def _check_written_units(draft: Draft, found: DataFacts, report: Report) -> None:
    """A choice of units names units that there are, and some of each layer that is wide."""
    choice = draft.pages.units
    if choice is None or not draft.ok("pages.units"):
        return
    sizes = [found.inputs, *(layer.units for layer in draft.layers)]
    known = [size for size in sizes if size is not None]
    if len(known) == len(sizes) and _beyond_units(choice, max(known), report):
        return
    wide = [size for size in sizes[:-1] if size is not None and size > WIDE]
    firsts = [pick.first if isinstance(pick, Span) else 1 for pick in picks(choice, UNIT_WORDS)]
    if wide and min(firsts, default=min(wide) + 1) > min(wide):
        asked = str(min(firsts)) if firsts else "none"
        message = f"expected at least one unit that every wide layer has, from 1 to {min(wide)}"
        report.add(("pages", "units"), f"{message}; found {asked}")


def _beyond_units(choice: Any, widest: int, report: Report) -> bool:
    """Tell of every unit that no layer has; whether there is one."""
    beyond = [
        (place, pick.last)
        for place, pick in numbers_beyond(choice, UNIT_WORDS, widest)
        if isinstance(pick, Span)
    ]
    for place, last in beyond:
        message = f"expected units from 1 to {widest}, as many as the widest layer has"
        report.add(_part_of("units", choice, place), f"{message}; found {last}")
    return bool(beyond)


def _part_of(key: str, choice: Any, place: int) -> tuple[str | int, ...]:
    """The path of one part of a choice, which is a text or a list."""
    return ("pages", key, *(() if isinstance(choice, str) else (place,)))


def _check_rows(draft: Draft, found: DataFacts, report: Report) -> None:
    """A choice of rows asks for no more than the table has."""
    choice, dataset = draft.pages.rows, found.dataset
    if choice is None or dataset is None or not draft.ok("pages.rows"):
        return
    rows = len(dataset.x)
    for place, pick in numbers_beyond(choice, ROW_WORDS, rows):
        path = _part_of("rows", choice, place)
        asked = pick.count if isinstance(pick, Counted) else getattr(pick, "last", 0)
        message = f"expected rows from 1 to {rows}, found {asked}"
        if isinstance(pick, Counted):
            message = f"expected at most {rows}, the number of rows, found {asked}"
        report.add(path, message)
