"""The batch gradient and the update: a line for every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain import forms
from tracer.explain.matrices import matrix_of
from tracer.explain.view import Operands, Pass, parameter
from tracer.notation import AFTER, Ref
from tracer.trace import Cycle, Trace
from tracer.typeset import Bound, Grid, Line, MatrixLine, Operand


@dataclass(frozen=True, eq=False)
class LayerUpdate:
    """One layer's batch gradient (empty where it is the sample's own) and its new parameters."""

    layer: int
    grad_W: tuple[Line, ...]
    grad_b: tuple[Line, ...]
    W_matrix: MatrixLine
    W: tuple[Line, ...]
    b: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the layer."""
        return (*self.grad_W, *self.grad_b, *self.W, *self.b)


def update(cycle: Cycle, view: Pass) -> tuple[LayerUpdate, ...]:
    """The layers of a cycle's update, from the first to the output."""
    return tuple(_Update(cycle, view, layer).explain() for layer in range(1, len(cycle.W) + 1))


def setting(trace: Trace, name: str, value: float) -> Operand:
    """A number of the experiment file, which is exact."""
    return Operand(Ref(name), value, exact=True)


def rate(trace: Trace) -> Operand:
    """η."""
    return setting(trace, "eta", trace.experiment.training.learning_rate)


class _Update:
    """The numbers of one layer's update, bound to their formulas."""

    def __init__(self, cycle: Cycle, view: Pass, layer: int) -> None:
        self.cycle, self.view, self.layer, self.trace = cycle, view, layer, cycle.trace
        self.training = cycle.trace.experiment.training
        self.decay = ""
        if self.training.l2 > 0:
            self.decay = "per batch" if self.training.l2_per_batch else "whole"

    def explain(self) -> LayerUpdate:
        """All lines of the layer."""
        weights = list(self._indices("W"))
        biases = list(self._indices("b")) if self.training.train_biases else []
        own = self._is_samples_own
        return LayerUpdate(
            layer=self.layer,
            grad_W=() if own("W") else tuple(self._batch_line("W", k) for k in weights),
            grad_b=() if own("b") else tuple(self._batch_line("b", k) for k in biases),
            W_matrix=self._matrix(),
            W=tuple(line for k in weights for line in self._program("W", k)),
            b=tuple(line for k in biases for line in self._program("b", k)),
        )

    def _indices(self, kind: str) -> Iterator[tuple[int, ...]]:
        n_in, n_out = self.trace.layer_sizes[self.layer - 1 : self.layer + 1]
        if kind == "b":
            yield from ((j + 1,) for j in range(n_out))
            return
        yield from ((i + 1, j + 1) for i in range(n_in) for j in range(n_out))

    def _is_samples_own(self, kind: str) -> bool:
        """Whether the batch gradient is the one sample's gradient and nothing else."""
        return len(self.cycle.visits) == 1 and not (kind == "W" and self.decay)

    def _gradient(self, kind: str, index: tuple[int, ...]) -> Operand:
        """What the optimizer receives for a parameter, under the name the page computes it by."""
        if self._is_samples_own(kind):
            return self._sample_gradient(kind, index, self.cycle.visit)
        grads = self.cycle.grad_W if kind == "W" else self.cycle.grad_b
        value = float(grads[self.layer - 1][tuple(k - 1 for k in index)])
        return Operand(Ref(f"grad_{kind}", self.layer, index, ("batch", self.cycle.update)), value)

    def _sample_gradient(self, kind: str, index: tuple[int, ...], visit: int) -> Operand:
        cycle = Cycle(self.trace, visit)
        grads = cycle.dL_dW if kind == "W" else cycle.dL_db
        value = float(grads[self.layer - 1][tuple(k - 1 for k in index)])
        reference = Ref(f"dL_d{kind}", self.layer, index, ("visit", visit))
        shared = len(self.cycle.visits) > 1
        return Operand(reference, value, sample=cycle.row if shared else 0)

    def _batch_line(self, kind: str, index: tuple[int, ...]) -> Line:
        target = self._gradient(kind, index)
        samples = tuple(self._sample_gradient(kind, index, v) for v in self.cycle.visits)
        decay = self.decay if kind == "W" else ""
        mean = self.training.reduction == "mean"
        form = forms.batch_gradient(len(samples), mean, decay)
        extra: Operands = ()
        if decay:
            strength = setting(self.trace, "l2", self.training.l2)
            extra = (strength, self._before(kind, index))
        return Line(target.ref, target.value, (Bound(form, (*samples, *extra)),))

    def _before(self, kind: str, index: tuple[int, ...]) -> Operand:
        return parameter(self.trace, kind, self.layer, index, update=self.cycle.update)

    def _after(self, kind: str, index: tuple[int, ...]) -> Operand:
        return parameter(
            self.trace, kind, self.layer, index, update=self.cycle.update + 1, mark=AFTER
        )

    def _program(self, kind: str, index: tuple[int, ...]) -> Iterator[Line]:
        """A line for every assignment of the optimizer's program."""
        known = {
            "w": self._before(kind, index),
            "g": self._gradient(kind, index),
            "eta": rate(self.trace),
            "t": setting(self.trace, "t", self.cycle.update + 1),
        }
        options = self.training.options.items()
        known |= {k: setting(self.trace, k, v) for k, v in options if not isinstance(v, str)}
        for name in self.trace.state:
            known[name] = self._state(name, kind, index, self.cycle.update)
        optimizer = OPTIMIZERS[self.training.optimizer]
        for step, assignment in enumerate(optimizer.program):
            form = forms.assignment(optimizer.name, step)
            bound = Bound(form, tuple(known[str(symbol)] for symbol in form.symbols))
            name = assignment.target
            target = (
                self._after(kind, index)
                if name == "w"
                else self._state(name, kind, index, self.cycle.update + 1)
            )
            known[name] = target
            yield Line(target.ref, target.value, (bound,))

    def _state(self, name: str, kind: str, index: tuple[int, ...], update: int) -> Operand:
        history = self.trace.state[name][kind][self.layer - 1]
        value = float(history[(update, *(k - 1 for k in index))])
        return Operand(Ref(f"{name}_{kind}", self.layer, index, ("update", update)), value)

    def _matrix(self) -> MatrixLine:
        """W⁺ = W − η g of the whole layer, for a program that is that one assignment."""
        note, column = self.view.notation, self.view.notation.column
        n_in, n_out = self.trace.layer_sizes[self.layer - 1 : self.layer + 1]
        cells = [[(i + 1, j + 1) for j in range(n_out)] for i in range(n_in)]
        before, after, grads = (
            tuple(tuple(of(kind, k) for k in row) for row in cells)
            for of, kind in ((self._before, "W"), (self._after, "W"), (self._gradient, "W"))
        )
        order = [(i, j) for i in range(n_in) for j in range(n_out)]
        if column:
            order = [(i, j) for j in range(n_out) for i in range(n_in)]
        form = forms.assignment("sgd", 0)
        name = grads[0][0].ref.name
        weights, gradient = note.symbol("W", self.layer), note.symbol(name, self.layer)
        eta = Grid(((rate(self.trace),),), sign="-", scalar=True)
        result = matrix_of(after, column).rows
        return MatrixLine(
            symbol=note.symbol("W" + AFTER, self.layer),
            formula=rf"{weights} - \eta {gradient}",
            grids=(matrix_of(before, column), eta, matrix_of(grads, column)),
            result=result,
            entries=tuple(
                Bound(form, _in_order(form.symbols, before[i][j], grads[i][j], rate(self.trace)))
                for i, j in order
            ),
        )


def _in_order(names: tuple[object, ...], w: Operand, g: Operand, eta: Operand) -> Operands:
    known = {"w": w, "g": g, "eta": eta}
    return tuple(known[str(name)] for name in names)
