"""Does the saved notebook say what ran? Asked at the first save after a run, and at the end of the session."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from jupyter_mlops.capture.document import document_state
from jupyter_mlops.records.run import DocumentState, Run
from jupyter_mlops.records.source import CellExecution
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import Workspace

__all__ = ["SaveWatch"]


@dataclass(frozen=True, slots=True)
class _Waiting:
    ws: Workspace
    run: str
    cells: Sequence[CellExecution]
    ended: datetime


class SaveWatch:
    """The runs whose notebook has not been saved since they ended."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def add(self, ws: Workspace, run: Run, cells: Sequence[CellExecution]) -> None:
        """Wait for the first save after *run*, unless the file says already what ran."""
        if run.document is DocumentState.UNKNOWN and run.ended is not None and cells:
            self._waiting.append(_Waiting(ws, run.id, cells, run.ended))

    def look(self, path: Path | None) -> None:
        """Settle the runs that ended before the file was saved last; the store is told in the background."""
        if not self._waiting or path is None:
            return
        with suppress(OSError):
            saved = path.stat().st_mtime
            ready = [item for item in self._waiting if item.ended.timestamp() < saved]
            self._waiting = [item for item in self._waiting if item not in ready]
            if ready:
                from jupyter_mlops.tracking.editing import settle_document
            for item in ready:
                in_background(partial(settle_document, item.ws, item.run, document_state(item.cells, path)))

    def close(self, path: Path | None) -> None:
        """Settle the rest now: what was never saved is unsaved."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            from jupyter_mlops.tracking.editing import settle_document
        for item in waiting:
            with suppress(Exception):
                settle_document(item.ws, item.run, document_state(item.cells, path))
