"""Training: an experiment goes in, its trace comes out."""

from tracer.training.run import Meter, no_meter, run

__all__ = ["Meter", "no_meter", "run"]
