"""Some jobs at once, waited for by the process that starts them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from jupyter_mlops.errors import Conflict, MlopsError, Unavailable
from jupyter_mlops.jobs.engines import Handle, open_engine
from jupyter_mlops.jobs.patience import LONGEST
from jupyter_mlops.jobs.retrying import retry_by_policy
from jupyter_mlops.jobs.settle import settle_job
from jupyter_mlops.jobs.submit import cancel_job, get_job, queue_job, read_job
from jupyter_mlops.records.job import Job, JobSpec, JobStatus
from jupyter_mlops.workspace import Workspace

__all__ = ["Crew", "run_attended"]

_LOOK = 0.2  # seconds between two looks at the jobs
_STEP = 0.02  # seconds between two looks at their workers
_LAST = 30.0  # seconds that cancelled jobs have to end
Progress = Callable[[Job], None]


class Crew:
    """Workers under one roof: at most so many, and all of them ended when the roof is left.

    Parameters
    ----------
    ws, workers, engine
        Where, how many at once, and on what (see ``engines.open_engine``).
    progress
        Called with a job at each of its changes.
    python
        The interpreter that runs them here; without one, this.
    look
        Called some times a second while jobs are waited for; what it raises ends the wait.
    """

    def __init__(
        self,
        ws: Workspace,
        *,
        workers: int = 1,
        engine: str = "local",
        progress: Progress | None = None,
        python: str | None = None,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._ws, self._workers, self._progress, self._watch = ws, workers, progress, look
        self._engine = open_engine(engine, workers, python)
        self._busy: dict[str, Handle] = {}
        self._attempts: dict[str, int] = {}  # which attempt of a job its worker was started for
        self._later: dict[str, datetime] = {}  # jobs to be tried again, and when
        self._seen: dict[str, Job] = {}
        self._ended: list[Job] = []  # for good, and not handed out yet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.busy:
                at_keyboard = kind is KeyboardInterrupt and not (error and error.args)
                self._dismiss("interrupted at the keyboard" if at_keyboard else "no longer wanted")
        finally:
            for handle in self._busy.values():
                handle.let_go()
            self._engine.close()

    @property
    def busy(self) -> bool:
        """Tell whether a job is under way."""
        return bool(self._busy or self._later)

    @property
    def free(self) -> bool:
        """Tell whether another job may be started."""
        return len(self._busy) + len(self._later) < self._workers

    def start(self, spec: JobSpec) -> Job:
        """Queue a prepared *spec* and start its worker."""
        return self.take_up(queue_job(self._ws, spec, attended=True))

    def take_up(self, job: Job) -> Job:
        """Start the worker of a job that is queued; one that somebody else has in hand is waited for."""
        self._attempts[job.id] = job.attempt
        if job.status is not JobStatus.QUEUED:
            self._busy[job.id] = _Elsewhere(self._ws, job.id)
            return job
        if job.not_before is not None and job.not_before > self._ws.now():
            self._later[job.id] = job.not_before
            return job
        try:
            self._begin(job)
        except Conflict:  # somebody was faster, or has cancelled it: then its end is waited for
            self._busy[job.id] = _Elsewhere(self._ws, job.id)
        except BaseException:
            # Whoever asked is told that it did not begin: no clock may begin it behind their back.
            with suppress(MlopsError):
                cancel_job(self._ws, job.id, reason="no worker could be started")
            raise
        return job

    def _begin(self, job: Job) -> None:
        self._busy[job.id] = self._engine.start(self._ws, job.id)
        self._attempts[job.id] = job.attempt

    def wait(self) -> tuple[Job, ...]:
        """Wait until at least one job has ended for good (retries are done here), and return those that have."""
        away: float | None = None  # since when the store is
        while self.busy or self._ended:
            if self._ended:
                ended, self._ended = tuple(self._ended), []
                return ended
            try:
                self._watch()
                self._resume()
                self._look()
                away = None
            except Unavailable:  # the jobs go on, and so does whoever waits for them
                away = away or time.monotonic()
                if time.monotonic() - away > LONGEST:
                    raise
                time.sleep(_LOOK)
            if not self._busy and not self._ended:
                time.sleep(_LOOK)
        return ()

    def _resume(self) -> None:
        """Start the jobs whose wait before another try is over; one that was cancelled meanwhile has ended."""
        for key, due in tuple(self._later.items()):
            job = read_job(self._ws, key)
            if job.status is JobStatus.QUEUED and self._ws.now() < due:
                continue
            del self._later[key]
            self._busy[key] = _Elsewhere(self._ws, key)
            with suppress(
                Conflict
            ):  # a clock was faster, or somebody has cancelled it: then its end is waited for
                if job.status is JobStatus.QUEUED:
                    self._begin(job)

    def _look(self) -> None:
        if self._busy:
            self._wait_a_little()
        for key, handle in tuple(self._busy.items()):
            gone = handle.gone()
            job = self._left_by(key) if gone else read_job(self._ws, key)
            self._tell(job)
            if not gone:
                continue
            if not job.status.ended:
                handle.let_go()
                self._busy[key] = _Elsewhere(self._ws, key)
            elif not self._again(job):
                del self._busy[key]
                handle.let_go()
                self._ended.append(job)

    def _left_by(self, key: str) -> Job:
        """Return the job of a worker that is gone; one that somebody else has taken up meanwhile is left to them."""
        job = read_job(self._ws, key)
        if job.attempt != self._attempts.get(key):
            return job
        if job.status is JobStatus.QUEUED:  # given back: no worker could be started for it
            with suppress(Conflict):
                return cancel_job(self._ws, key, reason="no worker could be started")
        return settle_job(self._ws, job)

    def _wait_a_little(self) -> None:
        """Wait until one is gone, so that the next can begin, or until it is time to tell how far they are."""
        until = time.monotonic() + _LOOK
        first, *others = self._busy.values()
        while not first.gone(_STEP) and not any(other.gone() for other in others):
            if time.monotonic() > until:
                return

    def _again(self, job: Job) -> bool:
        again = retry_by_policy(self._ws, job)
        if again is None:
            return False
        self._busy.pop(job.id).let_go()
        self._attempts[job.id] = again.attempt
        self._later[job.id] = again.not_before or again.queued
        self._tell(again)
        return True

    def _tell(self, job: Job) -> None:
        if self._progress is not None and self._seen.get(job.id) != job:
            self._seen[job.id] = job
            self._progress(job)

    def _dismiss(self, reason: str) -> None:
        for key in (*self._busy, *self._later):
            with suppress(MlopsError):  # a store that is away: then it ends as it sees that nobody attends it
                # One that is at another attempt by now is somebody else's.
                if read_job(self._ws, key).attempt == self._attempts.get(key):
                    cancel_job(self._ws, key, reason=reason)
        self._later.clear()
        until = time.monotonic() + _LAST
        for key, handle in tuple(self._busy.items()):
            with suppress(MlopsError):
                if handle.gone(max(0.0, until - time.monotonic())):
                    self._tell(settle_job(self._ws, read_job(self._ws, key)))
                    handle.let_go()
                    del self._busy[key]


class _Elsewhere:
    """In place of a worker of ours: somebody else runs the job, or has ended it; the store tells when it is over."""

    def __init__(self, ws: Workspace, job: str) -> None:
        self._ws, self._job = ws, job

    def gone(self, seconds: float = 0) -> bool:
        """Tell whether it has ended, after waiting for that at most so long."""
        until = time.monotonic() + seconds
        while not get_job(self._ws, self._job).status.ended:  # which finds it lost where its worker is
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK)
        return True

    def let_go(self) -> None:
        """It is not ours to end."""


def run_attended(
    ws: Workspace, spec: JobSpec, *, progress: Progress | None = None, python: str | None = None
) -> Job:
    """Queue a prepared *spec*, run it with this process in attendance, retry as it says; return the ended job.

    Ctrl-C asks the job to stop and waits for that; a second one lets it go, and it ends by itself.
    """
    with Crew(ws, progress=progress, python=python) as crew:
        crew.start(spec)
        (job,) = crew.wait()
        return job
