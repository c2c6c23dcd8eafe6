from __future__ import annotations

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.monitoring import check_drift, find_reports, measure_drift
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.workspace import Workspace
from tests.monitoring.live import ask, rows
from tests.registry.books import logged_run


def test_rows_like_the_training_data_pass(served: Workspace) -> None:
    ask(served, rows(400, 1))
    report = check_drift(served, "pm25@champion")
    assert (report.verdict, report.rows, report.deployment) == (Outcome.PASSED, 400, "here")
    assert report.summary == "None of 2 columns moved over 400 rows."


def test_a_shift_fails_and_names_its_column_and_is_kept_with_an_event(served: Workspace) -> None:
    ask(served, rows(400, 1).assign(temp=30.0))
    report = check_drift(served, "here")
    assert report.verdict is Outcome.FAILED
    assert report.summary == "1 of 2 columns moved over 400 rows: temp."
    assert find_reports(served, "deployment = 'here'")[0] == report
    event = history(served, "here")[-1]
    assert (event.kind, event.data["moved"], event.data["verdict"]) == ("drift.checked", ["temp"], "failed")
    assert decode(DriftReport, encode(report)) == report


@pytest.mark.parametrize("count", [0, 1, 199])
def test_a_small_window_decides_nothing(served: Workspace, count: int) -> None:
    ask(served, rows(count, 1).assign(temp=99.0))
    report = check_drift(served, "pm25@champion")
    assert (report.verdict, report.columns) == (Outcome.UNKNOWN, ())
    assert "fewer than 200 decide nothing" in report.summary


def test_only_the_last_rows_count(served: Workspace) -> None:
    ask(served, rows(2500, 1).assign(temp=99.0))
    ask(served, rows(300, 2), first=2501)
    assert check_drift(served, "pm25@champion", rows=300).verdict is Outcome.PASSED
    assert check_drift(served, "pm25@champion", rows=1000).verdict is Outcome.FAILED


def test_rows_of_the_version_before_are_left_out(served: Workspace) -> None:
    ask(served, rows(300, 1).assign(temp=99.0), version=7)
    ask(served, rows(300, 2), first=301)
    report = check_drift(served, "pm25@champion")
    assert (report.rows, report.verdict) == (300, Outcome.PASSED)


def test_a_frame_of_ones_own_is_measured_with_the_same_ruler(served: Workspace) -> None:
    found = measure_drift(served, "pm25@champion", rows(400, 1).assign(wind="W"))
    assert [d.name for d in found if d.moved] == ["wind"]
    assert find_reports(served).total == 0


def test_a_version_without_a_profile_says_how_to_get_one(served: Workspace) -> None:
    from jupyter_mlops.registry import register_version

    run = logged_run(served, name="bare")
    version = register_version(served, model="bare", run=run.id)
    with pytest.raises(Invalid, match="carries no profile") as refusal:
        measure_drift(served, version.reference, rows(300, 1))
    assert "log_model(model, data=X)" in refusal.value.remedy


def test_what_was_never_served_is_named(served: Workspace) -> None:
    with pytest.raises(NotFound, match="never served"):
        check_drift(served, "pm25@challenger")
    with pytest.raises(NotFound):
        check_drift(served, "nowhere")
    with pytest.raises(Invalid):
        check_drift(served, "here", rows=0)
