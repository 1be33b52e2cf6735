"""How symbols are said aloud: what a screen reader is told beside the MathML.

A speech engine takes a superscript for a power and passes over a link inside a token. So a symbol
carries its words twice: ``aria-label``, which engines of today say as it is, and MathML's
``intent`` where the scripts would mislead those that know it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from xml.etree import ElementTree as ET

from markupsafe import escape

from tracer.messages import N_, gettext

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\?[^\s]")
_ACCENTS = {
    r"\hat": N_("%(symbol)s hat"),
    r"\tilde": N_("%(symbol)s tilde"),
    r"\bar": N_("%(symbol)s bar"),
    r"\dot": N_("%(symbol)s dot"),
}
_UPPER = (
    (re.compile(r"\[(\d+)\]"), N_("%(symbol)s of layer %(number)s")),
    (re.compile(r"\((\d+)\)"), N_("%(symbol)s of row %(number)s")),
    (re.compile(r"(\+)"), N_("%(symbol)s after the update")),
    (re.compile(r"(\\top)"), N_("%(symbol)s transposed")),
    (re.compile(r"^(2)$"), N_("%(symbol)s squared")),
)
_MISREAD = ("^", r"\frac", r"\left")
_ODOT = re.compile("<mo( [^>]*)?>⊙</mo>")
_NO_NAME = re.compile(r"[^\w.-]+")


def spoken(latex: str) -> str:
    r"""The words of a symbol: z^{[1]}_{2} is "z 2 of layer 1"."""
    return _sequence(deque(_TOKEN.findall(latex)))


def voiced_symbol(mathml: str, latex: str) -> str:
    """The MathML of one symbol with its words, if it is one element that can bear them."""
    tag = re.match(r"<[a-z]+", mathml)
    if tag is None or not _is_one(mathml):
        return mathml
    misread = any(sign in latex for sign in _MISREAD)
    return f"{tag[0]}{_attributes(spoken(latex), misread)}{mathml[tag.end() :]}"


def voiced_signs(mathml: str) -> str:
    """MathML whose signs are said by what they do, where an engine only knows their looks."""
    if "⊙" not in mathml:
        return mathml
    words = _attributes(gettext("times, entry by entry,"), True)
    return _ODOT.sub(lambda found: f"<mo{found[1] or ''}{words}>⊙</mo>", mathml)


def letter_name(letter: str) -> str:
    """What a letter is called: that of another alphabet has a name, as eta."""
    name = unicodedata.name(letter, "")
    return name.rsplit(" ", 1)[-1].lower() if name.startswith("GREEK") else letter


def _attributes(words: str, misread: bool) -> str:
    intent = f' intent="_{_NO_NAME.sub("_", words).strip("_")}"' if misread else ""
    return f' aria-label="{escape(words)}"{intent}'


def _is_one(mathml: str) -> bool:
    return len(ET.fromstring(f"<math>{mathml}</math>")) == 1


def _sequence(tokens: deque[str], end: str = "}") -> str:
    """The words up to the token that ends a group, which is taken too."""
    words: list[str] = []
    while tokens and tokens[0] != end:
        words.append(_scripted(tokens))
    if tokens:
        tokens.popleft()
    return " ".join(word for word in words if word)


def _scripted(tokens: deque[str]) -> str:
    """One symbol with what stands above and below it, the number of the unit first."""
    words, scripts = _atom(tokens), {"^": "", "_": ""}
    while len(tokens) > 1 and tokens[0] in scripts:
        side = tokens.popleft()
        scripts[side] = _raw(tokens)
    below = scripts["_"]
    if below:
        plain = re.fullmatch(r"[\d,]+", below)
        words = f"{words} {below.replace(',', ' ') if plain else spoken(below)}"
    return _raised(words, scripts["^"])


def _raised(words: str, upper: str) -> str:
    for pattern, message in _UPPER:
        for number in pattern.findall(upper):
            words = gettext(message, symbol=words, number=number)
    return words


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


def _atom(tokens: deque[str]) -> str:
    if not tokens:
        return ""
    token = tokens.popleft()
    if token == "{":
        return _sequence(tokens)
    if token in _ACCENTS:
        return gettext(_ACCENTS[token], symbol=_atom(tokens))
    if token == r"\frac":
        return gettext("%(above)s over %(below)s", above=_atom(tokens), below=_atom(tokens))
    return _sign(token, tokens)


def _sign(token: str, tokens: deque[str]) -> str:
    if token == r"\left":
        return _between(tokens)
    if token in (r"\mathrm", r"\text"):
        return _atom(tokens)
    if token == r"\nabla":
        return gettext("gradient of")
    return "" if token in "()," else token.removeprefix("\\").removeprefix("var")


def _between(tokens: deque[str]) -> str:
    """What stands between bars is a norm."""
    bar = tokens.popleft() if tokens else ""
    inside = _sequence(tokens, r"\right")
    if tokens:
        tokens.popleft()
    return gettext("norm of %(symbol)s", symbol=inside) if bar == r"\|" else inside
