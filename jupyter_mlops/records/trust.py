"""How far a run can be trusted, in the three words that other records say of it: beside a version, a job, a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_mlops.records.run import DocumentState, Grade, Run, RunStatus

__all__ = ["RunTrust", "trust_in"]

_GRADES = tuple(Grade)  # the best first
# A saved notebook can only be said of all where it is known of all; a bad state of one is never hidden.
_DOCUMENTS = (DocumentState.SAVED, DocumentState.UNKNOWN, DocumentState.UNSAVED, DocumentState.ORPHANED)
_BAD = (DocumentState.ORPHANED, DocumentState.UNSAVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTrust:
    """A run's grade, the sentence behind it, and whether the saved notebook still says what ran; of several the worst."""

    grade: Grade
    grade_reason: str = ""
    document: DocumentState = DocumentState.UNKNOWN


def trust_in(runs: Sequence[Run]) -> RunTrust | None:
    """Return how far *runs* can be trusted, taken together: the worst of them, the first one where several are as bad.

    None where none has ended: nobody could have graded it yet.
    """
    ended = [run for run in runs if run.status is not RunStatus.RUNNING]
    if not ended:
        return None
    worst = max(ended, key=lambda run: _GRADES.index(run.grade))
    return RunTrust(
        grade=worst.grade,
        grade_reason=worst.grade_reason if len(ended) == 1 else _of_several(worst, ended),
        document=_worst_document(ended),
    )


def _worst_document(runs: Sequence[Run]) -> DocumentState:
    return max((run.document for run in runs), key=_DOCUMENTS.index)


def _of_several(worst: Run, runs: Sequence[Run]) -> str:
    """Count what is not well, the worst first: one bad grade must not hide another, nor a notebook that has changed."""
    grades, documents = Counter(run.grade for run in runs), Counter(run.document for run in runs)
    counts = [f"{grades[grade]} {grade}" for grade in reversed(_GRADES) if grades[grade]]
    counts += [f"notebook of {documents[state]} {state}" for state in _BAD if documents[state]]
    said = f"of {len(runs)} ended runs: {', '.join(counts)}"
    if worst.grade is Grade.CLEAN or not worst.grade_reason:
        return said
    return f"{said}; {worst.name} {worst.short}: {worst.grade_reason}"
