"""Training: an experiment goes in, its trace comes out."""

from tracer.meters import Meter, no_meter
from tracer.training.run import run

__all__ = ["Meter", "no_meter", "run"]
