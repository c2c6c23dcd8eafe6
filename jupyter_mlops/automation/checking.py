"""Every notebook of a folder, run from top to bottom to see whether it still works, and shows what was saved with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import MlopsError, NotFound
from jupyter_mlops.jobs.crew import Crew
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.notebook import from_bytes
from jupyter_mlops.jobs.outputs import Rules, compare_notebooks, has_outputs
from jupyter_mlops.jobs.places import find_output
from jupyter_mlops.jobs.submit import prepare_spec, read_notebook
from jupyter_mlops.records.job import Job, JobOptions, JobSpec, JobStatus
from jupyter_mlops.records.report import NotebookTest, TestReport
from jupyter_mlops.records.reproduced import ReproductionVerdict, worst_verdict
from jupyter_mlops.workspace import Workspace

__all__ = ["check_notebooks"]

_EXPERIMENT = "notebook tests"


def check_notebooks(
    ws: Workspace,
    folder: str,
    *,
    workers: int = 1,
    timeout: float | None = 600.0,
    tolerance: float = 1e-6,
    only_run: bool = False,
    progress: Callable[[Job], None] | None = None,
) -> TestReport:
    """Run every notebook below a folder with its own defaults, and compare what it shows with what was saved.

    A notebook that was saved without outputs is only run, and its ``note`` says so. The rules of the comparison are told
    in docs/reproducing.md.

    Parameters
    ----------
    folder
        The folder; hidden folders and checkpoints below it are passed over. A notebook is also taken.
    workers
        How many at once.
    timeout
        Seconds each of them may take.
    tolerance
        The relative difference up to which two numbers count as equal.
    only_run
        Compare nothing.
    progress
        Called with a job at each of its changes.

    Raises
    ------
    NotFound
        There is no such folder, or no notebook in it.
    Invalid
        The tolerance or a mask of the settings is none.
    """
    rules = None if only_run else Rules(relative=tolerance, masks=ws.settings.output_masks)
    notebooks = _found(ws, folder)
    results: dict[Path, NotebookTest] = {}
    waiting: list[_Waiting] = []
    for notebook in reversed(notebooks):
        try:
            waiting.append(_prepared(ws, notebook, timeout, rules))
        except MlopsError as failure:
            results[notebook] = NotebookTest(
                notebook=notebook.name, passed=False, seconds=0.0, error=as_job_error(failure)
            )
    started: dict[str, _Waiting] = {}
    with Crew(ws, workers=workers, progress=progress) as crew:
        while waiting or crew.busy:
            while waiting and crew.free:
                one = waiting.pop()
                started[crew.start(one.spec).id] = one
            for job in crew.wait():
                results[started[job.id].path] = _result(ws, job, started[job.id].saved, rules)
    listed = tuple(results[notebook] for notebook in notebooks)
    passed = sum(one.passed for one in listed)
    return TestReport(folder=str(folder), passed=passed, failed=len(listed) - passed, notebooks=listed)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A notebook that can be started, as it was saved: its author may go on with it meanwhile."""

    path: Path
    spec: JobSpec
    saved: dict[str, Any]


def _found(ws: Workspace, folder: str) -> list[Path]:
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
    return notebooks


def _prepared(ws: Workspace, notebook: Path, timeout: float | None, rules: Rules | None) -> _Waiting:
    spec = prepare_spec(ws, notebook=str(notebook), parameters={}, options=JobOptions(timeout=timeout))
    saved = read_notebook(ws, str(notebook))[1] if rules else {}
    return _Waiting(notebook, replace(spec, experiment=_EXPERIMENT), saved)


def _below(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield from (
            Path(place) / file for file in files if file.endswith(".ipynb") and not file.startswith(".")
        )


def _result(ws: Workspace, job: Job, saved: dict[str, Any], rules: Rules | None) -> NotebookTest:
    begun, ended = job.started, job.ended
    ran = NotebookTest(
        notebook=job.spec.notebook,
        passed=job.status is JobStatus.SUCCEEDED,
        seconds=(ended - begun).total_seconds() if begun and ended else 0.0,
        job=job.id,
        error=job.error,
    )
    if rules is None:
        return ran
    if not ran.passed:
        return replace(ran, verdict=ReproductionVerdict.DOES_NOT_RUN)
    if not has_outputs(saved) or job.notebook is None:
        return replace(ran, note="it was saved without outputs: only that it runs was tested")
    with ws.blobs.open(job.notebook) as file:
        shown = from_bytes(file.read(), job.spec.notebook)
    outputs = compare_notebooks(saved, shown, rules)
    verdict = worst_verdict(found.verdict for found in outputs)
    same = verdict is not ReproductionVerdict.DIFFERS
    return replace(ran, passed=same, verdict=verdict, outputs=outputs, note="" if same else _order(saved))


def _order(saved: dict[str, Any]) -> str:
    """Say where the saved outputs cannot come of the cells as they stand: another order is a state that no cell shows."""
    counts = [cell["execution_count"] for cell in saved["cells"] if cell.get("execution_count")]
    pair = next(((one, two) for one, two in pairwise(counts) if two < one), None)
    if pair is None:
        return ""
    return f"its cells were saved in another order than they ran: In [{pair[0]}] stands above In [{pair[1]}]"
