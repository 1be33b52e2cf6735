"""What may be kept between runs, in the folder that ``TRACER_CACHE`` names; nothing without it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

FOLDER = "TRACER_CACHE"


def cache_folder() -> Path | None:
    """The folder, made if it is missing; None where none is named or it cannot be written."""
    named = os.environ.get(FOLDER)
    if not named:
        return None
    try:
        Path(named).mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return Path(named) if os.access(named, os.W_OK) else None


def kept(key: bytes, make: Callable[[], bytes]) -> bytes:
    """What ``make`` gives, read again where an earlier run has kept it for the same ``key``."""
    folder = cache_folder()
    if folder is None:
        return make()
    place = folder / sha256(key).hexdigest()
    if place.is_file():
        return place.read_bytes()
    made = make()
    _keep(place, made)
    return made


def _keep(place: Path, made: bytes) -> None:
    # Renamed when it is whole: another process never reads half of it.
    handle, name = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as target:
        target.write(made)
    Path(name).replace(place)
