"""What scenarios find in the books when they begin."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from review.books import add_version, set_alias

from jupyter_mlops import tracking
from jupyter_mlops.records.run import Run
from jupyter_mlops.review import open_review
from jupyter_mlops.workspace import Workspace, open_workspace

LONG = "a-run-with-a-name-of-sixty-characters-that-fits-in-no-column"


def workspace(folder: Path) -> Workspace:
    """Open the workspace a scenario has to itself."""
    return open_workspace(folder, start=folder, environ={})


def add_run(
    ws: Workspace, name: str, *, alpha: float = 0.1, mae: float = 41.2, experiment: str = "air/pm25"
) -> Run:
    """A finished run with a curve."""
    run = tracking.start_run(ws, name=name, experiment=experiment, tags={"team": "risk"})
    tracking.log_params(ws, run=run.id, params={"alpha": alpha, "max_iter": 500})
    for step in range(30):
        tracking.log_metrics(ws, run=run.id, metrics={"loss": 1 / (step + 1) + alpha}, step=step)
    tracking.log_metrics(ws, run=run.id, metrics={"mae": mae, "r2": 0.9})
    return tracking.finish_run(ws, run=run.id)


def two_versions(ws: Workspace) -> None:
    """A champion, and a better version that asks to follow it."""
    add_version(ws, alpha=1.0, metrics={"mae": 42.3, "r2": 0.908})
    set_alias(ws, 1)
    add_version(ws, alpha=0.5, metrics={"mae": 41.2, "r2": 0.912})


def asked(ws: Workspace) -> None:
    """The better version is up for review."""
    two_versions(ws)
    open_review(ws, reference="pm25:2")


def fresh(folder: Path, fill: Callable[[Workspace], object]) -> Path:
    """Make *folder* with a workspace of its own, filled; return the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ws = workspace(folder)
    fill(ws)
    ws.store.close()
    return folder
