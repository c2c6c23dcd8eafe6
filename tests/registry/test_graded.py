"""Versions, models and jobs say how far the runs behind them can be trusted, as the runs say it now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.records.essence import essence
from jupyter_mlops.records.job import Job, JobSpec
from jupyter_mlops.records.run import DocumentState, Grade, RunStatus
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.registry import find_models, find_versions, get_model, get_version, graded, move_alias
from jupyter_mlops.registry.graded import with_trust
from jupyter_mlops.workspace import Workspace
from tests.registry.books import logged_run, registered

pytestmark = pytest.mark.usefixtures("no_round_trip")

STALE = RunTrust(grade=Grade.STALE, grade_reason="cell 4 ran again", document=DocumentState.ORPHANED)
CLEAN = RunTrust(grade=Grade.CLEAN)


def spoil(ws: Workspace, run: str | None) -> None:
    assert run is not None
    with ws.store.write() as tx:
        tx.runs.replace(
            replace(
                tx.runs.get(run),
                grade=STALE.grade,
                grade_reason=STALE.grade_reason,
                document=STALE.document,
            )
        )


def test_a_version_says_what_its_run_says_now_and_the_store_keeps_none_of_it(ws: Workspace) -> None:
    first = registered(ws)
    second = registered(ws)
    assert (first.trust, second.trust) == (CLEAN, CLEAN)
    spoil(ws, first.run)
    assert [(version.version, version.trust) for version in find_versions(ws)] == [(2, CLEAN), (1, STALE)]
    assert get_version(ws, "pm25:1").trust == STALE
    with ws.store.read() as tx:
        kept = tx.versions.get("pm25", 1)
    assert kept.trust is None
    assert "trust" not in essence(kept)  # no approval lapses by what stands beside it


def test_a_version_of_a_run_that_is_in_no_book_is_told_without(ws: Workspace) -> None:
    version = registered(ws)
    with ws.store.read() as tx:
        lost, known, none = with_trust(
            tx, [replace(version, run="0" * 26), version, replace(version, run=None)]
        )
    assert (lost.trust, known.trust, none.trust) == (None, CLEAN, None)


def test_a_model_says_it_of_its_newest_version_and_of_each_that_an_alias_points_at(ws: Workspace) -> None:
    first = registered(ws)
    registered(ws)
    registered(ws, "wine")
    move_alias(ws, model="pm25", alias="champion", version=1, reason="to see")
    spoil(ws, first.run)
    pm25, wine = find_models(ws)
    assert (pm25.newest_trust, dict(pm25.alias_trust)) == (CLEAN, {"champion": STALE})
    assert (wine.newest_trust, dict(wine.alias_trust)) == (CLEAN, {})
    assert get_model(ws, "pm25") == pm25


def test_many_are_asked_for_together_and_each_run_once(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graded, "_AT_ONCE", 2)
    runs = [logged_run(ws) for _ in range(5)]
    spoil(ws, runs[3].id)
    going = replace(runs[4], status=RunStatus.RUNNING, ended=None)
    with ws.store.write() as tx:
        tx.runs.replace(going)
    spec = JobSpec(notebook="a.ipynb", content="0" * 64)
    jobs = [
        Job(id=f"{place:026}", spec=spec, run=run.id, queued=ws.now(), actor=ws.actor)
        for place, run in enumerate([*runs, runs[3]])
    ]
    with ws.store.read() as tx:
        found = with_trust(tx, jobs)
    assert [job.trust for job in found] == [CLEAN, CLEAN, CLEAN, STALE, None, STALE]
    assert list(found) == jobs  # what a verb fills in makes no other job of it
