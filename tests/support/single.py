"""Single pages, without the walkthrough around them: cheap enough for many experiments."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from tracer.experiment import Experiment
from tracer.pages import context_of as full_context
from tracer.pages import kinds
from tracer.pages.walk import Walk
from tracer.pictures import draw, in_words
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.site import voice_of
from tracer.writing.templating import environment, of_experiment
from tracer.writing.tidying import tidy

TAG = re.compile(r"<[^>]+>")


def walk_of(experiment: Mapping[str, Any] | Trace, math: str = "latex") -> Walk:
    """The walkthrough of an experiment's mapping, trained with all that its pages compare."""
    trace = experiment if isinstance(experiment, Trace) else run(made(experiment))
    voice = voice_of(trace.experiment)
    return Walk(trace, study(trace), math, kinds(), voice=voice)


def made(mapping: Mapping[str, Any]) -> Experiment:
    """The experiment of a mapping."""
    return Experiment.from_mapping({"title": "A test", **mapping})


def context_of(walk: Walk, slug: str) -> Mapping[str, Any]:
    """What the template of the page at ``slug`` is given."""
    kind = walk.at(slug).kind
    return next(context for found, context in kind.build(walk) if found == slug)


def markdown_of(walk: Walk, slug: str) -> str:
    """The page at ``slug`` as it is written."""
    context, trace = context_of(walk, slug), walk.trace
    env = of_experiment(environment(), trace.experiment)
    env.globals["draw"] = partial(draw, env)
    env.globals["in_words"] = partial(in_words, env)
    template = env.get_template(walk.at(slug).kind.template)
    return tidy(template.render(full_context(walk, slug, context)))


def text_of(walk: Walk, slug: str) -> str:
    """The page at ``slug`` as its words are read, on one line; cells of tables end with a bar."""
    cells = re.sub(r"</t[hd]>", " | ", markdown_of(walk, slug))
    words = html.unescape(TAG.sub("", cells)).replace("\\eta", "η")
    return " ".join(words.split())
