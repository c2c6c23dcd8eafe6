"""Papermill's paths into our books."""

import io
import json
from dataclasses import replace

import nbformat
import pytest
from contracts.samples import SPEC

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.interop.papermill_io import WorkspaceHandler
from jupyter_mlops.records.job import Job
from jupyter_mlops.tracking import finish_run, log_artifact, start_run
from jupyter_mlops.workspace import open_workspace

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


def test_papermill_finds_the_scheme_by_itself_and_reads_and_writes_through_it(tmp_path, monkeypatch):
    """As the command does: papermill takes what the entry point names as it is."""
    from papermill.iorw import PapermillIO, load_notebook_node, write_ipynb

    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path))
    ws = open_workspace(tmp_path)
    kept = finish_run(ws, run=start_run(ws, name="first").id)
    ws.store.close()
    path = f"mlops://runs/{kept.id}/out.ipynb"
    registry = PapermillIO()
    registry.register_entry_points()
    registry.write(TEXT, path)
    assert json.loads(registry.read(path))["nbformat"] == 4
    assert registry.pretty_path(path) == path
    write_ipynb(nbformat.reads(TEXT, 4), path)  # papermill's own registry, filled when it was imported
    assert load_notebook_node(path).nbformat == 4


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


def test_what_is_no_text_is_refused(memory_ws, run):
    log_artifact(memory_ws, run=run.id, content=b"\x89PNG\xff", name="figure.png")

    with pytest.raises(Invalid, match="is not text") as refusal:
        WorkspaceHandler(memory_ws).read(f"mlops://runs/{run.id}/figure.png")
    assert refusal.value.remedy


def test_the_notebook_a_job_executed_is_read_once_there_is_one(memory_ws):
    digest = memory_ws.blobs.put(io.BytesIO(TEXT.encode()))
    job = Job(id=memory_ws.new_id(), spec=SPEC, queued=memory_ws.now(), actor=memory_ws.actor)
    with memory_ws.store.write() as tx:
        tx.jobs.add(job)
    handler = WorkspaceHandler(memory_ws)

    with pytest.raises(NotFound, match="executed no notebook yet"):
        handler.read(f"mlops://jobs/{job.id}")
    with memory_ws.store.write() as tx:
        tx.jobs.replace(replace(job, notebook=digest))
    assert handler.read(f"mlops://jobs/{job.id}") == TEXT


def test_only_notebooks_of_a_run_are_listed_and_a_job_has_none_to_list(memory_ws, run):
    log_artifact(memory_ws, run=run.id, content=b"1", name="table.csv")
    handler = WorkspaceHandler(memory_ws)

    assert handler.listdir(f"mlops://runs/{run.id}/") == []
    for path in ("mlops://jobs/some", "mlops://runs", "elsewhere"):
        with pytest.raises(Invalid, match="cannot be listed"):
            handler.listdir(path)


def test_without_a_workspace_the_one_around_is_opened_and_closed_each_time(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_MLOPS_WORKSPACE", str(tmp_path))
    handler = WorkspaceHandler()
    with pytest.raises(NotFound):
        handler.read("mlops://runs/none/x.ipynb")

    ws = open_workspace(tmp_path)
    kept = finish_run(ws, run=start_run(ws, name="first").id)
    ws.store.close()
    handler.write(TEXT, f"mlops://runs/{kept.id}/größe 1.ipynb")

    assert handler.listdir(f"mlops://runs/{kept.id}") == [f"mlops://runs/{kept.id}/größe 1.ipynb"]
    assert handler.read(f"mlops://runs/{kept.id}/größe 1.ipynb") == TEXT
