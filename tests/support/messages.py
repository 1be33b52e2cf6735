"""The catalog of messages, and a language made from it in which no English letter is left."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from gettext import NullTranslations
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from sharing import shared
from sites import ROOT

#: What a translation keeps: HTML, entities, places for values, LaTeX, and what is set as code.
KEPT = re.compile(r"<code>.*?</code>|<[^<>]*>|&#?\w+;|%\(\w+\)s|%%|\\[A-Za-z]+|`[^`]*`|\]\([^)]*\)")
_LATIN, _OTHER = "abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувшщыз"
OTHER = str.maketrans(_LATIN + _LATIN.upper(), _OTHER + _OTHER.upper())


@cache
def extracted() -> dict[str, str | tuple[str, str]]:
    """Every message of tracer: by its first form, with all its forms; extracted once in a run."""
    found: dict[str, str | tuple[str, str]] = shared("messages", _by_the_command)
    return found


def _by_the_command() -> dict[str, str | tuple[str, str]]:
    """The same, as `make messages` extracts it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tracer.pot"
        asked = ["--mapping-file", "pyproject.toml", "--output", str(path), "."]
        pybabel = Path(sys.executable).with_name("pybabel")
        subprocess.run([pybabel, "-q", "extract", *asked], cwd=ROOT, check=True)
        return in_catalog(path)


def in_catalog(path: Path) -> dict[str, str | tuple[str, str]]:
    """The messages of a catalog."""
    from babel.messages.pofile import read_po

    with path.open("rb") as stream:
        found = [one.id for one in read_po(stream) if one.id]
    return {
        one if isinstance(one, str) else one[0]: one if isinstance(one, str) else (one[0], one[1])
        for one in found
    }


def pseudo(message: str) -> str:
    """A message whose letters are all of another alphabet; what a translation keeps is kept."""
    parts = KEPT.split(message)
    kept = KEPT.findall(message)
    said = [part.translate(OTHER) for part in parts]
    return "".join(a + b for a, b in zip(said, [*kept, ""], strict=True))


class Pseudo(NullTranslations):
    """Translates every message, and notes which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        return pseudo(msgid1 if n == 1 else msgid2)


SPOKEN = re.compile(r'(?:aria-label|alt|title|content|placeholder)="([^"]*)"')
TEX = re.compile(r"\$\$.*?\$\$|(?<!\$)\$[^$\n]+\$", re.DOTALL)
MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
MTEXT = re.compile(r"<mtext[^>]*>(.*?)</mtext>", re.DOTALL)
#: What stands in a page for programs: code, addresses of headings, keys of front matter, the signs
#: of a warning, places in braces that a script fills; and the slope of a function in a name of
#: plain text, such as da/dz.
UNREAD = re.compile(
    r"<(code|script|style)\b.*?</\1>|<!--.*?-->|`[^`]*`|\{(?:[:#][^}]*|\w+)\}"
    r"|^title:|^hide: \[(?:toc, )?footer\]$|^!!! [a-z]+|\bd(?=\w\b[^<>/\s]*/d\w)|(?<=/d)\w\b",
    re.DOTALL | re.MULTILINE,
)
WORD = re.compile(r"[A-Za-z]{2,}")


def english(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The words of English letters that a reader of a page, a picture or a table meets.

    Aside are formulas (but for words in them and of them), code, and ``names``.
    """
    text = UNREAD.sub(" ", text)
    inside = MATH.findall(text)
    said = [found for math in inside for words in (MTEXT, SPOKEN) for found in words.findall(math)]
    text = TEX.sub(" ", MATH.sub(" ", text))
    said += SPOKEN.findall(text)
    said.append(re.sub(r"\]\([^)]*\)", " ", re.sub(r"<[^<>]*>", " ", text)))
    return WORD.findall(_any_of(names).sub(" ", unescape("\n".join(said))))


@cache
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    """Any of the names, the longest where several begin; nothing where there are none."""
    either = "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
    return re.compile(rf"(?<!\w)(?:{either or '(?!)'})(?!\w)")
