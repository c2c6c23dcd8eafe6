"""Runs that a cell opened by ``with track(...)``, or by a fit that autolog saw: they end inside the cell.

What they rest on is known when the cell has ended; it is added to them then, in the background or before somebody reads.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from jupyter_mlops.capture.environment import git_state
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.store.pending import forget, remember
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.ended import Block
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.live import flush
from jupyter_mlops.tracking.pulse import in_background
from jupyter_mlops.workspace import Workspace

__all__ = ["add_chain"]

_waiting: deque[Callable[[], object]] = deque()
_one_at_a_time = threading.Lock()


def add_chain(blocks: Sequence[Block], captured: Captured) -> None:
    """Add to each run which cells it rests on and how far they can be trusted; soon, and before anybody reads."""
    _waiting.extend(partial(_add, ws, run.id, captured) for ws, run in blocks)
    remember(_bring)
    in_background(_bring)


def _bring() -> None:
    with _one_at_a_time:
        while _waiting:
            # Left out of the store for good is better than tried for ever; the run itself is kept already.
            with suppress(MlopsError, IndexError):
                _waiting.popleft()()
        forget(_bring)


def _add(ws: Workspace, run: str, captured: Captured) -> None:
    commit, branch, dirty = git_state(ws.settings.root)
    environment = environment_digest(ws)
    flush(ws, run)  # it may stand in its journal only, so far
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        found = captured.source or kept.source
        source = replace(
            found,
            notebook=found.notebook or kept.source.notebook,
            environment=environment,
            python=this_environment().python,
            commit=commit,
            branch=branch,
            dirty=tuple(dirty),
        )
        tx.runs.replace(
            replace(
                kept,
                source=source,
                grade=captured.grade if captured.grade_reason else kept.grade,
                grade_reason=captured.grade_reason or kept.grade_reason,
                document=kept.document if captured.document is DocumentState.UNKNOWN else captured.document,
                last_cell=captured.last_cell,
            )
        )
        _keep_cells(ws, tx, run, captured)


def _keep_cells(ws: Workspace, tx: Transaction, run: str, captured: Captured) -> None:
    if captured.cells:
        tx.cells.append(run, captured.cells)
    if captured.grade is not Grade.UNKNOWN or captured.grade_reason:
        tx.events.append([ws.event("run.graded", run, grade=captured.grade.value, cells=len(captured.cells))])
