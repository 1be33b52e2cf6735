"""Measurements of what the design of tracer rests on, each as a ratio of two ways to do one thing.

`python -m benchmarks` (or `make bench`) runs them. Both ways are timed side by side in one run, so
that the ratio says something on any machine; nothing passes or fails by its time.

Each module of this package that has a function ``rows(repeat)`` is an entry: the function yields
rows of the table (:class:`benchmarks.measure.Row`), and the first line of the module's docstring
is the table's heading.
"""
