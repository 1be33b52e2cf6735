"""Names and titles that files, folders, addresses and pages can hold."""

from __future__ import annotations

import re
import unicodedata

from tracer.errors import Problem
from tracer.experiment.limits import MAX_NAME, MAX_TITLE, RESERVED, name_fault
from tracer.experiment.report import Report
from tracer.experiment.words import found_text


def slug(text: str) -> str:
    """A word for files and addresses: letters and digits of any script, hyphens between."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-") or "experiment"


def check_name(name: str, report: Report) -> None:
    """Note a name that cannot be a folder everywhere, or that no page can show as its title."""
    fault, what = name_fault(name, MAX_NAME), "name" if report.file is None else "file name"
    if fault is not None:
        _refuse(f"expected a {what} with {fault[0]}, found {fault[1]}", report)
    elif len(slug(name).encode()) > MAX_NAME:
        _refuse(f"expected a shorter {what}, found {found_text(name)}", report)
    elif slug(name) in RESERVED:
        expected = f"expected a {what} that can be a folder on every system"
        _refuse(f"{expected}, found {found_text(name)}", report)


def check_title(title: str, report: Report) -> None:
    """Note a title that no page and no navigation can hold."""
    fault = name_fault(title, MAX_TITLE)
    if fault is not None:
        report.add(("title",), f"expected a title with {fault[0]}, found {fault[1]}")


def _refuse(message: str, report: Report) -> None:
    key = "name" if report.file is None else None
    report.add_foreign(Problem(message, report.file, key=key, hint="Choose another name."))
