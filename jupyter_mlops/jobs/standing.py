"""A worker that stays: it takes one job after the other, and spares each the start of a process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["StandingWorker", "Turn"]


class Turn:
    """One job at a standing worker."""

    def __init__(self, worker: StandingWorker, job: str, *, ended: bool = False) -> None:
        self._worker, self.job = worker, job
        self.ended = threading.Event()
        if ended:
            self.ended.set()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The worker's process."""
        return self._worker.process

    def gone(self, seconds: float = 0) -> bool:
        """Tell whether the worker is done with the job, or has ended, after waiting for it at most so long."""
        return self.ended.wait(seconds)

    def let_go(self) -> None:
        """Nobody waits any longer: a worker that is still at the job ends its kernel and then itself."""
        if not self.ended.is_set():
            self._worker.close()


class StandingWorker:
    """One worker process and the pipe that jobs are handed to it through; it ends with the pipe.

    Parameters
    ----------
    environment
        The worker's environment.
    log
        Where it writes until it has a job.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self.place = (dict(environment), _folder())
        self._turn: Turn | None = None
        self._last = False
        self._lock = threading.Lock()
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "jupyter_mlops.jobs.worker", "--attended"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
                env=self.place[0],
                start_new_session=True,  # Ctrl-C is for whoever waits, who then asks the job to stop
            )
        threading.Thread(target=self._listen, name="mlops-standing-worker", daemon=True).start()

    def can_take(self, environment: Mapping[str, str]) -> bool:
        """Tell whether it has nothing to do, and is what a worker started now would be."""
        with self._lock:
            free = self._turn is None and not self._last
        return free and self.process.poll() is None and self.place == (environment, _folder())

    def give(self, job: str, log: Path, prepared: str | None) -> Turn:
        """Hand over a claimed job, whose log is *log*; raises ``OSError`` where the worker is gone.

        Parameters
        ----------
        job, log
            The job, and where what is written meanwhile goes.
        prepared
            The socket of a prepared process for its kernel, where there is one.
        """
        turn = Turn(self, job)
        with self._lock:
            self._turn = turn
        line = f"{json.dumps({'job': job, 'log': str(log), 'prepared': prepared})}\n"
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()
        except OSError:
            if self.process.poll() is None:  # the pipe is broken and it lives: nothing more can come of it
                self.process.kill()
            raise
        return turn

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self._heard(line)
        self.process.wait()
        self._over(last=True)

    def _heard(self, line: bytes) -> None:
        with suppress(
            ValueError, TypeError, AttributeError
        ):  # a word of something that wrote there in our name
            said = json.loads(line)
            if self._turn is not None and said.get("job") == self._turn.job and "last" in said:
                self._over(last=bool(said["last"]))

    def _over(self, *, last: bool) -> None:
        with self._lock:
            turn, self._turn = self._turn, None
            self._last = self._last or last
        if turn is not None:
            turn.ended.set()

    @property
    def idle(self) -> bool:
        """Tell whether it has no job."""
        return self._turn is None

    def close(self) -> None:
        """Close its pipe: it ends, and before that what it is at."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()


def _folder() -> str:
    return str(Path.cwd())
