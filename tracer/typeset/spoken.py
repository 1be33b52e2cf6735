"""How symbols are said aloud: what a screen reader is told beside the MathML.

A speech engine takes a superscript for a power and passes over a link inside a token. So a symbol
carries its words twice: ``aria-label``, which engines of today say as it is, and MathML's
``intent`` where the scripts would mislead those that know it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from markupsafe import Markup, escape

PLACES = {name: f"{{{name}}}" for name in ("symbol", "number", "below")}
"""What stands in the words where a value is to be put."""
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\?[^\s]")
_ACCENTS = frozenset([r"\hat", r"\tilde", r"\bar", r"\dot"])
_UPPER = (
    (re.compile(r"\[(\d+)\]"), "layer"),
    (re.compile(r"\((\d+)\)"), "row"),
    (re.compile(r"(\+)"), "updated"),
    (re.compile(r"(\\top)"), "transposed"),
    (re.compile(r"^(2)$"), "squared"),
)
_MISREAD = ("^", r"\frac", r"\left")
_ODOT = re.compile("<mo( [^>]*)?>⊙</mo>")
_NO_NAME = re.compile(r"[^\w.-]+")
_WHOLE = re.compile(r'<math>(?=<(?!math)\w+(?: [^<>]*)? aria-label="([^"]*)")')
_LETTER = re.compile(r"<math>(?=<mi>(?:<a [^<>]*>)?(\w+)<)")


@dataclass(frozen=True, eq=False)
class Voice:
    """The words for the signs of symbols, by their keys; without words nothing is said.

    They stand in ``templates/words/spoken.j2``. A sign without words is said as LaTeX calls it.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict, repr=False)
    _set: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def spoken(self, latex: str) -> str:
        r"""The words of a symbol: z^{[1]}_{2} is "z 2 of layer 1"."""
        if latex not in self._said:
            self._said[latex] = self._sequence(deque(_TOKEN.findall(latex)))
        return self._said[latex]

    def symbol(self, mathml: str, latex: str) -> str:
        """The MathML of one symbol with its words, as one element that bears them."""
        if not self.words:
            return mathml
        found = self._set.get((mathml, latex))
        if found is None:
            found = self._set[mathml, latex] = self._symbol(mathml, latex)
        return found

    def _symbol(self, mathml: str, latex: str) -> str:
        words, misread = self.spoken(latex), any(sign in latex for sign in _MISREAD)
        if mathml == f"<mi>{words}</mi>":
            return mathml  # a letter that is its own name
        named = _attributes(words, misread)
        tag = _only_tag(mathml)
        return f"{tag}{named}{mathml[len(tag) :]}" if tag else f"<mrow{named}>{mathml}</mrow>"

    def signs(self, mathml: str) -> str:
        """MathML whose signs are said by what they do, where an engine only knows their looks."""
        if not self.words or "⊙" not in mathml:
            return mathml
        words = _attributes(self.words["entrywise"], True)
        return _ODOT.sub(lambda found: f"<mo{found[1] or ''}{words}>⊙</mo>", mathml)

    def link(self, letter: str) -> str:
        """The attribute of a link that holds one letter."""
        return _attributes(self.letter(letter), False) if self.words else ""

    def name(self, latex: str) -> str:
        """The attribute of a formula that is one symbol."""
        return _attributes(self.spoken(latex), False) if self.words else ""

    def letter(self, letter: str) -> str:
        """What a letter is called: that of another alphabet has a name, as eta."""
        name = unicodedata.name(letter, "").lower().split()
        called = name[1:] if name[:1] == ["greek"] else []
        return next((self.words[part] for part in called if part in self.words), letter)

    def _put(self, key: str, **values: str) -> str:
        said = self.words.get(key, f"{PLACES['symbol']} {key}")
        for name, value in values.items():
            said = said.replace(PLACES[name], value)
        return said

    def _sequence(self, tokens: deque[str], end: str = "}") -> str:
        """The words up to the token that ends a group, which is taken too."""
        words: list[str] = []
        while tokens and tokens[0] != end:
            words.append(self._scripted(tokens))
        if tokens:
            tokens.popleft()
        return " ".join(word for word in words if word)

    def _scripted(self, tokens: deque[str]) -> str:
        """One symbol with what stands above and below it, the number of the unit first."""
        words, scripts = self._atom(tokens), {"^": "", "_": ""}
        while len(tokens) > 1 and tokens[0] in scripts:
            side = tokens.popleft()
            scripts[side] = _raw(tokens)
        below = scripts["_"]
        if below:
            plain = re.fullmatch(r"[\d,]+", below)
            words = f"{words} {below.replace(',', ' ') if plain else self.spoken(below)}"
        return self._raised(words, scripts["^"])

    def _raised(self, words: str, upper: str) -> str:
        for pattern, key in _UPPER:
            for number in pattern.findall(upper):
                words = self._put(key, symbol=words, number=number)
        return words

    def _atom(self, tokens: deque[str]) -> str:
        if not tokens:
            return ""
        token = tokens.popleft()
        if token == "{":
            return self._sequence(tokens)
        if token in _ACCENTS:
            return self._put(token[1:], symbol=self._atom(tokens))
        if token == r"\frac":
            above = self._atom(tokens)
            return self._put("over", symbol=above, below=self._atom(tokens))
        return self._sign(token, tokens)

    def _sign(self, token: str, tokens: deque[str]) -> str:
        if token == r"\left":
            return self._between(tokens)
        if token in (r"\mathrm", r"\text"):
            return self._atom(tokens)
        name = token.removeprefix("\\").removeprefix("var")
        return "" if token in "()," else self.words.get(name.lower(), name)

    def _between(self, tokens: deque[str]) -> str:
        """What stands between bars is a norm."""
        bar = tokens.popleft() if tokens else ""
        inside = self._sequence(tokens, r"\right")
        if tokens:
            tokens.popleft()
        return self._put("norm", symbol=inside) if bar == r"\|" else inside


def heading(math: str) -> str:
    """A formula of one symbol as the whole head of a row or column: it bears its words itself.

    What names a cell by its head looks at the formula, not at the symbol in it. All else, such as
    LaTeX or a name that somebody chose, is left as it is.
    """
    for start in (_WHOLE, _LETTER) if isinstance(math, Markup) else ():
        if found := start.match(math):
            return Markup(f'<math aria-label="{found[1]}">{math[found.end() :]}')
    return math


SILENT = Voice()
"""Names no symbol."""


def _attributes(words: str, misread: bool) -> str:
    intent = f' intent="_{_NO_NAME.sub("_", words).strip("_")}"' if misread else ""
    return f' aria-label="{escape(words)}"{intent}'


@lru_cache(maxsize=100_000)
def _only_tag(mathml: str) -> str:
    """The start of the tag of MathML that is one element; "" for more."""
    from xml.etree import ElementTree as ET

    root = ET.fromstring(f"<math>{mathml}</math>")
    return f"<{root[0].tag}" if len(root) == 1 else ""


def _raw(tokens: deque[str]) -> str:
    """A script as it is written, without its braces."""
    first, depth, inside = tokens.popleft(), 1, ""
    if first != "{":
        return first
    while tokens:
        token = tokens.popleft()
        depth += {"{": 1, "}": -1}.get(token, 0)
        if not depth:
            break
        inside += f"{token} " if token[:1] == "\\" and len(token) > 2 else token
    return inside
