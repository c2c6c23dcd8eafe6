"""Workspaces to carry things between, and the MLflow stores that were really written by MLflow."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

from jupyter_mlops import formats
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.registry.books import fitted

STORES = Path(__file__).parent / "stores"


def another(place: Path, name: str = "ben") -> Workspace:
    """A workspace in a folder of its own, empty, with an account of its own."""
    place.mkdir(parents=True, exist_ok=True)
    ws = open_workspace(place, start=place, environ={})
    return replace(ws, actor=Actor(name=name, via=Door.PYTHON))


def mlflow_database(folder: Path) -> Path:
    """Lay out the database MLflow wrote, and beside it the files of one run and one model."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mlflow.db"
    connection = sqlite3.connect(path)
    connection.executescript((STORES / "mlflow-3.17.sql").read_text())
    connection.close()
    lay_files(folder / "artifacts", "8b8b076f65f74509940a946d4e6777e6", "m-ff226213b75c4a9f9162a3068445ddf5")
    return path


def mlflow_folder(folder: Path) -> Path:
    """Lay out the ``mlruns`` folder MLflow wrote, and its files beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(STORES / "mlflow-3.17-mlruns.zip") as archive:
        archive.extractall(folder)
    lay_files(folder / "mlruns_art", "fe8a3639db89404cb31f5da6c312bccd", "m-268a7fb64bbe4054b73445b87c8a4fcb")
    return folder / "mlruns"


def lay_files(root: Path, run: str, model: str) -> None:
    """Write a run's note and a model, by today's scikit-learn: an older one's file would be refused."""
    note = root / run / "artifacts" / "notes" / "hello.txt"
    note.parent.mkdir(parents=True)
    note.write_text("hello")
    place = root / "models" / model / "artifacts"
    place.mkdir(parents=True)
    (place / "model.skops").write_bytes(next(iter(formats.save(fitted()).files.values())))
    example = {
        "dataframe_split": {"columns": ["dewp", "temp", "wind"], "data": [[0.0, 1.0, 2], [3.0, 4.0, 5]]}
    }
    (place / "serving_input_example.json").write_text(json.dumps(example))
