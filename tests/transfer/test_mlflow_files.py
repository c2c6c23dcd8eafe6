"""Which files beside an MLflow store may be read, and where they are when the store was moved."""

from __future__ import annotations

import os

import pytest

from jupyter_mlops.transfer.foreign import ForeignRun
from jupyter_mlops.transfer.mlflow_files import Files


def a_run(uri: str) -> ForeignRun:
    return ForeignRun(
        uuid="abc", experiment="air", experiment_id="7", name="", status="FINISHED", started=0, ended=0, user="",
        deleted=False, artifacts=uri,
    )  # fmt: skip


@pytest.fixture
def place(tmp_path):
    (tmp_path / "store" / "mlruns" / "7" / "abc" / "artifacts").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    return tmp_path


def test_a_folder_inside_is_found_by_path_and_by_uri(place):
    inside = place / "store" / "mlruns" / "7" / "abc" / "artifacts"
    files = Files((place / "store",))
    assert files.at(str(inside)) == files.at(inside.as_uri()) == inside


@pytest.mark.parametrize(
    "uri", ["{outside}", "file://{outside}", "s3://bucket/abc", "https://host/abc", "", "../outside"]
)
def test_nothing_outside_is_found(place, uri):
    assert Files((place / "store",)).at(uri.format(outside=place / "outside")) is None


def test_a_link_that_leads_outside_is_not_followed(place):
    os.symlink(place / "outside", place / "store" / "link")
    assert Files((place / "store",)).at(str(place / "store" / "link")) is None
    folder = place / "store" / "mlruns" / "7" / "abc" / "artifacts"
    (place / "outside" / "key").write_text("secret")
    os.symlink(place / "outside" / "key", folder / "key")
    (folder / "own.txt").write_text("own")
    assert [name for name, _ in Files((place / "store",)).walk(folder)] == ["own.txt"]


@pytest.mark.parametrize(
    "uri", ["file:///gone/mlruns/7/abc/artifacts", "mlflow-artifacts:/mlruns/7/abc/artifacts", "s3://b/x"]
)
def test_a_store_that_was_moved_is_found_by_its_last_folders(place, uri):
    found = Files((place / "store",)).of_run(a_run(uri))
    assert found == place / "store" / "mlruns" / "7" / "abc" / "artifacts"
