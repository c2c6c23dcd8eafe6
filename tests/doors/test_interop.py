"""Other tools' doors: papermill's paths and OpenLineage's events."""

import json
from datetime import timedelta

import pytest

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.interop.openlineage import run_events
from jupyter_mlops.interop.papermill_io import WorkspaceHandler
from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.tracking import finish_run, start_run

TEXT = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def run(memory_ws):
    return finish_run(memory_ws, run=start_run(memory_ws, name="first", experiment="air").id)


def test_what_papermill_writes_it_can_read_again_and_list(memory_ws, run):
    handler = WorkspaceHandler(memory_ws)
    path = f"mlops://runs/{run.id}/reports/out.ipynb"

    handler.write("{}", path)
    handler.write(TEXT, path)

    assert handler.read(path) == TEXT
    assert handler.listdir(f"mlops://runs/{run.id}") == [path]
    assert handler.pretty_path(path) == path


def test_the_scheme_is_registered_with_papermill(memory_ws, run):
    from papermill.iorw import PapermillIO

    registry = PapermillIO()
    registry.register("mlops://", WorkspaceHandler(memory_ws))
    registry.write(TEXT, f"mlops://runs/{run.id}/out.ipynb")

    assert json.loads(registry.read(f"mlops://runs/{run.id}/out.ipynb"))["nbformat"] == 4


@pytest.mark.parametrize(
    "path",
    [
        "mlops://",
        "mlops://runs",
        "mlops://runs/x",
        "mlops://models/x/y",
        "mlops://jobs/x/y",
        "mlops:///runs/x/y.ipynb",
    ],
)
def test_a_path_that_names_no_notebook_is_refused(memory_ws, path):
    with pytest.raises(Invalid):
        WorkspaceHandler(memory_ws).read(path)


@pytest.mark.parametrize("name", ["../x.ipynb", "a/../../x.ipynb", "/etc/x.ipynb", "a\\b.ipynb"])
def test_a_name_that_climbs_is_refused(memory_ws, run, name):
    with pytest.raises(Invalid):
        WorkspaceHandler(memory_ws).write(TEXT, f"mlops://runs/{run.id}/{name}")


def test_what_is_not_there_is_not_found(memory_ws, run):
    handler = WorkspaceHandler(memory_ws)

    for path in ("mlops://runs/none/x.ipynb", f"mlops://runs/{run.id}/x.ipynb", "mlops://jobs/none"):
        with pytest.raises(NotFound):
            handler.read(path)


def test_a_jobs_notebook_is_its_own(memory_ws):
    with pytest.raises(Invalid, match="its own"):
        WorkspaceHandler(memory_ws).write(TEXT, "mlops://jobs/some")


def test_a_run_is_told_as_start_and_end_under_one_id(memory_ws, clock):
    begun = start_run(memory_ws, name="first", experiment="air")
    assert [event["eventType"] for event in run_events(memory_ws, begun.id)] == ["START"]

    clock.advance(5)
    finish_run(memory_ws, run=begun.id)
    start, end = run_events(memory_ws, begun.id)

    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert start["job"] == end["job"] == {"namespace": "jupyter-mlops", "name": "air.first"}
    assert end["eventTime"] == (begun.started + timedelta(seconds=5)).isoformat()
    json.dumps([start, end])


def test_a_failed_run_carries_its_error(memory_ws):
    begun = start_run(memory_ws, name="first")
    finish_run(
        memory_ws,
        run=begun.id,
        status=RunStatus.FAILED,
        error=RunError(kind="ValueError", message="no", traceback="T"),
    )

    end = run_events(memory_ws, begun.id)[-1]

    assert end["eventType"] == "FAIL"
    assert end["run"]["facets"]["errorMessage"]["message"] == "ValueError: no"
