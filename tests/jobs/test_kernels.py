"""Which kernel a job gets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.jobs import cancel_job
from jupyter_mlops.jobs.kernels import OWN, KernelPlace, kernel_for, starts_with
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


@pytest.fixture
def folder():
    made = KernelPlace()
    yield made
    made.close()


def test_python_is_always_the_interpreter_that_asks(folder, tmp_path, monkeypatch) -> None:
    install_kernel(tmp_path, OWN, "another-python", "{connection_file}")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    assert kernel_for(OWN, folder).kernel_spec.argv[0] == sys.executable


def test_another_kernel_is_found_as_jupyter_finds_it(folder, tmp_path, monkeypatch) -> None:
    install_kernel(tmp_path, "named", "its-own", "{connection_file}")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    assert kernel_for("named", folder).kernel_spec.argv[0] == "its-own"
    assert starts_with("named") == ("its-own", "{connection_file}")
    assert starts_with("no-such-kernel") == ()


@pytest.mark.parametrize("name", ["no-such-kernel", "", "../python3", "a b", "ü"])
def test_a_kernel_that_is_not_installed_is_refused_with_those_that_are(folder, name) -> None:
    with pytest.raises(Invalid, match="no kernel called") as refusal:
        kernel_for(name, folder)
    assert OWN in refusal.value.remedy


def test_our_kernel_is_reached_through_a_folder_of_this_account_alone(folder) -> None:
    manager = kernel_for(OWN, folder)

    assert manager.transport == "ipc"
    assert Path(manager.ip).parent == folder.folder
    assert Path(manager.connection_file).parent == folder.folder
    assert folder.folder.stat().st_mode & 0o077 == 0


def test_where_the_folders_name_is_too_long_for_a_socket_tcp_serves(folder, tmp_path) -> None:
    deep = KernelPlace.__new__(KernelPlace)
    deep.folder = tmp_path / ("x" * 90)

    assert kernel_for(OWN, deep).transport == "tcp"


def test_the_folder_and_all_in_it_are_gone_afterwards_and_twice_does_no_harm() -> None:
    made = KernelPlace()
    (made.folder / "kernel-1").write_text("")
    made.close()
    made.close()

    assert not made.folder.exists()


def test_a_kernels_messages_wait_without_a_limit(folder) -> None:
    client = kernel_for(OWN, folder).client()

    assert client.context.rcvhwm == 0
