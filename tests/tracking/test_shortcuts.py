"""The spellings of a first notebook find their place by themselves, and a run remembers what it has read."""

from __future__ import annotations

import numpy as np
import pytest

import jupyter_mlops as mlops
from jupyter_mlops import datasets
from jupyter_mlops.errors import Forbidden, NotFound
from jupyter_mlops.registry import move_alias, register_version
from jupyter_mlops.tracking import get_run, track
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.shortcuts import load_data, load_model
from jupyter_mlops.workspace import open_workspace
from tests.registry.books import fitted, logged_run, small_data


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The workspace of the working folder, with a model and two versions of a table in it."""
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    ws = here()
    (tmp_path / "air.csv").write_text("dewp,temp\n1.5,2\n3.5,4\n")
    datasets.register_dataset(ws, "air", "air.csv")
    (tmp_path / "air.csv").write_text("dewp,temp\n1.5,2\n3.5,4\n5.5,6\n")
    datasets.register_dataset(ws, "air", "air.csv")
    yield ws
    ws.store.close()


def test_the_names_of_a_first_notebook_are_these(place):
    assert (mlops.load_data, mlops.load_model) == (load_data, load_model)


def test_a_model_is_loaded_from_the_workspace_of_this_place(place):
    model = fitted()
    version = register_version(place, model="pm25", run=logged_run(place, model).id)
    move_alias(place, model="pm25", alias="champion", version=version.version, reason="first", emergency=True)
    rows, _ = small_data()
    for reference in ("pm25:1", "pm25@champion"):
        assert np.array_equal(load_model(reference).predict(rows), model.predict(rows))
    with pytest.raises(NotFound):
        load_model("pm25:2")
    with pytest.raises(NotFound):
        load_model("pm25:1", workspace="memory://")


def test_data_loaded_outside_a_run_are_just_data(place):
    assert len(load_data("air")) == 3
    assert len(load_data("air:1")) == len(load_data("air@v1")) == 2


def test_data_loaded_inside_a_run_are_one_of_its_inputs_once_by_version_and_digest(place):
    with track("reads", workspace=place) as run:
        load_data("air")
        load_data("air:2")
        load_data("air@v1")
    inputs = {seen.name: seen for seen in get_run(place, run.id).inputs}
    assert set(inputs) == {"air:2", "air:1"}
    known = datasets.get_dataset(place, "air:2")
    assert (inputs["air:2"].digest, inputs["air:2"].rows, inputs["air:2"].role) == (known.digest, 3, "read")
    assert inputs["air:2"].columns == known.columns
    assert len(get_run(place, run.id).inputs) == 2


def test_data_that_could_not_be_loaded_are_no_input(place):
    known = datasets.get_dataset(place, "air:2")
    place.blobs.remove(known.file)
    with track("fails", workspace=place) as run, pytest.raises((NotFound, Forbidden)):
        load_data("air")
    assert get_run(place, run.id).inputs == ()


def test_inside_a_run_its_own_workspace_is_meant_unless_another_is_named(place, memory_ws):
    (memory_ws.settings.root / "other.csv").write_text("a\n1\n")
    datasets.register_dataset(memory_ws, "other", str(memory_ws.settings.root / "other.csv"))
    with track("elsewhere", workspace=memory_ws) as run:
        assert len(load_data("other")) == 1
        with pytest.raises(NotFound, match="'air'"):
            load_data("air")
        assert len(load_data("air:1", workspace=place)) == 2
    assert [seen.name for seen in get_run(memory_ws, run.id).inputs] == ["other:1", "air:1"]


def test_where_recording_is_switched_off_data_and_models_are_still_loaded(place, tmp_path, monkeypatch):
    with open_workspace(tmp_path, environ={}).store.read() as tx:
        assert tx.datasets.get("air", 2).rows == 3
    monkeypatch.setenv("JUPYTER_MLOPS_DISABLED", "1")
    with track("muted") as run:
        assert len(load_data("air")) == 3
    assert run.id == ""
    here().store.close()
