"""The training loop: runs an experiment and writes every intermediate into the trace.

Every update uses the weights from before it throughout its backward pass. Non-finite numbers
are recorded like any other: a run that diverges is not an error.
"""

from __future__ import annotations

import numpy as np

from tracer.experiment import Experiment
from tracer.experiment.room import check_room, told
from tracer.meters import Meter, no_meter
from tracer.trace import Trace
from tracer.training.draws import epoch_orders
from tracer.training.engines import recorder_for
from tracer.training.recorder import Recorder
from tracer.training.size import check_run


def run(experiment: Experiment, meter: Meter = no_meter, *, engine: str = "") -> Trace:
    """Train the experiment's network and return the trace of the whole run.

    ``engine`` is "numpy" or "scalar"; by default the one that is expected to be faster. Both give
    the same numbers, to a few units in the last place.

    Raises ExperimentError where it would be larger than is sensible; `Experiment.insist` allows it.
    Raises MemoryShortError where it would not fit into memory.
    """
    size = check_run(experiment)
    what, file = "the trace of a run", experiment.source
    check_room(size.allocated, what, file)
    with told(what, file), np.errstate(all="ignore"):
        recorder, seen = recorder_for(experiment, engine), 0
        for order in epoch_orders(experiment):
            recorder.epoch(order)
            if recorder.over > seen:
                seen = _tell(meter, seen, recorder)
            if recorder.ended:
                break
        recorder.finish()
        _tell(meter, seen, recorder)
        return recorder.trace()


def _tell(meter: Meter, seen: int, recorder: Recorder) -> int:
    """Tell of each epoch that is over beside those seen before; how many are over."""
    for epoch in range(seen, recorder.over):
        meter(epoch + 1, recorder.experiment.training.epochs)
    return recorder.over
