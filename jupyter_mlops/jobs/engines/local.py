"""The default: worker processes on this machine, which end with the process that started them."""

from __future__ import annotations

from jupyter_mlops.jobs.launcher import Worker, launch
from jupyter_mlops.workspace import Workspace

__all__ = ["LocalEngine"]


class LocalEngine:
    """Starts a process a job, of this interpreter or of another."""

    def __init__(self, python: str | None = None) -> None:
        self._python = python

    def start(self, ws: Workspace, job: str) -> Worker:
        """Start a worker for the queued *job*."""
        return launch(ws, job, attended=True, python=self._python)

    def close(self) -> None:
        """Nothing is held."""
