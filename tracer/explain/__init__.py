"""Trace → derivations: which lines explain a number, made of which operands."""
