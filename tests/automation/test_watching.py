"""What is watched: patterns as they are kept, files as they are seen, and jobs that are over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from contracts.samples import ANA, NOON, SPEC

from jupyter_mlops.automation.watching import WATCHED, file_pattern, happening, is_over, seen_now, watched
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.job import Job, JobStatus
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
    ("status", "changes", "over"),
    [
        (JobStatus.RUNNING, {}, False),
        (JobStatus.SUCCEEDED, {}, True),
        (JobStatus.CANCELLED, {"attempt": 1}, True),
        (JobStatus.FAILED, {"attempt": 1}, False),
        (JobStatus.FAILED, {"attempt": 2}, False),
        (JobStatus.FAILED, {"attempt": 3}, True),
        (JobStatus.LOST, {"attempt": 1, "followed": True}, True),
    ],
)
def test_a_job_is_over_once_it_is_not_tried_again(status, changes, over) -> None:
    job = Job(id="j1", spec=replace(SPEC, retries=2), status=status, queued=NOON, actor=ANA, **changes)
    assert is_over(job) is over


@pytest.mark.parametrize("pattern", ["a\0b", "*/../../x.csv", "data/..", "..", "/"])
def test_what_is_no_pattern_is_refused(place, pattern) -> None:
    with pytest.raises(Invalid, match="names no files"), place.store.read() as tx:
        seen_now(place, tx, OnFile(pattern=file_pattern(place.settings, pattern)))


def test_the_home_of_an_account_that_is_not_here_is_a_folder_like_others(place) -> None:
    assert file_pattern(place.settings, "~nobody-has-this-name/*.csv") == "~nobody-has-this-name/*.csv"
