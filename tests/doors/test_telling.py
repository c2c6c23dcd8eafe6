"""What a process says at its end is true of the books, and what it says to do next can be typed and helps."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doors.prepared import NOTEBOOK
from jupyter_mlops.jobs import submit_job
from jupyter_mlops.operations.processes import PROCESSES
from jupyter_mlops.operations.table import OPERATIONS
from jupyter_mlops.operations.telling import (
    folder_summary,
    gates_summary,
    pipeline_summary,
    progress_line,
    reproduction_summary,
    run_summary,
    serving_line,
    sweep_summary,
    tally_line,
    tick_summary,
    trial_line,
    upgrade_line,
)
from jupyter_mlops.operations.words import Request, read_words
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.job import CellProgress, Job, JobError, JobSpec, JobStatus
from jupyter_mlops.records.report import (
    NotebookTest,
    PipelineReport,
    PipelineStep,
    Reproduction,
    ReproductionVerdict,
    RunReport,
    StepStatus,
    SweepReport,
    SweepRow,
    TestReport,
    TickReport,
)
from jupyter_mlops.records.reproduced import OutputDifference
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.records.run import Grade
from jupyter_mlops.records.serving import Served
from jupyter_mlops.records.sweep import Best, Sweep, Tally
from jupyter_mlops.records.upgrade import Upgrade
from jupyter_mlops.review import check_version, open_review
from jupyter_mlops.tracking import finish_run, start_run
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.review.books import add_version, set_alias

FAILURE = JobError(kind="ValueError", message="3 fits failed.\nBelow are more details:\n  too small", index=1)


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace whose ids are as people have them, so that the tail of one says which."""
    (tmp_path / "project").mkdir()
    ws = open_workspace(tmp_path / "project", environ={})
    yield ws
    ws.store.close()


@pytest.fixture
def job(ws: Workspace) -> Job:
    path = ws.settings.root / "train.ipynb"
    path.write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    return submit_job(ws, notebook=str(path))


def ended(ws: Workspace, job: Job, status: JobStatus = JobStatus.SUCCEEDED, seconds: float = 2.5) -> Job:
    job = replace(job, status=status, started=ws.now(), ended=ws.now() + timedelta(seconds=seconds))
    with ws.store.write() as tx:
        tx.jobs.replace(job)
    return job


def next_steps(text: str) -> list[Request]:
    """What is to be typed next, understood."""
    _, found, steps = text.rpartition("Next: ")
    assert found, text
    typed = [shlex.split(line) for line in steps.splitlines()]
    return [
        read_words(
            words[next(n for n, word in enumerate(words) if word in {"mlops", "jupyter_mlops"}) + 1 :], ROWS
        )
        for words in typed
    ]


ROWS = (*PROCESSES, *OPERATIONS)


def answer(ws: Workspace, request: Request) -> object:
    return request.row.verb(ws, **request.arguments)


# --- while it works ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "progress", "parts"),
    [
        (JobStatus.QUEUED, None, ["queued"]),
        (
            JobStatus.RUNNING,
            CellProgress(index=0, total=3, source="import pandas"),
            ["1 of 3", "import pandas"],
        ),
        (JobStatus.RUNNING, CellProgress(index=2, total=3), ["3 of 3"]),
        (JobStatus.RUNNING, CellProgress(index=3, total=3), ["3 of 3"]),  # all done: there is no fourth
        (JobStatus.FAILED, CellProgress(index=1, total=3, source="1 / 0"), ["failed"]),
    ],
)
def test_a_line_of_progress_says_which_cell_or_how_it_ended(
    job: Job, status: JobStatus, progress: CellProgress | None, parts: list[str]
) -> None:
    line = progress_line(replace(job, status=status, progress=progress))

    assert job.short in line
    assert all(part in line for part in parts)
    assert ("cell" in line) is (status is JobStatus.RUNNING)


@pytest.mark.parametrize(
    ("status", "index", "told", "said"),
    [
        (JobStatus.RUNNING, 0, 0, "cell 1 of 5: fit()"),
        (JobStatus.RUNNING, 1, 0, "cell 1 of 5, cell 2 of 5: fit()"),
        (JobStatus.RUNNING, 2, 0, "cells 1-2 of 5, cell 3 of 5: fit()"),
        (JobStatus.RUNNING, 2, 2, "cell 3 of 5: fit()"),
        (JobStatus.RUNNING, 2, 3, "cell 3 of 5: fit()"),  # the same one again
        (JobStatus.SUCCEEDED, 4, 2, "cells 3-5 of 5, succeeded"),
        (JobStatus.SUCCEEDED, 4, 5, "succeeded"),
        (JobStatus.FAILED, 3, 3, "cell 4 of 5, failed"),
    ],
)
def test_a_line_of_progress_names_the_cells_that_began_since_the_last_one(
    job: Job, status: JobStatus, index: int, told: int, said: str
) -> None:
    at = CellProgress(index=index, total=5, source="fit()")

    line = progress_line(replace(job, status=status, progress=at), told)

    assert line == f"job {job.short}: {said}"


def test_a_line_of_progress_stays_one_short_line(job: Job) -> None:
    at = CellProgress(index=0, total=1, source="x = " + "1 + " * 100)

    line = progress_line(replace(job, status=JobStatus.RUNNING, progress=at))

    assert len(line) < 100
    assert "\n" not in line


# --- one notebook --------------------------------------------------------------------------------------------------


def test_a_run_that_went_well_leads_to_its_run(ws: Workspace, job: Job) -> None:
    run = finish_run(ws, run=start_run(ws, name="first").id)
    done = ended(ws, job)
    report = RunReport(
        job=job.id, run=run.id, status=done.status, grade=run.grade, metrics={"mae": 41.23456789}
    )

    text = run_summary(ws, report, None)

    first = text.splitlines()[0]
    assert first.startswith("✓")
    assert all(part in first for part in (job.spec.notebook, "2.5 s", job.short))
    assert "mae 41.2346" in text
    assert run.grade_reason in text
    (step,) = next_steps(text)
    assert answer(ws, step) == run


def test_what_was_withheld_is_said_although_all_went_well(ws: Workspace, job: Job) -> None:
    done = replace(ended(ws, job), warnings=("1 output was withheld",))
    with ws.store.write() as tx:
        tx.jobs.replace(done)
    report = RunReport(job=job.id, run=None, status=done.status, grade=Grade.UNKNOWN)

    assert run_summary(ws, report, None).splitlines()[1] == "  ⚠ 1 output was withheld"


def test_a_job_that_failed_says_where_and_leads_to_the_job(ws: Workspace, job: Job) -> None:
    done = ended(ws, job, JobStatus.TIMED_OUT)
    report = RunReport(
        job=job.id,
        run=None,
        status=done.status,
        grade=Grade.UNKNOWN,
        error=replace(FAILURE, remedy="Give it longer."),
    )

    text = run_summary(ws, report, "pm25")

    assert text.startswith("✗")
    assert "timed out" in text.splitlines()[0]
    assert "cell 2: ValueError: 3 fits failed." in text
    assert "Give it longer." in text
    (step,) = next_steps(text)
    assert answer(ws, step) == done


@pytest.mark.parametrize("champion", [None, 1])
def test_a_registered_model_leads_to_its_review_and_says_what_it_would_replace(
    ws: Workspace, job: Job, champion: int | None
) -> None:
    add_version(ws)
    if champion is not None:
        set_alias(ws, champion)
    version = add_version(ws, alpha=2.0)
    review = open_review(ws, version.reference)
    ended(ws, job)
    report = RunReport(
        job=job.id,
        run=version.run,
        status=JobStatus.SUCCEEDED,
        grade=Grade.CLEAN,
        version=version.version,
        review=review.id,
    )

    text = run_summary(ws, report, "pm25")

    assert "pm25:2" in text
    assert ("champion is pm25:1" in text) is (champion is not None)
    assert ("no champion yet" in text) is (champion is None)
    show, decide = next_steps(text)
    assert show.row.name == "review.show"
    assert show.arguments["reference"] == "pm25:2"
    assert answer(ws, decide).id == review.id  # type: ignore[attr-defined]


def test_of_many_metrics_the_telling_ones_are_told_and_the_rest_are_counted(ws: Workspace, job: Job) -> None:
    ended(ws, job)
    metrics = {f"train_{n}": float(n) for n in range(10)} | {
        "fit_seconds": 3.0,
        "mae": 41.0,
        "zeta": float("nan"),
    }
    report = RunReport(job=job.id, run=None, status=JobStatus.SUCCEEDED, grade=Grade.CLEAN, metrics=metrics)

    line = next(line for line in run_summary(ws, report, None).splitlines() if "metrics" in line)

    assert line.index("mae 41") < line.index("zeta nan") < line.index("train_0")
    assert "fit_seconds" not in line
    told = line.count(" · ") + 1
    assert f"(+{len(metrics) - told})" in line


def test_a_job_without_a_run_to_look_at_is_told_without_a_next_step_that_would_lead_nowhere(
    ws: Workspace, job: Job
) -> None:
    ended(ws, job)

    text = run_summary(
        ws, RunReport(job=job.id, run=None, status=JobStatus.SUCCEEDED, grade=Grade.CLEAN), None
    )

    assert "Next" not in text
    assert "None" not in text


# --- many ----------------------------------------------------------------------------------------------------------


def test_a_sweep_is_a_line_for_each_combination_and_leads_to_its_runs(ws: Workspace) -> None:
    parent = start_run(ws, name="sweep")
    child = start_run(ws, name="one", parent=parent.id)
    start_run(ws, name="another")
    rows = (
        SweepRow(
            parameters={"a": 1, "b": "x"},
            job="1",
            run=child.id,
            status=JobStatus.SUCCEEDED,
            metrics={"mae": 4.0},
        ),
        SweepRow(
            parameters={"a": 2, "b": "two\nlines"}, job="2", run=None, status=JobStatus.FAILED, error=FAILURE
        ),
    )

    tally = Tally(trials=2, succeeded=1, failed=1, best=Best(job="1", value=4.0, parameters={"a": 1}))
    report = SweepReport(
        job="s" * 26, run=parent.id, status=JobStatus.FAILED, metric="mae", tally=tally, rows=rows
    )

    text = sweep_summary(report)

    head, _, good, bad, *_ = text.splitlines()
    assert head == "✗ sweep ssssss: 1 done · 1 failed · best mae 4 (a 1)"
    assert all(part in good for part in ("★", "a 1", "b x", "mae 4"))
    assert all(part in bad for part in ("✗", "a 2", "failed", "ValueError", "too small"))
    assert text.splitlines()[-1].endswith("mlops resume ssssss")
    text = sweep_summary(replace(report, status=JobStatus.SUCCEEDED, rows=rows[:1], version=3))
    assert text.startswith("✓")
    assert "version 3 of the best trial" in text
    (step,) = next_steps(text)
    assert [run.id for run in answer(ws, step)] == [child.id]  # type: ignore[attr-defined]


def test_a_best_trial_that_could_not_be_registered_says_why() -> None:
    refused = JobError(kind="Invalid", message="it logged no model", remedy="Log one.")

    text = sweep_summary(SweepReport(run="r1", status=JobStatus.SUCCEEDED, follow_up_error=refused))

    assert "it logged no model" in text
    assert "Log one." in text


def test_how_far_a_sweep_is_and_how_a_trial_ended_is_a_line_each() -> None:
    spec = JobSpec(notebook="t.ipynb", content="ab", sweep=Sweep(axes={}, trials=2))
    actor = Actor(name="ana", via=Door.SHELL)
    job = Job(id="s" * 26, spec=spec, queued=datetime(2026, 1, 5, tzinfo=UTC), actor=actor)

    assert tally_line(job) == "sweep ssssss: queued"
    assert tally_line(replace(job, tally=Tally(trials=2, succeeded=1))) == "sweep ssssss: 1 done · 1 to come"
    trial = replace(
        job,
        spec=replace(spec, sweep=None, parameters={"a": 1}),
        trial=4,
        status=JobStatus.TIMED_OUT,
        error=FAILURE,
    )
    assert trial_line(trial).startswith("  trial 4 (a 1) timed out: ")


def test_a_pipeline_is_a_line_for_each_step_and_says_why() -> None:
    steps = tuple(
        PipelineStep(name=f"step-{status}", status=status, why=f"because of {status}")
        for status in StepStatus
    )

    head, *lines = pipeline_summary(PipelineReport(pipeline="flow", ok=False, steps=steps)).splitlines()

    assert (head, len(lines)) == ("✗ flow", len(StepStatus))
    assert len({line.split()[0] for line in lines}) == len(StepStatus)  # a mark of its own each
    for line, step in zip(lines, steps, strict=True):
        assert step.name in line
        assert step.why in line
    failed = replace(steps[0], error=replace(FAILURE, remedy="Mend it."))
    lines = pipeline_summary(PipelineReport(pipeline="flow", ok=False, steps=(failed, steps[1]))).splitlines()
    assert ["too small" in line for line in lines] == [False, True, False, False]
    assert "Mend it." in lines[2]


def test_a_folder_is_a_line_for_each_notebook_and_errors_stand_under_their_own() -> None:
    notebooks = (
        NotebookTest(notebook="good.ipynb", passed=True, seconds=1.04),
        NotebookTest(
            notebook="bad.ipynb", passed=False, seconds=2.0, error=replace(FAILURE, message="too small")
        ),
        NotebookTest(notebook="late.ipynb", passed=True, seconds=0.0, note="saved without outputs"),
    )

    text = folder_summary(TestReport(folder="books", passed=2, failed=1, notebooks=notebooks))

    head, good, bad, error, late, note = text.splitlines()
    assert note.strip() == "saved without outputs"
    assert head.startswith("✗")
    assert all(part in head for part in ("2 passed", "1 failed", "books"))
    assert all(part in good for part in ("✓", "good.ipynb", "1.0 s"))
    assert "✗" in bad
    assert "cell 2: ValueError: too small" in error
    assert "✓" in late
    assert folder_summary(TestReport(folder="books", passed=0, failed=0)).startswith("✓")


def test_a_notebook_that_shows_something_else_names_the_first_cells_where_it_does() -> None:
    near = OutputDifference(
        cell=1, id="a", part="stdout", verdict=ReproductionVerdict.WITHIN_TOLERANCE, says="is near"
    )
    far = [
        OutputDifference(cell=n, id="b", part="display", verdict=ReproductionVerdict.DIFFERS, says="is other")
        for n in (2, 3, 4, 5)
    ]
    one = NotebookTest(
        notebook="a.ipynb",
        passed=False,
        seconds=1.0,
        verdict=ReproductionVerdict.DIFFERS,
        outputs=(near, *far),
    )

    _, head, *told = folder_summary(
        TestReport(folder="books", passed=0, failed=1, notebooks=(one,))
    ).splitlines()

    assert head.endswith("a.ipynb in 1.0 s: differs")
    assert [line.strip() for line in told] == [
        *(f"cell {n} display: is other" for n in (2, 3, 4)),
        "and 1 more",
    ]


@pytest.mark.parametrize("verdict", ReproductionVerdict)
def test_a_reproduction_says_its_verdict_for_each_kind_of_it(verdict: ReproductionVerdict) -> None:
    same = verdict in {ReproductionVerdict.IDENTICAL, ReproductionVerdict.WITHIN_TOLERANCE}
    report = Reproduction(
        verdict=verdict,
        run="x" * 20 + "newone",
        of="x" * 20 + "before",
        causes=("numpy is newer",),
        parts={"mae": "differs"},
    )

    head, part, cause = reproduction_summary(report).splitlines()

    assert head.startswith("✓" if same else "✗")
    assert head.index("before") < head.index("newone")
    assert part.split() == ["mae", "differs"]
    assert "numpy is newer" in cause


def test_a_reproduction_says_what_it_ran_in() -> None:
    report = Reproduction(
        verdict=ReproductionVerdict.IDENTICAL, run="x" * 26, of="y" * 26, parts={"mae": "identical"},
        environment="the recorded environment",
    )  # fmt: skip
    assert reproduction_summary(report).splitlines()[-1] == "  run in the recorded environment"


def test_a_reproduction_with_nothing_to_compare_claims_no_digit() -> None:
    report = Reproduction(verdict=ReproductionVerdict.IDENTICAL, run="x" * 26, of="y" * 26)
    assert "nothing to compare" in reproduction_summary(report)
    assert "digit" not in reproduction_summary(report)


# --- and the rest --------------------------------------------------------------------------------------------------


def test_gates_are_told_as_they_came_out_and_those_that_are_not_needed_are_marked(
    memory_ws: Workspace,
) -> None:
    add_version(memory_ws, grade=Grade.STALE)
    report = check_version(memory_ws, "pm25:1", "champion")
    assert {gate.required for gate in report.checks} == {True, False}

    for passed in (True, False):
        head, *lines = gates_summary(replace(report, passed=passed)).splitlines()

        assert head.startswith("✓ pm25:1" if passed else "✗ pm25:1")
        for line, gate in zip(lines, report.checks, strict=True):
            assert (
                line.split()[0]
                == {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNKNOWN: "?"}[gate.outcome]
            )
            assert gate.summary in line
            assert line.endswith("(not required)") is not gate.required
    assert gates_summary(replace(report, checks=())).count("\n") == len(report.attention)

    told_once = report.checks[0].summary
    noted = gates_summary(replace(report, attention=(told_once, "rmse is worse by 2.")))
    assert noted.count(told_once) == 1
    assert noted.endswith("\n  ! rmse is worse by 2.")


@pytest.mark.parametrize(
    ("before", "backup", "parts"),
    [
        ("0004", None, ["up to date", "0004"]),
        ("0001", "/w/store.db.schema-0001.1", ["from 0001 to 0004", "/w/store.db.schema-0001.1"]),
        (None, None, ["from nothing to 0004"]),
    ],
)
def test_an_upgrade_says_from_what_to_what_and_where_the_copy_is(
    before: str | None, backup: str | None, parts: list[str]
) -> None:
    line = upgrade_line(Upgrade(store="/w/store.db", before=before, after="0004", backup=backup))

    assert "/w/store.db" in line
    assert all(part in line for part in parts)
    assert "None" not in line


def test_where_a_model_answers_is_one_line_that_a_script_can_take_apart() -> None:
    served = Served(
        deployment="d",
        reference="pm25@champion",
        model="pm25",
        version=7,
        url="http://127.0.0.1:8080",
        token="s3cret",
    )

    line = serving_line(served)

    assert re.findall(r"(url|token)=(\S+)", line) == [("url", served.url), ("token", served.token)]
    assert "pm25:7" in line
    assert "pm25@champion" in line


def test_a_turn_of_the_clock_names_only_what_it_did() -> None:
    assert tick_summary(TickReport()) == "nothing was due"
    done, problem = tick_summary(
        TickReport(submitted=("a",), retried=("b", "c"), problems=("schedule weekly: the notebook is gone",))
    ).splitlines()
    assert re.findall(r"\d+", done) == ["1", "2"]
    assert "weekly" in problem
    skipped = tick_summary(TickReport(skipped=("schedule weekly: job a had not ended",)))
    assert skipped.splitlines()[1:] == ["skipped: schedule weekly: job a had not ended"]
    every = TickReport(submitted=("a",), started=("a",), settled=("a",), followed=("a",), retried=("a",))
    assert tick_summary(every).count("1 ") == 5
