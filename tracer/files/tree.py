"""Writing files so that nothing is lost: whole, only what changed, only what is ours.

A folder that tracer writes into holds a manifest of what tracer wrote there. A file that is not in
it, or that was changed since, belongs to somebody else: it is never overwritten and never removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tracer.errors import BuildError, Problem
from tracer.files.atomic import sweep_parts, write_atomically
from tracer.files.locking import PATIENCE, locked
from tracer.files.plan import Tree, WriteReport, plans
from tracer.files.switch import carry_out, named, sweep
from tracer.messages import gettext

__all__ = ["Tree", "WriteReport", "check_trees", "write_atomically", "write_tree", "write_trees"]


def write_tree(
    root: Path, files: Mapping[str, str | bytes], origin: str | None = None
) -> WriteReport:
    """Make the files that tracer owns in ``root`` exactly ``files``, and touch no other.

    A file that has the wanted content already counts as tracer's from then on. An interrupted call
    can simply be repeated. With no files at all, the manifest goes away too, and so does ``root``
    if tracer made it.

    Args:
        root: the folder; made if it is missing.
        files: content by path relative to ``root``, with ``/`` between names; text becomes UTF-8.
        origin: what made them: where something else made what is there, nothing is written.

    Raises:
        RenderError: a path leaves ``root``, or a file that is not tracer's stands in the way (all
            of them are named, and nothing was written); the manifest is damaged; the disk refuses;
            another process writes here and does not end.
    """
    (report,) = write_trees([Tree(root, files, origin)])
    return report


def write_trees(trees: Sequence[Tree], patience: float = PATIENCE) -> list[WriteReport]:
    """The same for several folders: all are looked at before any is written to."""
    with _ready(trees, patience):
        made = plans(trees)
        for plan in made:
            carry_out(plan)
    return [plan.report for plan in made]


def check_trees(trees: Sequence[Tree]) -> None:
    """Raise the errors that :func:`write_trees` would raise, and change nothing."""
    with _told(trees[0].root if trees else Path()):
        plans(trees)


@contextmanager
def _ready(trees: Sequence[Tree], patience: float) -> Iterator[None]:
    """The parent folders are there, locked and swept; a folder made in vain goes away again."""
    with _told(trees[0].root if trees else Path()), ExitStack() as stack:
        concerned = [tree.root for tree in trees if tree.files or tree.root.exists()]
        for parent in sorted({root.absolute().parent.resolve() for root in concerned}):
            stack.enter_context(_made(parent))
            stack.enter_context(locked(parent, patience))
            sweep(parent)
        for tree in trees:
            if tree.root.is_dir() and not tree.root.is_symlink():
                sweep(tree.root)
                sweep_parts(tree.root, grace=0)
        yield


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder exists; where it had to be made and nothing came into it, it goes away."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for place in missing:
                place.rmdir()
        raise


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """What the disk refuses is our own error, with the place."""
    try:
        yield
    except OSError as error:
        place = str(named(Path(error.filename or root)))
        message = gettext("cannot be written: %(error)s", error=error.strerror)
        raise BuildError(Problem(message, file=place)) from error
