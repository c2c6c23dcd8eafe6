"""Jobs as records, before anything runs."""

from __future__ import annotations

from dataclasses import replace

import nbformat
import pytest

from jupyter_mlops.errors import Conflict, Forbidden, Invalid, NotFound
from jupyter_mlops.jobs import cancel_job, find_jobs, get_job, inspect_notebook, retry_job, submit_job
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.records.model import Model
from jupyter_mlops.records.run import DocumentState, Grade
from jupyter_mlops.records.trust import RunTrust
from jupyter_mlops.tracking import finish_run, start_run
from jupyter_mlops.workspace import Workspace


@pytest.fixture
def train(tmp_path):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell("alpha: float = 0.5  # strength", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("print(alpha)"),
    ]
    path = tmp_path / "train.ipynb"
    nbformat.write(notebook, path)
    return path


def events(ws: Workspace) -> list[str]:
    with ws.store.read() as tx:
        return [event.kind for event in tx.events.read()]


def test_a_notebook_says_what_it_takes(ws, train) -> None:
    (alpha,) = inspect_notebook(ws, str(train))

    assert (alpha.name, alpha.type.kind, alpha.default, alpha.help) == ("alpha", "float", 0.5, "strength")


def test_a_submitted_job_waits_with_typed_values_and_an_event(ws, train) -> None:
    job = submit_job(ws, notebook=str(train), parameters={"alpha": "0.1"}, register_as="pm25")

    assert (job.status, job.spec.parameters["alpha"], job.spec.name) == (JobStatus.QUEUED, 0.1, "train")
    assert (job.spec.register_as, job.spec.review_for) == ("pm25", "champion")
    assert job.spec.folder == str(train.parent)
    assert get_job(ws, job.id) == job
    assert events(ws) == ["job.submitted"]


def test_the_job_refers_to_the_notebook_as_it_was(ws, train) -> None:
    job = submit_job(ws, notebook=str(train))
    train.write_text("{}")

    with ws.blobs.open(job.spec.content) as file:
        assert b"print(alpha)" in file.read()


@pytest.mark.parametrize(
    "names", [{"register_as": "a b"}, {"register_as": "latest"}, {"register_as": "pm25", "review_for": "v7"}]
)
def test_a_name_no_model_may_have_is_refused_before_anything_is_queued(ws, train, names) -> None:
    with pytest.raises(Invalid):
        submit_job(ws, notebook=str(train), **names)

    assert find_jobs(ws).total == 0
    assert events(ws) == []


@pytest.mark.parametrize(
    "parameters", [{"beta": 1}, {"alpha": "high"}, {"alpha=1\nimport os": 1}, {"class": 1}]
)
def test_values_that_do_not_fit_are_refused_before_anything_is_kept(ws, train, parameters) -> None:
    with pytest.raises(Invalid):
        submit_job(ws, notebook=str(train), parameters=parameters)

    assert events(ws) == []
    assert len(find_jobs(ws)) == 0


def test_values_for_a_notebook_in_another_language_need_a_cell_that_takes_them(ws, tmp_path) -> None:
    notebook = nbformat.v4.new_notebook(metadata={"language_info": {"name": "R"}})
    nbformat.write(notebook, tmp_path / "r.ipynb")

    with pytest.raises(Invalid, match="no cell is tagged 'parameters'"):
        submit_job(ws, notebook=str(tmp_path / "r.ipynb"), parameters={"x": 1})


@pytest.mark.parametrize(
    "options",
    [
        JobOptions(timeout=0),
        JobOptions(cell_timeout=-1),
        JobOptions(retries=-1),
        JobOptions(folder="nowhere"),
    ],
)
def test_options_that_make_no_sense_are_refused(ws, train, options) -> None:
    with pytest.raises(Invalid):
        submit_job(ws, notebook=str(train), options=options)


def test_a_confined_workspace_neither_reads_nor_writes_outside(ws, train, tmp_path) -> None:
    confined = replace(ws, settings=replace(ws.settings, confined=True, root=tmp_path / "elsewhere"))
    within = replace(ws, settings=replace(ws.settings, confined=True, root=tmp_path))

    with pytest.raises(Forbidden):
        submit_job(confined, notebook=str(train))
    with pytest.raises(Forbidden):
        submit_job(within, notebook=str(train), options=JobOptions(output="/tmp/out.ipynb"))
    with pytest.raises(Forbidden):
        submit_job(within, notebook=str(train), options=JobOptions(folder=".."))


def test_a_queued_job_is_cancelled_at_once_and_can_be_retried(ws, train) -> None:
    job = submit_job(ws, notebook=str(train))

    cancelled = cancel_job(ws, job.id, reason="a mistake")
    again = retry_job(ws, job.id)

    assert (cancelled.status, cancelled.error.message) == (JobStatus.CANCELLED, "a mistake")
    assert (again.status, again.attempt, again.cancel, again.error) == (JobStatus.QUEUED, 2, False, None)
    assert events(ws) == ["job.submitted", "job.cancel_asked", "job.cancelled", "job.retried"]
    (past,) = again.attempts
    assert (past.number, past.status, past.error, past.ended) == (
        1,
        JobStatus.CANCELLED,
        cancelled.error,
        cancelled.ended,
    )


def test_what_has_ended_cannot_be_cancelled_and_what_waits_not_retried(ws, train) -> None:
    job = submit_job(ws, notebook=str(train))

    with pytest.raises(Conflict):
        retry_job(ws, job.id)
    cancel_job(ws, job.id)
    with pytest.raises(Conflict):
        cancel_job(ws, job.id)


def test_a_job_is_found_by_the_end_of_its_id(ws, train) -> None:
    job = submit_job(ws, notebook=str(train))

    assert get_job(ws, job.id[-6:]).id == job.id
    with pytest.raises(NotFound):
        get_job(ws, "zzzz")
    with pytest.raises(NotFound):
        get_job(ws, "%%%%")


def test_jobs_are_found_by_what_they_are(ws, train) -> None:
    one = submit_job(ws, notebook=str(train), experiment="air")
    submit_job(ws, notebook=str(train), experiment="wine")

    assert [j.id for j in find_jobs(ws, "spec.experiment = 'air' and status = 'queued'")] == [one.id]


def test_a_job_says_how_far_its_run_can_be_trusted_once_that_has_ended(ws, train) -> None:
    job, other = submit_job(ws, notebook=str(train)), submit_job(ws, notebook=str(train))
    run = start_run(ws, name="train", job=job.id)
    with ws.store.write() as tx:
        tx.jobs.replace(replace(tx.jobs.get(job.id), run=run.id))
    assert get_job(ws, job.id).trust is None
    finish_run(ws, run=run.id)
    stale = {"grade": Grade.STALE, "grade_reason": "why", "document": DocumentState.SAVED}
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), **stale))
    assert get_job(ws, job.id).trust == RunTrust(**stale)
    assert {one.id: one.trust for one in find_jobs(ws)} == {job.id: RunTrust(**stale), other.id: None}


def test_a_model_name_that_differs_in_capitals_only_is_refused_before_the_job_is_queued(
    ws: Workspace, train
) -> None:
    with ws.store.write() as tx:
        tx.models.add(Model(name="pm25", created=ws.now(), actor=ws.actor))
    with pytest.raises(Conflict, match="capitals only"):
        submit_job(ws, notebook=str(train), register_as="PM25")
    assert find_jobs(ws).total == 0
