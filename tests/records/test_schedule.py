"""Schedules as records: their kinds, their rules, and what became of each time."""

from __future__ import annotations

import pytest
from contracts.records import RecordContract

from jupyter_mlops.records import schedule
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.schedule import After, Cron, Ending, OnDataset, OnDrift, OnFile, When


class TestRecords(RecordContract):
    module = schedule
    required = {
        "Cron": "expression",
        "Interval": "seconds first",
        "OnFile": "pattern",
        "OnDataset": "dataset",
        "After": "",
        "OnDrift": "deployment",
        "Rules": "",
        "Fire": "definition cause status moment due claimed",
        "JobDefinition": "id name spec created actor",
        "ScheduleView": "schedule",
    }


@pytest.mark.parametrize(
    "when",
    [
        Cron(expression="0 3 * * *"),
        OnFile(pattern="data/*.csv"),
        OnDataset(dataset="air"),
        After(schedule="d1", ending=Ending.ANY),
        OnDrift(deployment="pm25@champion"),
    ],
    ids=lambda when: type(when).__name__,
)
def test_a_reason_to_run_says_which_it_is(when) -> None:
    assert encode(when)["type"] == type(when).__name__
    assert decode(When, encode(when)) == when


@pytest.mark.parametrize(
    ("ending", "matching"),
    [
        (Ending.SUCCESS, {JobStatus.SUCCEEDED}),
        (Ending.FAILURE, {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.TIMED_OUT, JobStatus.LOST}),
        (Ending.ANY, {status for status in JobStatus if status.ended}),
    ],
)
def test_an_ending_is_matched_by_jobs_that_have_ended_so(ending, matching) -> None:
    assert {status for status in JobStatus if ending.matches(status)} == matching
