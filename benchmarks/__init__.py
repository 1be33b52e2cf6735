"""Measurements of what the design of tracer rests on, each as a ratio of two ways to do one thing.

`python -m benchmarks` (or `make bench`) runs them. Both ways are timed side by side in one run, so
that the ratio says something on any machine; nothing passes or fails by its time.
"""
