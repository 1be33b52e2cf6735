"""What stands in the place of the model's objects while sentences are told for a script."""

from __future__ import annotations

from types import SimpleNamespace


class Named(SimpleNamespace):
    """Values by their names, for a template.

    It is tracer's own, as what it stands for is: templates that data names see nothing else.
    """
