"""How far a run can be trusted, where that became known after its end."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.records.query import MAXIMUM_PAGE, Query, equal
from jupyter_mlops.records.run import Grade, Run, RunStatus
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.live import flush
from jupyter_mlops.tracking.lives import over_lives
from jupyter_mlops.workspace import Workspace

__all__ = ["settle_grade"]

_GRADES = tuple(Grade)  # the best first


def settle_grade(ws: Workspace, was: Run, grade: Grade, reason: str) -> Run:
    """Write down another grade of a run that ended as *was*; the event dates it. Returns the run as it is kept.

    The fits and candidates of that run which rest on the same cells get it, too. A run that went on meanwhile keeps the grade of
    its later end. One that a model version was registered from keeps its grade where the other would be better: its evidence
    is read by then, and an approval must not lapse where nobody has touched anything; for a worse one it must.
    """
    flush(ws, was.id)  # it may stand in its journal only, so far
    with ws.store.write() as tx:
        kept = tx.runs.get(was.id)
        if kept.ended == was.ended:
            _settle(ws, tx, kept, grade, reason)
        else:  # it went on; what was fitted in that life did not
            _settle_earlier(ws, tx, kept, grade, reason)
            if was.source.cells is not None:
                _settle_children(ws, tx, was, grade, reason)
        return tx.runs.get(was.id)


def _settle_earlier(ws: Workspace, tx: Transaction, run: Run, grade: Grade, reason: str) -> None:
    """Write down what became known of a life before the last one, where it makes the whole worse."""
    if run.earlier is None or _GRADES.index(grade) <= _GRADES.index(run.earlier.grade):
        return
    run = replace(run, earlier=replace(run.earlier, grade=grade, reason=reason))
    tx.runs.replace(run)
    if run.status is not RunStatus.RUNNING:  # its fits are of its last life
        _grade(ws, tx, run, *over_lives(run.earlier, run.grade, run.grade_reason))


def _settle(ws: Workspace, tx: Transaction, run: Run, own: Grade, why: str) -> None:
    _grade(ws, tx, run, *over_lives(run.earlier, own, why))
    _settle_children(ws, tx, run, own, why)


def _grade(ws: Workspace, tx: Transaction, run: Run, grade: Grade, reason: str) -> None:
    if (run.grade, run.grade_reason) != (grade, reason) and _may(tx, run, grade):
        tx.runs.replace(replace(run, grade=grade, grade_reason=reason))
        tx.events.append([ws.event("run.graded", run.id, grade=grade.value, reason=reason)])


def _settle_children(ws: Workspace, tx: Transaction, of: Run, grade: Grade, reason: str) -> None:
    asked = Query(where=equal(parent=of.id), limit=MAXIMUM_PAGE)
    for child in tx.runs.find(asked).items:
        if child.source.cells == of.source.cells and child.source.session == of.source.session:
            _settle(ws, tx, child, grade, reason)


def _may(tx: Transaction, run: Run, grade: Grade) -> bool:
    registered = tx.versions.find(Query(where=equal(run=run.id), limit=1)).total
    return not registered or _GRADES.index(grade) > _GRADES.index(run.grade)
