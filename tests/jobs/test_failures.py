"""Which class of failure an error is."""

from __future__ import annotations

import pytest

from jupyter_mlops.jobs.failures import classified, machine_kills
from jupyter_mlops.records.job import JobError, JobStatus
from jupyter_mlops.records.retry import FailureClass

INFRASTRUCTURE, TIMEOUT = FailureClass.INFRASTRUCTURE, FailureClass.TIMEOUT
MEMORY, NOTEBOOK = FailureClass.OUT_OF_MEMORY, FailureClass.NOTEBOOK


def error(kind: str, message: str = "", traceback: str = "", failure: FailureClass | None = None) -> JobError:
    return JobError(kind=kind, message=message, traceback=traceback, failure=failure)


@pytest.mark.parametrize(
    ("status", "given", "failure"),
    [
        ("lost", error("lost", traceback="the end of its log"), INFRASTRUCTURE),
        ("failed", error("launcher_gone"), INFRASTRUCTURE),
        ("failed", error("output", "no room"), INFRASTRUCTURE),
        ("failed", error("Unavailable", "the store is away"), INFRASTRUCTURE),
        ("failed", error("TimeoutError", "the kernel did not answer"), INFRASTRUCTURE),
        ("failed", error("TimeoutError", "the site did not answer", "Traceback"), NOTEBOOK),
        ("timed_out", error("timed_out"), TIMEOUT),
        ("failed", error("out_of_memory"), MEMORY),
        ("failed", error("MemoryError", "", "Traceback"), MEMORY),
        ("failed", error("_ArrayMemoryError", "Unable to allocate 7 TiB", "Traceback"), MEMORY),
        ("failed", error("RuntimeError", "CUDA out of memory. Tried to allocate", "Traceback"), MEMORY),
        ("failed", error("ResourceExhaustedError", "OOM when allocating tensor", "Traceback"), MEMORY),
        ("failed", error("ValueError", "no", "Traceback"), NOTEBOOK),
        ("failed", error("kernel_died", failure=INFRASTRUCTURE), INFRASTRUCTURE),
    ],
    ids=lambda value: value.kind if isinstance(value, JobError) else str(value),
)
def test_each_failure_has_its_class(status: str, given: JobError, failure: FailureClass) -> None:
    found = classified(JobStatus(status), given)
    assert found is not None
    assert found.failure is failure


def test_what_somebody_cancelled_has_no_class_and_no_error_none() -> None:
    told = classified(JobStatus.CANCELLED, error("terminated"))  # by the system, not by a person
    assert told is not None
    assert told.failure is INFRASTRUCTURE
    cancelled = classified(JobStatus.CANCELLED, error("launcher_gone", failure=INFRASTRUCTURE))
    assert cancelled is not None
    assert cancelled.failure is None
    assert classified(JobStatus.SUCCEEDED, None) is None


def test_the_machine_tells_how_many_it_has_killed_or_nothing(tmp_path, monkeypatch) -> None:
    file = tmp_path / "vmstat"
    monkeypatch.setattr("jupyter_mlops.jobs.failures._VMSTAT", file)
    assert machine_kills() is None
    file.write_text("pgfault 12\n")
    assert machine_kills() is None
    file.write_text("pgfault 12\noom_kill 7\noom_kill_disable 0\n")
    assert machine_kills() == 7
