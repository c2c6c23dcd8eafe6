"""``export``, ``import``, ``mlflow import``, ``pipeline import`` and ``openlineage``, as they are typed."""

from __future__ import annotations

import json

import pytest

from jupyter_mlops.cli import main
from jupyter_mlops.workspace import open_workspace
from tests.automation.elyra_files import NOTEBOOK, node, pipeline, saved
from tests.registry.books import logged_run
from tests.transfer.places import mlflow_database


@pytest.fixture
def place(tmp_path, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    ws = open_workspace(place, environ={})
    logged_run(ws)
    ws.store.close()
    return place


def test_what_is_exported_here_is_imported_there(place, capsys):
    assert main(["export", "all.zip"]) == 0
    told = capsys.readouterr().out
    assert "1 runs" in told
    assert "import all.zip" in told or "all.zip" in told.splitlines()[-1]
    assert main(["--workspace", "../other", "import", "all.zip", "--json"]) == 0
    imported = json.loads(capsys.readouterr().out)
    assert imported["added"]["runs"] == 1
    assert main(["--workspace", "../other", "runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 1


def test_some_runs_are_named_by_a_query(place, capsys):
    assert main(["export", "some.zip", "--runs", "metrics.mae > 1000"]) == 2
    assert "no run answers" in capsys.readouterr().err
    assert not (place / "some.zip").exists()


def test_exporting_a_place_that_is_not_there_makes_none(place, capsys):
    assert main(["--workspace", "../nowhere", "export", "all.zip"]) == 4
    assert not (place.parent / "nowhere").exists()


def test_an_mlflow_store_is_brought_in_by_its_path(place, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked here")
    store = mlflow_database(tmp_path / "theirs")
    assert main(["mlflow", "import", str(store)]) == 0
    told = capsys.readouterr().out
    assert "4 runs" in told
    assert "review" in told


class Empty:
    """A database of MLflow's in which nothing is."""

    def runs(self):
        return iter(())

    def models(self):
        return iter(())

    def close(self):
        pass


def test_what_was_imported_is_called_as_it_was_typed_but_for_a_password(place, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked here")
    mlflow_database(tmp_path / "theirs")
    monkeypatch.chdir(tmp_path)
    assert main(["mlflow", "import", "theirs/mlflow.db", "--workspace", str(place)]) == 0
    assert "✓ imported theirs/mlflow.db\n" in capsys.readouterr().out
    monkeypatch.setattr("jupyter_mlops.transfer.mlflow.MlflowDatabase", lambda address: Empty())
    address = "postgresql://ana:hunter2@host/mlflow"
    for more in ((), ("--json",)):
        assert main(["mlflow", "import", address, *more]) == 0
        told = "".join(capsys.readouterr())
        assert "@host/mlflow" in told
        assert "hunter2" not in told


def test_a_runs_openlineage_events_come_one_a_line_or_as_one_document(place, capsys):
    assert main(["runs", "--json"]) == 0
    (run,) = json.loads(capsys.readouterr().out)["items"]
    assert main(["openlineage", run["id"][-8:], "--namespace", "prod"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["eventType"] for event in events] == ["START", "COMPLETE"]
    assert {event["job"]["namespace"] for event in events} == {"prod"}
    assert main(["openlineage", run["id"], "--namespace", "prod", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == events
    assert main(["openlineage", "nobody"]) == 4


def test_a_runs_files_are_written_into_a_folder(place, capsys):
    assert main(["runs", "--json"]) == 0
    run = json.loads(capsys.readouterr().out)["items"][0]["id"]
    assert main(["artifacts", run, "--json"]) == 0
    names = {file["name"] for file in json.loads(capsys.readouterr().out)["items"]}
    assert main(["download", run[-6:], "-o", "out"]) == 0
    told = capsys.readouterr().out
    assert f"✓ {len(names)} file" in told
    assert {file.relative_to(place / "out").as_posix() for file in (place / "out").rglob("*.*")} >= names
    assert main(["download", run, "-o", "out"]) == 5
    assert "is there already" in capsys.readouterr().err


def test_an_elyra_pipeline_becomes_a_file_of_steps_and_the_rest_is_told(place, capsys):
    (place / "train.ipynb").write_text("{}", encoding="utf-8")
    drawn = node("a", NOTEBOOK, filename="train.ipynb", runtime_image="python:3")
    saved(
        place / "air.pipeline",
        pipeline(drawn, node("b", NOTEBOOK, "a", label="again", filename="train.ipynb")),
    )

    assert main(["pipeline", "import", "air.pipeline", "-o", "my air.yaml"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "✓ air.pipeline is my air.yaml",
        "  train  train.ipynb",
        "  again  train.ipynb  after train",
        "  note: train: runtime image python:3 is not taken over",
        "",
        "Next: jupyter mlops pipeline run 'my air.yaml'",
    ]
    assert (place / "my air.yaml").is_file()
    assert main(["pipeline", "import", "air.pipeline", "-o", "my air.yaml"]) != 0
    assert "already" in capsys.readouterr().err
