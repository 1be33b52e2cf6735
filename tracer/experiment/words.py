"""Values and names in the words of a message, and the name that was probably meant."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from tracer.catalog.activations import ACTIVATIONS
from tracer.catalog.losses import LOSSES
from tracer.catalog.optimizers import OPTIMIZERS

_TABLES: tuple[Mapping[str, Any], ...] = (ACTIVATIONS, LOSSES, OPTIMIZERS)
#: What other libraries call a key or a value, and what it is called here; rows have their own.
ALIASES = {
    "xavier": "glorot_uniform",
    "xavier_uniform": "glorot_uniform",
    "xavier_normal": "glorot_normal",
    "kaiming_uniform": "he_uniform",
    "kaiming_normal": "he_normal",
    "gaussian": "normal",
    "lr": "learning_rate",
    "eta": "learning_rate",
    "neurons": "units",
    "size": "units",
    "nodes": "units",
    "file": "path",
    "csv": "path",
    "full": "all",
    "eps": "epsilon",
    "alpha": "l2",
    "lambda": "l2",
    "regularization": "l2",
    "iterations": "epochs",
    "max_iter": "epochs",
    "early_stopping": "stop",
    "bias": "train_biases",
    "use_bias": "train_biases",
    "glorot": "glorot_uniform",
    "kaiming": "he_normal",
    "he": "he_normal",
    "zero": "zeros",
    "features": "inputs",
    "label": "target",
    "labels": "target",
    "function": "activation",
    "average": "mean",
}


def _aliases() -> Mapping[str, str]:
    """What other libraries call a key, a value or a row of the catalog, and what it is called here.

    Names of rows come last, so that none hides a key.
    """
    rows = (row for table in _TABLES for row in table.values())
    return {alias: row.name for row in rows for alias in row.aliases} | ALIASES


def _others() -> Mapping[str, tuple[str, str]]:
    """What is near a row's name to a computer but something else: (what it is, the row)."""
    rows = (row for table in _TABLES for row in table.values())
    return {name: (words, row.name) for row in rows for name, words in row.near.items()}


def found_text(value: Any) -> str:
    """A value of the file as a message shows it: short, on one line, whatever it is."""
    if isinstance(value, str):
        text = value if len(value) <= 60 else value[:57] + "…"
        return "".join(_escaped(letter) for letter in json.dumps(text, ensure_ascii=False))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 64 else "a number too large for a computer"
    return repr(value) if isinstance(value, float) else _kind_text(value)


def _escaped(letter: str) -> str:
    """Nothing in a message may break its line, or fail to be printed."""
    breaks = unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}
    return f"\\u{ord(letter):04x}" if breaks else letter


def name_text(name: str) -> str:
    """A name as it is, in quotes only where it would break a line."""
    quoted = found_text(name)
    return name if quoted == f'"{name}"' else quoted


def _kind_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dt.date | dt.time):
        kind = "time" if isinstance(value, dt.time) else "date"
        return f"the {kind} {value.isoformat()}"
    if isinstance(value, Mapping):
        return "a table"
    return "nothing" if value is None else f"a {type(value).__name__}"


def list_text(values: Iterable[Any], limit: int = 12) -> str:
    """`1, 2, "a"`: values one after the other, no more than `limit` of them."""
    shown = [found_text(value) for value in values]
    more = f", … ({len(shown)} in all)" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more


def count_text(number: int, noun: str, nouns: str | None = None) -> str:
    """`1 unit`, `2 units`."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def nearest(name: Any, names: Iterable[str]) -> str | None:
    """The valid name that was most likely meant, or None."""
    folded: dict[str, str] = {}
    for valid in names:
        folded.setdefault(_fold(valid), valid)
    if not isinstance(name, str):
        return None
    own = _fold(name)[:200]
    alias = _aliases().get(own)
    if own in folded or alias in folded.values():
        return folded.get(own, alias)
    longer = [valid for valid in folded if len(own) >= 3 and valid.startswith(own)]
    if len(longer) == 1:
        return folded[longer[0]]
    import difflib

    close = difflib.get_close_matches(own, folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: Any, names: Iterable[str]) -> str | None:
    """The hint for an unknown name, or None where no valid name is near."""
    names = tuple(names)
    other, near = _others().get(_fold(name)[:200] if isinstance(name, str) else "", ("", ""))
    if near in names and name not in names:
        return f"{name} is {other}, which tracer does not have; the nearest is {found_text(near)}."
    meant = nearest(name, names)
    return None if meant is None else f"Did you mean {found_text(meant)}?"


def _fold(name: str) -> str:
    # A variation selector tells ☀️ from ☀ to a computer only.
    text = unicodedata.normalize("NFKC", name).replace("\ufe0f", "").casefold().strip()
    return re.sub(r"[\s-]+", "_", text)
