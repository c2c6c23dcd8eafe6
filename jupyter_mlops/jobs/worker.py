"""One job in a process of its own: ``python -m jupyter_mlops.jobs.worker JOB [--attended]``.

Without JOB, several, one after the other: each is named by a line of standard input, and its end by one of standard
output (see ``standing``).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from jupyter_mlops.jobs.attendance import Launcher

__all__ = ["main"]

_MOST_JOBS = 100  # after which a fresh process takes over
_MOST_GROWTH = 300_000_000  # bytes that this process may hold more than after its first job


def main(arguments: Sequence[str] | None = None) -> int:
    """Run jobs of the workspace that the environment names; for one, the exit code is 0 for success."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_mlops.jobs.worker")
    parser.add_argument(
        "job", nargs="?", help="without one, those that standard input names, one after the other"
    )
    parser.add_argument(
        "--attended", action="store_true", help="end with the process that holds standard input"
    )
    chosen = parser.parse_args(arguments)
    if chosen.job is None and not chosen.attended:
        parser.error("name a job, or say --attended and name them on standard input")
    _do_without_address_grammar()
    from jupyter_mlops.jobs.attendance import Launcher
    from jupyter_mlops.jobs.execution import run_job

    launcher = Launcher() if chosen.attended else None
    try:
        ws = open_workspace(via=Door.JOB)
        if launcher is not None and chosen.job is None:
            return _Turns(ws, launcher).take()
        job = run_job(ws, chosen.job, launcher=launcher)
    except MlopsError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0 if job.status is JobStatus.SUCCEEDED else 1


class _Turns:
    """One job after the other in this process: what is loaded and opened once serves all of them.

    Each has its own kernel and its own log, and nothing of this process is changed for it. A fault that the job's
    own end does not tell ends this process, and with it nothing but that job.
    """

    def __init__(self, ws: Workspace, launcher: Launcher) -> None:
        self._ws, self._launcher = ws, launcher
        # Whatever writes to the output now, kernels too, writes to the job's log.
        self._says = os.dup(1)
        os.dup2(2, 1)
        self._at_first = 0
        self._packages = _packages()

    def take(self) -> int:
        """Run what is handed over until there is no more, or until a fresh process would do better."""
        taken = 0
        while (line := self._launcher.order()) is not None:
            order = json.loads(line)
            told_to_end = self._run(order)
            taken += 1
            last = told_to_end or taken >= _MOST_JOBS or self._has_grown() or _packages() != self._packages
            os.write(self._says, f"{json.dumps({'job': order['job'], 'last': last})}\n".encode())
            if last:
                break
        return 0

    def _run(self, order: dict[str, str | None]) -> bool:
        from jupyter_mlops.jobs.execution import run_job

        _write_to(str(order["log"]))
        try:
            job = run_job(self._ws, str(order["job"]), launcher=self._launcher, prepared=order["prepared"])
        except MlopsError as failure:
            sys.stderr.write(f"{failure}\n")
            return False
        finally:
            self._launcher.when_gone(None)
            for name in ("SIGTERM", "SIGINT", "SIGHUP"):  # they meant the job that was running
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), signal.SIG_DFL)
        return job.error is not None and job.error.kind == "terminated"

    def _has_grown(self) -> bool:
        import psutil

        held = psutil.Process().memory_info().rss
        self._at_first = self._at_first or held
        return held - self._at_first > _MOST_GROWTH


def _packages() -> list[int]:
    """Return when packages were last installed or removed: what a worker knows of its environment holds until then."""
    folders = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    return [folder.stat().st_mtime_ns for folder in sorted(folders) if folder.is_dir()]


def _write_to(log: str) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for number in (1, 2):
        os.dup2(file, number)
    os.close(file)


def _do_without_address_grammar() -> None:
    """Spare this process a second and more of its start.

    jsonschema, behind papermill, can check internationalised web addresses where a library for that is installed
    (jupyter_server brings it), and that library builds its grammar at import. Notebooks have no such field, and this
    process has no other business; jsonschema is written to do without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
