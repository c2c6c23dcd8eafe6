"""Tables, of a page or of a text, compared cell by cell; a difference is named by its row and its column.

Times in a table are data, so that only ids and addresses are masked there.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from jupyter_mlops.jobs.outputs.masks import masked_ids
from jupyter_mlops.jobs.outputs.rules import SAME, Compared, Rules, compared_figures, differs, was, within
from jupyter_mlops.records.reproduced import ReproductionVerdict

__all__ = ["Page", "Table", "compare_tables", "read_page", "text_table"]

_WIDEST = 1000  # columns that one cell may span
_MOST_CELLS = 1_000_000  # of a page, spans spread out; with more of them its tables are read as text
_SPAN_DIGITS = 4
_EMBEDDING = ("src", "srcdoc", "data", "value")  # attributes that hold what a reader sees
_RULE = re.compile(r"[-+=|: \u2500-\u257f]+")
_BORDER = re.compile(r"\s*[|+\u2500-\u257f]")
_BAR = re.compile(r"[|\u2502\u2506]")
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r" {2,}|\t+")
_LEAST = 2  # lines that make a table, and columns
_HIDDEN = frozenset({"style", "script", "template", "head"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it is read: the names of its columns, and rows of cells, each under a name of its own or none."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is to be read on a page: its tables, the text around them, and what it embeds."""

    tables: tuple[Table, ...]
    text: str
    embedded: tuple[
        tuple[str, str], ...
    ] = ()  # what it draws or fills in, such as a script or the source of an image


def read_page(html: str) -> Page:
    """Return what a reader of *html* sees, without style; scripts and sources stand by themselves."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    cells = [cell for rows in reader.tables for row in rows for cell in row]
    for cell in cells:
        cell.text = " ".join(cell.pieces)
    embedded = tuple(reader.embedded)
    if sum(map(_area, reader.tables)) > _MOST_CELLS:
        return Page(
            tables=(), text=" ".join([*reader.text, *(cell.text for cell in cells)]), embedded=embedded
        )
    tables = tuple(_table_of(rows) for rows in reader.tables if rows)
    return Page(tables=tables, text=" ".join(reader.text), embedded=embedded)


@dataclass(slots=True)
class _Cell:
    head: bool
    wide: int
    high: int
    pieces: list[str] = field(default_factory=list)
    text: str = ""  # its pieces, once all are there


class _Reader(HTMLParser):
    """Collects the cells of the outermost tables, and the text beside them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[_Cell]]] = []
        self.text: list[str] = []
        self.embedded: list[tuple[str, str]] = []
        self._inside = 0  # tables that are open
        self._hidden = 0
        self._cell: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell; one inside a cell is part of its text."""
        self.embedded += [(f"{name} of {tag}", said) for name, said in attrs if name in _EMBEDDING and said]
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "table":
            self._inside += 1
            if self._inside == 1:
                self.tables.append([])
        elif self._inside == 1 and tag == "tr":
            self._cell = None
            self.tables[-1].append([])
        elif self._inside == 1 and tag in {"td", "th"}:
            self._open_cell(tag, dict(attrs))

    def _open_cell(self, tag: str, attrs: dict[str, str | None]) -> None:
        if not self.tables[-1]:
            self.tables[-1].append([])
        wide, high = (_span(attrs.get(name)) for name in ("colspan", "rowspan"))
        self._cell = _Cell(tag == "th", wide, high)
        self.tables[-1][-1].append(self._cell)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag == "table":
            self._inside = max(0, self._inside - 1)
            self._cell = self._cell if self._inside else None
        elif self._inside == 1 and tag in {"td", "th", "tr"}:
            self._cell = None

    def handle_data(self, data: str) -> None:
        """Take text where it stands."""
        if self.cdata_elem == "script" and data.strip():
            self.embedded.append(("script", data))
        if self._hidden or not data.strip():
            return
        if self._cell is not None:
            self._cell.pieces.append(" ".join(data.split()))
        elif not self._inside:
            self.text.append(" ".join(data.split()))


def _span(said: str | None) -> int:
    if not said or not said.isdecimal():
        return 1
    return max(1, min(int(said), _WIDEST)) if len(said) <= _SPAN_DIGITS else _WIDEST


def _area(rows: Sequence[Sequence[_Cell]]) -> int:
    """Return how many cells a table comes to at most when each that spans several is put into all of them."""
    return sum(cell.wide * min(cell.high, len(rows) - i) for i, row in enumerate(rows) for cell in row)


def _table_of(rows: Sequence[Sequence[_Cell]]) -> Table:
    """Name the columns by the head rows on top, each row by the head cells it begins with."""
    grid = list(_spread(rows))
    tops = next((i for i, row in enumerate(grid) if not all(cell.head for cell in row)), len(grid))
    if tops == len(grid):  # heads alone: the first row names, the others are what it holds
        tops = min(1, len(grid))
    body = grid[tops:]
    stub = min((_heads(row) for row in body), default=0)
    wide = max(map(len, grid), default=0)
    columns = tuple(_joined(row[i].text for row in grid[:tops] if i < len(row)) for i in range(stub, wide))
    return Table(
        columns=columns,
        names=tuple(_joined(cell.text for cell in row[:stub]) for row in body),
        rows=tuple(tuple(cell.text for cell in row[stub:]) for row in body),
    )


def _spread(rows: Sequence[Sequence[_Cell]]) -> Iterator[list[_Cell]]:
    """Put a cell that spans several columns or rows into each of them."""
    below: dict[int, tuple[_Cell, int]] = {}
    for row in rows:
        line: list[_Cell] = []
        waiting = deque(row)
        while waiting or len(line) in below:
            if len(line) in below:
                cell, left = below.pop(len(line))
                if left > 1:
                    below[len(line)] = (cell, left - 1)
                line.append(cell)
                continue
            cell = waiting.popleft()
            for _ in range(cell.wide):
                if cell.high > 1:
                    below[len(line)] = (cell, cell.high - 1)
                line.append(cell)
        yield line


def _heads(row: Sequence[_Cell]) -> int:
    return next((i for i, cell in enumerate(row) if not cell.head), len(row))


def _joined(texts: Iterator[str]) -> str:
    return " / ".join(dict.fromkeys(text for text in texts if text))


def text_table(text: str) -> Table | None:
    """Return the table that a text is, as pandas prints it or as lines of bars; None where it is no table."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if len(lines) < _LEAST:
        return None
    if all(_BORDER.match(line) for line in lines):
        rows = [_BAR.split(line.strip()[1:-1]) for line in lines if not _RULE.fullmatch(line.strip())]
        return _of_texts([[cell.strip() for cell in row] for row in rows], named=False)
    if lines[0].startswith(" "):
        # pandas leaves the head of the index empty, so that the head has a cell less than each row.
        for gap in (_SPACE, _GAP):
            table = _of_texts([gap.split(line.strip()) for line in lines], named=True)
            if table is not None:
                return table
    ruled = [line for line in lines if not _RULE.fullmatch(line)]
    if len(ruled) == len(lines) and len(set(map(len, lines))) > 1:
        return None  # words that happen to stand far apart
    tables = (_of_texts([gap.split(line.strip()) for line in ruled], named=False) for gap in (_SPACE, _GAP))
    return next((table for table in tables if table is not None), None)


def _of_texts(rows: Sequence[Sequence[str]], *, named: bool) -> Table | None:
    if not rows:
        return None
    head, body = rows[0], rows[1:]
    width = len(head) + named
    if len(head) + named < _LEAST or not body or any(len(row) != width for row in body):
        return None
    return Table(
        columns=tuple(head),
        names=tuple(row[0] if named else "" for row in body),
        rows=tuple(tuple(row[1:] if named else row) for row in body),
    )


def compare_tables(before: Sequence[Table], after: Sequence[Table], rules: Rules) -> Compared:
    """Compare tables pair by pair, cell by cell; the sentence names row and column of the first difference."""
    if len(before) != len(after):
        return differs(f"there were {len(before)} tables and are {len(after)}")
    found = SAME
    for number, (one, two) in enumerate(zip(before, after, strict=True), 1):
        compared = _compare_table(one, two, rules)
        said = f"table {number if len(before) > 1 else ''}".strip() + f" {compared.says}"
        if compared.differs:
            return differs(said)
        found = within(said) if found is SAME and compared is not SAME else found
    return found


def _compare_table(before: Table, after: Table, rules: Rules) -> Compared:
    if before.columns != after.columns:
        return differs(_columns(before.columns, after.columns))
    found = SAME
    for number, pair in enumerate(zip(_lines(before), _lines(after), strict=False), 1):
        for column, one, two in _cells(before.columns, *pair):
            compared = _compare_cell(one, two, rules)
            said = f"row {_row(before, number)} column {column}: {compared.says}"
            if compared.differs:
                return differs(said)
            found = within(said) if found is SAME and compared is not SAME else found
    if len(before.rows) != len(after.rows):
        return differs(f"had {len(before.rows)} rows and has {len(after.rows)}")
    return found


def _columns(before: Sequence[str], after: Sequence[str]) -> str:
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    if gone and new:
        return f"column {was(', '.join(gone), ', '.join(new))}"
    if gone or new:
        return f"column {', '.join(gone or new)} is {'gone' if gone else 'new'}"
    return f"the order of the columns {was(', '.join(before), ', '.join(after))}"


def _lines(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    return zip(table.names, table.rows, strict=True)


def _cells(
    columns: Sequence[str], before: tuple[str, tuple[str, ...]], after: tuple[str, tuple[str, ...]]
) -> Iterator[tuple[str, str, str]]:
    yield "of the names", before[0], after[0]
    width = max(len(before[1]), len(after[1]))
    for place in range(width):
        name = columns[place] if place < len(columns) and columns[place] else str(place + 1)
        one, two = (row[place] if place < len(row) else "" for row in (before[1], after[1]))
        yield name, one, two


def _row(table: Table, number: int) -> str:
    """Call a row by its place from 1, and by its name where that says more than a count."""
    name = table.names[number - 1]
    return f"{number} ({name})" if name and not name.isdecimal() else str(number)


def _compare_cell(before: str, after: str, rules: Rules) -> Compared:
    if before == after:
        return SAME
    try:
        verdict = compared_figures(before, after, rules)
    except ValueError:
        one, two = masked_ids(before, rules.masks), masked_ids(after, rules.masks)
        return SAME if one == two else differs(was(one, two))
    if verdict is ReproductionVerdict.IDENTICAL:
        return SAME
    said = was(before, after)
    return within(said) if verdict is ReproductionVerdict.WITHIN_TOLERANCE else differs(said)
