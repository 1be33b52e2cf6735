"""Which experiments a command works on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.console import say
from tracer.errors import ExperimentError, Problem
from tracer.examples import built_in, built_in_names
from tracer.messages import gettext

if TYPE_CHECKING:
    from tracer.experiment import Experiment

FOLDER = "experiments"
ASSETS = "assets"

insist_option = click.option(
    "--insist", is_flag=True, help="Go on with what is refused only because it is large."
)


def is_built_in(path: Path) -> bool:
    """Whether a file is one of the built-in experiments, which stay as they are."""
    return path.resolve().parent == built_in().resolve().parent


def experiment_files(arguments: Sequence[str], folder: Path) -> list[Path]:
    """The files that the command line names: paths, or names of built-in experiments.

    Without any: every experiment of the project's own folder, or the built-in example.
    """
    if arguments:
        return [_file(argument) for argument in arguments]
    own = sorted((folder / FOLDER).glob("*.toml"))
    return own or [built_in()]


def one_experiment(argument: str | None) -> Path:
    """The file that a command for one experiment works on; of several, it is said which."""
    path, *others = experiment_files([argument] if argument else [], Path())
    if others:
        say(gettext("%(path)s is the one that is taken; name another one to take that", path=path))
    return path


def _file(argument: str) -> Path:
    path = Path(argument)
    if _is_there(path):
        return path
    if argument in built_in_names():
        return built_in(argument)
    return path


def read_experiment(path: Path, *, insist: bool) -> Experiment:
    """The experiment of a file that the command line names.

    Raises:
        ExperimentError: there is no such file and no built-in experiment, or the file is wrong.
    """
    from tracer.experiment import load_experiment

    if not _is_there(path):
        _refuse_misspelt(path)
    return load_experiment(path, insist=insist)


def check_there(paths: Sequence[Path]) -> None:
    """Refuse names for which there is no file, all of them at once.

    Raises:
        ExperimentError: there is no such file and no built-in experiment.
    """
    problems: list[Problem] = []
    for path in paths:
        if not _is_there(path):
            try:
                read_experiment(path, insist=False)
            except ExperimentError as error:
                problems += error.problems
    if problems:
        raise ExperimentError(problems)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that no file can have: reading it tells why
        return False


def _refuse_misspelt(path: Path) -> None:
    """Raise ExperimentError for a plain word that is neither a file nor a built-in experiment."""
    from tracer.experiment.words import did_you_mean, found_text

    if len(path.parts) != 1 or path.suffix not in ("", ".toml"):
        return
    names = built_in_names()
    beside = sorted(file.name for file in Path().glob("*.toml"))
    hint = did_you_mean(path.name, beside) or did_you_mean(path.stem, names)
    message = (
        f"expected an experiment file or a built-in name, found neither: {found_text(path.name)}"
    )
    hint = hint or f"Built in are {', '.join(names)}."
    raise ExperimentError(Problem(message, hint=hint))


def check_names(experiments: Sequence[Experiment]) -> None:
    """Refuse experiments that would be rendered into the same folder, or into the assets' one."""
    seen: dict[str, Experiment] = {}
    for experiment in experiments:
        first = seen.setdefault(experiment.name, experiment)
        if first is not experiment:
            message = f"has the same name as {first.source}, so both would be written to one folder"
        elif experiment.name == ASSETS:
            message = f"the folder {ASSETS!r} is taken by the styles and scripts"
        else:
            continue
        raise ExperimentError(Problem(message, str(experiment.source), hint="Rename the file."))
