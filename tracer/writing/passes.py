"""The layers of a pass on a page: what all cycles of a network share of them is rendered once.

What a template makes of the layers of a pass is the same from cycle to cycle, but for its lines and
for the slices of its picture, wherever the same lines are folded for the same reason. So it is
rendered once with marks in their place, and a page puts its own lines there.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from markupsafe import Markup

from tracer.pages.blocks import Block, Rows
from tracer.pages.desk import Desk
from tracer.pictures import PairTable
from tracer.pictures.network.model import NetworkPicture
from tracer.typeset import SetLine
from tracer.writing.context import marked
from tracer.writing.lines import LineSetter, Said
from tracer.writing.stencils import Stencil, Stencils, mark
from tracer.writing.tables import TableSetter
from tracer.writing.tidying import smooth

_LINE, _ROW, _SLICE, _PAIR = "line", "row", "slice", "pair"
_NONE: Mapping[int, PairTable] = {}


class Shown(NamedTuple):
    """What shows the layers of a pass: parts of a picture with a name, or tables in their place."""

    desk: Desk
    picture: NetworkPicture | None
    name: str
    tables: Mapping[int, PairTable]


@dataclass(frozen=True)
class PassSetter:
    """Sets lines, and the layers of a pass, which it renders once for each shape of them."""

    lines: LineSetter
    tables: TableSetter
    stencils: Stencils = field(default_factory=Stencils, repr=False)

    @property
    def functions(self) -> dict[str, Said]:
        """What templates may call, by name."""
        mine: dict[str, Said] = {
            "set_line": self.line,
            "set_rows": self.rows,
            "set_slice": self.slice,
            "set_pair": self.pair,
            "set_pass": self.whole,
            "set_layers": self.layers,
        }
        return {**self.lines.functions, **mine}

    def line(self, item: SetLine, macros: Mapping[str, Said]) -> Markup:
        """A line with its label, or its mark."""
        marking = self.stencils.now
        return self.lines.line(item, macros) if marking is None else marking.of(_LINE, item)

    def rows(self, items: Sequence[SetLine], macros: Mapping[str, Said]) -> Markup:
        """Lines as rows of a table, or their marks."""
        marking = self.stencils.now
        if marking is None:
            return self.lines.rows(items, macros)
        return Markup("\n").join([marking.of(_ROW, item) for item in items]) + "\n"

    def slice(self, picture: NetworkPicture, name: str, layer: int) -> Markup:
        """The part of a picture that shows a layer and the one before it, or its mark."""
        if self.stencils.now is not None:
            return mark(_SLICE, layer)
        return sliced(picture, name, layer)

    def pair(self, macro: Said, table: PairTable, desk: Desk, *more: Hashable) -> Markup:
        """The table of a layer and the one before it, or its mark; ``macro`` makes it."""
        if (marking := self.stencils.now) is not None:
            marking.given[_PAIR] = macro, more
            return mark(_PAIR, table.layer)
        return self.tables.pair(macro, table, desk, *more)

    def layers(self, *args: Any, **more: Any) -> Markup:
        """The text of :meth:`layer_parts`."""
        return marked(Markup, "".join(self.layer_parts(*args, **more)))

    def layer_parts(
        self,
        macro: Said,
        macros: Mapping[str, Said],
        blocks: Sequence[Block],
        desk: Desk,
        *more: Hashable,
        picture: NetworkPicture | None = None,
        name: str = "",
        tables: Mapping[int, PairTable] = _NONE,
    ) -> list[str]:
        """What ``macro`` makes of each layer of a pass, asked once for each shape of one.

        It is given the layer, the first one of the pass, its place from 1, and all the others.
        ``tables`` show what the picture is too wide for.
        """
        alone, said = self._is_alone(blocks, desk), list[str]()
        is_wide = bool(picture and tables and picture.is_wide)
        for place, block in enumerate(blocks, 1):
            given = block, blocks[0], place, desk, *more, picture, name, tables
            if alone:
                said.append(str(macro(*given)))
                continue
            is_told = place, bool(blocks[0].matrices.get("dL_dz_matrix"))
            drawn = picture is None, name, block.layer in tables, is_wide
            key, lines = shape(macro, (block,), desk, *is_told, *more, *drawn), _lines(block)
            found = self._stencil(partial(macro, *given), key, lines)
            self._fill(said, found, lines, macros, Shown(desk, picture, name, tables))
        return said

    def whole(self, *args: Any) -> Markup:
        """The text of :meth:`whole_parts`."""
        return marked(Markup, "".join(self.whole_parts(*args)))

    def whole_parts(
        self,
        macro: Said,
        macros: Mapping[str, Said],
        blocks: Sequence[Block],
        desk: Desk,
        *more: Hashable,
    ) -> list[str]:
        """What ``macro`` makes of all layers of a pass together, once for each shape of them."""
        if self._is_alone(blocks, desk):
            return [str(macro(blocks, desk, *more))]
        key, said = shape(macro, blocks, desk, *more), list[str]()
        lines = list(chain.from_iterable(map(_lines, blocks)))
        found = self._stencil(partial(macro, blocks, desk, *more), key, lines)
        self._fill(said, found, lines, macros)
        return said

    def _is_alone(self, blocks: Sequence[Block], desk: Desk) -> bool:
        """Whether a pass shares nothing with others."""
        if not self.lines.keeps or desk.walk.math == "latex" or desk.is_of_any:
            return True
        return any(block.wide for block in blocks)

    def _stencil(self, ask: Said, key: Hashable, lines: list[SetLine]) -> Stencil:
        return self.stencils.of(key, lambda: smooth(str(ask())), lambda: lines)

    def _fill(
        self,
        found: list[str],
        stencil: Stencil,
        lines: Sequence[SetLine],
        macros: Mapping[str, Said],
        shown: Shown | None = None,
    ) -> None:
        """Add what stands in a stencil to a text, with a page's own pieces at the marks."""
        put_line, put_row = self.lines.blocks.put, self.lines.row_frames.put
        triples = zip(stencil.stretches, stencil.kinds, stencil.numbers, strict=False)
        for stretch, kind, k in triples:
            found.append(stretch)
            if kind == _ROW:
                put_row(found, lines[k], macros)
            elif kind == _LINE:
                put_line(found, lines[k], macros)
            elif shown:
                found.append(self._shown(kind, k, shown, stencil))
        found.append(stencil.stretches[-1])

    def _shown(self, kind: str, layer: int, shown: Shown, stencil: Stencil) -> str:
        if kind == _PAIR:
            macro, more = stencil.given[_PAIR]
            return self.tables.pair(macro, shown.tables[layer], shown.desk, *more)
        return sliced(shown.picture, shown.name, layer) if shown.picture else ""


def sliced(picture: NetworkPicture, name: str, layer: int) -> Markup:
    """The strips of a layer and of the one before it, out of the picture called ``name``."""
    part, wide = picture.slice(layer), " tr-wide" if picture.is_wide else ""
    return Markup(
        f'<figure class="tr-slice{wide}" data-search-exclude>'
        '<svg class="tr-picture" aria-hidden="true"'
        f' viewBox="0 {part.top} {picture.width} {part.height}"'
        f' style="max-width:{picture.natural}px;min-width:{picture.least}px">'
        f'<use href="#{name}-net"></use></svg></figure>'
    )


def shape(macro: Any, blocks: Sequence[Block], desk: Desk, *more: Hashable) -> Hashable:
    """All that a template can see of the layers of a pass, beside what stands in their lines."""
    walk = desk.walk
    links = desk.meaning("z"), walk.trace.layer_sizes, bool(walk.main)
    return macro.name, links, bool(desk.told_on), more, tuple(map(_shape, blocks))


def _shape(block: Block) -> Hashable:
    of = block.of
    spots = (tuple([ref.spot for ref in refs]) for refs in (of.known, of.wanted))
    matrices = tuple([name for name, line in block.matrices.items() if line is not None])
    rows = tuple([(group, tuple(map(_folds, found))) for group, found in block.rows.items()])
    return block.layer, block.is_first, block.is_new, *spots, matrices, rows


def _folds(rows: Rows) -> Hashable:
    """How many rows there are, and which of them are folded why."""
    if rows.still is None:
        return rows.name, rows.layer, len(rows.more)
    places = {id(line): k for k, line in enumerate(_of(rows))}
    order = tuple([places[id(line)] for line in rows.all])
    still = rows.still
    return rows.name, rows.layer, order, len(rows.more), len(still.rows), still.why, still.units


def _of(rows: Rows) -> list[SetLine]:
    still = rows.still.rows if rows.still else ()
    return [rows.first, *rows.more, *still]


def _lines(block: Block) -> list[SetLine]:
    """The lines of a layer, always in the order that its shape tells."""
    found = [line for line in block.matrices.values() if line is not None]
    for group in block.rows.values():
        for rows in group:
            found += _of(rows)
    return found
