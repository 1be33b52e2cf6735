"""Rendering once more: what is known to be as the last rendering left it is not made anew."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.files.receipts import Receipt, absolute, digests_at, names_in, receipt_of
from tracer.inputs import digest_of, experiment_digest, inside

if TYPE_CHECKING:
    from tracer.files.tree import Tree

CONFIG = "mkdocs.yml"


@dataclass(frozen=True)
class Asked:
    """What a rendering is asked for, and what it will be made of.

    Attributes:
        files: the experiment files.
        out: the folder for the pages, if one was named.
        math: how formulas are written.
        templates: a folder of templates, if one was named.
        options: whatever else was asked for, as text.
        pages: a folder of pages that stand beside the walkthroughs in finished HTML, if any do.
        keys: for each experiment file, a digest of all that decides its pages; taken before
            anything of it is read.
    """

    files: tuple[Path, ...]
    out: Path | None
    math: str
    templates: Path | None
    options: str = ""
    pages: Path | None = None
    keys: Mapping[Path | None, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        files: tuple[Path, ...],
        out: Path | None,
        math: str,
        templates: Path | None,
        options: str,
        *,
        pages: Path | None = None,
    ) -> Asked:
        """The same with the keys as they are now."""
        asked = cls(files, out, math, templates, options, pages)
        return replace(asked, keys=asked.keys_now())

    def keys_now(self) -> dict[Path | None, str]:
        """The keys as the files are now."""
        keys: dict[Path | None, str] = {path: self._key(path) for path in self.files}
        if self.pages is not None:
            keys[None] = digest_of(inside(self.pages)).hex()
        return keys

    def _key(self, path: Path) -> str:
        said = f"{path!r} {self.math} {self.templates!r} "
        return sha256(said.encode() + experiment_digest(path, self.templates)).hexdigest()

    @property
    def place(self) -> str:
        """The same each time that the same is asked for in the same folder."""
        asked = (Path.cwd(), self.files, self.out, self.math, self.templates, self.options)
        return f"render {asked!r}"

    @property
    def key(self) -> str:
        """A digest of all that decides what the rendering writes."""
        real = "\0".join(os.path.realpath(path) for path in (Path(), self.out or Path()))
        made_of = [*self.keys.values(), real, digest_of([Path(CONFIG)]).hex()]
        return sha256(os.fsencode("\0".join(made_of))).hexdigest()

    def said_already(self) -> tuple[str, ...] | None:
        """What is to be said where nothing is to be done; None where something is."""
        receipt = receipt_of(self.place, self.key)
        return receipt.said if receipt is not None and receipt.holds else None

    def keep(
        self,
        trees: Sequence[Tree],
        listed: Sequence[Path],
        kept: Mapping[str, str],
        said: Sequence[str],
    ) -> None:
        """Keep what was left: in the folders of ``trees``, and in the navigation that lists them.

        ``listed`` are the folder that the navigation tells of, and its file. Where an experiment
        was changed in the meantime, nothing is kept: who knows which one was read.
        """
        left = {path: digest for tree in trees for path, digest in _left(tree).items()}
        folders = {tree.root.parent for tree in trees} | {p for p in listed if p.is_dir()}
        self._keep(left | digests_at(p for p in listed if p.is_file()), folders, kept, said)

    def keep_files(
        self,
        files: Iterable[Path],
        folders: Iterable[Path],
        kept: Mapping[str, str],
        said: Sequence[str],
    ) -> None:
        """Keep what was left: these files, and nothing else in these folders."""
        self._keep(digests_at(files), folders, kept, said)

    def _keep(
        self,
        left: Mapping[str, str],
        folders: Iterable[Path],
        kept: Mapping[str, str],
        said: Sequence[str],
    ) -> None:
        if self.keys_now() != self.keys:
            return
        around = {absolute(folder): names_in(absolute(folder)) for folder in folders}
        Receipt(self.key, tuple(said), left, kept, around).keep(self.place)


def pages_again(place: Tree, key: str) -> tuple[Tree, Receipt] | None:
    """The walkthrough as it stands in its folder; None where that is not what would be made."""
    receipt = receipt_of(_walkthrough(place), key)
    if receipt is None or not receipt.is_asked_alike():
        return None
    contents = receipt.contents()
    if contents is None:
        return None
    root = Path(os.path.abspath(place.root))  # noqa: PTH100 - links stay
    files = {Path(path).relative_to(root).as_posix(): whole for path, whole in contents.items()}
    return replace(place, files=files), receipt


def keep_pages(tree: Tree, receipt: Receipt) -> None:
    """Keep what a walkthrough was made of, and what its pages say."""
    replace(receipt, left=_left(tree)).keep(_walkthrough(tree))


def _left(tree: Tree) -> dict[str, str]:
    """The digests of a walkthrough's files by their absolute paths, as they are written."""
    root = absolute(tree.root)
    joined = os.path.join  # as they are read
    return {joined(root, path): digest for path, digest in tree.digests.items()}


def _walkthrough(tree: Tree) -> str:
    return f"walkthrough {absolute(tree.root)}"
