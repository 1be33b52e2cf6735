"""What a process of the run tells the one that shares out the tests: that a test has passed.

Six messages a test, of which three say what a dot says, take as long as most tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from _pytest.runner import runtestprotocol

ASKED = ("durations", "verbose")
"""Options that show more of a test than whether it has passed."""


def are_brief(config: pytest.Config) -> bool:
    """Whether this is one process of several, and nobody has asked for more than the outcome."""
    told = (config.getoption(option, None) for option in ASKED)
    return hasattr(config, "workerinput") and not any(value and value > 0 for value in told)


def run_briefly(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Run a test as pytest does, and report what there is to report."""
    for report in worth_telling(runtestprotocol(item, log=False, nextitem=nextitem)):
        item.ihook.pytest_runtest_logreport(report=report)


def worth_telling(reports: Iterable[pytest.TestReport]) -> Iterator[pytest.TestReport]:
    """The report of the call, and of what comes before and after it if that went wrong."""
    return (report for report in reports if report.when == "call" or not report.passed)
