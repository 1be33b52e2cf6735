"""Written code, compiled: once in a process, and kept on disk by what it was made of."""

from __future__ import annotations

import importlib.util
import marshal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from types import CodeType
from typing import Any

import numpy as np

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.catalog.terms import NoScalarForm
from tracer.experiment import Experiment
from tracer.files.keeping import kept
from tracer.registry import outside
from tracer.trace.layout import rows_an_update
from tracer.training.ieee import CAREFUL, RAISING
from tracer.training.step import UpdateStep
from tracer.training.written import Variant, source

Function = Callable[..., tuple[float, ...]]
_MADE_BY = (
    *("catalog", "training"),
    *("formula.py", "network.py", "unevaluated.py"),
)
"""The folders and files of tracer whose text decides what code is made of an architecture."""


@dataclass(frozen=True, eq=False)
class Code:
    """The functions of one architecture: a fast one, which may raise errors, and a careful one."""

    step: UpdateStep
    key: bytes
    single: bool
    recorded: bool

    @cached_property
    def fast(self) -> Function:
        """Raises ArithmeticError or ValueError where a number is beyond Python's functions."""
        return self._function(careful=False)

    @cached_property
    def careful(self) -> Function:
        """Gives ∞ and nan instead, as NumPy does."""
        return self._function(careful=True)

    def _function(self, *, careful: bool) -> Function:
        variant = Variant(single=self.single, recorded=self.recorded, careful=careful)
        names: dict[str, Any] = dict(CAREFUL if careful else RAISING)
        names["__builtins__"] = {}
        exec(self._compiled(variant), names)  # code of our own making
        made: Function = names["epoch"]
        return made

    def _compiled(self, variant: Variant) -> CodeType:
        def make() -> bytes:
            code = compile(source(self.step, variant), "<written>", "exec")
            return marshal.dumps(code)

        text = repr(variant).encode()
        whole = make() if not self.key else kept(self.key + text, make)
        found: CodeType = marshal.loads(whole)  # kept by us, in a folder of ours
        return found


_CODES: dict[Any, tuple[Any, Code | None]] = {}


def code_for(experiment: Experiment, *, recorded: bool = True) -> Code | None:
    """The code of the experiment's update; None where one of its kernels has no scalar form."""
    rows, single = _rows(experiment), rows_an_update(experiment) == 1
    facts = (*_facts(experiment), single, recorded)
    key = (*map(id, rows), facts)
    if key not in _CODES:
        # The rows are held as well, so that their ids stay theirs.
        _CODES[key] = rows, _code(experiment, single=single, recorded=recorded, facts=facts)
    return _CODES[key][1]


def _code(
    experiment: Experiment, *, single: bool, recorded: bool, facts: tuple[Any, ...]
) -> Code | None:
    names = {row.name for row in _rows(experiment)}
    known = not names & outside()
    key = _content() + repr(facts).encode() if known else b""
    code = Code(UpdateStep.of(experiment), key, single, recorded)
    try:
        code.fast  # noqa: B018 - whether it can be made
    except NoScalarForm:
        return None
    except Exception:
        if known:
            raise
        return None  # a kernel from outside can fail in any way on what is no array
    return code


def _rows(experiment: Experiment) -> tuple[Any, ...]:
    training = experiment.training
    activations = (ACTIVATIONS[layer.activation] for layer in experiment.layers)
    return (*activations, LOSSES[training.loss], OPTIMIZERS[training.optimizer])


def _facts(experiment: Experiment) -> tuple[Any, ...]:
    """Everything that the code depends on, beside the rows themselves: not η, nor any datum."""
    training = experiment.training
    options: Mapping[str, Any] = training.options
    return (
        *(experiment.layer_sizes, tuple(layer.activation for layer in experiment.layers)),
        *(training.loss, training.optimizer, tuple(sorted(options.items()))),
        *(training.reduction, training.l2, training.l2_per_batch, training.train_biases),
    )


@cache
def _content() -> bytes:
    """A digest of the program that writes code: another one may write another."""
    digest = sha256(np.__version__.encode() + importlib.util.MAGIC_NUMBER)
    for name in _MADE_BY:
        place = files("tracer") / name
        for part in sorted(place.iterdir(), key=str) if place.is_dir() else [place]:
            if part.name.endswith(".py"):
                digest.update(part.read_bytes())
    return digest.digest()
