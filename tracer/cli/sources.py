"""Which experiments a command works on."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from tracer.errors import ExperimentError, Problem

FOLDER = "experiments"
DEFAULT = "mini2d"


def built_in(name: str = DEFAULT) -> Path:
    """The file of a built-in experiment."""
    return Path(str(files("tracer") / "examples" / f"{name}.toml"))


def built_in_names() -> tuple[str, ...]:
    """The names of the built-in experiments."""
    folder = Path(str(files("tracer") / "examples"))
    return tuple(sorted(path.stem for path in folder.glob("*.toml")))


def experiment_files(arguments: Sequence[str], folder: Path) -> list[Path]:
    """The files that the command line names: paths, or names of built-in experiments.

    Without any: every experiment of the project's own folder, or the built-in example.
    """
    if arguments:
        return [_file(argument) for argument in arguments]
    own = sorted((folder / FOLDER).glob("*.toml"))
    return own or [built_in()]


def _file(argument: str) -> Path:
    path = Path(argument)
    if path.exists() or argument not in built_in_names():
        return path
    return built_in(argument)


def check_names(paths: Sequence[Path]) -> None:
    """Refuse two experiments that would be rendered into the same folder."""
    seen: dict[str, Path] = {}
    for path in paths:
        first = seen.setdefault(path.stem, path)
        if first is not path:
            message = f"has the same name as {first}, so both would be written to one folder"
            raise ExperimentError(Problem(message, file=str(path), hint="Rename one of them."))
