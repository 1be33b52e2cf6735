"""Sentences for the terminal, from the templates in ``templates/terminal``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracer.messages import speaking, spoken
from tracer.numerals import exact_numeral, show

if TYPE_CHECKING:
    from jinja2 import Template

    from tracer.experiment import Experiment

DECIMALS = 4  # as many as a page shows unless told otherwise


def speak(experiment: Experiment) -> None:
    """Speak the language of an experiment's pages until the command ends.

    Raises:
        RenderError: there is no catalog of that name, or it cannot be read.
    """
    from tracer.writing.language import language_of

    context = click.get_current_context()
    context.with_resource(speaking(language_of(experiment).messages))


def worded(template: str, **context: Any) -> str:
    """The text of a template of the terminal."""
    return str(_template(f"terminal/{template}.txt.j2").render(context)).rstrip("\n")


def words(name: str) -> Any:
    """The macros and tables of words in ``templates/words``, as plain text."""
    return _template(f"words/{name}.j2").module


def _template(path: str) -> Template:
    from tracer.writing.language import Language
    from tracer.writing.templating import plain_environment

    return plain_environment(language=Language(messages=spoken())).get_template(path)


def percent(share: float) -> str:
    """A share in whole percent; only all is 100 %, and only nothing is 0 %."""
    whole = round(100 * share)
    if whole in (0, 100) and share not in (0.0, 1.0):
        whole = 1 if whole == 0 else 99
    return f"{whole} %"


def number(value: float) -> str:
    """A measured number, short."""
    exact = exact_numeral(value).text
    return exact if len(exact) <= DECIMALS + 2 else show(value, DECIMALS)


def plain(value: float) -> float | str:
    """A number for JSON: those that are not finite as "nan", "inf" and "-inf"."""
    from tracer.trace.json import json_number

    return json_number(value)
