"""Sweeps: how far one is in a line and in squares, and its trials in a table with the best marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jupyter_mlops.records.job import Job, JobStatus
from jupyter_mlops.records.report import SweepReport, SweepRow
from jupyter_mlops.records.sweep import Choices, Span, Sweep, Tally
from jupyter_mlops.render.blocks import Block, Column, Facts, Line, Table, Title, Tone
from jupyter_mlops.render.parameters import listed
from jupyter_mlops.render.states import state_face
from jupyter_mlops.render.words import counted, duration, first_line, number, value

__all__ = ["axis_in_words", "job_tally", "plan_facts", "sweep_blocks", "tally_in_words"]

_MOST = 200  # trials in a table, and in squares
_WORDS = 6  # values of an axis that are named
_SQUARES: Mapping[JobStatus, str] = {
    JobStatus.SUCCEEDED: "▣",
    JobStatus.CLAIMED: "◧",
    JobStatus.STARTING: "◧",
    JobStatus.RUNNING: "◧",
    JobStatus.QUEUED: "▢",
}


def tally_in_words(tally: Tally, metric: str = "") -> str:
    """Return how far a sweep is: ``14 done · 2 running · 1 failed · 15 queued · about 3 min left · best mae 39.8 (alpha 0.1)``."""
    parts = [f"{tally.succeeded} done"]
    counts = ((tally.running, "running"), (tally.failed, "failed"), (tally.stopped, "stopped early"))
    parts += [f"{count} {word}" for count, word in counts if count]
    if tally.remaining:
        parts.append(f"{tally.remaining} to come")
    if tally.left is not None:
        parts.append(f"about {duration(tally.left)} left")
    if tally.best is not None:
        among = f" ({listed(tally.best.parameters, _WORDS, 30)})" if tally.best.parameters else ""
        parts.append(f"best {metric or 'value'} {number(tally.best.value)}{among}")
    return " · ".join(parts)


def axis_in_words(axis: Choices | Span) -> str:
    """Return the values of an axis: ``0.1, 0.2, 0.5`` or ``0.001 to 0.1, by order of magnitude``."""
    if isinstance(axis, Choices):
        said = ", ".join(value(each, 20) for each in axis.values[:_WORDS])
        left = len(axis.values) - _WORDS
        return f"{said} and {left} more" if left > 0 else said
    text = f"{number(axis.low)} to {number(axis.high)}"
    if axis.step is not None:
        text += f" in steps of {number(axis.step)}"
    return f"{text}, by order of magnitude" if axis.log else text


def plan_facts(plan: Sweep) -> Iterator[tuple[str, str]]:
    """Yield what a sweep is to do, as names and values."""
    for name, axis in plan.axes.items():
        yield name, axis_in_words(axis)
    drawn = f", seed {plan.seed}" if plan.sampler != "grid" else ""
    yield "trials", f"{plan.trials:,}, {plan.sampler}{drawn}, {plan.workers} at once on {plan.engine}"
    if plan.goal is not None:
        yield "best is", f"{plan.goal.direction} {plan.goal.metric}"
    if plan.early_stop is not None:
        yield (
            "given up",
            (
                f"worse than the median, after {counted(plan.early_stop.after, 'value')} "
                f"and {counted(plan.early_stop.among, 'trial')}"
            ),
        )


def sweep_blocks(report: SweepReport) -> Iterator[Block]:
    """One sweep and its trials."""
    sign, tone = state_face(report.status)
    yield Title("Sweep", sign=sign, tone=tone, state=str(report.status), aside=report.job[-6:])
    best = report.tally.best if report.tally else None
    if report.tally is not None:
        yield Line(tally_in_words(report.tally, report.metric), strong=True)
    if report.rows:
        yield Line("".join(map(_square, report.rows[:_MOST])))
    if report.version is not None:
        yield Line(
            f"The best trial's model was registered as version {report.version}.", sign="✓", tone=Tone.GOOD
        )
    if report.follow_up_error is not None:
        yield Line(report.follow_up_error.message, sign="✕", tone=Tone.BAD)
    if not report.rows:
        yield Line("No trial has begun.", faint=True)
        return
    names = _telling_apart(report.rows)
    shown = (
        [report.metric]
        if report.metric
        else sorted({name for row in report.rows for name in row.metrics})[:4]
    )
    columns = (
        Column("#", numeric=True), Column("state"), *map(Column, names),
        *(Column(name, numeric=True) for name in shown), Column("job"), Column("why"),
    )  # fmt: skip
    yield Table(
        columns,
        tuple(_row(row, names, shown, best.job if best else "") for row in report.rows[:_MOST]),
        note=f"The first {_MOST} of {len(report.rows)}." if len(report.rows) > _MOST else "",
    )
    if report.run is not None:
        yield Facts((("run", report.run[-6:]),))


def _telling_apart(rows: Sequence[SweepRow]) -> list[str]:
    """Return the parameters that trials differ in; of a single one, all."""
    first = rows[0].parameters
    return [n for n in first if any(row.parameters.get(n) != first[n] for row in rows)] or list(first)


def _square(row: SweepRow) -> str:
    return "◩" if row.stopped else _SQUARES.get(row.status, "✕")


def _row(row: SweepRow, names: list[str], shown: list[str], best: str) -> tuple[str, ...]:
    sign, _ = state_face(row.status)
    state = "stopped early" if row.stopped else str(row.status).replace("_", " ")
    mark = " ★ best" if row.job == best else ""
    why = f"{row.error.kind}: {first_line(row.error.message)}" if row.error else ""
    return (
        str(row.number),
        f"{sign} {state}{mark}".strip(),
        *(value(row.parameters.get(name), 30) for name in names),
        *(number(row.metrics.get(name)) for name in shown),
        row.job[-6:],
        value(row.error.message if row.stopped and row.error else why, 80),
    )


def job_tally(job: Job) -> str:
    """Return how far a sweep's job is, in words; empty for a job that is none."""
    if job.tally is None:
        return ""
    goal = job.spec.sweep.goal if job.spec.sweep else None
    return tally_in_words(job.tally, goal.metric if goal else "")
