"""The table of pictures: what is drawn, and with which templates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracer.errors import Problem, RenderError
from tracer.messages import gettext
from tracer.pictures.agreement import AgreementPicture
from tracer.pictures.data_model import DataPicture
from tracer.pictures.heat import HeatPicture
from tracer.pictures.loss import LossPicture
from tracer.pictures.network.model import NetworkPicture
from tracer.pictures.plot.geometry import Picture
from tracer.pictures.series_model import SeriesPicture
from tracer.pictures.slope import SlopePicture
from tracer.registry import Registry


@dataclass(frozen=True)
class PictureKind:
    """A row of the table of pictures.

    Attributes:
        name: names its templates, and the class of its figure (``tr-NAME``).
        model: the view model that says what is drawn where.
        templates: the folder in which the templates of a row from outside stand.
    """

    name: str
    model: type[Picture]
    templates: Path | None = None

    @property
    def drawing(self) -> str:
        """The template that draws it."""
        return f"svg/{self.name}.svg.j2"

    @property
    def twin(self) -> str:
        """The template that says the same in words."""
        return f"svg/{self.name}.twin.j2"


PICTURES = Registry(
    PictureKind,
    (
        PictureKind("network", NetworkPicture),
        PictureKind("data", DataPicture),
        PictureKind("agreement", AgreementPicture),
        PictureKind("loss", LossPicture),
        PictureKind("series", SeriesPicture),
        PictureKind("slope", SlopePicture),
        PictureKind("heat", HeatPicture),
    ),
)
"""A new picture is one row, one view model, its drawing and its twin in words."""


def kind_of(picture: Picture) -> PictureKind:
    """The row for a picture.

    Raises:
        RenderError: there is none.
    """
    for model in type(picture).__mro__:
        for kind in PICTURES.values():
            if kind.model is model:
                return kind
    raise RenderError(
        Problem(
            gettext(
                "no row of the table of pictures is for a %(model)s", model=type(picture).__name__
            ),
            hint=gettext("Register a PictureKind for it (tracer.registry)."),
        )
    )
