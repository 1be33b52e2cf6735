"""What stands beside the explorer's page: the file of the run, and the scripts that show it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tracer.explore.linking import linked, modules
from tracer.explore.runfile import RunFile
from tracer.pages.explore import ExplorerDesk

RUN, SCRIPT = "run.js", "explore.js"


def files_of(context: Mapping[str, Any]) -> dict[str, str]:
    """The files beside a page by their path in the walkthrough; none for a page of another kind."""
    desk = context.get("desk")
    if not isinstance(desk, ExplorerDesk):
        return {}
    run = RunFile(desk).script()
    return {f"{desk.slug}/{RUN}": run, f"{desk.slug}/{SCRIPT}": script()}


@cache
def script() -> str:
    """The scripts as one."""
    return linked(modules())
