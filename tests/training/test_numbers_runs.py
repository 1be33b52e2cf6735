"""Every line of small runs of every activation, loss and optimizer, worked out from its digits."""

from __future__ import annotations

from fractions import Fraction
from itertools import cycle as around

from each import each
from networks import OUTPUTS, experiment
from printed_numbers import assert_holds, half_up, read
from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.explain.cycle import explain_cycle
from tracer.explain.trials import activation_trial, weight_trials
from tracer.numerals import exact_numeral, numeral
from tracer.training import run
from tracer.typeset.truth import settle

LEFT = {"kept", "noise", "underflow"}
DECIMALS = around([1, 4, 8, 12])
HIDDEN = [(name, next(DECIMALS)) for name in ACTIVATIONS]
ENDS = [(*pair, next(DECIMALS)) for pair in OUTPUTS]
PROGRAMS = [(name, next(DECIMALS)) for name in OPTIMIZERS]


def lines_of(trace):
    """Every line of a cycle, and those of measured slopes."""
    one = trace.cycle(trace.epochs, 1)
    yield from explain_cycle(one).lines
    if trials := weight_trials(one):
        for trial in trials.trials:
            yield from (*trial.lines, trial.slope)
    if slope := activation_trial(one, 1, 1):
        yield from (*slope.lines, slope.slope)


def assert_one_number(text, quantum, usual):
    """More digits extend the same digits: they round to what stands elsewhere."""
    shown, known = read(text), read(usual.text)
    unit = max(known.unit, Fraction(usual.quantum), min(shown.unit, Fraction(quantum)))
    assert half_up(shown.value, unit) == known.value, (text, usual.text)


def assert_lines(trace, decimals):
    count = 0
    for line in lines_of(trace):
        found = settle(line, decimals)
        assert_holds(found)
        count += 1
        if not found.remarks & LEFT:
            result = found.result
            assert_one_number(result.text, result.quantum, numeral(line.value, decimals))
        for text, operand in zip(found.operands, found.bound.operands, strict=True):
            if operand.exact:
                assert text == exact_numeral(operand.value)
            else:
                assert_one_number(text.text, text.quantum, numeral(operand.value, decimals))
    assert count > 30


@each(("activation", "decimals"), HIDDEN)
def test_lines_of_every_activation(activation, decimals):
    made = experiment((2, 3, 1), (activation, "identity"), rows=2, epochs=2, learning_rate=0.3)
    assert_lines(run(made), decimals)


@each(("activation", "loss", "decimals"), ENDS)
def test_lines_of_every_loss(activation, loss, decimals):
    assert_lines(run(experiment((2, 2, 2), ("tanh", activation), loss, rows=2)), decimals)


@each(("optimizer", "decimals"), PROGRAMS)
def test_lines_of_every_optimizer(optimizer, decimals):
    made = experiment((2, 2, 1), ("relu", "identity"), rows=3, optimizer=optimizer, batch_size=2)
    assert_lines(run(made), decimals)
