"""The learning-rate schedules, one row each.

The rate η of an epoch is a formula of the starting rate η₀, the schedule's own options and one
whole number k, which a row counts from the progress so far. Numbers and pages come from the same
definition; where float64 has to be reached by the very steps of another library, a row states
its kernel and a law test holds it to the definition.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from tracer.catalog.facts import fact, lambdified, symbols_in
from tracer.catalog.limits import Limit
from tracer.deferred import Expr, symbols
from tracer.registry import Registry
from tracer.unevaluated import over, power, times

ETA0, K, FACTOR, POWER_T, DIVIDE_BY = symbols("eta0", "k", "factor", "power_t", "divide_by")

Options = Mapping[str, float]
RateKernel = Callable[[Mapping[str, float]], float]
"""η from eta0, k and the options by name."""


@dataclass(frozen=True)
class Progress:
    """What lies behind an epoch: whole epochs, samples seen, plateaus on which η was divided."""

    epochs: int = 0
    samples: int = 0
    plateaus: int = 0


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    ``definition`` is η in SymPy, of ``eta0``, ``k`` and the options; ``count`` gives k from the
    progress before an epoch. ``options`` are its own keys with their defaults, ``limits``
    those of the options that no other row has. ``on_plateau`` says
    that the stop rule makes η smaller instead of ending the run, until η is at most ``least``.
    """

    name: str
    title: str
    definition: Expr
    count: Callable[[Progress, Options], int]
    source: str
    options: Mapping[str, int | float] = field(default_factory=lambda: MappingProxyType({}))
    stated: RateKernel | None = None
    on_plateau: bool = False
    limits: Mapping[str, Limit] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def is_constant(self) -> bool:
        """Whether η is η₀ all the time."""
        return fact("is_constant", self.definition, lambda rate: str(rate) == str(ETA0))

    def rate(self, start: float, options: Options, progress: Progress) -> float:
        """η of the epoch that follows ``progress``; inf where float64 cannot hold it.

        ``start`` is η₀, ``options`` holds every option of the row by its name.

        Raises:
            KeyError: an option is missing.
        """
        values = {**options, "eta0": start, "k": self.count(progress, options)}
        kernel = self.stated or self.derived
        try:
            return float(kernel(values))
        except OverflowError:
            with np.errstate(all="ignore"):
                return float(kernel({name: np.float64(value) for name, value in values.items()}))

    @cached_property
    def derived(self) -> RateKernel:
        """The kernel that follows from the definition, in Python's own float64."""
        read = symbols_in(self.definition)
        names, compiled = tuple(map(str, read)), lambdified(read, self.definition, math)
        return lambda values: compiled(*(values[name] for name in names))


def _divided(values: Mapping[str, float]) -> float:
    """η₀ divided again and again, as scikit-learn does: the power rounds differently."""
    rate = values["eta0"]
    for _ in range(int(values["k"])):
        rate /= values["divide_by"]
    return rate


_ROWS = (
    Schedule(
        name="constant",
        title="constant",
        definition=ETA0,
        count=lambda _progress, _options: 0,
        source="the rate stays as it is",
    ),
    Schedule(
        name="step",
        title="step",
        definition=times(ETA0, FACTOR**K),
        count=lambda progress, options: progress.epochs // int(options["every"]),
        source="PyTorch's StepLR",
        options={"factor": 0.5, "every": 10},
    ),
    Schedule(
        name="exponential",
        title="exponential",
        definition=times(ETA0, FACTOR**K),
        count=lambda progress, _options: progress.epochs,
        source="PyTorch's ExponentialLR",
        options={"factor": 0.95},
    ),
    Schedule(
        name="invscaling",
        title="inverse scaling",
        definition=over(ETA0, power(K + 1, POWER_T)),
        count=lambda progress, _options: progress.samples,
        source="scikit-learn's invscaling",
        options={"power_t": 0.5},
    ),
    Schedule(
        name="adaptive",
        title="adaptive",
        definition=over(ETA0, power(DIVIDE_BY, K)),
        count=lambda progress, _options: progress.plateaus,
        source="scikit-learn's adaptive",
        options={"divide_by": 5.0, "least": 1e-6},
        stated=_divided,
        on_plateau=True,
    ),
)

SCHEDULES: Mapping[str, Schedule] = Registry(Schedule, _ROWS)
"""Every schedule by the name that an experiment file uses.

η is the rate of an epoch, η₀ the one that the experiment starts with; k counts from 0. An option
outside its range is an error of the experiment file.

#### constant
`η = η₀`. No options.

#### step
`η = η₀·factor^k`, k: how many times `every` epochs have gone by.

Options: `factor` (above 0, 0.5), `every` (epochs, a whole number from 1, 10).
[StepLR](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html) of
PyTorch, whose factor (gamma) is 0.1 unless told otherwise.

#### exponential
`η = η₀·factor^k`, k: epochs gone by.

Options: `factor` (above 0, 0.95).
[ExponentialLR](https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html)
of PyTorch.

#### invscaling
`η = η₀ / (k + 1)^power_t`, k: samples seen in the epochs before.

Options: `power_t` (0 to 100, 0.5). [scikit-learn's
invscaling](https://scikit-learn.org/stable/modules/generated/sklearn.neural_network.MLPClassifier.html).
Counted in samples, not in epochs, the rate falls fast.

#### adaptive
`η = η₀ / divide_by^k`, k: plateaus before this epoch. A plateau is what would end the run by the
rule of `stop`; the run ends at one where the rate is `least` or less.

Options: `divide_by` (above 1, 5.0), `least` (a rate, above 0, 1e-06). [scikit-learn's
adaptive](https://scikit-learn.org/stable/modules/generated/sklearn.neural_network.MLPClassifier.html),
where both are fixed. It is computed by dividing again and again, as there.
"""
