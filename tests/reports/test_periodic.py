"""The regular report tells what happened, and only what happened since."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from review.books import add_version, person

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.reports import report
from jupyter_mlops.review import decide, open_review
from jupyter_mlops.workspace import Workspace


def test_an_empty_workspace_has_a_report_that_says_so(ws: Workspace) -> None:
    text = report(ws).markdown

    for sentence in ("Nothing happened to models.", "No review is open.", "No run.", "No job."):
        assert sentence in text


def test_the_report_tells_of_versions_decisions_and_moves(ws: Workspace) -> None:
    add_version(ws)
    decide(person(ws, "bo"), open_review(ws, "pm25:1").id, Verdict.APPROVE, "well done")
    add_version(ws, alpha=0.1)
    open_review(ws, "pm25:2")
    found = report(ws)

    plain = found.markdown
    assert "| version.registered | pm25:1 | ana |" in plain
    assert "approve well done" in plain
    assert "nothing → 1: well done" in plain
    assert "1 review open." in plain
    assert "2 runs: 2 finished." in plain
    assert found.html.count("<section>") == 5


def test_failed_runs_are_named_with_their_error(ws: Workspace) -> None:
    version = add_version(ws)
    with ws.store.write() as tx:
        run = tx.runs.get(version.run)
        tx.runs.replace(
            replace(run, status=RunStatus.FAILED, error=RunError(kind="ValueError", message="<b>bad</b>"))
        )
    found = report(ws)

    assert "ValueError: &lt;b&gt;bad&lt;/b&gt;" in found.html
    assert "<b>" not in found.markdown


def test_what_came_before_is_left_out(ws: Workspace, clock) -> None:
    add_version(ws)
    clock.advance(3600)
    since = clock() - timedelta(minutes=1)

    assert "No run." in report(ws, since=since).markdown
    add_version(ws)
    assert "1 run: 1 finished." in report(ws, since=since).markdown
    assert "pm25:1" not in report(ws, since=since).markdown


def test_a_moment_without_a_time_zone_is_refused(ws: Workspace) -> None:
    with pytest.raises(Invalid, match="no time zone"):
        report(ws, since=datetime(2026, 1, 1))  # noqa: DTZ001
