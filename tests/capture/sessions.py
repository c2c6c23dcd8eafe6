"""A notebook session played for real: cells run in a namespace, are recorded, sliced, and the slice is run again."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.capture.slicing import Slice, slice_of
from jupyter_mlops.capture.syntax import parse_cell
from jupyter_mlops.records.source import CellExecution


class Session:
    """Cells have one-letter or longer ids; the document lists them top to bottom."""

    def __init__(self, document: Sequence[str] = (), *, already: str = "", ids: bool = True) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(already, self.namespace)
        at = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.recorder = Recorder("session", lambda: at + timedelta(seconds=self.count))
        self.count = 1 if already else 0
        self.ids = ids
        self.document = list(document)

    @classmethod
    def of(cls, ran: Sequence[tuple[str, str]], document: Sequence[str] = ()) -> Session:
        """Return a session in which these cells, (id, source), have run."""
        session = cls(document)
        for cell, source in ran:
            session.run(cell, source)
        return session

    def run(self, cell: str, source: str) -> CellExecution:
        """Execute *source* as the cell *cell*, which is put at the end of the document where it is new."""
        if cell not in self.document:
            self.document.append(cell)
        self.count += 1
        self.recorder.document(self.document if self.ids else None)
        self.recorder.started(source, cell=cell if self.ids else None, count=self.count)
        status, error = "ok", None
        try:
            execute(source, self.namespace)
        except Exception as failure:  # noqa: BLE001
            status, error = "error", f"{type(failure).__name__}: {failure}"
        execution = self.recorder.ended(status, error=error)
        assert execution is not None and not self.recorder.failures, self.recorder.failures  # noqa: PT018
        return execution

    def delete(self, cell: str) -> None:
        self.document.remove(cell)

    def slice(self, last: int | None = None) -> Slice:
        """Return the slice of the execution *last*, by default the newest."""
        chain = self.recorder.chain
        last = last or chain[-1].sequence
        return slice_of(
            chain,
            last,
            last,
            blind=self.recorder.blind,
            known_names={"In", "Out", "get_ipython"},
            order=self.recorder.order,
        )


def execute(source: str, namespace: dict[str, Any]) -> None:
    """Run a cell; shell lines and magics do nothing here."""
    tree = parse_cell(source).tree
    code: Any = source if tree is None else tree
    namespace.setdefault("__shell__", lambda *_: [])
    namespace.setdefault("__magic__", lambda *_: None)
    exec(compile(code, "cell", "exec"), namespace)


def replayed(cut: Slice) -> dict[str, Any]:
    """Return the namespace after running the slice alone, in a fresh one."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in cut.cells:
        execute(cell.source, namespace)
    return namespace


def steps(cut: Slice) -> list[str]:
    """Return the slice as ``cell:count``."""
    return [f"{cell.cell}:{cell.count}" for cell in cut.cells]


def result_of(namespace: dict[str, Any]) -> Any:
    """Return what the session came to: its name ``result``, as text, so that NaN equals itself."""
    return repr(namespace["result"])


def is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
