"""MLflow's folder store, file by file."""

from __future__ import annotations

import os
import re
import shutil

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.transfer.mlflow_folder import MlflowFolder
from tests.transfer.places import mlflow_folder


def test_runs_and_models_come_with_what_their_files_say(tmp_path):
    store = MlflowFolder(mlflow_folder(tmp_path))
    runs = list(store.runs())
    assert [run.name for run in runs] == ["parent", "child", "broken", "left", "gone"]
    assert [run.status for run in runs[:3]] == ["FINISHED", "FINISHED", "FAILED"]
    assert runs[0].params["leading"] == "007"
    (model,) = store.models()
    assert (model.name, model.version, model.run, model.aliases) == ("pm25", 1, runs[0].uuid, ("champion",))


def test_a_point_written_again_for_a_model_is_one_point(tmp_path):
    store = MlflowFolder(mlflow_folder(tmp_path))
    parent = next(store.runs())
    assert [point.step for point in store.points(parent) if point.key == "loss"] == [0, 1, 2, 3, 4]


def test_a_metric_of_an_old_store_has_no_step(tmp_path):
    folder = mlflow_folder(tmp_path)
    store = MlflowFolder(folder)
    parent = next(store.runs())
    (file,) = folder.glob(f"*/{parent.uuid}/metrics/loss")
    file.write_text("1000 0.5\n")
    assert [(p.milliseconds, p.step) for p in store.points(parent) if p.key == "loss"] == [(1000, 0)]


def test_a_link_in_the_place_of_a_value_is_not_read(tmp_path):
    folder = mlflow_folder(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    parent = next(MlflowFolder(folder).runs())
    (params,) = folder.glob(f"*/{parent.uuid}/params")
    os.symlink(secret, params / "stolen")
    assert "stolen" not in next(MlflowFolder(folder).runs()).params


def test_a_run_whose_page_is_damaged_is_left_out(tmp_path):
    folder = mlflow_folder(tmp_path)
    parent = next(MlflowFolder(folder).runs())
    (page,) = folder.glob(f"*/{parent.uuid}/meta.yaml")
    page.write_text("{: not yaml")
    assert parent.uuid not in {run.uuid for run in MlflowFolder(folder).runs()}


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(Invalid, match="no folder that MLflow wrote"):
        MlflowFolder(tmp_path)


def test_versions_come_in_the_order_of_their_numbers(tmp_path):
    folder = mlflow_folder(tmp_path)
    first = next((folder / "models").glob("*/version-1"))
    for number in (2, 10):
        shutil.copytree(first, first.with_name(f"version-{number}"))
        page = first.with_name(f"version-{number}") / "meta.yaml"
        page.write_text(re.sub(r"(?m)^version:.*$", f"version: {number}", page.read_text()))
    assert [model.version for model in MlflowFolder(folder).models()] == [1, 2, 10]
