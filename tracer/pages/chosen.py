"""The rows of the catalog that an experiment chose, for what a page says of them."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.catalog.activations import ACTIVATIONS, Activation
from tracer.catalog.losses import LOSSES, Loss
from tracer.experiment import Experiment


@dataclass(frozen=True)
class Chosen:
    """The activation of each layer, that of the output, and the loss."""

    activations: tuple[Activation, ...]
    loss: Loss

    @classmethod
    def of(cls, experiment: Experiment) -> Chosen:
        """The rows that the experiment names."""
        names = (layer.activation for layer in experiment.layers)
        return cls(tuple(ACTIVATIONS[name] for name in names), LOSSES[experiment.training.loss])

    @property
    def output(self) -> Activation:
        """The activation of the last layer."""
        return self.activations[-1]
