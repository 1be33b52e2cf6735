"""Updates of a run computed anew: the step that trained the network, once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tracer.experiment import Experiment
from tracer.formula import FloatArray
from tracer.trace.fields import PARAMETERS, Each, TraceField
from tracer.trace.layout import sparse_fields
from tracer.trace.recording import Again
from tracer.training.step import Outcome, Places, State, UpdateStep

Values = Mapping[str, Any]


class Replayer:
    """Computes updates of an experiment: see :class:`tracer.trace.recording.Replay`."""

    def __init__(self, experiment: Experiment) -> None:
        self.data, self.step = experiment.dataset, UpdateStep.of(experiment)
        self.fields = sparse_fields(experiment)
        self.places = [self.step.places(np.empty(self.step.flat.count)) for _ in range(2)]

    def __call__(self, before: Values, updates: Sequence[Again]) -> Values:
        """The values of every field that is not kept whole, after the last of these updates."""
        w, now = self._row(before, PARAMETERS, self.step.flat.count), self._state(before)
        with np.errstate(all="ignore"):
            for number, (rows, eta, update) in enumerate(updates, start=1):
                batch = self.data.x[rows], self.data.y[rows]
                self.places.reverse()  # what was written last is read now
                last = number == len(updates)
                into = self._to_give(w) if last else self.places[0]
                done = self.step(w, now, batch, eta, update + 1, into=into, whole=last)
                w, now = done.after, done.state
            return self._taken(self.step.completed(done, batch[1]))

    def _to_give(self, w: FloatArray) -> Places:
        """Memory of its own for what is handed out; the rest is used again for every update."""
        return {**self.step.places(w), "sums": self.places[0]["sums"]}

    def _row(self, before: Values, name: str, count: int) -> FloatArray:
        """The row of parameters that fields are the parts of."""
        parts = {field.each: before[field.name] for field in self.fields if field.row == name}
        return self.step.flat.join(parts[Each.WEIGHTS], parts[Each.BIASES])[:count]

    def _state(self, before: Values) -> State:
        """The variables that an update reads."""
        count = self.step.trained.stop
        names = self.step.program.carried
        return {name: self._row(before, f"state.{name}", count) for name in names}

    def _taken(self, done: Outcome) -> Values:
        rows: dict[str, tuple[Any, Any]] = {}
        return {
            field.name: self._part(field, done, rows) if field.row else field.source(done)
            for field in self.fields
        }

    def _part(self, field: TraceField, done: Outcome, rows: dict[str, tuple[Any, Any]]) -> Any:
        """The weights or the biases of a row; what is not trained counts as 0."""
        if field.row not in rows:
            values = field.source(done)
            missing = self.step.flat.count - len(values)
            whole = np.append(values, np.zeros(missing)) if missing else values
            rows[field.row] = self.step.flat.split(whole)
        weights, biases = rows[field.row]
        return weights if field.each is Each.WEIGHTS else tuple(layer[0] for layer in biases)
