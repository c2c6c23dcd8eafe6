"""The thread beside the execution: it beats, tells how far the job is, and ends what must end."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from jupyter_mlops.jobs.steps import take_step
from jupyter_mlops.jobs.watch import Watch
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking.lease import take_lease
from jupyter_mlops.workspace import Workspace

__all__ = ["Supervisor"]

BEAT = 5.0  # seconds between heartbeats, whatever the cell does
_LOOK = 0.5  # seconds between looks for a wish to cancel, and between two words about progress
_TICK = 0.1
_WEIGH = 0.25  # seconds between looks at the memory of a kernel that has a limit
_GRACE = 3.0  # seconds between asking a kernel to stop and killing it
_LAST = 20.0  # seconds the executing thread has after the kernel is dead


class Supervisor:
    """Watches over one execution from a thread of its own.

    An interrupt is a request that a kernel may lose; so it is followed by a kill, and the kill by the end of this
    process (*give_up*): no wait here is without its deadline.

    Parameters
    ----------
    ws, job, watch
        Where, which, and what is known of it.
    give_up
        Called when the executing thread does not come back even though its kernel is dead. Must not return.
    """

    def __init__(self, ws: Workspace, job: Job, watch: Watch, give_up: Callable[[], None]) -> None:
        self._ws, self._job, self._watch, self._give_up = ws, job, watch, give_up
        self._said: tuple[bool, CellProgress | None] = (False, None)
        self._beat_at = self._looked_at = time.monotonic()
        self._weighed_at = 0.0
        self._asked_at: float | None = None
        self._killed_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="mlops-supervisor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread has seen that the execution is over."""
        self._thread.join(timeout=_LAST)

    def _run(self) -> None:
        while not self._watch.done.wait(_TICK):
            for act in (self._keep_order, self._talk_to_store):
                # The notebook goes on while the store is away, or the machine short of something; without this thread
                # nobody would beat, keep limits, or hear of a wish to stop.
                try:
                    act()
                except Exception as failure:  # noqa: BLE001
                    with suppress(OSError):  # the log's disk may be full
                        sys.stderr.write(f"job {self._job.short}: {failure}\n")

    def _keep_order(self) -> None:
        if not self._watch.executed.is_set():
            self._keep_limits(self._job.spec)
            self._end_what_must_end()

    def _keep_limits(self, spec: JobSpec) -> None:
        now, cell = time.monotonic(), self._watch.cell_started_at
        if spec.timeout is not None and now - self._watch.started > spec.timeout:
            self._watch.ask_to_stop(
                JobStatus.TIMED_OUT,
                "timed_out",
                f"the job took longer than {spec.timeout:g} s",
                "Give it more time, or fewer data.",
            )
        if spec.cell_timeout is not None and cell is not None and now - cell > spec.cell_timeout:
            self._watch.ask_to_stop(
                JobStatus.TIMED_OUT,
                "timed_out",
                f"the cell took longer than {spec.cell_timeout:g} s",
                "Give cells more time, or split this one.",
            )
        if spec.memory is not None and self._killed_at is None and now - self._weighed_at > _WEIGH:
            self._weighed_at = now
            if self._watch.keep_memory(spec.memory):
                # It would only hold more while it was asked politely.
                self._asked_at = self._killed_at = now
                self._watch.kill()

    def _end_what_must_end(self) -> None:
        if self._watch.stop is None:
            return
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
            self._watch.interrupt()
        elif self._killed_at is None and now - self._asked_at > _GRACE:
            self._killed_at = now
            self._watch.kill()
        elif self._killed_at is not None and now - self._killed_at > _LAST:
            self._give_up()

    def _talk_to_store(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK:
            return
        self._looked_at = now
        with self._ws.store.read() as tx:
            kept = tx.jobs.get(self._job.id)
        if kept.status.ended or kept.run != self._job.run:
            self._watch.ask_to_stop(
                JobStatus.CANCELLED,
                "superseded",
                "the job was taken for lost, and is not this worker's any more",
            )
            return
        if kept.cancel:
            why = kept.error or JobError(kind="cancelled", message="cancelled")
            self._watch.ask_to_stop(JobStatus.CANCELLED, why.kind, why.message)
        known = (self._watch.running, self._watch.progress)
        if known != self._said or now - self._beat_at >= BEAT:
            self._beat_at = now
            self._beat(*known)
            self._said = known

    def _beat(self, running: bool, progress: CellProgress | None) -> None:
        ws, now = self._ws, self._ws.now()
        lease = take_lease(now, ws.settings.lease_seconds)
        with ws.store.write() as tx:
            job = tx.jobs.get(self._job.id)
            if job.status.ended or job.run != self._job.run:
                return
            if running and job.status is JobStatus.STARTING:
                job = take_step(ws, tx, job, JobStatus.RUNNING)
            tx.jobs.replace(replace(job, heartbeat=now, progress=progress, lease=lease))
            run = tx.runs.get(str(job.run))
            if run.status is RunStatus.RUNNING:
                cell = progress.cell if progress else None
                tx.runs.replace(replace(run, lease=lease, last_cell=cell))
