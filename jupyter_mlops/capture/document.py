"""The saved notebook as a witness: which cells it holds, where they stand, whether they still say what ran."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.records.run import DocumentState
from jupyter_mlops.records.source import CellExecution

__all__ = [
    "DocumentCell",
    "document_state",
    "merged_order",
    "plain_source",
    "read_document",
    "source_digest",
    "stands_in_no_file",
]

_given: set[tuple[str, int]] = set()  # executions, by session and number, whose text the executor made up


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCell:
    """One code cell of a notebook file. ``position`` counts all cells of the file from 0."""

    id: str | None
    position: int
    source: str


def plain_source(source: str) -> str:
    """Return *source* without a leading ``%%track`` line and outer blank space: what two witnesses may differ in."""
    text = source.replace("\r\n", "\n").strip()
    if text.startswith("%%track"):
        text = text.partition("\n")[2].strip()
    return text


def source_digest(source: str) -> str:
    """Return the SHA-256 of a cell's text, a leading ``%%track`` line not counted."""
    return hashlib.sha256(plain_source(source).encode("utf-8", "surrogatepass")).hexdigest()


def read_document(path: str | Path) -> tuple[DocumentCell, ...] | None:
    """Return the code cells of the notebook file at *path*, top to bottom; None where it cannot be read as one."""
    try:
        cells = json.loads(Path(path).read_bytes())["cells"]
        return tuple(
            DocumentCell(id=cell.get("id"), position=position, source=_joined(cell.get("source", "")))
            for position, cell in enumerate(cells)
            if cell.get("cell_type") == "code"
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _joined(source: str | Sequence[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def merged_order(known: Sequence[str], reported: Sequence[str]) -> tuple[str, ...]:
    """Return *reported* with the cells that only *known* has put back behind their old neighbours above.

    So a cell that was deleted after it ran can still be compared with the others, and nothing shifts when a
    cell is inserted above.
    """
    gone = set(known) - set(reported)
    if not gone:
        return tuple(reported)
    behind: dict[str | None, list[str]] = {}
    above: str | None = None
    for cell in known:
        if cell in gone:
            behind.setdefault(above, []).append(cell)
        else:
            above = cell
    merged = list(behind.get(None, ()))
    for cell in reported:
        merged.append(cell)
        merged.extend(behind.get(cell, ()))
    return tuple(merged)


def stands_in_no_file(session: str, sequence: int) -> None:
    """Say that an execution is of a cell that the executor put in, with the values it was given: no notebook holds it."""
    _given.add((session, sequence))


def document_state(cells: Sequence[CellExecution], path: str | Path | None) -> DocumentState:
    """Say whether the notebook file at *path* holds *cells* (those a run rests on) as they ran.

    ``saved``: each stands in the file, word for word. ``unsaved``: some text differs, or the file is older than
    the execution. ``orphaned``: the file was saved since, and a cell is gone from it. ``unknown``: no such file,
    or a foreign executor sent no cell ids and the text was not found. What ``stands_in_no_file`` is not looked for.
    """
    cells = [cell for cell in cells if (cell.session, cell.sequence) not in _given]
    document = None if path is None else read_document(path)
    if document is None or path is None or not cells:
        return DocumentState.UNKNOWN
    states = {_state_of(execution, document) for execution in cells}
    if DocumentState.ORPHANED in states and _older(path, cells):
        states = (states - {DocumentState.ORPHANED}) | {DocumentState.UNSAVED}
    for state in (DocumentState.ORPHANED, DocumentState.UNKNOWN, DocumentState.UNSAVED):
        if state in states:
            return state
    return DocumentState.SAVED


def _state_of(execution: CellExecution, document: Sequence[DocumentCell]) -> DocumentState:
    if execution.cell is not None and any(cell.id is not None for cell in document):
        same = [cell for cell in document if cell.id == execution.cell]
        if not same:
            return DocumentState.ORPHANED
        return DocumentState.SAVED if _says(same[0], execution) else DocumentState.UNSAVED
    if any(_says(cell, execution) for cell in document):
        return DocumentState.SAVED
    return DocumentState.UNKNOWN


def _says(cell: DocumentCell, execution: CellExecution) -> bool:
    if source_digest(cell.source) == execution.source_digest:
        return True
    # A cell that holds secrets is known by a digest under the session's key: its masked text has to do.
    return plain_source(mask_secrets(cell.source).text) == plain_source(execution.source)


def _older(path: str | Path, cells: Sequence[CellExecution]) -> bool:
    last = max((cell.ended or cell.started).timestamp() for cell in cells)
    try:
        return Path(path).stat().st_mtime < last
    except OSError:
        return True
