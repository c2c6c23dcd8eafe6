"""One store with something of everything, made once; each door gets a copy of its own, with the same clock and ids."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from clocks import Clock, counted_ids
from registry.books import logged_run

from jupyter_mlops import datasets, jobs, registry, review, serving, tracking
from jupyter_mlops.automation import add_schedule
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import canonical
from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.source import Environment, Source
from jupyter_mlops.settings import account
from jupyter_mlops.workspace import Workspace, open_workspace

NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "source": "alpha: float = 0.3  # strength",
         "execution_count": None, "outputs": []},
        {"cell_type": "code", "id": "b", "metadata": {}, "source": "print(alpha)", "execution_count": None, "outputs": []},
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}  # fmt: skip
STEPS = "steps: [{notebook: train.ipynb}, {name: again, notebook: train.ipynb, needs: [train]}]"
PIPELINE = "steps: [{notebook: notebooks/train.ipynb, parameters: {alpha: 0.5}}]"
WHO = Actor(name=account(), via=Door.SERVER)  # as a server knows somebody who came with a token


def open_fixed(folder: Path, *, after: float, ids: str) -> Workspace:
    """Open the workspace in *folder* with a clock that stands and ids that are counted."""
    clock = Clock()
    clock.advance(after)
    ws = open_workspace(folder, environ={}, confined=True, root=folder)
    return replace(ws, now=clock, new_id=counted_ids(ids), actor=WHO)


def build(folder: Path) -> dict[str, str]:
    """Fill *folder*; return the ids of what is in it by the names the cases use."""
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "train.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    (folder / "notebooks" / "steps.yaml").write_text(STEPS, encoding="utf-8")
    (folder / "pipeline.yaml").write_text(PIPELINE, encoding="utf-8")
    (folder / "air.csv").write_text("pm,temp\n12.5,3\n40.0,4\n", encoding="utf-8")
    ws = open_fixed(folder, after=0, ids="old")
    names = {**_runs(ws), **_models(ws), **_jobs(ws)}
    names["serving"] = serving.deploy(ws, "pm25@champion").id
    datasets.register_dataset(ws, "air", "air.csv", licence="CC BY 4.0")
    ws.store.close()
    return names


def copy(folder: Path, to: Path) -> Workspace:
    """Return a copy of what was built, a day later."""
    shutil.copytree(folder, to)
    return open_fixed(to, after=86_400, ids="new")


def _runs(ws: Workspace) -> dict[str, str]:
    first = tracking.start_run(ws, name="plain", experiment="air", tags={"team": "risk"})
    tracking.log_params(ws, run=first.id, params={"alpha": 0.3})
    tracking.log_metrics(ws, run=first.id, metrics={"mae": 44.0, "r2": float("nan")})
    tracking.log_artifact(ws, run=first.id, content=b"<p>report</p>", name="reports/errors.html")
    tracking.finish_run(ws, run=first.id)
    ran = Environment(
        python="3.12.3", implementation="CPython", platform="Linux", cpus=8, packages={"numpy": "2.1.0"}
    )
    source = Source(environment=ws.blobs.put(io.BytesIO(canonical(encode(ran)))))
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(first.id), source=source))
    return {"run": first.id}


def _models(ws: Workspace) -> dict[str, str]:
    made = [logged_run(ws, name=name) for name in ("old", "newer", "newest")]
    for run in made[:2]:
        registry.register_version(ws, model="pm25", run=run.id)
    review.set_policy(ws, "other", text="quorum: 2\n")
    first = review.open_review(ws, "pm25:1")
    review.decide(ws, first.id, review.decisions.Verdict.APPROVE, "the first one")
    second = review.open_review(ws, "pm25:2")
    return {
        "old": made[0].id,
        "newer": made[1].id,
        "newest": made[2].id,
        "decided": first.id,
        "open": second.id,
    }


def _jobs(ws: Workspace) -> dict[str, str]:
    queued = jobs.submit_job(ws, notebook="notebooks/train.ipynb", parameters={"alpha": "0.5"})
    failed = jobs.submit_job(ws, notebook="notebooks/train.ipynb", name="failed one")
    with ws.store.write() as tx:
        tx.jobs.replace(
            replace(
                failed,
                status=JobStatus.FAILED,
                started=ws.now(),
                ended=ws.now() + timedelta(seconds=2),
                notebook=ws.blobs.put(io.BytesIO(json.dumps(NOTEBOOK).encode())),
                error=JobError(kind="ValueError", message="too small", cell="b", index=1),
                followed=True,
            )
        )
    order = add_schedule(ws, name="weekly", notebook="notebooks/train.ipynb", cron="0 6 * * 1")
    return {"queued": queued.id, "failed": failed.id, "order": order.id}
