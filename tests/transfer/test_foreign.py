"""What another tool's store holds, in plain values: the same from its database and from its folder."""

from __future__ import annotations

import inspect
import sqlite3
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path

import pytest

from jupyter_mlops.transfer import foreign
from jupyter_mlops.transfer.foreign import ForeignModel, ForeignPoint, ForeignRun, ForeignStore
from jupyter_mlops.transfer.mlflow_database import MlflowDatabase
from jupyter_mlops.transfer.mlflow_folder import MlflowFolder
from tests.transfer.places import mlflow_database, mlflow_folder

READERS = (MlflowDatabase, MlflowFolder)
RUN = ForeignRun(
    uuid="u", experiment="air", experiment_id="1", name="n", status="FINISHED", started=1, ended=None, user="ana",
    deleted=False, artifacts="",
)  # fmt: skip


@pytest.fixture(params=["database", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ForeignStore]:
    """What MLflow itself wrote, in either of its forms."""
    made: ForeignStore = (
        MlflowDatabase(str(mlflow_database(tmp_path)))
        if request.param == "database"
        else MlflowFolder(mlflow_folder(tmp_path))
    )
    with closing(made):
        yield made


def fits(value: object, hint: object) -> bool:
    """Tell whether *value* is just what *hint* says: a whole number is no text, and True no number."""
    arguments = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        return any(fits(value, one) for one in arguments)
    origin = typing.get_origin(hint)
    if origin is tuple:
        return type(value) is tuple and all(fits(one, arguments[0]) for one in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            fits(key, arguments[0]) and fits(one, arguments[1]) for key, one in value.items()
        )
    return type(value) is hint


def assert_plain(record: object) -> None:
    for name, hint in typing.get_type_hints(type(record)).items():
        assert fits(getattr(record, name), hint), f"{name} is {getattr(record, name)!r}"


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_is_called_as_the_protocol_says(reader: type) -> None:
    asked = {
        name: one for name, one in vars(ForeignStore).items() if inspect.isfunction(one) and name[0] != "_"
    }
    assert set(asked) == {"runs", "points", "models", "close"}
    for name, one in asked.items():
        assert inspect.signature(getattr(reader, name)) == inspect.signature(one)


def test_every_value_is_of_the_plain_type_that_its_field_names(store: ForeignStore) -> None:
    """A number that stood as text in a file, or a text that a driver gave as bytes, would go wrong far from here."""
    runs, models = list(store.runs()), list(store.models())
    points = [point for run in runs for point in store.points(run)]
    assert len(runs) == 5
    assert points
    assert models
    for record in (*runs, *models, *points):
        assert_plain(record)
    assert not fits(True, int)
    assert not fits({"a": 1}, Mapping[str, str])


def test_runs_come_the_earliest_first_so_that_a_parent_is_there_before_its_children(
    store: ForeignStore,
) -> None:
    runs = list(store.runs())
    assert [run.started for run in runs] == sorted(run.started for run in runs)
    names = [run.name for run in runs]
    assert names.index("parent") < names.index("child")
    assert len({run.uuid for run in runs}) == len(runs)


def test_points_come_in_the_order_of_their_times_whatever_they_measure(store: ForeignStore) -> None:
    for run in store.runs():
        points = list(store.points(run))
        assert [(one.milliseconds, one.step) for one in points] == sorted(
            (one.milliseconds, one.step) for one in points
        )


def test_a_run_that_has_not_ended_has_no_end_and_a_deleted_one_is_said_to_be(store: ForeignStore) -> None:
    runs = {run.name: run for run in store.runs()}
    assert [name for name, run in runs.items() if run.deleted] == ["gone"]
    assert all(run.ended is None or run.ended >= run.started for run in runs.values())
    assert {run.status for run in runs.values()} <= {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"}


def test_model_versions_of_a_database_come_by_name_and_number(tmp_path: Path) -> None:
    """Here a version is numbered as it comes: the tenth must not be taken for the second."""
    path = mlflow_database(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(model_versions)")]
        (row,) = connection.execute("SELECT * FROM model_versions")
        for name, version in (("pm25", 10), ("pm25", 2), ("air", 3)):
            values = dict(zip(columns, row, strict=True)) | {"name": name, "version": version}
            connection.execute(
                f"INSERT INTO model_versions ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
                list(values.values()),
            )
    with closing(MlflowDatabase(str(path))) as store:
        found = [(one.name, one.version) for one in store.models()]
    assert found == [("air", 3), ("pm25", 1), ("pm25", 2), ("pm25", 10)]


def test_what_was_opened_is_given_back(tmp_path: Path) -> None:
    store = MlflowDatabase(str(mlflow_database(tmp_path)))
    store.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        list(store.runs())
    folder = MlflowFolder(mlflow_folder(tmp_path / "folder"))
    folder.close()
    assert list(folder.runs())  # nothing was held open


def test_what_was_read_cannot_be_changed_on_its_way_and_defaults_are_nobodys() -> None:
    records = [one for one in vars(foreign).values() if isinstance(one, type) and is_dataclass(one)]
    assert {ForeignPoint, ForeignRun, ForeignModel} <= set(records)
    for record in (
        RUN,
        ForeignPoint("loss", 1.0, 1, 0),
        ForeignModel(name="m", version=1, run=None, location=""),
    ):
        for each in fields(record):
            with pytest.raises(FrozenInstanceError):
                setattr(record, each.name, None)
    other = replace(RUN, uuid="v")
    assert other != RUN
    assert ForeignRun(**{each.name: getattr(RUN, each.name) for each in fields(RUN)}) == RUN
    assert RUN.params == RUN.tags == {}
    assert RUN.params is not RUN.tags
