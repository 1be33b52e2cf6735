"""Jinja over the project's templates: everything that is emitted is worded there."""

from __future__ import annotations

import marshal
import os
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from importlib.resources import files
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
)
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from tracer.catalog.optimizer import Symbol
from tracer.catalog.optimizers import OPTIMIZERS
from tracer.experiment.dataset import Story
from tracer.files.keeping import cache_folder
from tracer.files.packs import Pack, code_pack, pack, worked_out
from tracer.numerals import label_text, show
from tracer.registry import template_folders
from tracer.typeset.named import shown_as
from tracer.typeset.spoken import heading
from tracer.writing.compiling import PageEnvironment
from tracer.writing.context import marked
from tracer.writing.drawing import PictureSetter
from tracer.writing.foreign import isolated
from tracer.writing.language import ENGLISH, Finish, Language, Messages, speak
from tracer.writing.lines import LineSetter, one_line
from tracer.writing.passes import PassSetter
from tracer.writing.positions import lines_only
from tracer.writing.tables import TableSetter

if TYPE_CHECKING:
    from tracer.experiment import Experiment

_OPTIONS: dict[str, Any] = {
    "undefined": StrictUndefined,
    "autoescape": True,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "optimized": False,  # Python folds constants too; Jinja takes a tenth more time for it
}
BUILT_IN = str(files("tracer.templates"))
KEEPS, PARTS = "keeps_words", "parts_of_texts"
NO_STORY = Story()
_PUNCTUATION = {ord(sign): f"&#{ord(sign)};" for sign in string.punctuation if sign not in ",;"}
_TAG = re.compile(r"(<[^<>]*>)")
#: Words that begin with a letter: YAML reads them as a text, but for one that stands alone and is
#: a truth or nothing to it.
_BARE = re.compile(
    r"(?!(?:yes|no|on|off|true|false|null|y|n)\Z)[A-Za-z][A-Za-z0-9]*,?(?: [A-Za-z0-9]+,?)*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class DataTemplates:
    """A folder of templates that data names, not the user: they run in a sandbox."""

    folder: Path


def environment(
    extra: Path | DataTemplates | None = None, language: Language = ENGLISH
) -> Environment:
    """The template environment; templates under ``extra`` come before the built-in ones.

    A template that replaces a built-in one may extend it as ``tracer/pages/task.md.j2``. A folder
    that the user gives by hand is trusted, one that data names is not: see
    :mod:`tracer.writing.sandbox`. Templates of registered pages and pictures come last.
    """
    built_in = FileSystemLoader(BUILT_IN)
    loaders: list[BaseLoader] = [built_in, *_registered(), PrefixLoader({"tracer": built_in})]
    made = _empty(extra, loaders)
    speak(made, language, cast("Finish", made.finalize))
    if isinstance(made, PageEnvironment):
        made.messages = Messages(language.messages)
    made.filters["md"] = escape_markdown
    made.filters["line"] = lambda text: marked(Markup, one_line(text))
    made.filters["yaml"] = yaml_text
    made.filters["scalar"] = yaml_scalar
    made.filters["label"] = made.filters["quoted"] = made.filters["as_written"] = labels_text
    made.filters["column"] = str
    made.filters["symbol"] = shown_as
    made.filters["heading"] = heading
    made.filters["variable"] = variable_of
    made.globals.update(_setters(PictureSetter(extra is None)))
    return made


def _setters(pictures: PictureSetter) -> dict[str, Any]:
    """What sets lines and pictures; it keeps what templates say if they are tracer's own."""
    keeps = pictures.keeps
    tables = TableSetter(keeps)
    lines = PassSetter(LineSetter(keeps), tables)
    parts = {"set_layers": lines.layer_parts, "set_pass": lines.whole_parts}
    return {KEEPS: keeps, PARTS: parts, **lines.functions, **tables.functions, **pictures.functions}


def _registered() -> list[BaseLoader]:
    """The folders in which the templates of pages and pictures from outside stand."""
    return [FileSystemLoader(folder) for folder in template_folders()]


def _empty(extra: Path | DataTemplates | None, loaders: list[BaseLoader]) -> Environment:
    if isinstance(extra, DataTemplates):
        from tracer.writing.sandbox import DataEnvironment, DataLoader

        loader = ChoiceLoader([DataLoader(str(extra.folder)), *loaders])
        limited = DataEnvironment(loader=loader, **_OPTIONS)
        limited.finalize = lambda value: limited.budget.said(isolated(value))
        return limited
    own = [FileSystemLoader(str(extra))] if extra else []
    made = PageEnvironment(loader=ChoiceLoader([*own, *loaders]), finalize=isolated, **_OPTIONS)
    made.bytecode_cache = compiled()
    return made


class Kept(BytecodeCache):
    """Jinja's compiled templates: tracer's own with its code, others with what runs worked out.

    ``kind`` tells apart what is compiled of the same source with other options. The walkthroughs
    of one process share them as they are: each has an environment of its own.
    """

    def __init__(self, kind: str = "template") -> None:
        self.kind = kind
        self.packs: dict[str, Pack] = {}
        self._names: frozenset[str] = frozenset()
        self._take: Callable[[], Mapping[str, Any]] = dict

    @contextmanager
    def promised(
        self, names: Iterable[str], take: Callable[[], Mapping[str, Any]]
    ) -> Iterator[None]:
        """Meanwhile, ask ``take`` for the code of these templates once one of them is wanted."""
        self._names, self._take = frozenset(names), take
        try:
            yield
        finally:
            self._names = frozenset()

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        """The place of a template's code, filled if it is kept."""
        if name in self._names:
            self._names = frozenset()
            for code, value in self._take().items():
                code_pack().add(code, value)
        is_own = filename is not None and filename.startswith(BUILT_IN + os.sep)
        key = self.get_cache_key(name, filename)
        self.packs[key] = code_pack() if is_own else pack()
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the code of the template of this name and source, if it is kept."""
        key, kept = self._key(bucket), self.packs[bucket.key]
        bucket.code = kept.codes.get(key)
        if bucket.code is None and (found := kept.find(key)) is not None:
            bucket.code = kept.codes[key] = code_in(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        key, kept = self._key(bucket), self.packs[bucket.key]
        kept.codes[key] = bucket.code
        kept.add(key, marshal.dumps(lines_only(cast("CodeType", bucket.code))))

    def _key(self, bucket: Bucket) -> str:
        return f"{self.kind}-code-{bucket.key}-{bucket.checksum}"


def code_in(content: bytes) -> CodeType | None:
    """Code as it was kept: read from memory at once, where Jinja reads it byte by byte as a file.

    None for what is no code; a pack belongs to one version of Python and of Jinja.
    """
    try:
        found = marshal.loads(content)  # the folder is the user's own: see keeping
    except (EOFError, ValueError, TypeError):
        return None
    return found if isinstance(found, CodeType) else None


def compiled(kind: str = "template") -> BytecodeCache | None:
    """Where compiled templates are kept, by the ``kind`` of code that is made of them."""
    # Without the sandbox only: what that compiles differs, under the same name.
    return Kept(kind) if cache_folder() else None


def plain_environment(extra: Path | None = None, language: Language = ENGLISH) -> Environment:
    """The same for plain text, in which nothing is escaped."""
    made = environment(extra, language)
    return made.overlay(autoescape=False, bytecode_cache=compiled("plain"))


def start_page(env: Environment) -> None:
    """Let a page of templates that data names spend anew what one page may spend.

    Others may take over the macros of the page before.
    """
    budget = getattr(env, "budget", None)
    if budget is not None:
        budget.refill()
    elif isinstance(env, PageEnvironment):
        env.turn()


def of_experiment(env: Environment, experiment: Experiment) -> Environment:
    """The environment for one experiment.

    Its filter ``num`` shows a number with the experiment's digits, ``label`` a class and ``column``
    a column in the words that its author gave them; ``quoted`` is a class for a
    sentence, and ``as_written`` a class as the table has it.
    """
    made, story = env.overlay(), experiment.dataset.story
    made.filters = {
        **env.filters,
        "num": partial(_show, decimals=experiment.pages.decimals),
        "label": partial(labels_text, story=story),
        "quoted": partial(quoted_text, story=story),
        "column": story.titled,
    }
    pictures = PictureSetter(env.globals[KEEPS] is True)
    setters = _setters(pictures)
    drawn = {"draw": partial(pictures.draw, made)}
    parts = {**setters[PARTS], "draw": partial(pictures.draw_parts, made)}
    made.globals = {**env.globals, **setters, **drawn, PARTS: parts}
    return made


def escape_markdown(text: Any) -> Markup:
    """User text, or HTML that is marked as such, as Markdown that shows exactly that text.

    Every sign that any Markdown gives a meaning to becomes an entity: dialects differ in what a
    backslash escapes, and read all entities alike.
    """
    if not isinstance(text, Markup):
        return Markup(_as_entities(isolated(str(text))))
    parts = _TAG.split(" ".join(str(text).split()))
    said = (part if part.startswith("<") else _as_entities(unescape(part)) for part in parts)
    return Markup("".join(said))


def _as_entities(text: str) -> str:
    words = re.split(r"(\s+)", text)
    return "".join(" " if word.isspace() else word.translate(_PUNCTUATION) for word in words)


@dataclass(frozen=True)
class Variable:
    """What an optimizer's row says of a name: what it is (a key of the words) and its symbol."""

    kind: str
    symbol: Symbol


def variable_of(name: str, optimizer: str) -> Variable:
    """What the row of an optimizer says of an option or a variable.

    A variable of other optimizers is what the first of them says.
    """
    rows = [OPTIMIZERS[optimizer], *OPTIMIZERS.values()]
    own = (row for row in rows if name in (*row.variables, *row.options))
    row = next(own, rows[0])
    return Variable(row.keeps.get(name, ""), row.symbol(name))


def labels_text(label: Any, story: Story = NO_STORY) -> str:
    """A label of the data table, or several."""
    labels = label if isinstance(label, list | tuple) else (label,)
    return ", ".join(label_text(story.label(part), isolated) for part in labels)


def quoted_text(label: Any, story: Story) -> str:
    """The same for the middle of a sentence: words of the author's stand in quotation marks."""
    labels = label if isinstance(label, list | tuple) else (label,)
    return ", ".join(
        f"“{words}”" if (words := labels_text(part, story)) != labels_text(part) else words
        for part in labels
    )


def yaml_text(text: Any) -> Markup:
    """A string as a quoted YAML scalar that stands for the same text in HTML."""
    one = " ".join(str(escape(isolated(text))).split())
    escaped = one.replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in escaped)
    return Markup(f'"{plain}"')


def yaml_scalar(text: Any) -> Markup:
    """The same without quotes where YAML reads the bare words as this very text."""
    bare = str(escape(isolated(text)))
    if _BARE.fullmatch(bare):
        return Markup(bare)
    is_read = worked_out(partial(_is_read_bare, bare), "yaml-bare", bare)
    return Markup(bare) if is_read else yaml_text(text)


def _is_read_bare(bare: str) -> bool:
    """Whether YAML reads bare words in a list as this very text."""
    import yaml

    try:
        return bool(yaml.safe_load(f"- {bare}") == [bare])
    except (yaml.YAMLError, ValueError):
        return False


def _show(value: float, decimals: int) -> str:
    return show(float(value), decimals)
