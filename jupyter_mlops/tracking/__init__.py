"""The book of runs."""

from __future__ import annotations

from jupyter_mlops.tracking.log import log_artifact, log_metrics, log_params, open_artifact
from jupyter_mlops.tracking.runs import (
    find_artifacts,
    find_runs,
    finish_run,
    get_run,
    metric_history,
    reopen_run,
    run_cells,
    start_run,
)
from jupyter_mlops.tracking.settling import settle_lost

__all__ = [
    "find_artifacts",
    "find_runs",
    "finish_run",
    "get_run",
    "log_artifact",
    "log_metrics",
    "log_params",
    "metric_history",
    "open_artifact",
    "reopen_run",
    "run_cells",
    "settle_lost",
    "start_run",
]
