"""What a worker that was killed has left: the notebook as far as it was, its metadata made true, and whatever still runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs import notebook as notebooks
from jupyter_mlops.jobs.ending import Ended
from jupyter_mlops.jobs.leftovers import end_leftovers
from jupyter_mlops.jobs.output_log import fold_outputs
from jupyter_mlops.jobs.places import job_folder, read_bounded
from jupyter_mlops.jobs.watch import output_marks
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.source import CellExecution, CellStatus
from jupyter_mlops.tracking.lease import host
from jupyter_mlops.workspace import Workspace

__all__ = ["LIVE", "rescue_notebook"]

LIVE = "notebook.ipynb"  # in the job's folder: the executed notebook as far as it is
_STATUS = {"completed": CellStatus.OK, "failed": CellStatus.ERROR}


def rescue_notebook(ws: Workspace, job: Job) -> Ended:
    """End what a lost job's worker left running on this machine, and keep the notebook that it had been writing.

    A worker on another machine has left nothing here: then only the state is returned.
    """
    lost = Ended(status=JobStatus.LOST)
    if job.lease is None or job.lease.host != host() or job.run is None:
        return lost
    end_leftovers(job.run)
    with suppress(MlopsError, OSError):
        path = job_folder(ws.settings, job.id) / LIVE
        with suppress(Exception):  # whatever the log beside it holds by now
            fold_outputs(path)
        document = notebooks.from_bytes(read_bounded(path), path.name)
        if not _belongs(document, job):
            return lost
        _make_true(document)
        content = notebooks.to_bytes(document)
        digest = ws.blobs.put(io.BytesIO(content))
        return Ended(
            status=JobStatus.LOST, notebook=digest, size=len(content), cells=_chain(document, job.id)
        )
    return lost


def _belongs(document: notebooks.Notebook, job: Job) -> bool:
    """Tell whether this attempt wrote the file, and not one before it."""
    begun = _time(_notes(document).get("start_time"))
    return begun is not None and job.started is not None and begun >= job.started.replace(microsecond=0)


def _make_true(document: notebooks.Notebook) -> None:
    """What ran when the worker was killed has failed; nobody will say so any more."""
    _notes(document)["exception"] = True
    for cell in document["cells"]:
        notes = _notes(cell)
        if notes.get("status") == "running":
            notes.update(status="failed", exception=True)


def _notes(holder: Any) -> dict[str, Any]:
    notes: dict[str, Any] = holder["metadata"].setdefault("papermill", {})
    return notes


def _chain(document: notebooks.Notebook, job: str) -> tuple[CellExecution, ...]:
    """Return the executions that the notebook tells of, as its worker would have chained them."""
    clock = _Clock()
    recorder = Recorder(job, clock)
    recorder.document([cell["id"] for cell in document["cells"]])
    for count, (cell, begun, ended) in enumerate(_executed(document), start=1):
        clock.at = begun
        recorder.started(cell["source"], cell=cell["id"], count=count)
        clock.at = ended
        status = _STATUS[_notes(cell)["status"]]
        error = next((o for o in cell["outputs"] if o["output_type"] == "error"), None)
        said = f"{error['ename']}: {error['evalue']}" if error else None
        recorder.ended(status, error=said, outputs=output_marks(cell))
    return recorder.chain


class _Clock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at


def _executed(document: notebooks.Notebook) -> Iterator[tuple[Any, datetime, datetime]]:
    for cell in notebooks.code_cells(document):
        notes = _notes(cell)
        begun = _time(notes.get("start_time"))
        if begun is not None and notes.get("status") in _STATUS:
            yield cell, begun, _time(notes.get("end_time")) or begun


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        return None
    return found if found is None or found.tzinfo else None
