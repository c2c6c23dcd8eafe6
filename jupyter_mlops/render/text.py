"""Records as plain text: a shell, a terminal, a saved notebook's last resort."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from jupyter_mlops.render.blocks import (
    Block,
    Bullets,
    Cell,
    Facts,
    Fold,
    Line,
    Overlay,
    Pictures,
    Series,
    Sparks,
    Table,
    Title,
)
from jupyter_mlops.render.plain import plain
from jupyter_mlops.render.sparks import as_characters
from jupyter_mlops.render.views import blocks_of
from jupyter_mlops.render.words import DASH

__all__ = ["as_text", "text_of"]

_LONGEST_FOLD = 60  # lines
_LONGEST_CELL = 100  # characters
_MARKS = frozenset({"Mn", "Me"})  # stand over or under the character before them
_BREAKS = re.compile(r"[\n\t\u2028\u2029]")


def as_text(record: object, kind: str = "", *, narrowed: bool = False) -> str:
    """Return *record* (or a page, a tuple of records of *kind*, plain data) as lines of text, without a last line break."""
    return text_of(blocks_of(record, kind, narrowed=narrowed))


def text_of(blocks: Iterable[Block]) -> str:
    """Return *blocks* as lines of text."""
    return "\n".join(line.rstrip() for block in blocks for line in _lines(block))


def _flat(text: str) -> str:
    """Return *text* plain and on one line; a tab would move the columns beside it."""
    return _BREAKS.sub(" ", plain(text))


def _lines(block: Block) -> Iterator[str]:
    """Of a picture with a table beside it there is nothing in characters."""
    return _SAID[type(block)](block) if type(block) in _SAID else iter(())


def _title(title: Title) -> Iterator[str]:
    head = f"{title.sign} {title.text}".strip()
    yield _flat("   ".join(filter(None, [head, title.state, title.aside])))


def _line(line: Line) -> Iterator[str]:
    yield _flat(f"  {line.sign} {line.text}" if line.sign else f"  {line.text}")


def _facts(facts: Facts) -> Iterator[str]:
    return _in_columns(facts.pairs)


def _sparks(sparks: Sparks) -> Iterator[str]:
    return _in_columns([(series.name, _curve(series)) for series in sparks.series])


def _overlay(overlay: Overlay) -> Iterator[str]:
    yield f"  {_flat(overlay.title)}"
    yield from _in_columns([(series.name, _curve(series)) for series in overlay.lines])


def _curve(series: Series) -> str:
    return f"{as_characters(series.points)}  {series.text}".strip() or DASH


def _bullets(bullets: Bullets) -> Iterator[str]:
    yield f"  {_flat(bullets.title)}"
    for item in bullets.items:
        yield "   " + _flat(f"{item.sign or '·'} {item.text}")


def _pictures(pictures: Pictures) -> Iterator[str]:
    sides = " | ".join(f"{side.name} {side.text}" for side in pictures.sides)
    yield f"  {_flat(pictures.title)}  {_flat(sides)}"


def _in_columns(pairs: Sequence[tuple[str, str]]) -> Iterator[str]:
    shown = [(_flat(name), _flat(text)) for name, text in pairs]
    width = max((_width(name) for name, _ in shown), default=0)
    for name, text in shown:
        yield f"  {_padded(name, width, right=False)}  {text}"


def _fold(fold: Fold) -> Iterator[str]:
    yield f"  {_flat(fold.title)}"
    lines = [] if fold.brief else plain(fold.body).splitlines()
    yield from (f"    {line}" for line in lines[:_LONGEST_FOLD])
    if len(lines) > _LONGEST_FOLD:
        yield f"    … {len(lines) - _LONGEST_FOLD} more lines"


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield f"  {_flat(table.title)}"
    heads = tuple(_flat(column.name) for column in table.columns)
    rows = _wrapped([tuple(map(_cell, row)) for row in table.rows])
    widths = [max(_width(head), *(_width(row[place]) for row in rows), 0) for place, head in enumerate(heads)]
    for cells in (heads, *rows):
        padded = (
            _padded(cell, width, right=column.numeric)
            for cell, width, column in zip(cells, widths, table.columns, strict=True)
        )
        yield "  " + "  ".join(padded)
    if table.note:
        yield f"  {_flat(table.note)}"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Series):
        return f"{as_characters(cell.points)} {_flat(cell.name)}".strip()
    return _flat(cell)


def _wrapped(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return *rows* with long cells continued in rows below; the long columns share a line's width."""
    long = sum(any(len(cell) > _LONGEST_CELL for cell in column) for column in zip(*rows, strict=True))
    width = max(_LONGEST_CELL // max(long, 1), _LONGEST_CELL // 2)
    found: list[tuple[str, ...]] = []
    for row in rows:
        cells = [
            textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False)
            if len(cell) > width
            else [cell]
            for cell in row
        ]
        found += zip_longest(*cells, fillvalue="")
    return found


def _width(text: str) -> int:
    """Return how many columns a terminal takes for *text*."""
    return sum(
        0 if unicodedata.category(c) in _MARKS else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


_SAID: Mapping[type, Callable[[Any], Iterator[str]]] = {
    Title: _title,
    Line: _line,
    Facts: _facts,
    Table: _table,
    Bullets: _bullets,
    Fold: _fold,
    Sparks: _sparks,
    Overlay: _overlay,
    Pictures: _pictures,
}
