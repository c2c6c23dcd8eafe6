"""What a message says: one line, and a few more that tell why and what to do."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath

from jupyter_mlops.records.job import Job, JobStatus

__all__ = ["end_text", "headline", "late_text", "short_span", "stamp"]

_ENDS = {
    JobStatus.FAILED: "failed",
    JobStatus.TIMED_OUT: "took too long and was stopped",
    JobStatus.LOST: "was lost",
    JobStatus.SUCCEEDED: "succeeded",
}
_LONGEST = 500  # characters of a failure's own words
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def headline(job: Job, schedule: str, what: str) -> str:
    """Return the line that says which job it is and *what* became of it."""
    name = job.spec.name or PurePosixPath(job.spec.notebook).name
    return f"{schedule}: {name} {what}" if schedule else f"{name} {what}"


def end_text(job: Job) -> tuple[str, str]:
    """Return what became of an ended job in a few words, and in a few lines."""
    lines = []
    if job.error is not None:
        message = job.error.message.strip()
        lines.append(message if len(message) <= _LONGEST else message[:_LONGEST] + "…")
        if job.error.index is not None:
            lines.append(f"In code cell {job.error.index + 1} of {job.spec.notebook}.")
        if job.error.remedy:
            lines.append(job.error.remedy)
    elif job.started is not None and job.ended is not None:
        lines.append(f"It took {short_span((job.ended - job.started).total_seconds())}.")
    if job.attempt > 1:
        lines.append(f"This was attempt {job.attempt}.")
    lines.append(f"jupyter mlops job show {job.short}")
    return _ENDS.get(job.status, str(job.status)), "\n".join(lines)


def late_text(job: Job | None, due: datetime, now: datetime, why: str) -> str:
    """Return what is to be known of something that is late; without a *job*, *why* none was made."""
    lines = [f"It was due {stamp(due)}, {short_span((now - due).total_seconds())} ago."]
    if job is None:
        lines.append(f"No job was started: {why}.")
    else:
        at = job.progress
        where = f", at code cell {at.index + 1} of {at.total}" if at is not None else ""
        lines += [f"Its job is {job.status}{where}.", f"jupyter mlops job show {job.short}"]
    return "\n".join(lines)


def short_span(seconds: float) -> str:
    """Return a span of time in its largest unit and the one below it, as in ``2 h 5 min``."""
    whole = max(0, round(seconds))
    parts: list[str] = []
    for size, unit in _UNITS:
        if whole >= size and len(parts) < 2:  # noqa: PLR2004
            parts.append(f"{whole // size} {unit}")
            whole %= size
    return " ".join(parts) or f"{whole} s"


def stamp(moment: datetime) -> str:
    """Return a moment as people who may live anywhere read it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
