"""A table of the experiment file: its keys are declared once, with type, default and meaning.

The names of the methods are pydantic's. It checks whatever is not plainly right, but it is imported
only then: that alone would be a tenth of a rendering whose file has nothing wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any, ClassVar, NoReturn, Self, dataclass_transform, get_args, get_type_hints

from tracer.experiment.plain import REFUSED, Look, look_for

REQUIRED: Any = object()
"""The default of a key that has none."""


@dataclass(frozen=True)
class Key:
    """What is declared of a key: its default, or what makes it, and its meaning."""

    description: str
    default: Any = REQUIRED
    default_factory: Callable[[], Any] | None = None

    @property
    def is_required(self) -> bool:
        """Whether a table must give it."""
        return self.default is REQUIRED and self.default_factory is None

    def made(self) -> Any:
        """The default."""
        return self.default if self.default_factory is None else self.default_factory()


def key(
    *,
    description: str,
    default: Any = REQUIRED,
    default_factory: Callable[[], Any] | None = None,
) -> Any:
    """Declare a key of a section."""
    return Key(description, default, default_factory)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(key,))
class Section:
    """A table of the experiment file: strict types, no unknown keys, no change afterwards.

    Attributes:
        model_fields: what is declared of each key, in the order of the file.
        model_fields_set: the keys that were given.
    """

    model_fields: ClassVar[Mapping[str, Key]]
    model_fields_set: frozenset[str]
    _hints: ClassVar[Mapping[str, Any]]
    _looks: ClassVar[Mapping[str, Look]]

    def __init_subclass__(cls) -> None:
        """Take the declarations out of the class, so that only an instance has values."""
        cls.model_fields = {name: vars(cls)[name] for name in cls.__annotations__}
        for name in cls.model_fields:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        vars(self).update(vars(self._checked(values)))

    @classmethod
    def hints(cls) -> Mapping[str, Any]:
        """The type of each key, with all that is said beside it."""
        if "_hints" not in vars(cls):
            found = get_type_hints(cls, include_extras=True)
            cls._hints = {name: found[name] for name in cls.model_fields}
        return cls._hints

    @classmethod
    def said_of(cls, name: str) -> tuple[Any, ...]:
        """What is said of a key beside its type, such as what is expected."""
        return get_args(cls.hints()[name])[1:]

    @classmethod
    def model_validate(cls, values: Mapping[str, Any]) -> Self:
        """The section that holds these values, defaults filled in.

        Raises:
            WrongValueError: with the place of each value that is wrong.
        """
        return cls._checked(values)

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> Self:
        found: Self = cls.of_plain(values)
        if found is REFUSED:
            from tracer.experiment.strict import validated

            found = validated(cls, values)
        return found

    @classmethod
    def of_plain(cls, values: Mapping[str, Any]) -> Any:
        """The same for values that are plainly right; :data:`~plain.REFUSED` for all others."""
        if "_looks" not in vars(cls):
            cls._looks = {name: look_for(hint) for name, hint in cls.hints().items()}
        looks = cls._looks
        if not looks.keys() >= values.keys():
            return REFUSED
        found = {name: looks[name](value) for name, value in values.items()}
        missing = (name for name, one in cls.model_fields.items() if one.is_required)
        if any(one is REFUSED for one in found.values()) or any(
            one not in found for one in missing
        ):
            return REFUSED
        return cls.of_checked(found, frozenset(found))

    @classmethod
    def of_checked(cls, values: Mapping[str, Any], given: Collection[str]) -> Self:
        """The same for values that have been checked; ``given`` are the keys that were given."""
        made = cls.__new__(cls)
        for name, declared in cls.model_fields.items():
            vars(made)[name] = values[name] if name in values else declared.made()
        vars(made)["model_fields_set"] = frozenset(given)
        return made

    def model_copy(self, *, update: Mapping[str, Any]) -> Self:
        """The same with some values changed, which are not checked."""
        return self.of_checked({**self._values(), **update}, self.model_fields_set | update.keys())

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] = (),
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """The values by key; with the mode "json" lists, tables, numbers and texts only."""
        wanted = [
            name
            for name in self.model_fields
            if name not in exclude and (include is None or name in include)
        ]
        values = {name: vars(self)[name] for name in wanted}
        return {
            name: _dumped(value, mode)
            for name, value in values.items()
            if not (exclude_none and value is None)
        }

    def _values(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in self.model_fields}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({said})"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        """Refuse any change."""
        raise FrozenInstanceError(f"cannot assign to {name!r}: model_copy makes a changed section")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse any change."""
        raise FrozenInstanceError(f"cannot delete {name!r}")


def _dumped(value: Any, mode: str) -> Any:
    if isinstance(value, Section):
        return value.model_dump(mode=mode)
    if mode == "json" and isinstance(value, tuple):
        return [_dumped(item, mode) for item in value]
    return dict(value) if isinstance(value, dict) else value
