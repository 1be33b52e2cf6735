"""What a template does with the values that it is given, noted while it renders one page.

Every value is wrapped. What the template asks of one is noted as a statement of Python, what it
decides by one as a condition, and what it shows of one leaves a mark in the text. So the text of
another page for which the conditions hold is the same text, with that page's own values at the
marks. What cannot be followed in this way raises :class:`Unfollowed`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from math import isnan
from typing import Any, NoReturn, Protocol

from markupsafe import Markup

from tracer.pages.desk import Desk
from tracer.writing.context import PageMacro
from tracer.writing.foreign import put
from tracer.writing.remembered import SAYS, Remembered
from tracer.writing.stencils import EDGE, mark

KIND = "seen"
MARKS = re.compile(f"{EDGE}{KIND}(\\d+){EDGE}")
"""The mark of a value that a template shows."""
SIMPLE = (str, int, float, bool, type(None))
"""What is compared as a whole where a template looks into it."""
PIECE = "piece"


class Unfollowed(Exception):  # noqa: N818 - nothing is wrong: the page is rendered as usual
    """A template does something with a value that cannot be noted."""


class Book(Protocol):
    """What the statements ask for beside the values of a page."""

    def late(self, template: str, name: str) -> Any:
        """A macro of a template, whatever the page."""

    def region(self, template: str, name: str) -> Callable[[Mapping[str, Any]], str]:
        """A part of the page with shapes of its own."""

    @property
    def remembered(self) -> Remembered:
        """What other pages were told."""


class Notes:
    """The statements that lead from the values of a page to what it shows, in their order.

    ``lines`` are pairs of the name that a statement gives a value to ("" for a condition) and its
    text; ``values`` is what stands at each mark: the name of the value, and the value itself.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.constants: dict[str, str] = {}
        self.lines: list[tuple[str, str]] = []
        self.names: dict[str, str] = {}
        self.values: list[tuple[str, Any]] = []
        self.places: dict[str, int] = {}
        self.clean: set[str] = set()
        self.smooth: set[str] = set()
        self.lists: set[str] = set()

    def seen(self, code: str, value: Any) -> Seen:
        """A value that a statement finds."""
        name = self.names.get(code)
        if name is None:
            name = self.names[code] = f"v{len(self.names)}"
            self.lines.append((name, code))
        return Seen(self, name, value)

    def is_clean(self, name: str) -> bool:
        """Whether something is known to be HTML on one line, without blanks at its ends."""
        return name in self.clean

    def condition(self, code: str) -> None:
        """What holds on every page of this shape."""
        if code not in self.names:
            self.names[code] = ""
            self.lines.append(("", code))

    def mark(self, name: str, value: Any) -> Markup:
        """The mark of a value that is shown."""
        if name not in self.places:
            self.places[name] = len(self.values)
            self.values.append((name, value))
        return mark(KIND, self.places[name])

    def code(self, item: Any) -> str:
        """How a value is written in a statement."""
        kind = type(item)
        if isinstance(item, Seen):
            return item.seen_as
        if kind in (str, Markup) and EDGE in item:
            return self._text(item)
        if kind is dict or kind in (list, tuple):
            return self._whole(item)
        return self._same(item)

    def _same(self, item: Any) -> str:
        """What is the same on every page of this shape."""
        kind = type(item)
        if kind is PageMacro:
            return self.constant(f"late{place_of(item)!r}")
        if kind is Markup:
            return self.constant(f"Markup({str(item)!r})")
        if kind not in SIMPLE or (kind is float and isnan(item)):
            raise Unfollowed(f"a {kind.__name__} in a call")
        return repr(item)

    def _whole(self, item: Any) -> str:
        """What has parts."""
        if isinstance(item, dict):
            pairs = [f"{key!r}: {self.code(value)}" for key, value in item.items()]
            code = f"{{{', '.join(pairs)}}}"
            return code if self.has_seen(item) else self.constant(code)
        parts = "".join([f"{self.code(part)}, " for part in item])
        return f"[{parts}]" if isinstance(item, list) else f"({parts})"

    def constant(self, code: str) -> str:
        """The name of what is the same on all pages."""
        return self.constants.setdefault(code, f"k{len(self.constants)}")

    def _text(self, text: str) -> str:
        """A text with marks, each with its value put in."""
        parts = MARKS.split(text)
        for k, part in enumerate(parts[1::2]):
            parts[2 * k + 1] = f"put({self.values[int(part)][0]})"
        parts[::2] = [repr(str(part)) for part in parts[::2]]
        return f"{type(text).__name__}(''.join(({', '.join(parts)},)))"

    def real(self, item: Any) -> Any:
        """A value as it is, without what it is wrapped in."""
        kind = type(item)
        if kind is Seen:
            return item.seen_value
        if kind is PageMacro:
            return self.book.late(*place_of(item))
        if kind in (str, Markup) and EDGE in item:
            return kind(MARKS.sub(lambda found: put(self.values[int(found[1])][1]), item))
        if kind is dict:
            return {key: self.real(value) for key, value in item.items()}
        if kind in (list, tuple):
            return kind([self.real(part) for part in item])
        return item

    def called(self, code: str, do: Callable[..., Any], *args: Any, **more: Any) -> Seen:
        """What a function makes of values, some of which are wrapped."""
        said = [self.code(item) for item in args]
        said += [f"{key}={self.code(item)}" for key, item in more.items()]
        plain = [self.real(item) for item in args]
        value = do(*plain, **{key: self.real(item) for key, item in more.items()})
        if isinstance(value, Iterator):
            return self.seen(f"tuple({code}({', '.join(said)}))", tuple(value))
        return self.seen(f"{code}({', '.join(said)})", value)

    def symbol(
        self, method: str, name: str, desk: Desk, args: tuple[Any, ...], more: dict[str, Any]
    ) -> Seen:
        """What a desk says in symbols, which is remembered where only a reference is another."""
        symbols = self.book.remembered.symbols(desk)
        of = self.seen(f"symbols({method}.__self__)", symbols).seen_as
        if name == "symbol_of":
            return self.called(f"{of}.of", symbols.of, *args, **more)
        if any(map(self.has_seen, (*args, *more.values()))):
            return self.called(method, getattr(desk, name), *args, **more)
        key = name, args, tuple(more.items())
        return self.seen(f"{of}[{self.code(key)}]", symbols[key])

    def has_seen(self, item: Any) -> bool:
        """Whether there is a wrapped value, or its mark, in something."""
        kind = type(item)
        if kind is Seen:
            return True
        if kind in (str, Markup):
            return EDGE in item
        if kind is dict:
            return any(map(self.has_seen, item.values()))
        return kind in (list, tuple) and any(map(self.has_seen, item))

    def pinned(self, item: Any) -> Any:
        """A value as it is, the same on every page of this shape."""
        if type(item) is Seen:
            return item.seen_pinned()
        if type(item) in (str, Markup) and EDGE in item:
            for place in MARKS.findall(item):
                Seen(self, *self.values[int(place)]).seen_pinned()
            return self.real(item)
        return item


def place_of(macro: PageMacro) -> tuple[str, str]:
    """The template that defines a macro, and its name there."""
    return macro.func.__globals__["name"], macro.name


class Seen:
    """A value that a template is given: what is asked of it is noted."""

    __slots__ = ("seen_as", "seen_by", "seen_value")

    def __init__(self, notes: Notes, name: str, value: Any) -> None:
        self.seen_by, self.seen_as, self.seen_value = notes, name, value

    def __getattr__(self, name: str) -> Any:
        """An attribute; a template asks for none that begins with an underscore."""
        if name.startswith(("_", "jinja_", "contextfunction")):
            raise AttributeError(name)
        code = f"{self.seen_as}.{name}"
        try:
            value = getattr(self.seen_value, name)
        except AttributeError:
            self.seen_by.condition(f"not(hasattr({self.seen_as}, {name!r}))")
            raise
        return self.seen_by.seen(code, value)

    def __getitem__(self, key: Any) -> Any:
        """An item."""
        try:
            value = self.seen_value[self.seen_by.real(key)]
        except (AttributeError, LookupError, TypeError):
            self.seen_by.condition(f"lacks({self.seen_as}, {self.seen_by.code(key)})")
            raise
        return self.seen_by.seen(f"{self.seen_as}[{self.seen_by.code(key)}]", value)

    def __call__(self, *args: Any, **more: Any) -> Seen:
        """What a function of a page says."""
        notes, owner = self.seen_by, getattr(self.seen_value, "__self__", None)
        name = getattr(self.seen_value, "__name__", "")
        if isinstance(owner, Desk) and name in SAYS:
            return notes.symbol(self.seen_as, name, owner, args, more)
        return notes.called(self.seen_as, self.seen_value, *args, **more)

    def __bool__(self) -> bool:
        """Whether it is true, which decides what the template says."""
        found = bool(self.seen_value)
        self.seen_by.condition(self.seen_as if found else f"not({self.seen_as})")
        return found

    def __len__(self) -> int:
        """How many there are."""
        self.seen_by.condition(f"len({self.seen_as}) == {len(self.seen_value)}")
        return len(self.seen_value)

    def __iter__(self) -> Iterator[Any]:
        """One after the other: on every page of this shape there are as many."""
        notes, value = self.seen_by, self.seen_value
        is_row = isinstance(value, list | tuple)
        row = self if is_row else notes.seen(f"tuple({self.seen_as})", tuple(value))
        return iter([row[k] for k in range(len(row))])

    def keys(self) -> Any:
        """The names of a mapping, the same on every page of this shape."""
        if not isinstance(self.seen_value, Mapping):
            return self.__getattr__("keys")()
        found = tuple(self.seen_value)
        self.seen_by.condition(f"tuple({self.seen_as}) == {self.seen_by.code(found)}")
        return found

    def __contains__(self, item: Any) -> bool:
        """Whether something is in it."""
        notes = self.seen_by
        found = notes.real(item) in self.seen_value
        notes.condition(f"{notes.code(item)} {'in' if found else 'not in'} {self.seen_as}")
        return found

    def __eq__(self, other: object) -> bool:
        """Whether it is the same as something."""
        return self._compared("==", self.seen_value == self.seen_by.real(other), other)

    def __lt__(self, other: Any) -> bool:
        """Whether it is less than something."""
        return self._compared("<", self.seen_value < self.seen_by.real(other), other)

    def __gt__(self, other: Any) -> bool:
        """Whether it is more than something."""
        return self._compared(">", self.seen_value > self.seen_by.real(other), other)

    def __le__(self, other: Any) -> bool:
        """Whether it is not more than something."""
        return self._compared("<=", self.seen_value <= self.seen_by.real(other), other)

    def __ge__(self, other: Any) -> bool:
        """Whether it is not less than something."""
        return self._compared(">=", self.seen_value >= self.seen_by.real(other), other)

    def __hash__(self) -> int:
        """The place of a value in a mapping: it is the same on every page of this shape."""
        return hash(self.seen_pinned())

    def __html__(self) -> str:
        """A mark where it is shown."""
        return self.seen_by.mark(self.seen_as, self.seen_value)

    def __str__(self) -> str:
        """A mark where it becomes part of a text, of a value that HTML shows as it is."""
        self.seen_by.condition(f"put({self.seen_as}) == str({self.seen_as})")
        return self.seen_by.mark(self.seen_as, self.seen_value)

    def seen_pinned(self) -> Any:
        """Its value, the same on every page of this shape."""
        value, notes = self.seen_value, self.seen_by
        if type(value) not in SIMPLE:
            raise Unfollowed(f"a {type(value).__name__} is looked into")
        notes.condition(f"type({self.seen_as}) is type({value!r}) and {self.seen_as} == {value!r}")
        return value

    def _compared(self, sign: str, found: Any, other: Any) -> bool:
        code = f"{self.seen_as} {sign} {self.seen_by.code(other)}"
        self.seen_by.condition(code if found else f"not({code})")
        return bool(found)

    def _computed(self, _: object) -> NoReturn:
        raise Unfollowed("a template computes")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = _computed
