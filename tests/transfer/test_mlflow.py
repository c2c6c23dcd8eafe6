"""Stores that MLflow 3.17 wrote, brought in."""

from __future__ import annotations

import math
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.ledger import history, verify_chain
from jupyter_mlops.records.run import Grade, Run, RunStatus
from jupyter_mlops.registry import find_aliases, find_versions, load_model
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history
from jupyter_mlops.transfer import import_mlflow
from jupyter_mlops.transfer.mlflow import run_id
from tests.transfer.places import mlflow_database, mlflow_folder


@pytest.fixture(params=["database", "folder"])
def store(request, tmp_path) -> Path:
    return {"database": mlflow_database, "folder": mlflow_folder}[request.param](tmp_path / "theirs")


def runs_of(ws) -> dict[str, Run]:
    return {run.name: run for run in find_runs(ws)}


@pytest.mark.usefixtures("no_round_trip")
def test_runs_come_with_names_times_parameters_tags_and_parents(ws, store):
    imported = import_mlflow(ws, source=str(store))
    runs = runs_of(ws)
    assert set(runs) == {"parent", "child", "broken", "left"}
    parent = runs["parent"]
    assert parent.experiment == "air/pm25"
    assert dict(parent.params) == {
        "alpha": 0.5, "solver": "auto", "fit_intercept": True, "folds": 5, "leading": "007",
    }  # fmt: skip
    assert parent.tags["team"] == "risk"
    assert parent.tags["mlflow.note.content"] == "a note"
    assert parent.source.notebook == "make.py"
    assert parent.actor.name == "root"
    assert runs["child"].parent == parent.id
    assert [runs[name].status for name in ("parent", "broken", "left")] == [
        RunStatus.FINISHED,
        RunStatus.FAILED,
        RunStatus.LOST,
    ]
    assert parent.started.date() == datetime(2026, 11, 21, tzinfo=UTC).date()
    assert parent.seconds > 1
    assert parent.grade is Grade.UNKNOWN
    assert "MLflow" in parent.grade_reason
    assert imported.added["runs"] == 4
    assert "1 deleted runs left out" in imported.notes


@pytest.mark.usefixtures("no_round_trip")
def test_points_keep_their_steps_and_what_json_cannot_write(ws, store):
    import_mlflow(ws, source=str(store))
    parent = runs_of(ws)["parent"]
    loss = metric_history(ws, run=parent.id, key="loss")
    assert [(point.step, point.value) for point in loss] == [(s, 1 / (s + 1)) for s in range(5)]
    assert math.isnan(metric_history(ws, run=parent.id, key="nan")[0].value)
    assert metric_history(ws, run=parent.id, key="inf")[0].value == math.inf


def test_a_model_is_registered_under_the_guard_and_an_alias_waits_for_a_review(ws, store):
    imported = import_mlflow(ws, source=str(store))
    (version,) = find_versions(ws, "pm25")
    assert version.run == runs_of(ws)["parent"].id
    assert type(load_model(ws, version.reference)).__name__ == "Pipeline"
    assert find_aliases(ws).total == 0
    assert any("champion" in note and "review" in note for note in imported.notes)


@pytest.mark.usefixtures("no_round_trip")
def test_files_come_with_the_run(ws, store):
    import_mlflow(ws, source=str(store))
    (note,) = [a for a in find_artifacts(ws, run=runs_of(ws)["parent"].id) if a.name == "notes/hello.txt"]
    with ws.blobs.open(note.digest) as content:
        assert content.read() == b"hello"


@pytest.mark.usefixtures("no_round_trip")
def test_a_second_import_adds_only_what_is_new(sql_ws, tmp_path):
    store = mlflow_database(tmp_path / "theirs")
    import_mlflow(sql_ws, source=str(store))
    told = len(history(sql_ws))
    again = import_mlflow(sql_ws, source=str(store))
    assert dict(again.added) == {}
    assert again.present == {"runs": 4, "versions": 1}
    assert len(history(sql_ws)) == told
    with sqlite3.connect(store) as connection:
        connection.execute(
            "INSERT INTO runs SELECT 'feedfacefeedfacefeedfacefeedface', 'new', source_type, source_name, entry_point_name,"
            " user_id, status, start_time + 1, end_time + 1, source_version, lifecycle_stage, '', experiment_id, NULL"
            " FROM runs WHERE name = 'child'"
        )
    assert import_mlflow(sql_ws, source=str(store)).added == {"runs": 1}
    assert verify_chain(sql_ws).ok


def test_a_pickle_is_left_out_and_said_so(ws, tmp_path):
    import pickle

    from sklearn.linear_model import Ridge

    store = mlflow_database(tmp_path / "theirs")
    (model,) = (tmp_path / "theirs").glob("artifacts/models/*/artifacts/model.skops")
    model.unlink()
    model.with_name("model.pkl").write_bytes(pickle.dumps(Ridge()))
    imported = import_mlflow(ws, source=str(store))
    assert "versions" not in imported.added
    assert any(note.startswith("pm25:1 left out") for note in imported.notes)


@pytest.mark.usefixtures("no_round_trip")
def test_a_store_that_names_files_elsewhere_is_not_followed_there(ws, tmp_path):
    store = mlflow_database(tmp_path / "theirs")
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.txt").write_text("secret")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE runs SET artifact_uri = ?", (secret.as_uri(),))
    (tmp_path / "theirs" / "artifacts").rename(tmp_path / "theirs" / "elsewhere")
    imported = import_mlflow(ws, source=str(store))
    for run in find_runs(ws):
        assert find_artifacts(ws, run=run.id).total == 0
    assert any("not beside the store" in note for note in imported.notes)


def test_what_is_no_store_of_mlflow_is_refused_with_what_would_be(ws, tmp_path):
    with pytest.raises(NotFound):
        import_mlflow(ws, source=str(tmp_path / "nothing.db"))
    (tmp_path / "text.db").write_text("text")
    with pytest.raises(Invalid, match="no MLflow database") as refused:
        import_mlflow(ws, source=str(tmp_path / "text.db"))
    assert "mlruns" in refused.value.remedy
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match="no folder that MLflow wrote"):
        import_mlflow(ws, source=str(tmp_path / "empty"))


def test_an_id_is_always_the_same_and_sorts_by_start():
    assert run_id("abc", 1000) == run_id("abc", 1000)
    assert run_id("abc", 1000) < run_id("aaa", 2000)
    assert len(run_id("abc", 0)) == 26
