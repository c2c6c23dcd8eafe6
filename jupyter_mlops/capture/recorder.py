"""Every executed cell of a kernel session, in order, each linked to the one before by its digest.

A recorder is told what happens by the hooks of the shell. It never raises outward and never waits: a failure is
kept in ``failures`` and the user's cell goes on.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from jupyter_mlops.capture.document import (
    DocumentCell,
    merged_order,
    plain_source,
    read_document,
    source_digest,
)
from jupyter_mlops.capture.flow import Flow
from jupyter_mlops.capture.secrets import mask_secrets
from jupyter_mlops.records.links import link_digest
from jupyter_mlops.records.source import CellExecution, CellStatus

__all__ = ["Recorder"]

_KEPT_FAILURES = 20


class Recorder:
    """The chain of one kernel session.

    Parameters
    ----------
    session
        Names the kernel session; stands in every record.
    now
        The clock; aware times.
    """

    def __init__(self, session: str, now: Callable[[], datetime]) -> None:
        self.session = session
        self.blind = True  # cells may have run that were not recorded; the caller may know better
        self.failures: list[str] = []
        self._now = now
        self._lock = threading.RLock()
        self._chain: list[CellExecution] = []
        self._open: list[tuple[CellExecution, str]] = []  # running: with the text before masking
        self._sequence = 0
        self._key = secrets.token_bytes(32)
        self._order: tuple[str, ...] = ()
        self._reported: tuple[str, ...] | None = None
        self._places: dict[str, int] = {}
        self._document: tuple[DocumentCell, ...] = ()
        self._stamp: tuple[str, int, int] | None = None
        self._last_place = -1
        self._flow = Flow()
        self._flow.failures = self.failures

    @property
    def chain(self) -> tuple[CellExecution, ...]:
        """The ended executions, oldest first."""
        with self._lock:
            return tuple(self._chain)

    @property
    def order(self) -> tuple[str, ...]:
        """Cell ids top to bottom as last known, deleted ones where they stood; for ``slice_of(order=...)``."""
        return self._order

    @property
    def running(self) -> CellExecution | None:
        """The execution that has started last and not ended."""
        with self._lock:
            return self._open[-1][0] if self._open else None

    def started(self, source: str, *, cell: str | None = None, count: int | None = None) -> int | None:
        """Note that a cell begins; return its sequence number, or None where that failed."""
        try:
            with self._lock:
                return self._begin(source, cell, count)
        except Exception as failure:  # noqa: BLE001 - a hook never raises
            self._failed("started", failure)
            return None

    def ended(
        self, status: CellStatus | str, *, error: str | None = None, outputs: Sequence[str] = ()
    ) -> CellExecution | None:
        """Note that the cell which started last has ended; return its link of the chain, or None.

        Parameters
        ----------
        status
            ``ok``, ``error`` or ``aborted``.
        error
            The exception's class name and message.
        outputs
            What the cell displayed, each as ``output_mark`` tells it.
        """
        try:
            with self._lock:
                return self._end(CellStatus(status), error, tuple(outputs))
        except Exception as failure:  # noqa: BLE001 - a hook never raises
            self._failed("ended", failure)
            return None

    def document(self, order: Sequence[str] | None) -> None:
        """Take the document's cell ids, top to bottom, as the front end reports them; None: it says nothing."""
        try:
            with self._lock:
                reported = None if order is None else tuple(order)
                if reported is not None and reported != self._reported:
                    self._take_order(reported)
                self._reported = reported
        except Exception as failure:  # noqa: BLE001 - a hook never raises
            self._failed("document", failure)

    def document_file(self, path: str | Path) -> None:
        """Read positions from the saved notebook, unless the front end reports them; unchanged files are not read again."""
        try:
            with self._lock:
                if self._reported is None:
                    self._take_file(Path(path))
        except Exception as failure:  # noqa: BLE001 - a hook never raises
            self._failed("document_file", failure)

    def _begin(self, source: str, cell: str | None, count: int | None) -> int:
        if not self._sequence:
            self.blind = count != 1
        self._sequence += 1
        masked = mask_secrets(source)
        execution = CellExecution(
            session=self.session,
            sequence=self._sequence,
            cell=cell,
            position=self._position(cell, source),
            count=count,
            source=masked.text,
            source_digest=self._keyed(source) if masked.found else source_digest(source),
            started=self._now(),
            ended=None,
            status=CellStatus.RUNNING,
        )
        self._open.append((execution, source))
        return self._sequence

    def _keyed(self, source: str) -> str:
        # A plain digest of a text with a short secret in it could be guessed back.
        return hmac.new(
            self._key, plain_source(source).encode("utf-8", "surrogatepass"), "sha256"
        ).hexdigest()

    def _end(self, status: CellStatus, error: str | None, outputs: tuple[str, ...]) -> CellExecution | None:
        if not self._open:
            return None
        execution, source = self._open.pop()
        execution = replace(
            execution,
            ended=self._now(),
            status=status,
            error=mask_secrets(error).text if error else error,
            outputs=outputs,
            previous=self._chain[-1].digest if self._chain else "",
        )
        names = self._flow.step(execution, source=source)
        execution = replace(execution, reads=names.reads, writes=names.writes, opaque=names.opaque)
        execution = replace(execution, digest=link_digest(execution))
        self._flow.seal(execution.digest)
        self._chain.append(execution)
        return execution

    def _position(self, cell: str | None, source: str) -> int | None:
        if cell is not None and cell in self._places:
            return self._places[cell]
        if cell is not None and (self._reported is not None or any(c.id is not None for c in self._document)):
            return None
        return self._position_by_text(source)

    def _position_by_text(self, source: str) -> int | None:
        digest = source_digest(source)
        places = [c.position for c in self._document if source_digest(c.source) == digest]
        ahead = [place for place in places if place > self._last_place]
        if not places or (not ahead and len(places) > 1):
            return None
        self._last_place = ahead[0] if ahead else places[0]
        return self._last_place

    def _take_order(self, order: tuple[str, ...]) -> None:
        self._order = merged_order(self._order, order)
        self._places = {cell: place for place, cell in enumerate(order)}

    def _take_file(self, path: Path) -> None:
        stat = path.stat()
        stamp = (str(path), stat.st_mtime_ns, stat.st_size)
        if stamp == self._stamp:
            return
        document = read_document(path)
        if document is None:
            return
        self._stamp, self._document = stamp, document
        named = [cell for cell in document if cell.id is not None]
        self._order = merged_order(self._order, [str(cell.id) for cell in named])
        self._places = {str(cell.id): cell.position for cell in named}

    def _failed(self, where: str, failure: Exception) -> None:
        if len(self.failures) < _KEPT_FAILURES:
            self.failures.append(f"{where}: {type(failure).__name__}: {failure}")
