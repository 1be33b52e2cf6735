"""Progress: who works long is handed a meter and tells it how far it is."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Told of progress: ``done`` of ``total`` steps, such as epochs, seeds or pages."""

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps are over."""


def no_meter(done: int, total: int) -> None:
    """The meter that shows nothing."""
