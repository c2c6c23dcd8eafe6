"""One sweep in a process of its own: ``python -m jupyter_mlops.automation.conductor JOB``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from jupyter_mlops.automation.sweeps.conducting import conduct
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.workspace import open_workspace

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Conduct a sweep of the workspace that the environment names; the exit code is 0 for success."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_mlops.automation.conductor")
    parser.add_argument("job")
    chosen = parser.parse_args(arguments)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)
    try:
        job = conduct(open_workspace(via=Door.AUTOMATION), chosen.job)
    except KeyboardInterrupt:
        return 1
    except MlopsError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0 if job.status is JobStatus.SUCCEEDED else 1


def _stop(number: int, _frame: object) -> NoReturn:
    """Do as Ctrl-C does: the trials are asked to stop, and waited for."""
    raise KeyboardInterrupt(f"the sweep was told to end ({signal.Signals(number).name})")


if __name__ == "__main__":
    sys.exit(main())
