"""Into the bin and out again: families together, evidence never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.tracking import (
    archive_run,
    delete_run,
    find_runs,
    finish_run,
    get_run,
    restore_run,
    start_run,
)
from tests.registry.books import logged_run, registered


def ended(ws, name: str, parent: str | None = None) -> str:
    run = start_run(ws, name=name, parent=parent)
    finish_run(ws, run=run.id)
    return run.id


def test_a_deleted_run_leaves_the_lists_and_comes_back_whole(ws):
    run = ended(ws, "baseline")
    before = get_run(ws, run)
    assert delete_run(ws, run=run).deleted == get_run(ws, run).deleted is not None
    assert find_runs(ws).total == 0
    assert restore_run(ws, run=run) == before
    assert find_runs(ws).total == 1
    assert [event.kind for event in history(ws, subject=run)][-2:] == ["run.deleted", "run.restored"]


def test_what_is_part_of_a_run_goes_and_comes_with_it(ws):
    parent = ended(ws, "parent")
    child = ended(ws, "child", parent)
    grandchild = ended(ws, "grandchild", child)
    delete_run(ws, run=parent)
    assert all(get_run(ws, run).deleted for run in (parent, child, grandchild))
    restore_run(ws, run=parent)
    assert find_runs(ws).total == 3


def test_restoring_leaves_alone_a_child_that_was_only_archived(ws):
    parent = ended(ws, "parent")
    child = ended(ws, "child", parent)
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(child), archived=True))
    restore_run(ws, run=parent)
    assert get_run(ws, child).archived


def test_what_was_deleted_before_or_archived_before_is_so_again(ws):
    parent = ended(ws, "parent")
    archived, gone, child = (ended(ws, name, parent) for name in ("archived", "gone", "child"))
    archive_run(ws, run=archived)
    delete_run(ws, run=gone)
    delete_run(replace(ws, now=lambda: ws.now() + timedelta(hours=1)), run=parent)
    restore_run(ws, run=parent)
    assert [run.id for run in find_runs(ws, order="started")] == [parent, child]
    kept = get_run(ws, archived)
    assert (kept.archived, kept.deleted) == (True, None)
    assert get_run(ws, gone).deleted is not None
    restore_run(ws, run=gone)
    assert find_runs(ws).total == 3


def test_a_running_run_is_not_deleted(ws):
    run = start_run(ws, name="busy")
    with pytest.raises(Conflict, match="still running") as refused:
        delete_run(ws, run=run.id)
    assert "cancel" in refused.value.remedy
    finish_run(ws, run=run.id)


def test_the_evidence_of_a_version_is_not_deleted(ws, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked here")
    version = registered(ws)
    with pytest.raises(Conflict, match="pm25:1") as refused:
        delete_run(ws, run=version.run)
    assert refused.value.data["versions"] == ["pm25:1"]
    assert find_runs(ws).total == 1


def test_a_parent_whose_child_made_a_version_is_not_deleted_in_part(ws, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked here")
    parent = ended(ws, "parent")
    made = logged_run(ws)
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(made.id), parent=parent))
    from jupyter_mlops.registry import register_version

    register_version(ws, model="pm25", run=made.id)
    with pytest.raises(Conflict):
        delete_run(ws, run=parent)
    assert get_run(ws, parent).deleted is None


def test_what_is_not_there_cannot_be_deleted(ws):
    with pytest.raises(NotFound):
        delete_run(ws, run="zzzzzz")
