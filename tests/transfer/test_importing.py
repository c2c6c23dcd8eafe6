"""A workspace carried to another place is the same workspace; what does not fit stops the whole."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_mlops.automation import add_schedule, find_schedules
from jupyter_mlops.errors import Conflict, NotFound
from jupyter_mlops.ledger import export_head, history, verify_chain
from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.registry import find_aliases, get_version, load_model
from jupyter_mlops.review import decide, open_review, verify
from jupyter_mlops.tracking import find_artifacts, find_runs, get_run, metric_history, run_cells
from jupyter_mlops.transfer import export_bundle, import_bundle
from jupyter_mlops.workspace import Workspace
from tests.registry.books import fitted, logged_run, registered
from tests.transfer.places import another

pytestmark = pytest.mark.usefixtures("no_round_trip")


@pytest.fixture
def approved(ws: Workspace) -> Workspace:
    """A workspace with a registered, reviewed and approved model."""
    registered(ws)
    review = open_review(ws, reference="pm25:1")
    decide(ws, review=review.id, verdict="approve", comment="good enough")
    return ws


def carried(ws: Workspace, tmp_path: Path, **options: str) -> Path:
    file = tmp_path / "carried.zip"
    export_bundle(ws, file=str(file), **options)
    return file


def test_a_whole_workspace_arrives_as_it_was(approved, tmp_path):
    target = another(tmp_path / "other")
    file = carried(approved, tmp_path)
    imported = import_bundle(target, file=str(file))
    assert imported.history == "replayed"
    assert imported.added["runs"] == find_runs(approved).total
    assert export_head(target) == export_head(approved)
    assert verify(target).ok
    assert list(find_runs(target)) == list(find_runs(approved))
    for run in find_runs(approved):
        assert list(find_artifacts(target, run=run.id)) == list(find_artifacts(approved, run=run.id))
        assert run_cells(target, run=run.id) == run_cells(approved, run=run.id)
        for key in run.metrics:
            assert metric_history(target, run=run.id, key=key) == metric_history(
                approved, run=run.id, key=key
            )
    assert get_version(target, "pm25@champion") == get_version(approved, "pm25@champion")
    model = load_model(target, "pm25@champion")
    assert type(model).__name__ == "Pipeline"


def test_importing_twice_adds_nothing_and_tells_nothing(approved, tmp_path):
    target = another(tmp_path / "other")
    file = carried(approved, tmp_path)
    import_bundle(target, file=str(file))
    head = export_head(target)
    again = import_bundle(target, file=str(file))
    assert (dict(again.added), again.blobs, again.history) == ({}, 0, "none")
    assert again.present["versions"] == 1
    assert export_head(target) == head


def test_a_workspace_with_a_history_keeps_it_and_its_own_aliases(approved, tmp_path):
    target = another(tmp_path / "other")
    logged_run(target, fitted(3.0), name="its own")
    registered(target, model="other")
    imported = import_bundle(target, file=str(carried(approved, tmp_path)))
    assert imported.history == "sealed"
    assert any("1 aliases left out" in note for note in imported.notes)
    assert not [alias for alias in find_aliases(target) if alias.model == "pm25"]
    assert get_version(target, "pm25:1") == get_version(approved, "pm25:1")
    last = history(target)[-1]
    assert (last.kind, last.actor.name) == ("workspace.imported", "ben")
    assert last.data["head"] == export_head(approved).digest
    with target.blobs.open(str(last.data["ledger"])) as sealed:
        assert len(sealed.read().splitlines()) == last.data["lines"] == export_head(approved).sequence
    assert verify_chain(target).ok


def test_what_differs_stops_the_import_before_anything_is_written(approved, tmp_path):
    target = another(tmp_path / "other")
    import_bundle(target, file=str(carried(approved, tmp_path)))
    run = find_runs(target)[0]
    with target.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), name="renamed here"))
    late = logged_run(approved, fitted(2.0), name="late")
    second = tmp_path / "second.zip"
    export_bundle(approved, file=str(second))
    with pytest.raises(Conflict, match="differ") as refused:
        import_bundle(target, file=str(second))
    assert refused.value.data["records"] == [f"runs {run.id}"]
    with pytest.raises(NotFound):
        get_run(target, late.id)


def test_some_runs_bring_what_belongs_to_them_and_no_more(ws, tmp_path):
    parent = logged_run(ws, fitted(1.0), name="parent")
    child = logged_run(ws, fitted(2.0), name="child")
    fold = logged_run(ws, fitted(2.5), name="fold")
    sibling = logged_run(ws, fitted(2.7), name="sibling")  # another run of the same job: nobody asked for it
    with ws.store.write() as tx:
        for run, of in ((child, parent), (fold, child), (sibling, parent)):
            tx.runs.replace(replace(tx.runs.get(run.id), parent=of.id))
    stranger = logged_run(ws, fitted(3.0), name="stranger")
    target = another(tmp_path / "other")
    imported = import_bundle(target, file=str(carried(ws, tmp_path, runs="name = 'child'")))
    assert imported.history == "none"
    assert {run.name for run in find_runs(target)} == {"parent", "child", "fold"}
    assert run_cells(target, run=child.id) == run_cells(ws, run=child.id)
    for left in (stranger, sibling):
        with pytest.raises(NotFound):
            get_run(target, left.id)
    assert [event.kind for event in history(target)] == ["workspace.imported"]
    for artifact in find_artifacts(target, run=child.id):
        assert target.blobs.has(artifact.digest)


def test_numbers_that_json_has_no_name_for_arrive_as_numbers(ws, tmp_path):
    run = logged_run(ws)
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), params={"alpha": math.inf, "word": "inf", "none": None}))
        odd = [math.nan, math.inf, -math.inf, 1e-320]
        tx.metrics.append(
            [
                MetricPoint(owner=run.id, sequence=100 + i, key="odd", value=value, step=i, at=ws.now())
                for i, value in enumerate(odd)
            ]
        )
    target = another(tmp_path / "other")
    import_bundle(target, file=str(carried(ws, tmp_path)))
    assert dict(get_run(target, run.id).params) == {"alpha": math.inf, "word": "inf", "none": None}
    values = [point.value for point in metric_history(target, run=run.id, key="odd")]
    assert math.isnan(values[0])
    assert values[1:] == odd[1:]


def test_schedules_arrive_paused_so_that_two_workspaces_do_not_do_the_same_work(ws, tmp_path):
    notebook = ws.settings.root / "work.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    add_schedule(ws, name="nightly", notebook="work.ipynb", cron="0 3 * * *")
    target = another(tmp_path / "other")
    import_bundle(target, file=str(carried(ws, tmp_path)))
    assert [(order.name, order.active) for order in find_schedules(target)] == [("nightly", False)]


def test_a_file_that_is_not_there_is_said_so(ws, tmp_path):
    with pytest.raises(NotFound, match="no file"):
        import_bundle(ws, file=str(tmp_path / "nothing.zip"))
