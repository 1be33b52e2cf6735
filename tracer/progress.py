"""Meters: who does something long tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Told of the progress of work: ``done`` of ``total`` epochs, pages or seeds."""

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are over."""


def no_meter(done: int, total: int) -> None:
    """The meter that shows nothing."""
