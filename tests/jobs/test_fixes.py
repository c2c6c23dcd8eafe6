"""Safe remedies for jobs that failed: shown first, carried out when somebody says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.errors import Conflict
from jupyter_mlops.jobs import fix_job, get_job, retry_job, submit_job
from jupyter_mlops.jobs.launcher import launch, wait_for
from jupyter_mlops.ledger import history
from jupyter_mlops.records.fix import FixKind
from jupyter_mlops.records.job import Job, JobError, JobOptions, JobStatus
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.workspace import Workspace
from tests.jobs.running import run


def failed(
    ws: Workspace, path: Path, error: JobError, status: JobStatus = JobStatus.FAILED, **options: Any
) -> Job:
    job = submit_job(ws, notebook=str(path), options=JobOptions(**options))
    ended = replace(job, status=status, ended=ws.now(), error=error)
    with ws.store.write() as tx:
        tx.jobs.replace(ended)
    return ended


def error(kind: str, message: str = "", failure: FailureClass = FailureClass.NOTEBOOK) -> JobError:
    return JobError(kind=kind, message=message, failure=failure)


@pytest.mark.kernel
def test_a_missing_file_is_found_in_another_folder_and_the_job_succeeds_there(place, write) -> None:
    path = write("print(open('data/rows.csv').read())", name="notebooks/train.ipynb")
    data = place.settings.root / "project data" / "data"
    data.mkdir(parents=True)
    (data / "rows.csv").write_text("1,2")
    job = run(place, path)
    assert job.error.kind == "FileNotFoundError"

    shown = fix_job(place, job.id)
    assert (shown.kind, shown.applied) == (FixKind.FOLDER, False)
    assert shown.steps == ("try the job again in the folder project data, where data/rows.csv is",)
    assert get_job(place, job.id).status is JobStatus.FAILED

    assert fix_job(place, job.id, apply=True).applied
    again = wait_for(place, launch(place, job.id, attended=True))
    assert (again.status, again.attempt, again.attempts[0].error.kind) == (
        JobStatus.SUCCEEDED,
        2,
        "FileNotFoundError",
    )
    assert [e.data["fix"] for e in history(place, subject=job.id) if e.kind == "job.fixed"] == ["folder"]


def test_a_file_that_is_in_two_folders_or_outside_is_not_guessed_at(place, write) -> None:
    path = write("1")
    for name in ("a", "b"):
        (place.settings.root / name).mkdir()
        (place.settings.root / name / "rows.csv").touch()
    for missing in ("rows.csv", "/etc/rows.csv", "../rows.csv", "nowhere.csv"):
        said = error("FileNotFoundError", f"[Errno 2] No such file or directory: '{missing}'")
        assert fix_job(place, failed(place, path, said).id).kind is FixKind.NONE


def test_a_module_of_the_project_is_found_from_its_folder(place, write) -> None:
    (place.settings.root / "src").mkdir()
    (place.settings.root / "src" / "cleaning.py").touch()
    said = error("ModuleNotFoundError", "No module named 'cleaning.steps'")
    job = failed(place, write("1"), said)
    fix = fix_job(place, job.id)
    assert (fix.kind, fix.steps) == (
        FixKind.FOLDER,
        ("try the job again in the folder src, where cleaning is",),
    )


def test_a_package_is_installed_only_where_the_project_asks_for_it(place, write, monkeypatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(
        "jupyter_mlops.jobs.fixes.dry_run", lambda package: (f"pip would install {package}-2",)
    )
    monkeypatch.setattr("jupyter_mlops.jobs.fixes.install", called.append)
    job = failed(place, write("1"), error("ModuleNotFoundError", "No module named 'tinytool.sub'"))
    assert fix_job(place, job.id, apply=True).kind is FixKind.NONE
    assert called == []

    (place.settings.root / "requirements.txt").write_text("tinytool>=1\n")
    shown = fix_job(place, job.id)
    assert shown.steps == (
        "pip would install tinytool>=1-2",
        "install tinytool>=1, which the project's own files ask for",
        "try the job again",
    )
    assert called == []
    assert fix_job(place, job.id, apply=True).applied
    assert called == ["tinytool>=1"]
    assert get_job(place, job.id).status is JobStatus.QUEUED

    other = failed(place, write("1"), job.error, kernel="other")
    assert fix_job(place, other.id).kind is FixKind.NONE  # its packages are not this interpreter's


@pytest.mark.parametrize(
    ("status", "said", "options", "kind", "changed"),
    [
        ("failed", error("out_of_memory", "", FailureClass.OUT_OF_MEMORY), {"memory": "1GB"}, "more_memory", {"memory": 2 * 10**9}),
        ("failed", error("MemoryError", "", FailureClass.OUT_OF_MEMORY), {}, "none", {}),
        ("timed_out", error("timed_out", "", FailureClass.TIMEOUT), {"timeout": 5, "cell_timeout": 2}, "more_time", {"timeout": 10, "cell_timeout": 4}),
        ("timed_out", error("timed_out", "", FailureClass.TIMEOUT), {"cell_timeout": 2}, "more_time", {"timeout": None, "cell_timeout": 4}),
        ("lost", error("lost", "", FailureClass.INFRASTRUCTURE), {}, "retry", {}),
        ("failed", error("ValueError", "no"), {}, "none", {}),
    ],
    ids=["memory limit", "memory without a limit", "time limits", "a cell's time limit", "lost", "an error"],
)  # fmt: skip
def test_each_failure_has_the_remedy_that_helps_or_none(
    place, write, status: str, said: JobError, options: dict[str, Any], kind: str, changed: dict[str, Any]
) -> None:
    job = failed(place, write("1"), said, JobStatus(status), **options)
    fix = fix_job(place, job.id)
    assert (str(fix.kind), fix.applied, bool(fix.steps)) == (kind, False, kind != "none")
    applied = fix_job(place, job.id, apply=True)
    after = get_job(place, job.id)
    assert (applied.applied, after.status is JobStatus.QUEUED) == (kind != "none",) * 2
    assert {name: getattr(after.spec, name) for name in changed} == changed


def test_what_is_under_way_or_was_cancelled_needs_no_remedy(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    assert fix_job(place, job.id, apply=True).kind is FixKind.NONE
    cancelled = failed(place, write("1"), error("cancelled"), JobStatus.CANCELLED)
    assert fix_job(place, cancelled.id).kind is FixKind.NONE


def test_two_who_apply_at_once_queue_the_job_once(place, write) -> None:
    job = failed(place, write("1"), error("lost", "", FailureClass.INFRASTRUCTURE), JobStatus.LOST)
    fix_job(place, job.id, apply=True)
    with place.store.read() as tx:
        assert tx.jobs.get(job.id).attempt == 2
    assert not fix_job(place, job.id, apply=True).applied
    with pytest.raises(Conflict, match="is queued"):
        retry_job(place, job.id)
