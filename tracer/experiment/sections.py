"""Section by section: what is wrong is noted and dropped, what is right goes on to the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tracer.experiment.fields import Choice, Expected, WrongValueError
from tracer.experiment.model import (
    DataSection,
    Init,
    Layer,
    Notation,
    Pages,
    Record,
    Stop,
    Training,
)
from tracer.experiment.naming import check_title
from tracer.experiment.options import (
    OPTION_NAMES,
    SCHEDULE_OPTION_NAMES,
    check_options,
    check_schedule_options,
)
from tracer.experiment.report import KeyPath, Report
from tracer.experiment.section import Section
from tracer.experiment.words import did_you_mean, found_text, nearest

S = TypeVar("S", bound=Section)

TABLES: Mapping[str, type[Section]] = {
    "data": DataSection,
    "layers": Layer,
    "init": Init,
    "training": Training,
    "notation": Notation,
    "pages": Pages,
    "record": Record,
}
TABLES_INSIDE: Mapping[type[Section], Mapping[str, type[Section]]] = {Training: {"stop": Stop}}
REQUIRED = ("data", "layers")


@dataclass(frozen=True)
class LayerDraft:
    """What is known of a layer: None where the file is wrong or silent; `whole` if all is right."""

    units: int | None
    activation: str | None
    whole: Layer | None = None


@dataclass
class Draft:
    """The valid part of an experiment file; `broken` are the keys that cannot be relied on."""

    title: str = ""
    data: DataSection = field(default_factory=DataSection)
    layers: tuple[LayerDraft, ...] = ()
    init: Init = field(default_factory=Init)
    training: Training = field(default_factory=Training)
    notation: Notation = field(default_factory=Notation)
    pages: Pages = field(default_factory=Pages)
    record: Record = field(default_factory=Record)
    broken: set[KeyPath] = field(default_factory=set)

    def ok(self, *keys: str) -> bool:
        """Whether all these keys ("training.epochs") can be relied on."""
        paths = [tuple(key.split(".")) for key in keys]
        return not any(path[:end] in self.broken for path in paths for end in (1, 2))

    @property
    def output(self) -> LayerDraft:
        """The last layer."""
        return self.layers[-1] if self.layers else LayerDraft(None, None)


def read_sections(document: Mapping[str, Any], report: Report) -> Draft:
    """Validate every section by itself; problems go to `report`."""
    draft = Draft()
    for name in document:
        if name != "title" and name not in TABLES:
            _unknown_section(name, draft, report)
    for name in REQUIRED:
        if name not in document and (name,) not in draft.broken:
            shape = "[[layers]], one table a layer" if name == "layers" else f"a table [{name}]"
            report.add((name,), f"expected {shape}, found nothing")
            draft.broken.add((name,))
    draft.title = _title(document.get("title", ""), report)
    reader = _SectionReader(draft, report)
    draft.layers = reader.layers(document.get("layers", ()))
    draft.training = reader.training(document.get("training", {}))
    draft.data = reader.section(DataSection, "data", document)
    draft.init = reader.section(Init, "init", document)
    draft.notation = reader.section(Notation, "notation", document)
    draft.pages = reader.section(Pages, "pages", document)
    draft.record = reader.section(Record, "record", document)
    return draft


def file_keys(model: type[Section]) -> tuple[str, ...]:
    """The keys that a section may have in the file, the optimizer's and schedule's left out."""
    own = ("options", "schedule_options") if model is Training else ()
    return tuple(name for name in model.model_fields if name not in own)


class _SectionReader:
    def __init__(self, draft: Draft, report: Report) -> None:
        self.broken, self.report = draft.broken, report

    def section(self, model: type[S], name: str, document: Mapping[str, Any]) -> S:
        return self._section(model, (name,), document.get(name, {}))

    def training(self, raw: Any) -> Training:
        options: dict[str, Any] = {}
        if isinstance(raw, Mapping):
            options = {key: raw[key] for key in OPTION_NAMES if key in raw}
            raw = {key: value for key, value in raw.items() if key not in options}
        training = self._section(Training, ("training",), raw, extra=OPTION_NAMES)
        rates = {key: options.pop(key) for key in SCHEDULE_OPTION_NAMES if key in options}
        optimizer, schedule = (self._chosen(training, key) for key in ("optimizer", "schedule"))
        own = {
            "options": check_options(options, optimizer, self.report),
            "schedule_options": check_schedule_options(rates, schedule, self.report),
        }
        return training.model_copy(update=own)

    def _chosen(self, training: Training, key: str) -> str | None:
        """The name that [training] gives for a key, or its default; None where it is not known."""
        if self.broken & {("training",), ("training", key)}:
            return None
        return str(getattr(training, key))

    def layers(self, raw: Any) -> tuple[LayerDraft, ...]:
        if ("layers",) in self.broken:
            return ()
        if not isinstance(raw, (list, tuple)) or not raw:
            hint = "Write [[layers]], with two brackets." if isinstance(raw, Mapping) else None
            message = f"expected [[layers]], one table a layer, found {found_text(raw)}"
            self.report.add(("layers",), message, hint)
            self.broken.add(("layers",))
            return ()
        return tuple(self._layer(index, table) for index, table in enumerate(raw))

    def _layer(self, index: int, table: Any) -> LayerDraft:
        whole, values = self._validated(Layer, ("layers", index), table)
        return LayerDraft(values.get("units"), values.get("activation"), whole)

    def _section(self, model: type[S], path: KeyPath, raw: Any, extra: Iterable[str] = ()) -> S:
        """A section, without the keys that are wrong."""
        whole, values = self._validated(model, path, raw, extra)
        return model.model_validate(values) if whole is None else whole

    def _validated(
        self, model: type[S], path: KeyPath, raw: Any, extra: Iterable[str] = ()
    ) -> tuple[S | None, dict[str, Any]]:
        """A section where all of it is right, and its valid keys with their values."""
        if not isinstance(raw, Mapping):
            self.report.add(path, f"expected a table, found {found_text(raw)}")
            self.broken.add(path)
            return None, {}
        values = self._known(model, path, raw, extra)
        try:
            return model.model_validate(values), values
        except WrongValueError as error:
            self._note(model, path, values, error)
        return None, values

    def _known(
        self, model: type[Section], path: KeyPath, raw: Mapping[str, Any], extra: Iterable[str]
    ) -> dict[str, Any]:
        """The keys that the section may have, its tables' keys too; every other is noted."""
        names = file_keys(model)
        for key in raw:
            if key not in names:
                self._unknown_key(key, (*names, *extra), path)
        values = {key: _frozen(raw[key]) for key in names if key in raw}
        for key, inner in TABLES_INSIDE.get(model, {}).items():
            if isinstance(values.get(key), Mapping):
                values[key] = self._known(inner, (*path, key), values[key], ())
        return values

    def _note(
        self, model: type[Section], path: KeyPath, values: dict[str, Any], error: WrongValueError
    ) -> None:
        """Note every problem that pydantic located, and drop the keys that have one."""
        places = dict(_place(values, location) for location in error.places)
        around = {place[:end] for place in places for end in range(1, len(place))}
        for alike in _alike(model, {k: v for k, v in places.items() if k not in around}):
            place = alike[0]
            self._invalid_value(model, path, place, places[place], len(alike) - 1)
        for place in places:
            _, table = _key_of(model, place)
            inside = values[str(table[0])] if len(table) > 1 else values
            inside.pop(str(table[-1]), None)
            self.broken.add((*path, *table))

    def _invalid_value(
        self, model: type[Section], path: KeyPath, place: KeyPath, value: Any, more: int
    ) -> None:
        """Note a wrong value, and how many more like it the same key holds."""
        owner, key = _key_of(model, place)
        said = owner.said_of(str(key[-1]))
        expected = next(item for item in said if isinstance(item, (Expected, Choice)))
        others = f" (and {more} more like it)" if more else ""
        message = f"expected {expected.text}, found {found_text(value)}{others}"
        hint = expected.hint(value, inside=len(place) > len(key))
        self.report.add((*path, *place), message, hint)

    def _unknown_key(self, key: Any, names: tuple[str, ...], path: KeyPath) -> None:
        hint = _home(key) or did_you_mean(key, names)
        message = f"expected one of the keys {', '.join(names)}; found {found_text(key)}"
        self.report.add((*path, str(key)), message, hint)
        meant = nearest(key, names)
        if meant is not None:
            self.broken.add((*path, meant))


def _unknown_section(name: Any, draft: Draft, report: Report) -> None:
    names = ("title", *TABLES)
    message = f"expected title or one of the tables {', '.join(TABLES)}; found {found_text(name)}"
    report.add((str(name),), message, _home(name) or did_you_mean(name, names))
    meant = nearest(name, names)
    if meant is not None:
        draft.broken.add((meant,))


def _home(key: Any) -> str | None:
    """The hint for a key that stands in the wrong section."""
    homes = [f"[{name}]" for name, model in TABLES.items() if key in file_keys(model)]
    if key in OPTION_NAMES:
        homes.append("[training]")
    if key == "title":
        homes.append("the top of the file, before every [section]")
    return f"{key} belongs to {' or '.join(homes)}." if homes else None


def _title(value: Any, report: Report) -> str:
    if isinstance(value, str):
        title = " ".join(value.split())
        check_title(title, report)
        return title
    report.add(("title",), f"expected text in quotes, found {found_text(value)}")
    return ""


def _key_of(model: type[Section], place: KeyPath) -> tuple[type[Section], KeyPath]:
    """The section that a place in a section belongs to, which may be a table in it; and its key."""
    inner = TABLES_INSIDE.get(model, {}).get(str(place[0]))
    return (model, place[:1]) if inner is None or len(place) == 1 else (inner, place[:2])


def _alike(model: type[Section], places: Mapping[KeyPath, Any]) -> list[list[KeyPath]]:
    """Places together whose values are wrong in the same way: same key, depth and type."""
    groups: dict[tuple[Any, ...], list[KeyPath]] = {}
    for place, value in places.items():
        _, key = _key_of(model, place)
        # In two places of a list of names the names differ: each deserves its own line.
        own = found_text(value) if len(place) < len(key) + 1 else type(value)
        groups.setdefault((key, len(place), own), []).append(place)
    return list(groups.values())


def _place(values: Any, location: tuple[Any, ...]) -> tuple[KeyPath, Any]:
    """Where in the values pydantic means; its names of a union's members are passed over."""
    place: KeyPath = ()
    for part in location:
        inside = isinstance(values, Mapping) and part in values
        if inside or (isinstance(values, tuple) and isinstance(part, int) and part < len(values)):
            place, values = (*place, part), values[part]
    if not place:  # A key that is missing.
        return (location[0],), None
    return place, values


def _frozen(value: Any, depth: int = 4) -> Any:
    if isinstance(value, (list, tuple)) and depth:
        return tuple(_frozen(item, depth - 1) for item in value)
    return value
