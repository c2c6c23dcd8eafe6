from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.monitoring import check_drift, check_quality, find_reports, measure_drift
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.deployment import Deployment, Prediction
from jupyter_mlops.records.drift import DriftReport
from jupyter_mlops.records.review import Outcome
from jupyter_mlops.registry import move_alias
from jupyter_mlops.workspace import Workspace
from tests.registry.books import logged_run, manifest_of, registered


@pytest.fixture(autouse=True)
def _no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked in this test"
    )


def rows(count: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"temp": rng.normal(10, 4, count), "wind": rng.choice(["N", "E", "S"], count)})


@pytest.fixture
def served(ws: Workspace) -> Workspace:
    """pm25@champion, trained on the rows of seed 0, and a deployment of it that nobody has asked yet."""
    from jupyter_mlops.capture.dataset import profile
    from tests.registry.books import fitted

    manifest = replace(manifest_of(ws, fitted()), profile=profile(rows(2000, 0)))
    registered(ws, manifest=manifest)
    move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    with ws.store.write() as tx:
        tx.deployments.add(Deployment(id="here", model="pm25", alias="champion", version=1, started=ws.now()))
    return ws


def ask(ws: Workspace, frame: pd.DataFrame, *, first: int = 1, version: int = 1, answer: Any = 1.0) -> None:
    items = [
        Prediction(
            owner="here", sequence=first + n, request=f"r{first + n}", version=version, features=row, prediction=answer,
            at=ws.now(),
        )
        for n, row in enumerate(frame.to_dict("records"))
    ]  # fmt: skip
    with ws.store.write() as tx:
        tx.predictions.append(items)


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


# --- quality --------------------------------------------------------------------------------------------------------


def know(ws: Workspace, outcomes: dict[str, Any], first: int = 1) -> None:
    with ws.store.write() as tx:
        tx.predictions.append(
            [
                Prediction(
                    owner="here/outcomes",
                    sequence=first + n,
                    request=r,
                    version=1,
                    at=ws.now(),
                    outcome=value,
                )
                for n, (r, value) in enumerate(outcomes.items())
            ]
        )


def test_numbers_are_measured_by_their_error(served: Workspace) -> None:
    ask(served, rows(4, 1), answer=10.0)
    know(served, {"r1": 9.0, "r2": 13.0, "unknown": 1.0})
    report = check_quality(served, "pm25@champion")
    assert dict(report.metrics) == pytest.approx({"mae": 2.0, "rmse": 5**0.5, "bias": -1.0})
    assert (report.rows, report.answered) == (2, 4)
    assert report.summary.endswith("over the 2 of 4 answers whose outcome is known.")


def test_labels_are_measured_by_their_accuracy(served: Workspace) -> None:
    ask(served, rows(3, 1), answer="high")
    know(served, {"r1": "high", "r2": "low", "r3": "high"})
    assert dict(check_quality(served, "here").metrics) == pytest.approx({"accuracy": 2 / 3})


def test_a_later_word_on_an_outcome_replaces_the_earlier(served: Workspace) -> None:
    ask(served, rows(1, 1), answer=1.0)
    know(served, {"r1": 5.0})
    know(served, {"r1": 1.0}, first=2)
    assert check_quality(served, "here").metrics["mae"] == 0


def test_nothing_known_yet_is_said(served: Workspace) -> None:
    ask(served, rows(2, 1))
    assert check_quality(served, "here").summary == "No outcome is known yet of 2 answers."
