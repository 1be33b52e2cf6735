"""Fixtures that several test modules share."""

from __future__ import annotations

from pathlib import Path

import pytest

from sites import project, succeed


@pytest.fixture(scope="session")
def default_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of this checkout with the built-in walkthrough, built strictly by MkDocs."""
    folder = project(tmp_path_factory.mktemp("default"))
    succeed("tracer", "render", "--build", cwd=folder)
    return folder
