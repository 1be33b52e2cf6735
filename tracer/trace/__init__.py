"""The trace of a run: its arrays and views, its file, its table, its JSON."""

from tracer.trace.trace import Cycle, IntArray, Trace, epoch_losses

__all__ = ["Cycle", "IntArray", "Trace", "epoch_losses"]
