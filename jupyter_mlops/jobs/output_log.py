"""What a kernel says, written down at once beside the live notebook, which is written whole only now and then.

When the worker is killed in between, whoever settles the job folds the one into the other, and nothing is missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_mlops.jobs.notebook import to_bytes
from jupyter_mlops.jobs.places import write_whole

__all__ = ["OutputLog", "fold_outputs", "log_beside"]

_KEPT = frozenset(
    {"stream", "display_data", "execute_result", "error", "clear_output", "update_display_data", "execute_input"}
)  # fmt: skip
_BEGUN = "begun"


def log_beside(document: Path) -> Path:
    """Return where the log of a live notebook lies."""
    return document.with_suffix(".outputs")


class OutputLog:
    """One line a message, behind a line for each cell that begins.

    Parameters
    ----------
    document
        The live notebook.
    """

    def __init__(self, document: Path) -> None:
        self._path = log_beside(document)
        self._file = self._path.open("wb", buffering=0)
        self._cell_at = 0  # where the lines of the cell at hand begin

    def begin(self, cell: str) -> None:
        """Note that a cell begins: what it said before is over."""
        self._cell_at = self._file.tell()
        self._write({_BEGUN: cell})

    def add(self, message: Mapping[str, Any]) -> None:
        """Note what the kernel says, if it belongs to the notebook."""
        if message["msg_type"] in _KEPT:
            self._write({"msg_type": message["msg_type"], "content": message["content"]})

    def _write(self, what: Mapping[str, Any]) -> None:
        # What cannot be written (a full disk) is not worth the job: the notebook tries again.
        with suppress(OSError):
            self._file.write(f"{json.dumps(what, default=str)}\n".encode())

    def saved(self) -> None:
        """The notebook was written whole: only the cell at hand may go on, so its lines are kept and no others."""
        if not self._cell_at:
            return
        with suppress(OSError):
            write_whole(self._path, self._path.read_bytes()[self._cell_at :])
            self._file.close()
            self._file = self._path.open("ab", buffering=0)
            self._cell_at = 0

    def close(self) -> None:
        """The notebook is written for the last time."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def fold_outputs(document: Path) -> None:
    """Put what the log of a live notebook holds into it, and the log away; without one, do nothing.

    A cell's outputs are made anew from all its lines, so that a second time changes nothing.
    """
    path = log_beside(document)
    try:
        cells = list(_by_cell(path))
    except FileNotFoundError:
        return
    if cells:
        import nbformat
        from nbclient.client import NotebookClient

        read: Any = nbformat.reads
        notebook = read(document.read_text(encoding="utf-8"), 4)
        client = NotebookClient(notebook, record_timing=False)  # it was in the messages' heads
        client.reset_execution_trackers()
        places = {cell.id: place for place, cell in enumerate(notebook.cells)}
        for place, messages in ((places[name], said) for name, said in cells if name in places):
            cell = notebook.cells[place]
            cell.outputs = []
            client.clear_before_next_output = False  # as before each execution
            for message in messages:
                client.process_message(_whole(message), cell, place)
        _tell_how_far(notebook, [name for name, _ in cells if name in places])
        write_whole(document, to_bytes(notebook))
    path.unlink(missing_ok=True)


def _whole(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with as much of its heads as is read."""
    return {**message, "header": {"msg_type": message["msg_type"]}, "parent_header": {}}


def _by_cell(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    cell, said = "", list[dict[str, Any]]()
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:  # the last one, cut off
            break
        if _BEGUN in entry:
            if cell:
                yield cell, said
            cell, said = entry[_BEGUN], []
        else:
            said.append(entry)
    if cell:
        yield cell, said


def _tell_how_far(notebook: Any, begun: list[str]) -> None:
    """Each cell that another came after had completed; the last was cut short, unless the notebook knows better."""
    for cell in notebook.cells:
        notes = cell.metadata.get("papermill")
        if notes is not None and cell.id in begun and notes.get("status") in {"pending", "running"}:
            cut_short = cell.id == begun[-1]
            notes.update(status="failed" if cut_short else "completed", exception=cut_short)
