"""The book of runs. Each name is imported when it is first used: a notebook that only loads the extension needs few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.lazy import hand_on

if TYPE_CHECKING:
    from jupyter_mlops.tracking.active import current_run, output, track
    from jupyter_mlops.tracking.beside import run_beside
    from jupyter_mlops.tracking.comparing import compare_runs
    from jupyter_mlops.tracking.deleting import delete_run, restore_run
    from jupyter_mlops.tracking.downloading import download_artifacts
    from jupyter_mlops.tracking.editing import archive_run, note_run, rename_run, tag_run
    from jupyter_mlops.tracking.experiments import find_experiments
    from jupyter_mlops.tracking.finding import (
        find_artifacts,
        find_runs,
        get_run,
        metric_history,
        run_cells,
        run_curves,
    )
    from jupyter_mlops.tracking.grouping import group_runs
    from jupyter_mlops.tracking.handle import ActiveRun
    from jupyter_mlops.tracking.log import log_artifact, log_metrics, log_params, open_artifact
    from jupyter_mlops.tracking.looking import get_artifact
    from jupyter_mlops.tracking.models import log_model
    from jupyter_mlops.tracking.runs import finish_run, reopen_run, start_run
    from jupyter_mlops.tracking.settling import settle_lost
    from jupyter_mlops.tracking.shortcuts import load_data, load_model
    from jupyter_mlops.tracking.slices import SliceForm, slice_run
    from jupyter_mlops.tracking.watching import autolog

__all__ = [
    "ActiveRun",
    "SliceForm",
    "archive_run",
    "autolog",
    "compare_runs",
    "current_run",
    "delete_run",
    "download_artifacts",
    "find_artifacts",
    "find_experiments",
    "find_runs",
    "finish_run",
    "get_artifact",
    "get_run",
    "group_runs",
    "load_data",
    "load_model",
    "log_artifact",
    "log_metrics",
    "log_model",
    "log_params",
    "metric_history",
    "note_run",
    "open_artifact",
    "output",
    "rename_run",
    "reopen_run",
    "restore_run",
    "run_beside",
    "run_cells",
    "run_curves",
    "settle_lost",
    "slice_run",
    "start_run",
    "tag_run",
    "track",
]

__getattr__, __dir__ = hand_on(
    __name__,
    {
        "ActiveRun": "handle",
        "SliceForm": "slices",
        "archive_run": "editing",
        "autolog": "watching",
        "compare_runs": "comparing",
        "current_run": "active",
        "delete_run": "deleting",
        "download_artifacts": "downloading",
        "find_artifacts": "finding",
        "find_experiments": "experiments",
        "find_runs": "finding",
        "finish_run": "runs",
        "get_artifact": "looking",
        "get_run": "finding",
        "group_runs": "grouping",
        "load_data": "shortcuts",
        "load_model": "shortcuts",
        "log_artifact": "log",
        "log_metrics": "log",
        "log_model": "models",
        "log_params": "log",
        "metric_history": "finding",
        "open_artifact": "log",
        "output": "active",
        "note_run": "editing",
        "rename_run": "editing",
        "reopen_run": "runs",
        "restore_run": "deleting",
        "run_beside": "beside",
        "run_cells": "finding",
        "run_curves": "finding",
        "settle_lost": "settling",
        "slice_run": "slices",
        "start_run": "runs",
        "tag_run": "editing",
        "track": "active",
    },
)
