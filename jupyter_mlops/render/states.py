"""The signs of states: one place, so that a state looks the same wherever it is shown."""

from __future__ import annotations

from jupyter_mlops.records.run import DocumentState, Grade, Run
from jupyter_mlops.records.slice import RunSlice
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.render.blocks import Tone

__all__ = ["explained_trust", "outcome_face", "put_away", "signed_trust", "state_face", "trust"]

_FACES: dict[str, tuple[str, Tone]] = {
    "running": ("◌", Tone.BUSY), "starting": ("◌", Tone.BUSY), "claimed": ("◌", Tone.BUSY),
    "queued": ("○", Tone.PLAIN), "open": ("○", Tone.BUSY),
    "ran": ("✓", Tone.GOOD), "skipped": ("\u2013", Tone.PLAIN), "blocked": ("■", Tone.WARN),
    "sent": ("●", Tone.GOOD), "waiting": ("○", Tone.PLAIN), "sending": ("◌", Tone.BUSY),
    "finished": ("●", Tone.GOOD), "succeeded": ("●", Tone.GOOD), "live": ("●", Tone.GOOD),
    "approved": ("✓", Tone.GOOD), "approve": ("✓", Tone.GOOD), "passed": ("✓", Tone.GOOD), "clean": ("✓", Tone.GOOD),
    "saved": ("✓", Tone.GOOD), "identical": ("✓", Tone.GOOD), "within_tolerance": ("✓", Tone.GOOD),
    "differs": ("✕", Tone.BAD), "does_not_run": ("✕", Tone.BAD),
    "failed": ("✕", Tone.BAD), "rejected": ("✕", Tone.BAD), "reject": ("✕", Tone.BAD), "lost": ("✕", Tone.BAD),
    "timed_out": ("✕", Tone.BAD),
    "cancelled": ("■", Tone.WARN), "lapsed": ("⚠", Tone.WARN), "expired": ("⚠", Tone.WARN),
    "withdrawn": ("■", Tone.PLAIN), "stopped": ("■", Tone.PLAIN), "abstain": ("\u2013", Tone.PLAIN),
    "reordered": ("⚠", Tone.WARN), "stale": ("⚠", Tone.WARN), "unsaved": ("⚠", Tone.WARN),
    "orphaned": ("⚠", Tone.WARN), "unknown": ("?", Tone.WARN),
}  # fmt: skip


def state_face(state: str) -> tuple[str, Tone]:
    """Return the sign and the tone of a state, grade, verdict or outcome."""
    return _FACES.get(state, ("", Tone.PLAIN))


def put_away(run: Run) -> str:
    """Return the word that stands beside the state of a run that lists leave out; empty for any other."""
    if run.deleted is not None:
        return "deleted"
    return "archived" if run.archived else ""


def trust(run: Run | RunSlice | RunTrust) -> str:
    """Return the grade, and beside it whether the saved notebook says what ran, where that is known."""
    return f"{run.grade}, {run.document}" if run.document is not DocumentState.UNKNOWN else str(run.grade)


def signed_trust(run: Run | RunTrust | None) -> str:
    """Return the same behind the grade's sign; nothing where nobody has graded anything."""
    return "" if run is None else f"{state_face(run.grade)[0]} {trust(run)}"


def explained_trust(run: Run | RunTrust) -> str:
    """Return the grade with the sentence behind it, where it is not clean, and the state of the notebook beside it."""
    plain = run.grade is Grade.CLEAN or not run.grade_reason
    said = str(run.grade) if plain else f"{run.grade}: {run.grade_reason}"
    return said if run.document is DocumentState.UNKNOWN else f"{said} · {run.document}"


def outcome_face(outcome: str, *, required: bool) -> tuple[str, Tone]:
    """Return the face of a check: a failure that decides is bad, another one only wants to be seen."""
    sign, tone = state_face(outcome)
    return (sign, Tone.WARN) if tone is Tone.BAD and not required else (sign, tone)
