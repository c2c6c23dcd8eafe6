"""What a process says to the person who waits: where it is, what came of it, what to do next."""

from __future__ import annotations

from jupyter_mlops.jobs import get_job
from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.report import RunReport, TickReport
from jupyter_mlops.records.review import CheckReport, Outcome
from jupyter_mlops.records.serving import Served
from jupyter_mlops.review import get_review
from jupyter_mlops.tracking import get_run
from jupyter_mlops.workspace import Workspace

__all__ = ["gates_summary", "progress_line", "run_summary", "serving_line", "tick_summary"]

_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?"}


def progress_line(job: Job) -> str:
    """Return one line: which cell of how many a job is at."""
    if job.progress is None or job.status.ended:
        return f"job {job.short}: {job.status}"
    at = job.progress
    source = f": {at.source[:60]}" if at.source else ""
    return f"job {job.short}: cell {min(at.index + 1, at.total)} of {at.total}{source}"


def run_summary(ws: Workspace, report: RunReport, register_as: str | None) -> str:
    """Return what came of a notebook job, for people: the answer first, the next step last."""
    job = get_job(ws, report.job)
    lines = [_headline(job, report), *_failure(job), ""]
    lines += [f"  run       {report.run or 'none'}", f"  grade     {_grade(ws, report)}"]
    if report.metrics:
        lines.append(
            "  metrics   "
            + " · ".join(f"{name} {value:.6g}" for name, value in sorted(report.metrics.items()))
        )
    lines += _model_lines(ws, report, register_as)
    if report.notebook:
        lines.append(f"  notebook  {report.notebook}")
    return "\n".join([*lines, "", *_next_steps(report, register_as)])


def _headline(job: Job, report: RunReport) -> str:
    took = (job.ended - job.started).total_seconds() if job.ended and job.started else 0.0
    ok = report.status is JobStatus.SUCCEEDED
    said = "succeeded" if ok else str(report.status).replace("_", " ")
    return f"{'✓' if ok else '✗'} {job.spec.notebook} {said} in {took:.1f} s (job {job.short})"


def _failure(job: Job) -> list[str]:
    if job.error is None:
        return []
    where = f"cell {job.error.index + 1}: " if job.error.index is not None else ""
    return [
        f"  {where}{job.error.kind}: {job.error.message}",
        *([f"  {job.error.remedy}"] if job.error.remedy else []),
    ]


def _grade(ws: Workspace, report: RunReport) -> str:
    if report.run is None:
        return str(report.grade)
    reason = get_run(ws, report.run).grade_reason
    return f"{report.grade} ({reason})" if reason else str(report.grade)


def _model_lines(ws: Workspace, report: RunReport, register_as: str | None) -> list[str]:
    if report.version is None:
        return []
    lines = [f"  model     {register_as}:{report.version}"]
    if report.review is not None:
        review = get_review(ws, report.review)
        champion = review.evidence.champion
        beside = (
            "no champion yet" if champion is None else f"{review.alias} is {review.model}:{champion.version}"
        )
        lines.append(f"  review    {review.status} for {review.alias}: {beside} ({review.id[-6:]})")
    return lines


def _next_steps(report: RunReport, register_as: str | None) -> list[str]:
    if report.status is not JobStatus.SUCCEEDED:
        return [f"Next: jupyter mlops job show {report.job[-6:]}"]
    if report.version is not None and report.review is not None:
        return [
            f"Next: jupyter mlops review show {register_as}:{report.version}",
            f'      jupyter mlops review decide {report.review[-6:]} approve --comment "why"',
        ]
    return [f"Next: jupyter mlops show {report.run[-6:]}"] if report.run else []


def gates_summary(report: CheckReport) -> str:
    """Return the gates of a version, one a line."""
    lines = [f"{'✓' if report.passed else '✗'} {report.reference}: {report.headline}"]
    for gate in report.checks:
        needed = "" if gate.required else " (not required)"
        lines.append(f"  {_MARKS[gate.outcome]} {gate.name:14} {gate.summary}{needed}")
    return "\n".join(lines)


def serving_line(served: Served) -> str:
    """Return the one line that says where a model answers and what callers must show."""
    return f"serving {served.model}:{served.version} for {served.reference} url={served.url} token={served.token}"


def tick_summary(report: TickReport) -> str:
    """Return what one turn of the clock did."""
    parts = [
        f"{len(ids)} {word}"
        for word, ids in (
            ("submitted", report.submitted),
            ("started", report.started),
            ("followed up", report.followed),
            ("tried again", report.retried),
            ("found lost", report.settled),
        )
        if ids
    ]
    return "\n".join(
        [", ".join(parts) or "nothing was due", *(f"problem: {text}" for text in report.problems)]
    )
