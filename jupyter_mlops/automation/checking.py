"""Every notebook of a folder, run from top to bottom to see whether it still works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from jupyter_mlops.errors import MlopsError, NotFound
from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.places import find_output
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.job import Job, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.report import NotebookTest, TestReport
from jupyter_mlops.workspace import Workspace

__all__ = ["check_notebooks"]

_EXPERIMENT = "notebook tests"


def check_notebooks(
    ws: Workspace,
    folder: str,
    *,
    workers: int = 1,
    timeout: float | None = 600.0,
    progress: Callable[[Job], None] | None = None,
) -> TestReport:
    """Run every notebook below a folder with its own defaults and tell which fail.

    Parameters
    ----------
    folder
        The folder; hidden folders and checkpoints below it are passed over. A notebook is also taken.
    workers
        How many at once.
    timeout
        Seconds each of them may take.
    progress
        Called with a job at each of its changes.

    Raises
    ------
    NotFound
        There is no such folder, or no notebook in it.
    """
    path = find_output(ws.settings, str(Path(folder) / "_")).parent
    if not path.exists():
        raise NotFound(
            f"there is no folder {folder!r}",
            remedy=f"Name a folder with notebooks, or one notebook, as seen from {Path.cwd()}.",
        )
    notebooks = [path] if path.is_file() else sorted(_below(path))
    if not notebooks:
        raise NotFound(
            f"there is no notebook in {folder!r}",
            remedy="Name the folder that holds the .ipynb files; folders below it are looked through as well.",
        )
    results: dict[Path, NotebookTest] = {}
    waiting: list[tuple[Path, JobSpec]] = []
    for notebook in reversed(notebooks):
        try:
            spec = prepare_spec(
                ws, notebook=str(notebook), parameters={}, options=JobOptions(timeout=timeout)
            )
            waiting.append((notebook, replace(spec, experiment=_EXPERIMENT)))
        except MlopsError as failure:
            results[notebook] = NotebookTest(
                notebook=notebook.name, passed=False, seconds=0.0, error=as_job_error(failure)
            )
    started: dict[str, Path] = {}
    with Crew(ws, workers=workers, progress=progress) as crew:
        while waiting or crew.busy:
            while waiting and crew.free:
                notebook, spec = waiting.pop()
                started[crew.start(spec).id] = notebook
            for job in crew.wait():
                results[started[job.id]] = _result(job)
    listed = tuple(results[notebook] for notebook in notebooks)
    passed = sum(one.passed for one in listed)
    return TestReport(folder=str(folder), passed=passed, failed=len(listed) - passed, notebooks=listed)


def _below(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield from (
            Path(place) / file for file in files if file.endswith(".ipynb") and not file.startswith(".")
        )


def _result(job: Job) -> NotebookTest:
    begun, ended = job.started, job.ended
    return NotebookTest(
        notebook=job.spec.notebook,
        passed=job.status is JobStatus.SUCCEEDED,
        seconds=(ended - begun).total_seconds() if begun and ended else 0.0,
        job=job.id,
        error=job.error,
    )
