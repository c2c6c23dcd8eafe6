"""Named results: JSON that a parameter of the same type reads back, a dataset for a frame, a file for a path."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

import jupyter_mlops as mlops
from jupyter_mlops.capture.known_secrets import forget, keep
from jupyter_mlops.datasets import load_data
from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.jobs.values import check_values, values_as_code
from jupyter_mlops.tracking import find_artifacts, open_artifact
from jupyter_mlops.tracking.here import here
from jupyter_mlops.tracking.outputs import REFERENCE, output_files
from jupyter_mlops.workspace import Workspace


def files(value: object, name: str = "best", ws: Workspace | None = None):
    return output_files(name, value, experiment="air", workspace=lambda: ws)


def said(value: object) -> object:
    (file,) = files(value)
    assert (file.name, file.media_type) == ("outputs/best.json", "application/json")
    return json.loads(file.content)


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (3, "int"),
        (0.1, "float"),
        (float("inf"), "float"),
        (True, "bool"),
        ("größe", "str"),
        (date(2026, 1, 31), "datetime.date"),
        (datetime(2026, 1, 31, 12, 30, tzinfo=None), "datetime.datetime"),  # noqa: DTZ001  (some have none)
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "datetime.datetime"),
        (datetime(2026, 7, 31, 12, tzinfo=ZoneInfo("Europe/Berlin")), "datetime.datetime"),
        (time(12, 30), "datetime.time"),
        (timedelta(days=1, seconds=3, microseconds=5), "datetime.timedelta"),
        (-timedelta(hours=5), "datetime.timedelta"),
        (Decimal("0.10"), "decimal.Decimal"),
        (PurePath("data/air.csv"), "pathlib.Path"),
        ([1, 2], "list[int]"),
        ({"a": [0.5, None]}, "dict"),
        ({3, 1}, "set[int]"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_a_parameter_of_the_same_type_reads_the_value_back(value: object, annotation: str) -> None:
    declared = read_parameters(f"x: {annotation}")
    values = check_values(declared, {"x": said(value)})
    scope: dict[str, object] = {}
    exec(values_as_code(declared, values), scope)
    assert scope["x"] == value


def test_scalars_of_numpy_are_numbers() -> None:
    assert said({"n": np.int64(3), "x": np.float32(0.5), "yes": np.bool_(1), "a": np.array(2)}) == {
        "n": 3,
        "x": 0.5,
        "yes": True,
        "a": 2,
    }


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"model": [object()]}, r"best\['model'\]\[0\] is a object"),
        ({"rows": np.zeros(2)}, r"best\['rows'\] is a ndarray"),
        ({(1, 2): 3}, "has a tuple as a key"),
        (pd.Series([1]), "is a Series"),
        ("x" * 1_000_001, "takes 1,000,003 bytes as JSON; at most 1,000,000"),
    ],
    ids=["object", "array", "key", "series", "large"],
)
def test_what_cannot_be_kept_is_named_with_its_place(value: object, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refused:
        files(value)
    assert "Path" in refused.value.remedy


@pytest.mark.parametrize(
    "value",
    ["hunter2-ünd", "Bearer hunter2-ünd!", {"deep": [1, "hunter2-ünd"]}, {"hunter2-ünd": 1}],
    ids=["itself", "within", "item", "key"],
)
def test_a_secret_that_this_process_knows_is_not_passed_on(value: object) -> None:
    assert said(value) == value
    own = keep("hunter2-ünd")
    try:
        for given in (value, own):
            with pytest.raises(Invalid, match="'best' holds a secret") as refused:
                files(given)
            assert "hunter2" not in str(refused.value) + refused.value.remedy
            assert "declared as Secret" in refused.value.remedy
        assert said("harmless") == "harmless"
    finally:
        forget("hunter2-ünd")


def test_a_list_that_holds_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(Invalid, match="nested deeper than 20 levels"):
        files(value)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_becomes_a_dataset_and_the_result_says_which(ws: Workspace, library: str) -> None:
    frame = pd.DataFrame({"city": ["Ulm", "Bonn"], "pm25": [3.5, 4.25]})
    given = frame if library == "pandas" else pytest.importorskip("polars").DataFrame(frame.to_dict("list"))
    (file,) = files(given, "clean/rows", ws)
    assert (file.name, file.media_type) == ("outputs/clean/rows.json", REFERENCE)
    reference = json.loads(file.content)["dataset"]
    assert reference == "air.clean-rows:1"
    assert load_data(ws, reference).to_dict("list") == frame.to_dict("list")
    assert files(given, "clean/rows", ws) == (file,)  # the same content is kept once


def test_a_frame_whose_rows_are_not_known_yet_is_refused(ws: Workspace) -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(Invalid, match="whose rows are not known yet") as refused:
        files(polars.LazyFrame({"a": [1]}), ws=ws)
    assert "collect()" in refused.value.remedy


def test_a_path_is_kept_as_a_file_with_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    Path("air.csv").write_text("a,b\n")
    with mlops.track("clean") as run:
        mlops.output("table", Path("air.csv"))
        with pytest.raises(NotFound, match="gone"):
            mlops.output("gone", Path("gone.csv"))
    names = [file.name for file in find_artifacts(here(), run=run.id)]
    assert names == ["outputs/table.json", "passed/table/air.csv", "source/environment.txt"]
    with open_artifact(here(), run=run.id, name="passed/table/air.csv") as file:
        assert file.read() == b"a,b\n"
    here().store.close()


def test_in_a_job_a_tracked_block_leaves_its_result_with_the_job_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    with mlops.track("the job") as job:
        pass
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "some")
    monkeypatch.setenv("JUPYTER_MLOPS_RUN", job.id)
    with mlops.track("a cell") as cell:
        mlops.output("alpha", 0.3)
    for owner in (job, cell):
        with open_artifact(here(), run=owner.id, name="outputs/alpha.json") as file:
            assert json.loads(file.read()) == 0.3
    here().store.close()


def test_a_tracked_block_of_a_job_goes_on_where_the_store_is_away(
    sql_ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mlops.track("the job", workspace=sql_ws) as job:
        pass
    monkeypatch.setenv("JUPYTER_MLOPS_JOB", "some")
    monkeypatch.setenv("JUPYTER_MLOPS_RUN", job.id)
    monkeypatch.setattr("jupyter_mlops.tracking.active.here", lambda *_: sql_ws)

    def refuse(*_: object, **__: object) -> None:
        raise Unavailable("away", remedy="wait")

    with mlops.track("a cell", workspace=sql_ws) as cell:
        monkeypatch.setattr("jupyter_mlops.tracking.active.log_artifact", refuse)
        mlops.output("alpha", 0.3)
    with open_artifact(sql_ws, run=cell.id, name="outputs/alpha.json") as file:
        assert json.loads(file.read()) == 0.3
    with pytest.raises(Unavailable):  # nothing else has it
        mlops.output("alpha", 0.3)
