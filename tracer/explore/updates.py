"""Regions after the answer: slopes, the update, and what it did to the loss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.conditions import Tree, beside, choose, given, joined, of, printed, text
from tracer.explain.terms import MOST
from tracer.explore.base import IS_LAST, PASSES, SEEN, TOLD, OfCycle
from tracer.explore.named import Named
from tracer.explore.regions import Items, Region, Slots
from tracer.pages import judgements
from tracer.pages.cycle_story import forward_exercise, places, slope_lines, weight_lines
from tracer.pages.verdicts import Change, causes


class Updates(OfCycle):
    """The regions from the loss on."""

    def exercise_forward(self) -> Region:
        """A weighted sum to compute oneself."""
        line, slots = forward_exercise(self.context["forward"]), Slots()
        item = self._item(slots, [line], given(0))
        return Region("exercise_forward", SEEN, "exercise", slots, arguments={"told": (item,)})

    def forward_said(self) -> Region:
        """What the forward pass came to."""
        slots = Slots()
        told = {**self._losses(slots), "prediction": self._prediction(slots)}
        return Region("seen_forward", SEEN, "forward_said", slots, variants={"told": told})

    def slopes(self) -> Region:
        """How many slopes are zero, and which is the largest."""
        lines, slots = slope_lines(self.context["backward"]), Slots()
        found = places(lines)
        place = judgements.largest_slope(found)
        zero = judgements.slopes_of(found).equals(0).count()
        item, count = self._item(slots, lines, place), len(lines)
        of_zero = {"count": count, "zero": slots.token(text(zero)), "largest": item, "lost": False}
        variants = {
            "lost": {"slopes": Named(**{**of_zero, "lost": True})},
            "none": {"slopes": Named(**{**of_zero, "largest": None})},
            "some": {"slopes": Named(**of_zero)},
            "all": {"slopes": Named(**{**of_zero, "zero": 0})},
        }
        lost = judgements.lost_slopes(found)
        key = choose((lost, "lost"), (place < 0, "none"), (zero > 0, "some"), otherwise="all")
        return Region("slopes", SEEN, "slopes_said", slots, key, variants)

    def moved(self) -> Region:
        """What the update made of the loss."""
        slots = Slots()
        told, variants = self._losses(slots), {}
        for outcome in ("lost", "fell", "rose", "noise", "same"):
            for hidden in (False, True):
                change = Change(outcome, hidden, None, ())
                variants[outcome + "-hidden" * hidden] = {**told, "change": change}
        variants["waits"] = {**told, "strip_after": None}
        key = choose((~IS_LAST, "waits"), otherwise=_outcome_key())
        return Region("moved", SEEN, "moved_said", slots, key, variants)

    def exercise_update(self) -> Region:
        """A new weight to compute oneself."""
        lines, slots = weight_lines(self.context["update"]), Slots()
        place = judgements.last_moved(places(lines))
        item = self._item(slots, lines, place)
        key = choose((~IS_LAST | (place < 0), "none"), otherwise="some")
        how = {"none": (None,), "some": (item,)}
        return Region("exercise_update", SEEN, "exercise", slots, key, arguments=how)

    def outcome(self) -> Region:
        """What the update did to the loss of its row, and why."""
        experiment, variants = self.cycle.trace.experiment, {}
        for outcome in ("lost", "fell", "noise", "rose"):
            for hidden in (False, True):
                for shares in (False, True):
                    change = Change(outcome, hidden, None, causes(experiment, shares))
                    kind = outcome + "-hidden" * hidden + "-shared" * shares
                    variants[kind] = {"change": change}
        for still in ("no_gradient", "no_rate", "rounded", "flat", "absorbed", "moved"):
            variants[f"same-{still}"] = {"change": Change("same", False, still, ())}
        shared = choose((judgements.IS_ALONE, ""), otherwise="-shared")
        same = joined("same-", judgements.stillness(experiment))
        key = choose(
            (judgements.OUTCOME.equals("same"), same), otherwise=joined(_outcome_key(), shared)
        )
        return Region("outcome", TOLD, "outcome", Slots(), key, variants)

    def foreseen(self) -> Region:
        """How the change that was foreseen compares with the real one."""
        slots = Slots()
        pair = {
            "predicted": Named(change=Named(result=slots.text(printed("predicted_change")))),
            "loss_change": Named(result=slots.text(printed("loss_change"))),
        }
        variants = {
            kind: {**pair, "compared": kind} for kind in ("alike", "lost", "digits", "curve")
        }
        key = judgements.compared(self.cycle.trace.experiment)
        return Region("foreseen", TOLD, "foreseen", slots, key, variants)

    def foreseen_words(self) -> Iterator[Region]:
        """By what the change is foreseen."""
        plain = judgements.is_own_slope(self.cycle.trace.experiment)
        key = choose((plain, "plain"), otherwise="steps")
        for name in ("foreseen_how", "foreseen_sum"):
            variants = {
                kind: {"predicted": Named(of=Named(plain=kind == "plain"))}
                for kind in ("plain", "steps")
            }
            yield Region(name, TOLD, name, Slots(), key, variants)

    def batch(self) -> Region:
        """Which rows share the update."""
        slots = Slots()
        told: dict[str, dict[str, Any]]
        told = {**_batches(slots), "alone": {"rows_of_batch": ()}}
        return Region("batch", TOLD, "batch", slots, _alone_or(_SHARED), told)

    def shared(self) -> Iterator[Region]:
        """What is only told where the optimizer gets more than a row's own slopes."""
        weighs = self.cycle.trace.experiment.training.l2 > 0
        whole = choose(otherwise="shared") if weighs else _alone_or("shared")
        for name in ("whole", "points"):
            variants: dict[str, dict[str, Any]]
            variants = {"shared": {"batch_loss": (1,)}, "alone": {"batch_loss": ()}}
            yield Region(name, TOLD, name, Slots(), whole, variants)
        for kind, key in (("W", whole), ("b", _alone_or("shared"))):
            told = {"shared": (kind,), "alone": ("",)}
            yield Region(f"gets_{kind}", PASSES, "gets", Slots(), key, arguments=told)

    def waits(self) -> Region:
        """Why nothing is updated yet."""
        slots = Slots()
        waiting = {"rows_of_batch": [(1, "#")], "update": ()}
        variants: dict[str, dict[str, Any]]
        variants = {kind: {**told, **waiting} for kind, told in _batches(slots).items()}
        variants["none"] = {"update": (1,)}
        key = choose((IS_LAST, "none"), otherwise=_SHARED)
        return Region("waits", TOLD, "waits", slots, key, variants)


_SHARED = choose((of("batch") > MOST, "long"), otherwise="told")


def _batches(slots: Slots) -> dict[str, dict[str, Any]]:
    """How the rows of a batch are told: each, or of a long one how many they are."""
    return {
        "told": {"said_rows": slots.token(_rows()), "long_batch": 0},
        "long": {"long_batch": slots.token(text(of("batch")))},
    }


def _alone_or(key: str | Tree) -> Tree:
    return choose((judgements.IS_ALONE, "alone"), otherwise=key)


def _outcome_key() -> Tree:
    hidden = choose((judgements.HIDDEN, "-hidden"), otherwise="")
    return joined(judgements.OUTCOME, hidden)


def _rows() -> Items:
    """The rows of the batch, each leading to its cycle."""
    start, middle, end = '<a href="#epoch=', "&amp;row=", '">'
    rows = text(of("rows"))
    return Items(beside(start, text(of("epoch")), middle, rows, end, rows, "</a>"))
