"""Sentences of a cycle by its numbers: as the page's templates say them, and as the script does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from claims import ALONE
from scripted import ask, repr_of
from tracer.conditions import Of, decide
from tracer.explore.choices import Choices, sections
from tracer.pages import context_of, kinds
from tracer.pages.cycle_numbers import CycleNumbers
from tracer.pages.explore import explored_cycle, explorer_context
from tracer.pages.walk import Walk
from tracer.pictures import draw
from tracer.refs import Ref
from tracer.trace import Cycle, Trace
from tracer.writing.lines import one_line
from tracer.writing.regions import choices, macros_of
from tracer.writing.templating import environment, of_experiment


@dataclass
class Told:
    """A trace whose cycles are told on the page of one of them."""

    trace: Trace
    names: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.walk = Walk(self.trace, ALONE, "mathml", kinds())
        self.env = of_experiment(environment(), self.trace.experiment)
        self.env.globals["draw"] = partial(draw, self.env)
        self.context = self.context_of(explored_cycle(self.walk))
        self.choices = choices(self.env, self.context, self.place)

    def context_of(self, cycle: Cycle) -> dict[str, Any]:
        """What the explorer's page is given of a cycle."""
        found = explorer_context(self.walk, "explore", cycle)
        return dict(context_of(self.walk, "explore", found))

    def place(self, ref: Ref) -> int:
        """The place of a number."""
        return self.names.setdefault(ref.anchor, len(self.names))

    def asked(self, cycle: Cycle, of: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the script is given of a cycle, and what it should say."""
        context = self.context_of(cycle)
        told = context["cycle_numbers"]
        values = [told.numbers(_leaf(name))[0] for name in self.names]
        given = {
            "of": of,
            "values": [repr_of(float(value)) for value in values],
            "facts": _facts(cycle),
            "printed": told.results,
            "decimals": told.decimals,
        }
        return given, {"said": self.said(context), "sections": self.shown(told)}

    def said(self, context: Mapping[str, Any]) -> dict[str, str | None]:
        """Every region as the templates say it."""
        modules: dict[str, Any] = {}
        found = {}
        for region in Choices(self.context).regions():
            if region.is_inner or region.name not in self.choices["regions"]:
                continue
            if region.template not in modules:
                modules[region.template] = macros_of(self.env, region.template, context)
            macro = getattr(modules[region.template], region.macro)
            arguments = self.arguments(region.name, context)
            found[region.name] = None if arguments is None else one_line(macro(*arguments))
        return found

    def arguments(self, name: str, context: Mapping[str, Any]) -> Sequence[Any] | None:
        """What the page gives a region's macro; None for one that the page does not have."""
        kind, _, place = name.partition("-")
        if not PRESENT.get(kind, bool)({**context, "region": place}):
            return None
        if kind.startswith("exercise_"):
            return [context["exercises"][int(kind == "exercise_update")]]
        if kind == "still":
            rows = _rows_at(context, place)
            return [rows.name, rows.noted]
        return [kind[-1]] if kind.startswith("gets_") else []

    def shown(self, told: CycleNumbers) -> list[str]:
        """The sections that the cycle has."""
        return [name for name, tree in sections().items() if decide(tree, told)]


def _gets(kind: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda context: any(block.lines[f"grad_{kind}"] for block in context["update"])


PRESENT: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    **dict.fromkeys(
        ("foreseen", "foreseen_how", "foreseen_sum"), lambda context: bool(context["predicted"])
    ),
    **dict.fromkeys(("outcome", "points"), lambda context: bool(context["update"])),
    "batch": lambda context: bool(context["update"]) and len(context["rows_of_batch"]) > 1,
    "whole": lambda context: bool(context["batch_loss"]),
    "still": lambda context: _rows_at(context, context["region"]) is not None,
    "gets_W": _gets("W"),
    "gets_b": _gets("b"),
}
"""Which cycles have regions that not all have."""


def _rows_at(context: Mapping[str, Any], place: str) -> Any:
    blocks = (*context["backward"], *context["update"])
    groups = (rows for block in blocks for group in block.rows.values() for rows in group)
    return next((rows for rows in groups if f"{rows.name}-{rows.layer}" == place), None)


def _facts(cycle: Cycle) -> dict[str, Any]:
    rows = [int(cycle.trace.row[visit]) + 1 for visit in cycle.visits]
    return {
        "row": cycle.row,
        "update": cycle.update,
        "epoch": cycle.epoch,
        "batch": len(rows),
        "last": int(cycle.is_last_of_batch),
        "rows": rows,
        "typed": 0,
        "row_changed": 0,
        "trained": 0,
    }


@cache
def _leaf(anchor: str) -> Of:
    name, *numbers = anchor.split("-")
    index = tuple(map(int, numbers))
    if not index:
        return Of(name)
    return Of(name, 0, (index,))


def differences(
    traces: Iterable[Trace], picked: Callable[[Trace], Iterable[Cycle]]
) -> list[tuple[Any, ...]]:
    """(title, epoch, row, region, what the page says, what the script says) where they differ."""
    tellings = [Told(trace) for trace in traces]
    cycles = [(k, told, cycle) for k, told in enumerate(tellings) for cycle in picked(told.trace)]
    pairs = [told.asked(cycle, k) for k, told, cycle in cycles]
    found = ask(
        {"choices": [told.choices for told in tellings], "cycles": [given for given, _ in pairs]}
    )["cycles"]
    return [
        (told.trace.experiment.title, cycle.epoch, cycle.row, name, text, theirs["said"].get(name))
        for (_, told, cycle), (_, mine), theirs in zip(cycles, pairs, found, strict=True)
        for name, text in [*mine["said"].items(), ("sections", mine["sections"])]
        if text is not None
        and text != (theirs["sections"] if name == "sections" else theirs["said"][name])
    ]
