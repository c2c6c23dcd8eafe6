"""A run whose last words are still on their way: its kernel says some of them in the background, after its end.

Evidence is read off a run when a version is registered. What came a moment later would change it, and an approval would
lapse that nobody has touched.
"""

from __future__ import annotations

import time
from datetime import timedelta

from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.workspace import Workspace

__all__ = ["all_said", "when_all_is_said"]

_LONGEST = 10.0  # seconds; a kernel that was killed says nothing more
_PAUSE = 0.05
_RECENT = timedelta(seconds=60)


def all_said(ws: Workspace, run: Run) -> bool:
    """Tell whether nothing more is to be expected of *run*: its surroundings and the digests of its files are there."""
    if run.source.session is None or run.status is RunStatus.RUNNING or run.ended is None:
        return True
    if ws.now() - run.ended > _RECENT:
        return True
    return run.source.environment is not None and not any(item.is_awaited for item in run.inputs)


def when_all_is_said(ws: Workspace, run: Run) -> Run:
    """Return *run* once all is said, or after ten seconds as it is then."""
    deadline = time.monotonic() + _LONGEST
    while not all_said(ws, run) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        with ws.store.read() as tx:
            run = tx.runs.get(run.id)
    return run
