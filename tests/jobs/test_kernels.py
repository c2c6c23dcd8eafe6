"""Which kernel a job gets."""

from __future__ import annotations

import sys

import pytest

from jupyter_mlops.jobs import cancel_job
from jupyter_mlops.jobs.launcher import wait_for
from jupyter_mlops.records.job import JobOptions, JobStatus
from tests.jobs.running import executed, install_kernel, run, started, text_of, until


@pytest.mark.kernel
def test_a_kernelspec_of_another_environment_does_not_decide(place, write) -> None:
    path = write(
        "import sys; print(sys.executable)",
        kernelspec={"name": "gone", "display_name": "Gone", "language": "python"},
    )

    job = run(place, path)

    assert text_of(executed(place, job)).strip() == sys.executable


@pytest.mark.kernel
def test_a_kernel_named_outright_must_be_installed(place, write) -> None:
    job = run(place, write("1"), JobOptions(kernel="no-such-kernel"))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "Invalid")
    assert "no-such-kernel" in job.error.message
    assert "python3" in job.error.remedy


@pytest.mark.kernel
def test_a_kernel_installed_under_its_name_is_used_when_it_is_named(
    place, write, tmp_path, monkeypatch
) -> None:
    install_kernel(
        tmp_path,
        "named",
        "env",
        "MARK=here",
        sys.executable,
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    job = run(place, write("import os; print(os.environ['MARK'])"), JobOptions(kernel="named"))

    assert text_of(executed(place, job)) == "here\n"


@pytest.mark.kernel
def test_a_kernel_that_does_not_come_up_fails_the_job_with_its_exit_code(
    place, write, tmp_path, monkeypatch
) -> None:
    install_kernel(tmp_path, "broken", "sh", "-c", "exit 7", "{connection_file}")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    job = run(place, write("1"), JobOptions(kernel="broken"))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "kernel_died")
    assert "exit code 7" in job.error.message
    assert executed(place, job).cells[0].metadata.papermill.status == "pending"


@pytest.mark.kernel
def test_a_kernel_that_never_answers_can_be_cancelled(place, write, tmp_path, monkeypatch) -> None:
    mark = tmp_path / "mark"
    install_kernel(
        tmp_path,
        "mute",
        "sh",
        "-c",
        f"trap '' INT; touch {mark}; while true; do sleep 0.1; done",
        "{connection_file}",
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    job, worker = started(place, write("1"), JobOptions(kernel="mute"))
    until(mark.exists)

    cancel_job(place, job.id)

    assert wait_for(place, worker).status is JobStatus.CANCELLED
