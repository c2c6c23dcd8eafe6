"""What is known of a running notebook: told by the engine, read by the supervisor, kept for the end."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jupyter_mlops.capture.outputs import output_mark
from jupyter_mlops.capture.recorder import Recorder
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.jobs.ending import as_job_error
from jupyter_mlops.jobs.failures import KILLED_FOR_MEMORY, machine_kills
from jupyter_mlops.jobs.fence import Fence
from jupyter_mlops.jobs.remedies import kernel_error, plain_traceback, remedy_for
from jupyter_mlops.records.job import CellProgress, JobError, JobStatus
from jupyter_mlops.records.source import CellStatus

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

__all__ = ["Watch", "output_marks"]

_FIRST_LINE = 120  # characters


class Watch:
    """The one thing the executing thread and the supervisor share.

    Parameters
    ----------
    job
        The job's id: the session its cells are chained under.
    total
        How many code cells there are.
    now
        The clock.
    fence
        What the kernel is kept within; without one it may do as it likes, and is ended alone.
    cpus
        The processors that the kernel may keep busy.
    """

    def __init__(
        self,
        job: str,
        total: int,
        now: Callable[[], datetime],
        fence: Fence | None = None,
        cpus: float | None = None,
    ) -> None:
        self.recorder = Recorder(job, now)
        self.executed = threading.Event()  # the execution is over; what it left is being put away
        self.done = threading.Event()  # that is over too
        self.started = time.monotonic()
        self.running = False
        self.failure: JobError | None = None
        self.stop: tuple[JobStatus, JobError] | None = None
        self.progress: CellProgress | None = None
        self.cell_started_at: float | None = None
        self._total = total
        self._at = -1
        self._now = now
        self._lock = threading.Lock()
        self._manager: AsyncKernelManager | None = None
        self._group: int | None = None
        self._fence, self._cpus = fence, cpus
        self._kills = machine_kills()

    # --- told by the engine, in the executing thread ---

    def attend(self, manager: AsyncKernelManager) -> None:
        """Remember whom to interrupt, also while it still comes up."""
        self._manager = manager

    def kernel_started(self, manager: AsyncKernelManager) -> None:
        """Note that the kernel is up."""
        self._manager = manager
        self._note_group()
        self._take_in()
        self.running = True

    def _note_group(self) -> None:
        provisioner = getattr(self._manager, "provisioner", None)
        group = getattr(provisioner, "pgid", None) or getattr(provisioner, "pid", None)
        self._group = group or self._group  # what is gone from the manager may have left children behind

    def _take_in(self) -> None:
        if self._fence is not None:
            self._fence.hold(getattr(getattr(self._manager, "provisioner", None), "pid", None), self._cpus)

    def _machine_ran_out(self) -> bool:
        now = machine_kills()
        return now is not None and self._kills is not None and now > self._kills

    def stopping(self) -> bool:
        """Tell whether no further cell may start."""
        return self.stop is not None

    def cell_started(self, cell: NotebookNode, index: int) -> None:  # noqa: ARG002  # a place among all cells
        """Note that a cell begins."""
        self._at += 1
        self.recorder.started(cell.source, cell=cell.id, count=self._at + 1)
        first = next((line.strip() for line in cell.source.splitlines() if line.strip()), "")
        self.progress = CellProgress(
            index=self._at, total=self._total, cell=cell.id, source=first[:_FIRST_LINE], started=self._now()
        )
        self.cell_started_at = time.monotonic()

    def cell_ended(self, cell: NotebookNode, failure: BaseException | None) -> None:
        """Note that a cell has ended, and why if it failed."""
        self.cell_started_at = None
        outputs = output_marks(cell)
        error = None if failure is None else self._error_of(failure)
        status = CellStatus.OK if error is None else CellStatus.ERROR
        said = None if error is None else f"{error.kind}: {error.message}"
        self.recorder.ended(status, error=said, outputs=outputs)
        if error is not None and not _quit(error):
            self.failure = replace(error, cell=cell.id, index=self._at)

    def _error_of(self, failure: BaseException) -> JobError:
        if type(failure).__name__ in {"DeadKernelError", "KernelDiedAtStart"}:
            code = getattr(failure, "exit_code", None) or self.exit_code()
            return kernel_error(code, short_of_memory=self._machine_ran_out())
        if isinstance(failure, MlopsError):
            return as_job_error(failure)
        kind = str(getattr(failure, "ename", "") or type(failure).__name__)
        said = getattr(failure, "evalue", None)
        message = str(failure if said is None else said)  # sys.exit() says nothing, and that is what it says
        trace = plain_traceback(str(getattr(failure, "traceback", "")))
        return JobError(kind=kind, message=message, traceback=trace, remedy=remedy_for(kind, message))

    def exit_code(self) -> int | None:
        """Return how the kernel's process ended; None while it lives or where nobody knows."""
        process = getattr(getattr(self._manager, "provisioner", None), "process", None)
        code = process.poll() if process is not None else None
        return int(code) if code is not None else None

    # --- told by the supervisor ---

    def ask_to_stop(self, status: JobStatus, kind: str, message: str, remedy: str = "") -> None:
        """Ask for an end; the first reason given is the one that counts."""
        with self._lock:
            if self.stop is None:
                at = self.progress
                self.stop = (
                    status,
                    JobError(
                        kind=kind,
                        message=message,
                        remedy=remedy,
                        cell=at.cell if at else None,
                        index=at.index if at else None,
                    ),
                )

    def interrupt(self) -> None:
        """Ask the kernel to leave its cell. It may not hear: the caller goes on to ``kill``."""
        self._signal(getattr(signal, "SIGINT", signal.SIGTERM))

    def keep_memory(self, limit: int) -> bool:
        """Ask for an end where the kernel and what it started hold more than *limit* bytes, and tell whether they do."""
        self._take_in()
        held = self._fence.memory() if self._fence is not None else 0
        if held <= limit:
            return False
        self.ask_to_stop(
            JobStatus.FAILED,
            KILLED_FOR_MEMORY,
            f"the kernel and what it started held {held / 1e6:,.0f} MB; their limit is {limit / 1e6:,.0f} MB",
            "Give the job more memory, or load less data at a time.",
        )
        return True

    def kill(self) -> None:
        """End the kernel and every process it started."""
        self._take_in()
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        if self._fence is not None:
            self._fence.end()

    def _signal(self, number: int) -> None:
        self._note_group()
        if self._group is None:
            return
        with suppress(OSError):
            os.killpg(self._group, number) if hasattr(os, "killpg") else os.kill(self._group, number)

    # --- read at the end ---

    def outcome(self, raised: BaseException | None) -> tuple[JobStatus, JobError | None]:
        """Return what became of the job, whatever papermill's metadata says."""
        if self.stop is not None and (raised is not None or self.failure is not None):
            return self.stop
        if self.failure is not None:
            return JobStatus.FAILED, self.failure
        if raised is not None:
            return JobStatus.FAILED, self._error_of(raised)
        return JobStatus.SUCCEEDED, None


def _quit(error: JobError) -> bool:
    """``sys.exit(0)`` in a cell is an early end, not a failure."""
    return error.kind == "SystemExit" and error.message in {"", "0", "None"}


def output_marks(cell: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the marks of a cell's outputs, as the chain of cells keeps them."""
    return tuple(filter(None, map(_output_mark, cell.get("outputs", ()))))


def _output_mark(output: Mapping[str, Any]) -> str:
    """A display is known by the same mark as one in a notebook; a stream or an error by its kind and a digest."""
    if "data" in output:
        return output_mark(output["data"])
    text = json.dumps(output, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return f"{output['output_type']}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
