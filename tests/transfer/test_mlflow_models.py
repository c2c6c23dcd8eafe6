"""A foreign model is read under the guard, or not at all."""

from __future__ import annotations

import json
import pickle

import pytest

from jupyter_mlops import formats
from jupyter_mlops.errors import NotFound, Untrusted
from jupyter_mlops.transfer.foreign import ForeignModel
from jupyter_mlops.transfer.mlflow_models import register_foreign
from tests.registry.books import fitted, logged_run

pytestmark = pytest.mark.usefixtures("no_round_trip")
MODEL = ForeignModel(name="air", version=3, run="abc", location="")


class Opens:
    """What a hostile pickle would do."""

    def __reduce__(self):
        return (open, ("opened-by-a-pickle", "w"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.skops").write_bytes(next(iter(formats.save(fitted()).files.values())))
    return tmp_path


def test_a_model_becomes_a_version_once(ws, folder):
    run = logged_run(ws).id
    version, new = register_foreign(ws, MODEL, run, folder)
    assert (version.reference, version.run, new) == ("air:1", run, True)
    assert register_foreign(ws, MODEL, run, folder) == (version, False)


def test_its_example_gives_the_signature(ws, folder):
    split = {"columns": ["dewp", "temp", "wind"], "data": [[0.0, 1.0, 2], [3.0, 4.0, 5]]}
    (folder / "serving_input_example.json").write_text(json.dumps({"dataframe_split": split}))
    version, _ = register_foreign(ws, MODEL, logged_run(ws).id, folder)
    assert [column.name for column in version.signature.inputs] == ["dewp", "temp", "wind"]


def test_an_example_that_is_none_costs_the_signature_only(ws, folder):
    (folder / "serving_input_example.json").write_text("{not json")
    assert register_foreign(ws, MODEL, logged_run(ws).id, folder)[1]


def test_a_pickle_stays_closed(ws, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Opens()))
    with pytest.raises(Untrusted):
        register_foreign(ws, MODEL, logged_run(ws).id, tmp_path)
    assert not (tmp_path / "opened-by-a-pickle").exists()


def test_without_files_there_is_no_version(ws, tmp_path):
    with pytest.raises(NotFound, match="not beside the store"):
        register_foreign(ws, MODEL, logged_run(ws).id, None)
    with pytest.raises(NotFound, match="holds none of"):
        register_foreign(ws, MODEL, logged_run(ws).id, tmp_path)
