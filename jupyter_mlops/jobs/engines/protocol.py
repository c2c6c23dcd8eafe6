"""What an engine must do: start a worker for a queued job, and say when it has ended."""

from __future__ import annotations

from typing import Protocol

from jupyter_mlops.workspace import Workspace

__all__ = ["Engine", "Handle"]


class Handle(Protocol):
    """One worker that an engine has started."""

    def gone(self, seconds: float = 0) -> bool:
        """Tell whether the worker has ended, after waiting for it at most so long."""

    def let_go(self) -> None:
        """Nobody waits any longer: a worker of this machine ends; on a cluster, only a job that has not begun is taken back."""


class Engine(Protocol):
    """Dispatches queued jobs. What became of a job stands in the store, never in the engine."""

    def start(self, ws: Workspace, job: str) -> Handle:
        """Start a worker for the queued *job*."""

    def close(self) -> None:
        """Give back what the engine holds."""
