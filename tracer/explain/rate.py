"""The learning rate of an update: a setting, or a line of its own where a schedule changes it."""

from __future__ import annotations

from tracer.catalog.schedules import SCHEDULES, Progress
from tracer.explain import forms
from tracer.refs import Batch, Known, Ref
from tracer.trace import Trace
from tracer.typeset import Bound, Line, Operand

START = "eta0"


def setting(name: str, value: float) -> Operand:
    """A number of the experiment file, which is exact."""
    return Operand(Ref(name), value, exact=True)


def rate(trace: Trace, update: int) -> Operand:
    """η of an update (from 0)."""
    value = float(trace.learning_rate[update])
    if SCHEDULES[trace.experiment.training.schedule].is_constant:
        return setting("eta", value)
    return Operand(Ref("eta", moment=Batch(update)), value)


def rate_line(trace: Trace, update: int) -> Line | None:
    """η of an update from the schedule's definition; None where η never changes."""
    training = trace.experiment.training
    schedule = SCHEDULES[training.schedule]
    if schedule.is_constant:
        return None
    count = schedule.count(progress(trace, update), training.schedule_options)
    known = {name: setting(name, value) for name, value in training.schedule_options.items()}
    known[START] = setting(START, training.learning_rate)
    known["k"] = Operand(Ref("k", moment=Known()), count, exact=True)
    form = forms.assignment(schedule.definition)
    target = rate(trace, update)
    bound = Bound(form, tuple(known[str(symbol)] for symbol in form.symbols))
    return Line(target.ref, target.value, (bound,))


def progress(trace: Trace, update: int) -> Progress:
    """What lies behind the epoch of an update (from 0), as the trace tells it."""
    epoch = int(trace.epoch_of_update[update])
    samples = int((trace.epoch_of < epoch).sum())
    rates = trace.learning_rate[: update + 1]
    return Progress(epoch, samples, int((rates[1:] < rates[:-1]).sum()))
