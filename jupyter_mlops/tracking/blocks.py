"""Runs that a cell opened by ``with track(...)``, or by a fit that autolog saw: they end inside the cell.

What they rest on is known when the cell has ended; it is added to them then, in the background or before somebody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from jupyter_mlops.capture.modules import Load, imported, loads
from jupyter_mlops.records.artifact import Artifact
from jupyter_mlops.records.captured import Captured
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.afterwards import afterwards
from jupyter_mlops.tracking.commits import commit_now
from jupyter_mlops.tracking.ended import Block
from jupyter_mlops.tracking.environment import environment_digest, this_environment
from jupyter_mlops.tracking.live import flush
from jupyter_mlops.tracking.lives import over_lives, source_over_lives
from jupyter_mlops.tracking.patches import patch_files, patch_notes
from jupyter_mlops.tracking.surroundings import around_script, module_sentences
from jupyter_mlops.workspace import Workspace

__all__ = ["add_chain", "add_environment"]


def add_chain(blocks: Sequence[Block], captured: Captured) -> None:
    """Add to each run which cells it rests on and how far they can be trusted; soon, and before anybody reads."""
    of = loads()
    for ws, run in blocks:
        afterwards(partial(_add, ws, run.id, captured, of))


def add_environment(ws: Workspace, run: str) -> None:
    """Add to a script's run which packages and files of the project it was made with; soon, and before anybody reads."""
    afterwards(partial(_add_environment, ws, run))


def _add_environment(ws: Workspace, run: str) -> None:
    environment_digest(ws)
    flush(ws, run)
    with ws.store.read() as tx:
        source = around_script(ws, tx.runs.get(run).source)
    files, said = patch_files(ws, source.patch), patch_notes(ws, source.patch)
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        tx.runs.replace(replace(kept, source=source, notes=(*kept.notes, *said)))
        _keep_files(tx, run, files)


def _add(ws: Workspace, run: str, captured: Captured, of: Sequence[Load]) -> None:
    modules = imported(ws.settings.root, of)
    commit = commit_now(ws.settings.root)
    environment = environment_digest(ws)
    files, said = patch_files(ws, commit["patch"]), patch_notes(ws, commit["patch"])
    flush(ws, run)  # it may stand in its journal only, so far
    with ws.store.write() as tx:
        kept = tx.runs.get(run)
        found = captured.source or kept.source
        grade, reason = over_lives(kept.earlier, captured.grade, captured.grade_reason)
        source = replace(
            source_over_lives(kept, found),
            notebook=found.notebook or kept.source.notebook,
            environment=environment,
            python=this_environment().python,
            **commit,
            modules=modules.digests,
            module_notes=modules.notes,
        )
        tx.runs.replace(
            replace(
                kept,
                source=source,
                grade=grade if captured.grade_reason else kept.grade,
                grade_reason=reason if captured.grade_reason else kept.grade_reason,
                document=kept.document if captured.document is DocumentState.UNKNOWN else captured.document,
                last_cell=captured.last_cell,
                notes=(*kept.notes, *module_sentences(modules.notes), *said),
            )
        )
        _keep_files(tx, run, files)
        _keep_cells(ws, tx, run, captured)


def _keep_files(tx: Transaction, run: str, files: Sequence[Artifact]) -> None:
    for file in files:
        tx.artifacts.replace(replace(file, run=run))


def _keep_cells(ws: Workspace, tx: Transaction, run: str, captured: Captured) -> None:
    if captured.cells:
        tx.cells.append(run, captured.cells)
    if captured.grade is not Grade.UNKNOWN or captured.grade_reason:
        grade = tx.runs.get(run).grade
        tx.events.append([ws.event("run.graded", run, grade=grade.value, cells=len(captured.cells))])
