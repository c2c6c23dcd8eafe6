"""What is watched: patterns as they are kept, files as they are seen, and jobs that are over."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from contracts.samples import ANA, NOON, SPEC

from jupyter_mlops.automation import watching
from jupyter_mlops.automation.watching import (
    WATCHED,
    file_pattern,
    files_now,
    happening,
    is_over,
    seen_now,
    watched,
)
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.job import Attempt, Job, JobError, JobStatus
from jupyter_mlops.records.retry import FailureClass
from jupyter_mlops.records.schedule import (
    After,
    Cron,
    JobDefinition,
    OnDataset,
    OnDrift,
    OnFile,
)


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        (Cron(expression="* * * * *"), ""),
        (OnFile(pattern="a"), "file"),
        (OnDataset(dataset="a"), "dataset"),
        (OnDrift(deployment="a"), "drift"),
        (After(job="j1"), "job"),
        (After(schedule="d1"), "after d1"),
        (None, ""),
    ],
)
def test_each_kind_is_looked_at_by_every_turn_or_by_a_clock_or_at_the_end_of_a_job(when, kind) -> None:
    assert watched(when) == kind
    assert (kind in WATCHED) is (bool(kind) and not kind.startswith("after"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("data.csv", "data.csv"),
        ("data/new/*.csv", "data/new/*.csv"),
        ("./data/**/x?.csv", "data/**/x?.csv"),
        ("*.csv", "*.csv"),
        ("data/../other/a.csv", "other/a.csv"),
    ],
)
def test_a_pattern_is_kept_as_seen_from_the_project(place, monkeypatch, tmp_path, given, kept) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_pattern(place.settings, given) == kept
    assert file_pattern(place.settings, str(place.settings.root / given)) == kept


def test_a_pattern_elsewhere_is_kept_whole(place, tmp_path) -> None:
    assert (
        file_pattern(place.settings, str(tmp_path / "in" / "*.csv"))
        == (tmp_path / "in").as_posix() + "/*.csv"
    )


def test_only_files_that_match_are_seen_and_none_that_is_hidden_unless_asked_for(place) -> None:
    root = Path(place.settings.root)
    for name in ("data/a.csv", "data/b.txt", "data/.c.csv", "data/deep/d.csv", "data/.hid/e.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "data" / "folder.csv").mkdir()
    with place.store.read() as tx:
        counts = {
            pattern: len(seen_now(place, tx, OnFile(pattern=pattern)))
            for pattern in ("data/*.csv", "data/**/*.csv", "data/.c.csv", "data/a.csv", "none/*.csv", "data")
        }
    assert counts == {
        "data/*.csv": 1, "data/**/*.csv": 2, "data/.c.csv": 1, "data/a.csv": 1, "none/*.csv": 0, "data": 0,
    }  # fmt: skip


def test_hidden_files_do_not_count_towards_the_most_that_are_looked_at(place, monkeypatch) -> None:
    monkeypatch.setattr(watching, "_MOST_FILES", 2)
    root = Path(place.settings.root)
    for name in (*(f".git/{number}.csv" for number in range(9)), "z/a.csv", "z/b.csv"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    for number in range(9):
        (root / "a" / f"{number}.csv").mkdir(parents=True)  # nor do folders
    assert len(files_now(place, OnFile(pattern="**/*.csv"))["**/*.csv"]) == 2
    (root / "z" / "c.csv").write_text("one too many")
    assert files_now(place, OnFile(pattern="**/*.csv")) == {}  # who needs them is told why
    with place.store.read() as tx, pytest.raises(Invalid, match="names more than 2 files"):
        seen_now(place, tx, OnFile(pattern="**/*.csv"))


def test_a_file_that_is_always_written_to_holds_back_no_other(place, clock) -> None:
    ws, root = replace(place, now=clock), Path(place.settings.root)
    made = JobDefinition(
        id="d1", name="a", spec=SPEC, when=OnFile(pattern="*.csv"), created=clock(), actor=ANA
    )

    def look(log: str, ago: float) -> str | None:
        nonlocal made
        clock.advance(60)
        (root / "log.csv").write_text(log)
        os.utime(root / "log.csv", (clock().timestamp() - ago,) * 2)
        with ws.store.read() as tx:
            found = happening(ws, tx, made)
        if found is None:
            return None
        made = replace(made, seen=found.seen)
        return found.reason

    (root / "done.csv").write_text("1")
    os.utime(root / "done.csv", (clock().timestamp(),) * 2)
    assert look("1", 0) == "done.csv changed"
    assert look("12", 1) is None
    assert look("123", 10) == "log.csv changed"
    assert look("1234", 0) == ""  # what is remembered of it is no more so
    assert look("12345", 0) is None
    assert look("123456", 10) == "log.csv changed"


def test_nothing_happens_where_nothing_changed(place) -> None:
    with place.store.read() as tx:
        for when in (
            OnFile(pattern="*.csv"),
            OnDataset(dataset="air"),
            OnDrift(deployment="x"),
            After(job="gone"),
            None,
        ):
            made = JobDefinition(id="d1", name="a", spec=SPEC, when=when, created=NOON, actor=ANA)
            assert happening(place, tx, made) is None


@pytest.mark.parametrize(
    ("status", "before", "followed", "over"),
    [
        (JobStatus.RUNNING, 0, False, False),
        (JobStatus.SUCCEEDED, 0, False, True),
        (JobStatus.CANCELLED, 0, False, True),
        (JobStatus.FAILED, 0, False, False),
        (JobStatus.FAILED, 1, False, False),
        (JobStatus.FAILED, 2, False, True),
        (JobStatus.LOST, 0, True, True),
    ],
)
def test_a_job_is_over_once_it_is_not_tried_again(status, before, followed, over) -> None:
    error = JobError(kind="ValueError", message="no", failure=FailureClass.NOTEBOOK)
    attempts = tuple(
        Attempt(number=number + 1, status=JobStatus.FAILED, error=error, queued=NOON, ended=NOON)
        for number in range(before)
    )
    ended = NOON if status.ended else None
    spec = replace(SPEC, retries=2)
    job = Job(
        id="j1", spec=spec, status=status, queued=NOON, ended=ended, actor=ANA, followed=followed,
        attempt=before + 1, attempts=attempts,
    )  # fmt: skip
    assert is_over(job) is over


@pytest.mark.parametrize("pattern", ["a\0b", "*/../../x.csv", "data/..", "..", "/"])
def test_what_is_no_pattern_is_refused(place, pattern) -> None:
    with pytest.raises(Invalid, match="names no files"), place.store.read() as tx:
        seen_now(place, tx, OnFile(pattern=file_pattern(place.settings, pattern)))


def test_the_home_of_an_account_that_is_not_here_is_a_folder_like_others(place) -> None:
    assert file_pattern(place.settings, "~nobody-has-this-name/*.csv") == "~nobody-has-this-name/*.csv"
