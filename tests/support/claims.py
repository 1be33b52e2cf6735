"""Single pages of small experiments, as the words that a reader reads: for tests of sentences."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from tracer.experiment import Experiment
from tracer.pages import context_of, kinds
from tracer.pages.walk import Walk
from tracer.pictures import draw, in_words
from tracer.studies.model import RateStudy, Studies
from tracer.studies.run import study
from tracer.trace import Trace
from tracer.training import run
from tracer.writing.templating import environment, of_experiment

ALONE = Studies((), RateStudy((), None, None, None, 0), "", None)
"""No runs beside the main one: enough for pages that compare nothing."""
SETTINGS = re.compile(r'<div class="tr-settings".*?</div>', re.DOTALL)
FORMULA = re.compile(r"<math.*?</math>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def traced(document: Mapping[str, Any]) -> Trace:
    """The run of an experiment that is given as a mapping."""
    return run(Experiment.from_mapping({"title": "claims", **document}))


def markdown(trace: Trace, slug: str, *, compared: bool = False, math: str = "mathml") -> str:
    """One page as it is written; ``compared`` runs what it compares the trace with, too."""
    walk = Walk(trace, study(trace) if compared else ALONE, math, kinds())
    env = of_experiment(environment(), trace.experiment)
    env.globals["draw"] = partial(draw, env)
    env.globals["in_words"] = partial(in_words, env)
    kind = walk.at(slug).kind
    context = next(context for found, context in kind.build(walk) if found == slug)
    return env.get_template(kind.template).render(context_of(walk, slug, context))


def told(document: Mapping[str, Any], slug: str, **how: Any) -> str:
    """The words of a page: no markup, one space between words, formulas as their letters."""
    return words(markdown(traced(document), slug, **how))


def words(text: str) -> str:
    """The same of a page that is there."""
    plain = TAG.sub("", re.sub(r"</(td|th|p|li|tr)>", " ", SETTINGS.sub("", text)))
    return " ".join(html.unescape(plain).replace("\\", "").split())
