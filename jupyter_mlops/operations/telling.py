"""What a process says to the person who waits: where it is, what came of it, what to do next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from jupyter_mlops.jobs import get_job
from jupyter_mlops.records.job import Job, JobError, JobStatus
from jupyter_mlops.records.report import (
    PipelineReport,
    Reproduction,
    ReproductionVerdict,
    RunReport,
    StepStatus,
    SweepReport,
    SweepRow,
    TestReport,
    TickReport,
)
from jupyter_mlops.records.reproduced import OutputDifference, worst_verdict
from jupyter_mlops.records.review import CheckReport, Outcome
from jupyter_mlops.records.serving import Served
from jupyter_mlops.records.upgrade import Upgrade
from jupyter_mlops.render.figures import headline
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.sweeps import job_tally, tally_in_words
from jupyter_mlops.review import get_review
from jupyter_mlops.tracking import get_run
from jupyter_mlops.workspace import Workspace

__all__ = [
    "cells_begun",
    "folder_summary",
    "gates_summary",
    "pipeline_summary",
    "progress_line",
    "reproduction_summary",
    "run_summary",
    "serving_line",
    "sweep_summary",
    "tally_line",
    "tick_summary",
    "trial_line",
    "upgrade_line",
]

_APART = 3  # outputs of a notebook that differ
_TOLD = 8  # metrics; the run's card has them all
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?"}


def cells_begun(job: Job) -> int:
    """Return how many code cells of a job have begun, as far as is known."""
    return 0 if job.progress is None else min(job.progress.index + 1, job.progress.total)


def progress_line(job: Job, told: int | None = None) -> str:
    """Return one line: which cell of how many a job is at.

    Looks come at intervals, and cells may begin and end between two of them: where *told* says how many cells have
    been told of, those behind them are named, too.
    """
    begun = cells_begun(job)
    if job.progress is None:
        return f"job {job.short}: {job.status}"
    at = job.progress
    here = begun if job.status.ended else begun - 1
    missed = _cells(told + 1, here, at.total) if told is not None and told < here else ""
    if job.status.ended:
        return f"job {job.short}: {missed}{job.status}"
    source = f": {at.source[:60]}" if at.source else ""
    return f"job {job.short}: {missed}cell {begun} of {at.total}{source}"


def _cells(first: int, last: int, total: int) -> str:
    return f"cell {last} of {total}, " if first == last else f"cells {first}-{last} of {total}, "


def run_summary(ws: Workspace, report: RunReport, register_as: str | None) -> str:
    """Return what came of a notebook job, for people: the answer first, the next step last."""
    job = get_job(ws, report.job)
    lines = [_headline(job, report), *_failure(report.error), *(f"  ⚠ {said}" for said in job.warnings), ""]
    lines += [f"  run       {report.run or 'none'}", f"  grade     {_grade(ws, report)}"]
    if report.metrics:
        told = list(headline(dict(sorted(report.metrics.items()))).items())
        left = f"  (+{len(told) - _TOLD})" if len(told) > _TOLD else ""
        said = " · ".join(f"{name} {value:.6g}" for name, value in told[:_TOLD])
        lines.append(f"  metrics   {said}{left}")
    lines += _model_lines(ws, report, register_as)
    if report.follow_up_error is not None:
        missing = "model     none was registered" if report.version is None else "review    none was opened"
        lines.append(f"  {missing}: {report.follow_up_error.message}")
        lines.append(f"            {report.follow_up_error.remedy}")
    if report.notebook:
        lines.append(f"  notebook  {report.notebook}")
    return "\n".join([*lines, "", *_next_steps(report, register_as)])


def _headline(job: Job, report: RunReport) -> str:
    took = (job.ended - job.started).total_seconds() if job.ended and job.started else 0.0
    ok = report.status is JobStatus.SUCCEEDED
    said = "succeeded" if ok else str(report.status).replace("_", " ")
    return f"{'✓' if ok else '✗'} {job.spec.notebook} {said} in {took:.1f} s (job {job.short})"


def _failure(error: JobError | None) -> list[str]:
    if error is None:
        return []
    return [f"  {_said(error)}", *([f"  {error.remedy}"] if error.remedy else [])]


def _said(error: JobError) -> str:
    where = f"cell {error.index + 1}: " if error.index is not None else ""
    return f"{where}{error.kind}: {error.message}"


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
    program = _program()
    if report.status is not JobStatus.SUCCEEDED:
        return [f"Next: {program} job show {report.job[-6:]}"]
    if report.version is not None and report.review is not None:
        return [
            f"Next: {program} review show {register_as}:{report.version}",
            f'      {program} review decide {report.review[-6:]} approve --comment "why"',
        ]
    return [f"Next: {program} show {report.run[-6:]}"] if report.run else []


def _program() -> str:
    """Return the command as it can be typed here: an environment that is not active is named with its folder."""
    if shutil.which("jupyter-mlops"):
        return "jupyter mlops"
    jupyter = Path(sys.executable).with_name("jupyter")
    here = Path.cwd()
    shown = jupyter.relative_to(here) if jupyter.is_relative_to(here) else jupyter
    return f"{shown} mlops" if jupyter.exists() else f"{Path(sys.executable).name} -m jupyter_mlops"


def gates_summary(report: CheckReport) -> str:
    """Return the gates of a version, one a line, and what else a reviewer must not overlook."""
    lines = [f"{'✓' if report.passed else '✗'} {report.reference}: {report.headline}"]
    for gate in report.checks:
        needed = "" if gate.required else " (not required)"
        lines.append(f"  {_MARKS[gate.outcome]} {gate.name:14} {gate.summary}{needed}")
    told = {gate.summary for gate in report.checks}
    lines += [f"  ! {sentence}" for sentence in report.attention if sentence not in told]
    return "\n".join(lines)


def tally_line(job: Job) -> str:
    """Return one line: how far a sweep is."""
    return f"sweep {job.short}: {job_tally(job) or job.status}"


def trial_line(job: Job) -> str:
    """Return one line: how a trial of a sweep ended."""
    told = f": {_one_line(_said(job.error))}" if job.error else ""
    return f"  trial {job.trial} ({listed(job.spec.parameters, 6, 30)}) {str(job.status).replace('_', ' ')}{told}"


def sweep_summary(report: SweepReport) -> str:
    """Return how a sweep ended, one line for each of its trials, and what to do next."""
    ok = report.status is JobStatus.SUCCEEDED
    told = tally_in_words(report.tally, report.metric) if report.tally else str(report.status)
    best = report.tally.best.job if report.tally and report.tally.best else ""
    lines = [f"{'✓' if ok else '✗'} sweep {report.job[-6:]}: {told}", ""]
    lines += [_trial(row, best) for row in report.rows]
    if report.version is not None:
        lines += ["", f"  model     version {report.version} of the best trial"]
    if report.follow_up_error is not None:
        lines += ["", f"  {report.follow_up_error.message}", f"  {report.follow_up_error.remedy}"]
    program = _program()
    follow = [f"Next: {program} runs \"parent = '{report.run}'\""] if report.run else []
    again = [] if ok else [f"Next: {program} resume {report.job[-6:]}"]
    return "\n".join([*lines, "", *(again or follow)])


def _trial(row: SweepRow, best: str) -> str:
    given = " · ".join(f"{name} {value}" for name, value in row.parameters.items())
    came = " · ".join(f"{name} {value:.6g}" for name, value in sorted(row.metrics.items()))
    told = f"{row.status}: {_said(row.error)}" if row.error else came
    sign = (
        "★" if row.job == best else "✓" if row.status is JobStatus.SUCCEEDED else "◩" if row.stopped else "✗"
    )
    return f"  {sign} {_one_line(given):40} {_one_line(told)}"


def _one_line(text: str) -> str:
    """Many libraries raise errors of several lines; the job's own page has them as they are."""
    return " ".join(text.split())


def folder_summary(report: TestReport) -> str:
    """Return one line for each notebook of a folder; below it the error, or where its outputs first differ."""
    lines = [
        f"{'✗' if report.failed else '✓'} {report.passed} passed, {report.failed} failed in {report.folder}"
    ]
    for one in report.notebooks:
        said = f": {str(one.verdict).replace('_', ' ')}" if one.verdict else ""
        lines.append(f"  {'✓' if one.passed else '✗'} {one.notebook} in {one.seconds:.1f} s{said}")
        told = [*_failure(one.error), *_apart(one.outputs), *([one.note] if one.note else [])]
        lines += [f"    {line}" for line in told]
    return "\n".join(lines)


def _apart(outputs: Sequence[OutputDifference]) -> list[str]:
    """Name the first outputs that differ; where none does, those that do not to the last digit."""
    worst = worst_verdict(one.verdict for one in outputs)
    told = [str(one) for one in outputs if one.verdict is worst]
    left = len(told) - _APART
    return [*told[:_APART], *([f"and {left} more"] if left > 0 else [])]


_STEPS = {StepStatus.RAN: "✓", StepStatus.SKIPPED: "-", StepStatus.FAILED: "✗", StepStatus.BLOCKED: "·"}


def pipeline_summary(report: PipelineReport) -> str:
    """Return one line for each step of a pipeline, and why it ran or did not."""
    lines = [f"{'✓' if report.ok else '✗'} {report.pipeline}"]
    for step in report.steps:
        why, *remedy = [step.why] if step.error is None else [line.strip() for line in _failure(step.error)]
        lines.append(f"  {_STEPS.get(step.status, ' ')} {step.name:20} {step.status}: {_one_line(why)}")
        lines += [f"      {line}" for line in remedy]
    return "\n".join(lines)


_VERDICTS = {
    ReproductionVerdict.IDENTICAL: "✓ the same came of it, to the last digit",
    ReproductionVerdict.WITHIN_TOLERANCE: "✓ the same came of it, within the tolerance",
    ReproductionVerdict.DIFFERS: "✗ something else came of it",
    ReproductionVerdict.DOES_NOT_RUN: "✗ it does not run any more",
}


def reproduction_summary(report: Reproduction) -> str:
    """Return the verdict on a run in one sentence, and its causes."""
    ran = report.verdict is not ReproductionVerdict.DOES_NOT_RUN
    said = (
        _VERDICTS[report.verdict]
        if report.parts or not ran
        else "✓ it runs again; there was nothing to compare"
    )
    lines = [f"{said} (run {report.of[-6:]}, again as {report.run[-6:]})"]
    lines += [f"  {name:20} {verdict}" for name, verdict in report.parts.items()]
    lines += [f"  run in {report.environment}"] if report.environment else []
    return "\n".join([*lines, *(f"  cause: {cause}" for cause in report.causes)])


def upgrade_line(done: Upgrade) -> str:
    """Return what became of a store's schema."""
    if not done.changed:
        return f"{done.store} is up to date ({done.after})"
    kept = f"; the copy made before is {done.backup}" if done.backup else ""
    return f"{done.store} went from {done.before or 'nothing'} to {done.after}{kept}"


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
            ("told", report.notified),
        )
        if ids
    ]
    return "\n".join(
        [
            ", ".join(parts) or "nothing was due",
            *(f"skipped: {text}" for text in report.skipped),
            *(f"problem: {text}" for text in report.problems),
        ]
    )
