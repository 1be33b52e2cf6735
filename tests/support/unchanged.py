"""What a page says that no script changes."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["br", "img", "input", "link", "meta", "hr", "wbr"])
#: The attributes of what a script changes, and of numbers in the pictures.
CHANGED = ("data-said", "data-of")


class Unchanged(HTMLParser):
    """Gathers the words of a page, without lines, regions, and numbers that lead to a line."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append(self._is_changed(dict(attrs)))

    def _is_changed(self, found: dict[str, str | None]) -> bool:
        is_line = "tr-line" in (found.get("class") or "").split()
        is_edge = "tr-edge" in (found.get("class") or "").split()  # its title says its number
        return (
            is_line or is_edge or any(name in found for name in CHANGED) or self._is_number(found)
        )

    def _is_number(self, found: dict[str, str | None]) -> bool:
        return (found.get("href") or "").startswith("#") and "tr-phase" not in str(found)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self._open):
            self.words.append(" ".join(data.split()))


def unchanged(page: str) -> list[str]:
    """The words of a page that no script changes, in order."""
    reader = Unchanged()
    reader.feed(page)
    return reader.words
