"""What a key of the experiment file may hold, and how that is said when it holds something else."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tracer.experiment.advice import advice
from tracer.experiment.arrayrows import ArrayRows
from tracer.experiment.words import did_you_mean, list_text

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidatorFunctionWrapHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Metadata of a type: what its values keep within; named as pydantic names it."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    pattern: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The bounds that there are."""
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: bound for name, bound in known.items() if bound is not None}

    def holds(self, value: Any) -> bool:
        """Whether a value keeps within them, which nothing (None) never does."""
        return value is not None and all(
            _WITHIN[name](value, bound) for name, bound in self.given.items()
        )


_WITHIN: Mapping[str, Callable[[Any, Any], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
    "min_length": lambda value, least: len(value) >= least,
    "pattern": lambda value, pattern: re.fullmatch(pattern, value) is not None,
}


class WrongValueError(ValueError):
    """Values that a section cannot hold; ``places`` says where in the section each stands."""

    def __init__(self, message: str, places: Sequence[tuple[Any, ...]]) -> None:
        super().__init__(message)
        self.places = tuple(places)


@dataclass(frozen=True)
class Expected:
    """Metadata of a field: the end of the sentence "expected …"."""

    text: str

    def hint(self, found: Any, *, inside: bool = False) -> str | None:
        """Advice for a wrong value, or for a wrong item of a list."""
        return advice(self.text, found, inside=inside)


@dataclass(frozen=True, eq=False)
class Choice:
    """Metadata of a field that holds one of a few names; a table's names may grow in number."""

    table: Iterable[str]
    besides: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names, as many as there are by now."""
        return (*self.table, *self.besides)

    @property
    def text(self) -> str:
        """The end of the sentence "expected …"."""
        return ("one of " if len(self.names) > 1 else "") + list_text(self.names)

    def hint(self, found: Any, *, inside: bool = False) -> str | None:
        """Advice for a wrong value."""
        return did_you_mean(found, self.names)

    def holds(self, value: str) -> bool:
        """Whether it is one of the names."""
        return value in self.names

    def check(self, value: str) -> str:
        """Return a valid name; raises pydantic's error for any other."""
        from pydantic_core import PydanticCustomError

        if not self.holds(value):
            raise PydanticCustomError("choice", "expected a valid name")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "enum": list(self.names)}


MAX_UNITS = 10_000  # far beyond what a page can show; a slip of the pen must not fill the memory
# likewise: the smallest network already trains a minute and more with so many
MAX_EPOCHS = 1_000_000

Label = int | float | str
Text = Annotated[str, Bounds(min_length=1), Expected("text in quotes")]
Flag = Annotated[bool, Expected("true or false")]
Number = Annotated[float, Expected("a number")]
Positive = Annotated[float, Bounds(gt=0), Expected("a number above 0")]
NotNegative = Annotated[float, Bounds(ge=0), Expected("a number of at least 0")]
Units = Annotated[
    int, Bounds(ge=1, le=MAX_UNITS), Expected(f"a whole number from 1 to {MAX_UNITS}")
]
Epochs = Annotated[
    int, Bounds(ge=1, le=MAX_EPOCHS), Expected(f"a whole number from 1 to {MAX_EPOCHS}")
]
Seed = Annotated[
    int, Bounds(ge=0, lt=2**63), Expected("a whole number of at least 0 (and below 2 to the 63rd)")
]
Spread = Annotated[float, Bounds(gt=0, le=1e300), Expected("a number of at most 1e300 and above 0")]
Count = Annotated[
    int,
    Bounds(ge=1, lt=2**63),
    Expected("a whole number (below 2 to the 63rd) of at least 1"),
]
BatchSize = Annotated[
    Annotated[int, Bounds(ge=1)] | Literal["all"],
    Expected('a whole number of at least 1, or "all"'),
]
EpochNumbers = Annotated[
    tuple[Annotated[int, Bounds(ge=1)], ...], Expected("a list of epochs, counted from 1")
]
EpochChoice = Annotated[
    Literal["all"] | tuple[Annotated[int, Bounds(ge=1)], ...] | None,
    Expected('"all", or a list of epochs, counted from 1'),
]
Names = tuple[Annotated[str, Bounds(min_length=1)], ...]
Wording = dict[str, Annotated[str, Bounds(min_length=1)]]


@dataclass(frozen=True)
class Whole:
    """Metadata of a type: values of this class are right, and are not looked at one by one."""

    whole: type

    def check(self, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Return the value; raises pydantic's error where it is wrong."""
        return value if isinstance(value, self.whole) else handler(value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_wrap_validator_function(self.check, handler(source))


Rows = Annotated[tuple[tuple[Any, ...], ...], Whole(ArrayRows)]
RowNumbers = tuple[Annotated[int, Bounds(ge=1)], ...]
Vector = tuple[float, ...]
Vectors = tuple[Vector, ...]
Matrices = tuple[Vectors, ...]
