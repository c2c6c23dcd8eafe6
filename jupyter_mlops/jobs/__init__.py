"""Notebooks as reproducible jobs."""

from __future__ import annotations

from jupyter_mlops.jobs.fixes import fix_job
from jupyter_mlops.jobs.parameter_schema import parameters_schema
from jupyter_mlops.jobs.reproduce import reproduce_run
from jupyter_mlops.jobs.settle import settle_jobs
from jupyter_mlops.jobs.submit import cancel_job, find_jobs, get_job, inspect_notebook, retry_job, submit_job

__all__ = [
    "cancel_job",
    "find_jobs",
    "fix_job",
    "get_job",
    "inspect_notebook",
    "parameters_schema",
    "reproduce_run",
    "retry_job",
    "settle_jobs",
    "submit_job",
]
