"""No address of a cycle's page is lost: links from elsewhere lead there, whatever it looks like."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rendering import walkthrough

STORED: dict[str, str] = json.loads(
    (Path(__file__).parent / "anchors.json").read_text(encoding="utf-8")
)
_ID = re.compile(r'\sid="([^"]+)"|\{#([^}]+)\}')


def ids_of(text: str) -> list[str]:
    """Every address of a page, as HTML and as the mark of a heading."""
    return [html or mark for html, mark in _ID.findall(text)]


@pytest.mark.parametrize("place", STORED)
def test_every_address_of_before_is_there(place: str) -> None:
    name, _, page = place.rpartition(" ")
    found = ids_of(walkthrough(name)[page])
    assert set(STORED[place].split()) - set(found) == set()
    assert len(found) == len(set(found))
