"""The pictures of a walkthrough: view models here, drawn by the templates in ``svg/``."""

from __future__ import annotations

from tracer.pictures.agreement import AgreementPicture, agreement_picture
from tracer.pictures.data import data_picture
from tracer.pictures.data_model import DataPicture
from tracer.pictures.dial import DialPicture, dial_picture
from tracer.pictures.draw import draw, in_words
from tracer.pictures.heat import HeatPicture, heat_picture
from tracer.pictures.loss import LossPicture, loss_picture
from tracer.pictures.network.model import NetworkPicture
from tracer.pictures.network.pair import PairTable, pair_table, pair_tables
from tracer.pictures.network.picture import network_picture
from tracer.pictures.network.values import cycle_values
from tracer.pictures.panels import panels
from tracer.pictures.plot.geometry import Picture
from tracer.pictures.series import series_picture
from tracer.pictures.series_model import Series, SeriesKind, SeriesPicture
from tracer.pictures.slope import SlopePicture, slope_picture
from tracer.pictures.table import PICTURES, PictureKind, kind_of

__all__ = [
    "PICTURES",
    "AgreementPicture",
    "DataPicture",
    "DialPicture",
    "HeatPicture",
    "LossPicture",
    "NetworkPicture",
    "PairTable",
    "Picture",
    "PictureKind",
    "Series",
    "SeriesKind",
    "SeriesPicture",
    "SlopePicture",
    "agreement_picture",
    "cycle_values",
    "data_picture",
    "dial_picture",
    "draw",
    "heat_picture",
    "in_words",
    "kind_of",
    "loss_picture",
    "network_picture",
    "pair_table",
    "pair_tables",
    "panels",
    "series_picture",
    "slope_picture",
]
