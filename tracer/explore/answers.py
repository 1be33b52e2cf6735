"""Regions up to the answer: which row it is, what goes in, what the network says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracer.conditions import Tree, choose, given, joined, of, shown, text
from tracer.explore.base import IS_FIRST, IS_LAST, STRIP, TOLD, OfCycle
from tracer.explore.named import Named
from tracer.explore.regions import Items, Options, Region, Slots
from tracer.notation import Number
from tracer.pages import judgements

UNTOLD, AGREES, SAYS, CHANGED = "untold", "agrees", "says", "changed-"
IS_CHANGED = of("row_changed").equals(1)
"""Whether a reader put other inputs or targets into the row."""


class Answers(OfCycle):
    """The regions before the loss."""

    def happened(self) -> Region:
        """What the network said, and what is right."""
        slots, names = Slots(), self.classes
        plain = {
            **self._named(slots),
            "prediction": self._prediction(slots),
            "y": self._targets(slots),
            "lost": False,
            "shares": None,
            "label": None,
        }
        variants: dict[str, Any] = {"plain": plain, "lost-untold": {**plain, "lost": True}}
        told = {**plain, "label": self._label(slots, "label", "md")}
        variants["lost"] = {**told, "lost": True}
        is_told = ~(self.labels[1] < 0)
        cases: list[tuple[Tree, Tree | str]]
        cases = [(judgements.LOST & is_told, "lost"), (judgements.LOST, "lost-untold")]
        if self.data.task == "multiclass":
            shared = {**told, "shares": self._shares(slots), "tied": ()}
            decision = judgements.decision("multiclass")
            said = slots.text(Options(names, ("label", "md"), decision))
            variants["right"] = {**shared, "correct": True}
            variants["wrong"] = {**shared, "correct": False, "decision": said}
            for count in range(2, len(names) + 1):
                variants[f"tied-{count}"] = {**shared, "tied": self._tied(slots, count, "label")}
            cases += [(~is_told, "plain"), (_is_tied(), self._tied_key())]
            cases += [(judgements.is_right(self.data), "right"), (given(1).equals(1), "wrong")]
        key = choose(*cases, otherwise="plain")
        return Region("happened", STRIP, "happened", slots, key, variants)

    def _shares(self, slots: Slots) -> tuple[Number, Number]:
        """What the decision and the right class got, as numbers that lead to their lines."""
        classes = list[object](self.classes)
        right = given(*(classes.index(label) for label in self.labels[0])).at(self.labels[1])
        said, answer = (
            self._picked(slots, self.context["prediction"], shown("y_hat"), place)
            for place in (judgements.decision("multiclass"), right)
        )
        return said, answer

    def _tied(self, slots: Slots, count: int, words: str) -> list[str]:
        names = self.classes
        among = given(*range(len(names))).where(judgements.tied())
        return [slots.text(Options(names, (words, "md"), among.at(k))) for k in range(count)]

    def _tied_key(self) -> Tree:
        return joined("tied-", text(judgements.tied().count()))

    def question(self) -> Region:
        """Which steps the row takes."""
        slots = Slots()
        named = self._named(slots)
        pair = [(0, ""), (0, "")]
        count = slots.token(text(of("batch")))
        variants: dict[str, dict[str, Any]] = {
            "waits": {**named, "update": ()},
            "alone": {**named, "update": (1,), "rows_of_batch": pair[:1]},
            "shared": {**named, "update": (1,), "rows_of_batch": pair, "said_count": count},
        }
        key = choose((~IS_LAST, "waits"), (judgements.IS_ALONE, "alone"), otherwise="shared")
        return Region("question", TOLD, "question", slots, key, variants)

    def given(self) -> Region:
        """What goes in, and what should come out."""
        slots = Slots()
        numbers = {"x": self._inputs(slots), "y": self._targets(slots)}
        variants: dict[str, dict[str, Any]] = {
            "told": {**numbers, "label": self._label(slots, "label", "md")},
            UNTOLD: {**numbers, "label": None},
            "changed": {**numbers, "row_changed": True},
        }
        key = choose((IS_CHANGED, "changed"), (self.labels[1] < 0, UNTOLD), otherwise="told")
        return Region("given", TOLD, "given", slots, key, variants)

    def before(self) -> Region:
        """Whose weights these are."""
        first, later = (Named(update=k) for k in (0, 1))
        start = {"cycle": first, "before_home": self.desk.link_to("start")}
        variants: dict[str, dict[str, Any]] = {
            "first": start,
            "later": {"cycle": later, "before_home": ""},
            "typed": {"changed": "typed"},
            "trained": {"changed": "trained"},
        }
        key = choose(
            (of("trained").equals(1), "trained"),
            (of("typed").equals(1), "typed"),
            (IS_FIRST, "first"),
            otherwise="later",
        )
        return Region("before", TOLD, "before", Slots(), key, variants)

    def kept(self) -> Region:
        """Since when the optimizer keeps something."""
        first, later = (Named(update=k) for k in (0, 1))
        key = choose((IS_FIRST, "first"), otherwise="later")
        variants = {"first": {"cycle": first}, "later": {"cycle": later}}
        return Region("kept", TOLD, "kept", Slots(), key, variants)

    def decided(self) -> Region:
        """What the network answers, and whether it is right."""
        slots, task = Slots(), self.data.task
        common = {"prediction": self._prediction(slots), "tied": (), "decision": ""}
        kind = judgements.answer(task)
        if task == "regression":
            variants = {key: {**common, "answer": key} for key in ("lost", "clear")}
            return Region("decided", TOLD, "decided", slots, kind, variants)
        label = self._label(slots, "quoted", "md")
        ends: dict[str, dict[str, Any]] = {
            AGREES: {"correct": True, "label": label},
            SAYS: {"correct": False, "label": label},
            UNTOLD: {"label": None},
        }
        agreed = choose((judgements.is_right(self.data), AGREES), otherwise=SAYS)
        changed = {f"{CHANGED}{end}": {**ends[end], "row_changed": True} for end in (AGREES, SAYS)}
        ends |= changed
        end = choose(
            (self.labels[1] < 0, UNTOLD),
            (IS_CHANGED, joined(CHANGED, agreed)),
            otherwise=agreed,
        )
        starts = dict(self._answers(slots))
        variants = {
            f"{start} {stop}": {**common, **how, **what}
            for start, how in starts.items()
            for stop, what in ends.items()
        }
        key = joined(self._answer_key(kind), " ", end)
        return Region("decided", TOLD, "decided", slots, key, variants)

    def _answers(self, slots: Slots) -> Iterator[tuple[str, dict[str, Any]]]:
        """What an output may mean, by its key."""
        names, task = self.classes, self.data.task
        decision = judgements.decision(task)
        yield "lost", {"answer": "lost"}
        kinds = ("tie", "close", "clear")
        if task == "binary":
            for above, name in enumerate(names):
                for kind in kinds:
                    yield f"{kind}-{above}", {"answer": kind, "decision": name}
            return
        if task == "multilabel":
            each = Options((0, 1), ("quoted", "md"), decision)
            said = slots.text(Items(each, ", "))
            yield from ((kind, {"answer": kind, "decision": said}) for kind in kinds)
            return
        said = slots.text(Options(names, ("quoted", "md"), decision))
        yield from ((kind, {"answer": kind, "decision": said}) for kind in kinds[1:])
        for count in range(2, len(names) + 1):
            tied = self._tied(slots, count, "quoted")
            yield f"tied-{count}", {"answer": "tie", "decision": said, "tied": tied}

    def _answer_key(self, kind: Tree) -> Tree:
        task, is_lost = self.data.task, judgements.LOST
        if task == "binary":
            above = text(judgements.decision(task))
            return choose((is_lost, "lost"), otherwise=joined(kind, "-", above))
        if task == "multiclass":
            return choose((kind.equals("tie"), self._tied_key()), otherwise=kind)
        return kind


def _is_tied() -> Tree:
    return judgements.tied().count() > 1
