"""Jobs as tests start them, and what they left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil

from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.launcher import Worker, launch, wait_for
from jupyter_mlops.records.job import Job, JobOptions
from jupyter_mlops.records.run import Run
from jupyter_mlops.workspace import Workspace

LIMIT = 60.0


def run(ws: Workspace, path: Path, options: JobOptions | None = None, **given: object) -> Job:
    job = submit_job(ws, notebook=str(path), options=options, **given)
    worker = launch(ws, job.id, attended=True)
    try:
        return wait_for(ws, worker)
    finally:
        worker.let_go()


def run_of(ws: Workspace, job: Job) -> Run:
    with ws.store.read() as tx:
        return tx.runs.get(job.run)


def executed(ws: Workspace, job: Job) -> nbformat.NotebookNode:
    with ws.blobs.open(job.notebook) as file:
        return nbformat.reads(file.read().decode(), 4)


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "".join(o.text for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "stream")


def until(condition: Callable[[], object], meanwhile: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        meanwhile()
        time.sleep(0.02)


def at_cell(ws: Workspace, job: Job, mark: Path) -> None:
    until(mark.exists)


def started(
    ws: Workspace, path: Path, options: JobOptions | None = None, *, attended: bool = True
) -> tuple[Job, Worker]:
    job = submit_job(ws, notebook=str(path), options=options)
    return job, launch(ws, job.id, attended=attended)


def kernel_of(worker: Worker) -> psutil.Process:
    (kernel,) = [
        p for p in psutil.Process(worker.process.pid).children() if "ipykernel_launcher" in p.cmdline()
    ]
    return kernel


def install_kernel(folder: Path, name: str, *argv: str) -> None:
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))
