"""Jobs on a Dask cluster whose processes may die."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Forbidden, Unavailable
from jupyter_mlops.jobs.engines.dask import DaskEngine, _place_of, _refuse_open_wire, open_dask, supervise
from jupyter_mlops.jobs.submit import cancel_job, prepare_spec, queue_job, read_job
from jupyter_mlops.records.job import JobError, JobOptions, JobStatus
from tests.contracts.engine import EngineContract
from tests.jobs.running import until


@pytest.mark.parametrize("address", ["tcp://10.1.2.3:8786", "10.1.2.3:8786", "ws://example.org:1"])
def test_a_cluster_elsewhere_without_encryption_is_refused(address) -> None:
    with pytest.raises(Forbidden, match="not encrypted"):
        open_dask(address, 1)


def test_a_cluster_that_does_not_answer_is_unavailable(monkeypatch) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.engines.dask._ANSWER", 0.5)

    with pytest.raises(Unavailable):
        open_dask("tcp://127.0.0.1:9", 1)


@pytest.fixture(scope="module")
def dask():
    engine = open_dask("", 2)
    yield engine
    engine.close()


@pytest.mark.kernel
class TestDask(EngineContract):
    @pytest.fixture
    def engine(self, dask: DaskEngine) -> DaskEngine:
        return dask


@pytest.mark.kernel
def test_a_job_whose_dask_process_is_killed_is_taken_up_by_another(
    dask: DaskEngine, place, write, tmp_path
) -> None:
    first, go = tmp_path / "first", tmp_path / "go"
    path = write(
        f"import os, time\nopen({str(first)!r}, 'a').write('x')\nwhile not os.path.exists({str(go)!r}): time.sleep(0.05)"
    )
    job = queue_job(
        place, prepare_spec(place, notebook=str(path), parameters={}, options=JobOptions()), attended=True
    )
    handle = dask.start(place, job.id)
    until(first.exists)
    import psutil

    os.kill(psutil.Process(read_job(place, job.id).lease.pid).ppid(), 9)
    until(lambda: first.read_text() == "xx")
    go.touch()
    until(lambda: handle.gone(0.2))

    ended = read_job(place, job.id)
    assert (ended.status, ended.attempt) == (JobStatus.SUCCEEDED, 2)


# --- the task itself, without a cluster ------------------------------------------------------------------------


def payload(ws, job) -> str:
    return json.dumps({"job": job.id, **_place_of(ws)})


def waiting(place, write, text="1"):
    spec = prepare_spec(place, notebook=str(write(text)), parameters={}, options=JobOptions())
    return queue_job(place, spec, attended=True)


def test_a_task_run_again_for_a_job_that_has_ended_does_nothing(place, write) -> None:
    job = waiting(place, write)
    cancel_job(place, job.id)
    before = read_job(place, job.id)

    assert supervise(payload(place, job)) == "cancelled"
    assert read_job(place, job.id) == before


@pytest.mark.parametrize(("kind", "cancel"), [("ValueError", False), ("lost", True), ("launcher_gone", True)])
def test_a_job_that_failed_by_itself_or_was_not_wanted_any_longer_is_not_taken_up(
    place, write, kind, cancel
) -> None:
    job = waiting(place, write)
    ended = replace(job, status=JobStatus.LOST, error=JobError(kind=kind, message="x"), cancel=cancel)
    with place.store.write() as tx:
        tx.jobs.replace(ended)

    assert supervise(payload(place, job)) == "lost"
    assert read_job(place, job.id).attempt == 1


def test_a_task_finds_the_very_workspace_it_was_made_in(place, write, monkeypatch) -> None:
    job = waiting(place, write)
    cancel_job(place, job.id)
    monkeypatch.setenv("JUPYTER_MLOPS_STORE", "sqlite:////elsewhere/store.db")
    monkeypatch.chdir("/")

    assert supervise(payload(place, job)) == "cancelled"


@pytest.mark.parametrize(
    "address", ["tls://10.1.2.3:8786", "127.0.0.1:9", "tcp://localhost:9", "[::1]:9", "tcp://[::1]:9"]
)
def test_encrypted_wires_and_this_machine_are_let_through(address) -> None:
    _refuse_open_wire(address)


@pytest.mark.parametrize(
    "address",
    [
        "localhost.example.org:1",
        "tcp://0.0.0.0:1",
        "tcp://127.0.0.1.example.org:1",
        "inproc://10.1.1.1/1",
        "ws://[2001:db8::1]:1",
    ],
)
def test_what_only_looks_like_this_machine_is_elsewhere(address) -> None:
    with pytest.raises(Forbidden):
        _refuse_open_wire(address)
