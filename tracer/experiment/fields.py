"""What a key of the experiment file may hold, and how that is said when it holds something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from tracer.experiment.advice import advice
from tracer.experiment.arrayrows import ArrayRows
from tracer.experiment.words import did_you_mean, list_text


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

    @property
    def names(self) -> tuple[str, ...]:
        """The names, as many as there are by now."""
        return tuple(self.table)

    @property
    def text(self) -> str:
        """The end of the sentence "expected …"."""
        return ("one of " if len(self.names) > 1 else "") + list_text(self.names)

    def hint(self, found: Any, *, inside: bool = False) -> str | None:
        """Advice for a wrong value."""
        return did_you_mean(found, self.names)

    def check(self, value: str) -> str:
        """Return a valid name; raises pydantic's error for any other."""
        if value not in self.names:
            raise PydanticCustomError("choice", "expected a valid name")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "enum": list(self.names)}


MAX_UNITS = 10_000  # far beyond what a page can show; a slip of the pen must not fill the memory
# likewise: the smallest network already trains a minute and more with so many
MAX_EPOCHS = 1_000_000

Label = int | float | str
Text = Annotated[str, Field(min_length=1), Expected("text in quotes")]
Flag = Annotated[bool, Expected("true or false")]
Number = Annotated[float, Expected("a number")]
Positive = Annotated[float, Field(gt=0), Expected("a number above 0")]
NotNegative = Annotated[float, Field(ge=0), Expected("a number of at least 0")]
Units = Annotated[int, Field(ge=1, le=MAX_UNITS), Expected(f"a whole number from 1 to {MAX_UNITS}")]
Epochs = Annotated[
    int, Field(ge=1, le=MAX_EPOCHS), Expected(f"a whole number from 1 to {MAX_EPOCHS}")
]
Seed = Annotated[
    int, Field(ge=0, lt=2**63), Expected("a whole number of at least 0 (and below 2 to the 63rd)")
]
Spread = Annotated[float, Field(gt=0, le=1e300), Expected("a number of at most 1e300 and above 0")]
Count = Annotated[
    int,
    Field(ge=1, lt=2**63),
    Expected("a whole number (below 2 to the 63rd) of at least 1"),
]
BatchSize = Annotated[
    Annotated[int, Field(ge=1)] | Literal["all"],
    Expected('a whole number of at least 1, or "all"'),
]
EpochNumbers = Annotated[
    tuple[Annotated[int, Field(ge=1)], ...], Expected("a list of epochs, counted from 1")
]
EpochChoice = Annotated[
    Literal["all"] | tuple[Annotated[int, Field(ge=1)], ...] | None,
    Expected('"all", or a list of epochs, counted from 1'),
]
Names = tuple[Annotated[str, Field(min_length=1)], ...]
Wording = dict[str, Annotated[str, Field(min_length=1)]]


def _rows(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """Rows of an array are rows already, and are not looked at one by one."""
    return value if isinstance(value, ArrayRows) else check(value)


Rows = Annotated[tuple[tuple[Any, ...], ...], WrapValidator(_rows)]
RowNumbers = tuple[Annotated[int, Field(ge=1)], ...]
Vector = tuple[float, ...]
Vectors = tuple[Vector, ...]
Matrices = tuple[Vectors, ...]
