"""One job in a process of its own: ``python -m jupyter_mlops.jobs.worker JOB [--attended]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.actor import Door
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.workspace import open_workspace

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one job of the workspace that the environment names; the exit code is 0 for success."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_mlops.jobs.worker")
    parser.add_argument("job")
    parser.add_argument(
        "--attended", action="store_true", help="end with the process that holds standard input"
    )
    chosen = parser.parse_args(arguments)
    _do_without_address_grammar()
    from jupyter_mlops.jobs.execution import run_job

    try:
        job = run_job(open_workspace(via=Door.JOB), chosen.job, attended=chosen.attended)
    except MlopsError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0 if job.status is JobStatus.SUCCEEDED else 1


def _do_without_address_grammar() -> None:
    """Spare this process a second and more of its start.

    jsonschema, behind papermill, can check internationalised web addresses where a library for that is installed
    (jupyter_server brings it), and that library builds its grammar at import. Notebooks have no such field, and this
    process has no other business; jsonschema is written to do without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
