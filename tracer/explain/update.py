"""The batch gradient and the update: a line for every parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tracer.catalog.optimizer import Assignment
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain import forms
from tracer.explain.operands import Operands, Pass, kept, parameters
from tracer.explain.rate import rate, setting
from tracer.explain.terms import left_slopes, written, written_terms
from tracer.formula import FloatArray, Form
from tracer.refs import Batch, Known, Memory, Ref, Visit, symbol
from tracer.trace import Cycle
from tracer.typeset import Bound, Line, MatrixLine, MatrixTerm, Operand


@dataclass(frozen=True, eq=False)
class LayerUpdate:
    """One layer's batch gradient (empty where it is the sample's own) and its new parameters.

    ``carried`` are what the optimizer kept of the updates before, ``constants`` the numbers of the
    experiment file that it reads beside the learning rate: symbols of quantities.
    """

    layer: int
    grad_W: tuple[Line, ...]
    grad_b: tuple[Line, ...]
    W_matrix: MatrixLine | None
    W: tuple[Line, ...]
    b: tuple[Line, ...]
    carried: tuple[Ref, ...] = ()
    constants: tuple[Ref, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of the layer."""
        return (*self.grad_W, *self.grad_b, *self.W, *self.b)

    @property
    def known(self) -> tuple[Ref, ...]:
        """What is known before the layer is updated."""
        names = ("W", "b", "dL_dW", "dL_db") if self.b else ("W", "dL_dW")
        known = (Ref(name, self.layer) for name in names)
        return *known, *self.carried, Ref("eta"), *self.constants

    @property
    def wanted(self) -> tuple[Ref, ...]:
        """What the update computes."""
        kinds = ("W", "b") if self.b else ("W",)
        state = (ref.marked(after=True) for ref in self.carried)
        return *state, *(Ref(kind, self.layer, after=True) for kind in kinds)


def update(cycle: Cycle, view: Pass) -> tuple[LayerUpdate, ...]:
    """The layers of a cycle's update, from the first to the output."""
    return tuple(_Update(cycle, view, layer).explain() for layer in range(1, len(cycle.W) + 1))


def weight_update(cycle: Cycle, view: Pass, layer: int, index: tuple[int, int]) -> tuple[Line, ...]:
    """All lines of the update of one weight, with units counted from 1."""
    return tuple(_Update(cycle, view, layer).one("W", index))


class _Update:
    """The numbers of one layer's update, bound to their formulas."""

    def __init__(self, cycle: Cycle, view: Pass, layer: int) -> None:
        self.cycle, self.view, self.layer, self.trace = cycle, view, layer, cycle.trace
        self.training = cycle.trace.experiment.training
        self.program = OPTIMIZERS[self.training.optimizer].program(self.training.options)
        update = cycle.update
        self.before, self.after = (
            {
                kind: parameters(cycle.trace, kind, layer, update + after, after=after)
                for kind in ("W", "b")
            }
            for after in (False, True)
        )
        self.others: dict[int, Cycle] = {}
        self.samples: dict[tuple[str, tuple[int, ...], int], Operand] = {}
        # of the weights, by the name of what is assigned: an entry of a matrix is one of them
        self.steps: dict[tuple[object, ...], Bound] = {}
        self.decay = ""
        if self.training.l2 > 0:
            self.decay = "per_batch" if self.training.l2_per_batch else "whole"

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
            carried=tuple(self._carried("W", "b") if biases else self._carried("W")),
            constants=tuple(Ref(name) for name in self._constants()),
        )

    def one(self, kind: str, index: tuple[int, ...]) -> Iterator[Line]:
        """The lines of one parameter: its batch gradient, if that is no sample's own, then it."""
        if not self._is_samples_own(kind):
            yield self._batch_line(kind, index)
        yield from self._program(kind, index)

    def _carried(self, *kinds: str) -> Iterator[Ref]:
        """The symbols of what is kept for each parameter of these kinds."""
        names = [name for name in self.program.variables if name in self.program.carried]
        yield from (
            Ref(f"{name}_{kind}", self.layer, moment=Known()) for name in names for kind in kinds
        )

    def _constants(self) -> Iterator[str]:
        options = self.training.options.items()
        yield from (name for name, value in options if not isinstance(value, str))

    def _indices(self, kind: str) -> Iterator[tuple[int, ...]]:
        sources, units = self.view.written(self.layer - 1), self.view.written(self.layer)
        if kind == "b":
            yield from ((j,) for j in units)
            return
        yield from ((i, j) for i in sources for j in units)

    def _is_samples_own(self, kind: str) -> bool:
        """Whether the batch gradient is the one sample's gradient and nothing else."""
        return len(self.cycle.visits) == 1 and not (kind == "W" and self.decay)

    def _gradient(self, kind: str, index: tuple[int, ...]) -> Operand:
        """What the optimizer receives for a parameter, under the name the page computes it by."""
        if self._is_samples_own(kind):
            return self._sample_gradient(kind, index, self.cycle.visit)
        grads = self.cycle.grad_W if kind == "W" else self.cycle.grad_b
        value = float(grads[self.layer - 1][tuple(k - 1 for k in index)])
        return Operand(Ref(f"grad_{kind}", self.layer, index, Batch(self.cycle.update)), value)

    def _sample_gradient(self, kind: str, index: tuple[int, ...], visit: int) -> Operand:
        own = visit == self.cycle.visit
        cycle = self.cycle if own else self._other(visit)
        if own and len(self.cycle.visits) == 1:
            grads = cycle.dL_dW if kind == "W" else cycle.dL_db
            return self.view.slopes(kind, self.layer, grads[self.layer - 1])[index]
        key = kind, index, visit
        if key not in self.samples:
            grads = cycle.dL_dW if kind == "W" else cycle.dL_db
            value = float(grads[self.layer - 1][tuple([k - 1 for k in index])])
            reference = Ref(f"dL_d{kind}", self.layer, index, Visit(visit))
            shared = len(self.cycle.visits) > 1
            self.samples[key] = Operand(reference, value, sample=cycle.row if shared else 0)
        return self.samples[key]

    def _other(self, visit: int) -> Cycle:
        """Another sample of the batch, which is asked for each of its weights."""
        return self.others.setdefault(visit, Cycle(self.trace, visit))

    def _batch_line(self, kind: str, index: tuple[int, ...]) -> Line:
        target = self._gradient(kind, index)
        visits = self.cycle.visits
        samples = tuple(self._sample_gradient(kind, index, v) for v in written(visits))
        decay = self.decay if kind == "W" else ""
        mean = self.training.reduction == "mean"
        form = forms.batch_gradient(len(visits), mean, decay)
        extra = self._rest(kind, index)
        if decay:
            strength = setting("l2", self.training.l2)
            extra = (*extra, strength, self._before(kind, index))
        return Line(target.ref, target.value, (Bound(form, (*samples, *extra)),))

    def _rest(self, kind: str, index: tuple[int, ...]) -> Operands:
        """What the rows that are not written out add to a batch gradient; empty without any."""
        if written_terms(len(self.cycle.visits)) is None:
            return ()
        rest = self._rests[kind][tuple(k - 1 for k in index)]
        name = f"rest_dL_d{kind}"
        return (Operand(Ref(name, self.layer, index, Known()), float(rest)),)

    @cached_property
    def _rests(self) -> dict[str, FloatArray]:
        """The same of all weights and biases."""
        trace, update, k = self.trace, self.cycle.update, self.layer - 1
        return {kind: left_slopes(trace, update, kind)[k] for kind in ("W", "b")}

    def _before(self, kind: str, index: tuple[int, ...]) -> Operand:
        return self.before[kind][index]

    def _after(self, kind: str, index: tuple[int, ...]) -> Operand:
        return self.after[kind][index]

    def _program(self, kind: str, index: tuple[int, ...]) -> Iterator[Line]:
        """A line for every assignment of the optimizer's program."""
        known = dict(self._shared)
        known["w"], known["g"] = self._before(kind, index), self._gradient(kind, index)
        for name in self.program.carried:
            known[name] = self._state(name, kind, index, before=True)
        for step, form in self._assigned:
            bound = self._step(kind, index, step.target, form, known)
            target = (
                self._after(kind, index)
                if step.target == "w"
                else self._state(step.target, kind, index)
            )
            known[step.target] = target
            yield Line(target.ref, target.value, (bound,))

    @cached_property
    def _assigned(self) -> list[tuple[Assignment, Form]]:
        """The assignments of the program with their forms."""
        return [(step, forms.assignment(step.expression)) for step in self.program.assignments]

    @cached_property
    def _shared(self) -> dict[str, Operand]:
        """The numbers that are the same for all parameters."""
        found = {
            "eta": rate(self.trace, self.cycle.update),
            "t": Operand(Ref("t", moment=Known()), self.cycle.update + 1, exact=True),
        }
        options = self.training.options
        return found | {k: setting(k, float(options[k])) for k in self._constants()}

    def _step(
        self, kind: str, index: tuple[int, ...], name: str, form: Form, known: dict[str, Operand]
    ) -> Bound:
        """An assignment for a parameter, bound to its numbers."""
        found = Bound(form, tuple([known[name] for name in form.names]))
        return self.steps.setdefault((kind, name, *index), found)

    def _state(
        self, name: str, kind: str, index: tuple[int, ...], *, before: bool = False
    ) -> Operand:
        """What the program keeps or computes for a parameter: before this update, or by it."""
        update, carried = self.cycle.update, name in self.program.carried
        if before:
            return kept(self.trace, name, kind, self.layer, index, update=update)
        value = kept(self.trace, name, kind, self.layer, index, update=update + 1).value
        moment = Memory(update + 1) if carried else Batch(update)
        return Operand(Ref(f"{name}_{kind}", self.layer, index, moment, carried), value)

    def _matrix(self) -> MatrixLine | None:
        """W⁺ = W − η g of the whole layer, for the program that is this one assignment."""
        if not self.program.is_plain or not self.view.is_whole(self.layer - 1, self.layer):
            return None
        n_in, n_out = self.trace.layer_sizes[self.layer - 1 : self.layer + 1]
        cells = [[(i + 1, j + 1) for j in range(n_out)] for i in range(n_in)]
        before, after, grads = (
            tuple(tuple(of(kind, k) for k in row) for row in cells)
            for of, kind in ((self._before, "W"), (self._after, "W"), (self._gradient, "W"))
        )
        form = forms.assignment(self.program.assignments[0].expression)
        name = grads[0][0].ref.name
        eta = rate(self.trace, self.cycle.update)
        return MatrixLine(
            symbol=symbol("W", self.layer, after=True),
            formula=(symbol("W", self.layer), "-", symbol("eta"), symbol(name, self.layer)),
            grids=(
                MatrixTerm(before),
                MatrixTerm(((eta,),), sign="-", scalar=True),
                MatrixTerm(grads),
            ),
            result=after,
            entries=tuple(
                self._step("W", cells[i][j], "w", form, {"w": w, "g": grads[i][j], "eta": eta})
                for i, row in enumerate(before)
                for j, w in enumerate(row)
            ),
        )
