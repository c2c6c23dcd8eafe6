"""MLflow's tables, read and never written."""

from __future__ import annotations

import math
import sqlite3

import pytest

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.transfer.mlflow_database import MlflowDatabase
from tests.transfer.places import mlflow_database


@pytest.fixture
def store(tmp_path):
    path = mlflow_database(tmp_path)
    before = path.read_bytes()
    database = MlflowDatabase(str(path))
    yield database
    database.close()
    assert path.read_bytes() == before


def test_runs_come_in_the_order_of_their_starts_deleted_ones_marked(store):
    runs = list(store.runs())
    assert [run.name for run in runs] == ["parent", "child", "broken", "left", "gone"]
    assert [run.deleted for run in runs] == [False, False, False, False, True]
    assert runs[0].params["leading"] == "007"


def test_what_a_column_of_doubles_cannot_hold_comes_back(store):
    points = {point.key: point.value for point in store.points(next(store.runs()))}
    assert math.isnan(points["nan"])
    assert points["inf"] == math.inf


def test_a_version_has_its_aliases(store):
    (model,) = store.models()
    assert (model.name, model.version, model.aliases) == ("pm25", 1, ("champion",))


def test_a_path_may_be_written_as_a_url(tmp_path):
    path = mlflow_database(tmp_path)
    database = MlflowDatabase(f"sqlite:///{path}")
    assert len(list(database.runs())) == 5
    database.close()


def test_an_older_store_without_models_has_none(tmp_path):
    path = mlflow_database(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE model_versions")
        connection.execute("DROP TABLE registered_model_aliases")
    database = MlflowDatabase(str(path))
    assert list(database.models()) == []
    assert len(list(database.runs())) == 5
    database.close()


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "other.db"
    sqlite3.connect(path).execute("CREATE TABLE runs (x)").connection.close()
    with pytest.raises(Invalid, match="no MLflow database"):
        MlflowDatabase(str(path))
    with pytest.raises(NotFound):
        MlflowDatabase(str(tmp_path / "nothing.db"))


def test_a_server_that_does_not_answer_is_told_without_its_password():
    with pytest.raises(Unavailable) as refused:
        MlflowDatabase("postgresql://me:secret@127.0.0.1:1/mlflow")
    assert "secret" not in str(refused.value)
