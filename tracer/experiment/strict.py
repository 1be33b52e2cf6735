"""The sections as models of pydantic: they check what is not plainly right, and give the schema.

A section is a subclass of :class:`tracer.experiment.section.Section`, whose keys with their types
are declared once, there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from tracer.experiment.fields import Bounds, WrongValueError


class Model(BaseModel):
    """Strict types, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def validated(section: Any, values: Mapping[str, Any]) -> Any:
    """The section that holds these values.

    Raises:
        WrongValueError: with the place of each value that is wrong.
    """
    try:
        return _section(section, model_of(section).model_validate(values))
    except ValidationError as error:
        places = [item["loc"] for item in error.errors(include_input=False)]
        raise WrongValueError(str(error), places) from None


@cache
def model_of(section: Any) -> type[BaseModel]:
    """The model whose fields are the keys of a section."""
    fields = {name: (_typed(hint), _field(section, name)) for name, hint in section.hints().items()}
    made: type[BaseModel] = create_model(  # type: ignore[call-overload]
        section.__name__, __base__=Model, __doc__=section.__doc__, **fields
    )
    return made


def _section(section: Any, model: BaseModel) -> Any:
    """What a model found right, tables inside too."""
    values = {name: getattr(model, name) for name in section.model_fields}
    for name, value in values.items():
        if isinstance(value, BaseModel):
            values[name] = _section(_inner(section.hints()[name]), value)
    return section.of_checked(values, model.model_fields_set)


def _inner(hint: Any) -> Any:
    """The section that a type names."""
    return next(one for one in _parts(hint) if _is_section(one))


def _is_section(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "model_fields")


def _parts(hint: Any) -> list[Any]:
    inside = get_args(hint)
    return [hint] if not inside else [part for one in inside for part in _parts(one)]


def _field(section: Any, name: str) -> Any:
    declared = section.model_fields[name]
    if declared.is_required:
        return Field(description=declared.description)
    if declared.default_factory is not None:
        return Field(default_factory=declared.default_factory, description=declared.description)
    return Field(default=declared.default, description=declared.description)


def _typed(hint: Any) -> Any:
    """A type as pydantic takes it: with models for sections, and its own bounds."""
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Annotated:
        said = tuple(_said(one) for one in inside[1:])
        return Annotated[(_typed(inside[0]), *said)]
    if origin in (Union, UnionType):
        return Union[tuple(_typed(one) for one in inside)]  # noqa: UP007 - of a tuple
    if origin is tuple:
        return GenericAlias(tuple, (_typed(inside[0]), ...))
    if origin is dict:
        return GenericAlias(dict, (str, _typed(inside[1])))
    return model_of(hint) if _is_section(hint) else hint


def _said(said: Any) -> Any:
    return Field(**said.given) if isinstance(said, Bounds) else said
