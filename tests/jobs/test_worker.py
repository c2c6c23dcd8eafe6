"""Real jobs: a worker process, papermill, a real kernel. The store tells the truth whatever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import psutil
import pytest

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.jobs import cancel_job, get_job, retry_job, settle_jobs, submit_job
from jupyter_mlops.jobs.launcher import Worker, launch, wait_for, wait_until_taken
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.jobs.submit import read_job
from jupyter_mlops.records.job import Job, JobOptions, JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import Grade, Run, RunStatus
from jupyter_mlops.workspace import Workspace

pytestmark = pytest.mark.kernel
_LIMIT = 60.0


def run(ws: Workspace, path: Path, options: JobOptions | None = None, **given: object) -> Job:
    job = submit_job(ws, notebook=str(path), options=options, **given)
    worker = launch(ws, job.id, attended=True)
    try:
        return wait_for(ws, worker)
    finally:
        worker.let_go()


def run_of(ws: Workspace, job: Job) -> Run:
    with ws.store.read() as tx:
        return tx.runs.get(job.run)


def executed(ws: Workspace, job: Job) -> nbformat.NotebookNode:
    with ws.blobs.open(job.notebook) as file:
        return nbformat.reads(file.read().decode(), 4)


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "".join(o.text for c in notebook.cells for o in c.get("outputs", ()) if o.output_type == "stream")


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + _LIMIT
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)


def at_cell(ws: Workspace, job: Job, mark: Path) -> None:
    until(mark.exists)


def started(
    ws: Workspace, path: Path, options: JobOptions | None = None, *, attended: bool = True
) -> tuple[Job, Worker]:
    job = submit_job(ws, notebook=str(path), options=options)
    return job, launch(ws, job.id, attended=attended)


def kernel_of(worker: Worker) -> psutil.Process:
    (kernel,) = [
        p for p in psutil.Process(worker.process.pid).children() if "ipykernel_launcher" in p.cmdline()
    ]
    return kernel


# --- what goes well ------------------------------------------------------------------------------------


def test_a_job_runs_with_typed_values_and_keeps_everything(place, write) -> None:
    path = write(
        "print(type(n).__name__, n, day)",
        "6 * 7",
        parameters="import datetime\nn: int = 1\nday = datetime.date(2026, 1, 1)",
    )

    job = run(place, path, parameters={"n": "5", "day": "2026-02-03"}, experiment="air")

    ran = run_of(place, job)
    assert (job.status, job.error) == (JobStatus.SUCCEEDED, None)
    assert "int 5 2026-02-03" in text_of(executed(place, job))
    assert (ran.status, ran.grade, ran.experiment, ran.job) == (
        RunStatus.FINISHED,
        Grade.CLEAN,
        "air",
        job.id,
    )
    assert dict(ran.params) == {"n": 5, "day": "2026-02-03"}
    with place.store.read() as tx:
        artifact = tx.artifacts.get(job.run, "notebook.ipynb")
        cells = tx.cells.read(job.run)
        kinds = [event.kind for event in tx.events.read()]
    assert artifact.digest == job.notebook
    assert [c.cell for c in cells] == ["parameters", "injected-parameters", "cell-0", "cell-1"]
    assert kinds == ["job.submitted", "job.started", "run.started", "run.finished", "job.succeeded"]


def test_the_kernel_knows_its_cell_its_job_and_its_folder(place, write) -> None:
    path = write(
        "import os\nprint(get_ipython().kernel.get_parent()['metadata']['cellId'])",
        "print([os.environ['JUPYTER_MLOPS_' + n] for n in ('JOB', 'RUN', 'WORKSPACE', 'EXPERIMENT', 'NOTEBOOK')])",
        "print(os.getcwd(), os.environ['JUPYTER_MLOPS_DOCUMENT'])\n"
        "import json; print([c['id'] for c in json.load(open(os.environ['JUPYTER_MLOPS_DOCUMENT']))['cells']])",
        "import sys; print(sys.executable)",
        name="sub/deep.ipynb",
    )

    job = run(place, path, experiment="air")

    said = text_of(executed(place, job)).splitlines()
    document = job_folder(place.settings, job.id) / "notebook.ipynb"
    assert said[0] == "cell-0"
    assert said[1] == str([job.id, job.run, str(place.settings.folder), "air", "sub/deep.ipynb"])
    assert said[2] == f"{path.parent} {document}"
    assert said[3] == str([f"cell-{i}" for i in range(4)])
    assert said[4] == sys.executable


def test_a_kernelspec_of_another_environment_does_not_decide(place, write) -> None:
    path = write(
        "import sys; print(sys.executable)",
        kernelspec={"name": "gone", "display_name": "Gone", "language": "python"},
    )

    job = run(place, path)

    assert text_of(executed(place, job)).strip() == sys.executable


def test_a_kernel_named_outright_must_be_installed(place, write) -> None:
    job = run(place, write("1"), JobOptions(kernel="no-such-kernel"))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "Invalid")
    assert "no-such-kernel" in job.error.message
    assert "python3" in job.error.remedy


def install_kernel(folder: Path, name: str, *argv: str) -> None:
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))


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


def test_a_kernel_that_does_not_come_up_fails_the_job_with_its_exit_code(
    place, write, tmp_path, monkeypatch
) -> None:
    install_kernel(tmp_path, "broken", "sh", "-c", "exit 7", "{connection_file}")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    job = run(place, write("1"), JobOptions(kernel="broken"))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "kernel_died")
    assert "exit code 7" in job.error.message
    assert executed(place, job).cells[0].metadata.papermill.status == "pending"


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


def test_a_copy_is_written_whole_where_it_was_asked_for_also_with_braces_in_the_path(place, write) -> None:
    output = place.settings.root / "out {alpha} {0.__class__}" / "{x}.ipynb"

    job = run(place, write("print('hello')", name="in {braces}.ipynb"), JobOptions(output=str(output)))

    assert job.status is JobStatus.SUCCEEDED
    with place.blobs.open(job.notebook) as file:
        assert output.read_bytes() == file.read()
    assert [p.name for p in output.parent.iterdir()] == ["{x}.ipynb"]


def test_an_output_that_cannot_be_written_fails_the_job_but_loses_nothing(place, write) -> None:
    blocked = place.settings.root / "file"
    blocked.write_text("not a folder")

    job = run(place, write("print('kept')"), JobOptions(output=str(blocked / "out.ipynb")))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "output")
    assert "kept" in text_of(executed(place, job))


def test_no_output_is_lost_however_fast_a_cell_displays(place, write) -> None:
    job = run(place, write("for i in range(5000): display(i)\nprint('last')"))

    (cell,) = executed(place, job).cells
    assert len([o for o in cell.outputs if o.output_type == "display_data"]) == 5000
    assert text_of(executed(place, job)) == "last\n"


def test_a_stale_injected_cell_of_an_earlier_run_decides_nothing(place, write) -> None:
    path = write("print('x is', x)", parameters="x = 1")
    notebook = nbformat.read(path, 4)
    stale = nbformat.v4.new_code_cell("x = 99", metadata={"tags": ["injected-parameters"]})
    notebook.cells.insert(1, stale)
    nbformat.write(notebook, path)

    assert "x is 1" in text_of(executed(place, run(place, path)))


def test_cells_that_may_fail_do_not_fail_the_job_and_an_early_exit_ends_it_well(place, write) -> None:
    path = write("1 / 0", "import sys; print('before'); sys.exit(0)", "print('after')")
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)

    job = run(place, path)

    assert job.status is JobStatus.SUCCEEDED
    assert text_of(executed(place, job)).startswith("before\n")
    assert "after" not in text_of(executed(place, job))
    assert executed(place, job).cells[2].metadata.papermill.status == "pending"


def test_progress_and_heartbeat_are_in_the_store_while_a_cell_runs(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write("x = 1", f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)")
    job, worker = started(place, path)

    until(lambda: (read_job(place, job.id).progress or None) and read_job(place, job.id).progress.index == 1)
    seen = read_job(place, job.id)
    mark.touch()
    ended = wait_for(place, worker)

    assert (seen.status, seen.progress.total, seen.progress.cell) == (JobStatus.RUNNING, 2, "cell-1")
    assert seen.progress.source == "import os, time"
    assert seen.lease.pid == worker.process.pid
    assert seen.heartbeat > seen.queued
    assert ended.status is JobStatus.SUCCEEDED


def test_the_live_notebook_shows_output_of_a_cell_that_still_runs(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write(
        f"print('so far', flush=True)\nimport os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)"
    )
    job, worker = started(place, path)
    live = job_folder(place.settings, job.id) / "notebook.ipynb"

    until(lambda: live.exists() and "so far" in text_of(nbformat.read(live, 4)))
    mark.touch()

    assert wait_for(place, worker).status is JobStatus.SUCCEEDED


def test_cells_that_ran_before_the_extension_was_loaded_are_on_record(place, write) -> None:
    path = write(
        "%load_ext jupyter_mlops",
        "total = start + step",
        "%%track sum\nrun.log_metric('total', total)",
        parameters="start: int = 1\nstep: int = 1",
    )

    job = run(place, path, parameters={"step": 5})

    with place.store.read() as tx:
        (tracked,) = tx.runs.find(Query(where=equal(parent=job.run)))
        cells = tx.cells.read(tracked.id)
    assert (tracked.grade, tracked.metrics["total"]) == (Grade.CLEAN, 6.0)
    assert [c.cell for c in cells] == ["parameters", "injected-parameters", "cell-1", "cell-2"]
    assert [c.position for c in cells] == [0, 1, 3, 4]


# --- what goes wrong -----------------------------------------------------------------------------------


def test_a_failing_cell_ends_the_job_there_with_cell_class_and_traceback(place, write) -> None:
    job = run(place, write("x = 1", "import not_there_at_all", "print('never')"))

    error, notebook = job.error, executed(place, job)
    assert (job.status, error.kind, error.cell, error.index) == (
        JobStatus.FAILED,
        "ModuleNotFoundError",
        "cell-1",
        1,
    )
    assert "not_there_at_all" in error.traceback
    assert "\x1b" not in error.traceback
    assert "Install 'not_there_at_all'" in error.remedy
    assert [c.id for c in notebook.cells] == [
        "cell-0",
        "cell-1",
        "cell-2",
    ]  # no cells of papermill's between ours
    assert [c.metadata.papermill.status for c in notebook.cells] == ["completed", "failed", "pending"]
    ran = run_of(place, job)
    assert (ran.status, ran.error.kind, ran.last_cell) == (RunStatus.FAILED, "ModuleNotFoundError", "cell-1")


def test_a_killed_kernel_fails_the_job_at_its_cell_and_keeps_what_it_had_said(place, write) -> None:
    job = run(
        place,
        write(
            "x = 1",
            "import os, time; print('last words', flush=True); time.sleep(0.3); os.kill(os.getpid(), 9)",
            "2",
        ),
    )

    notebook = executed(place, job)
    assert (job.status, job.error.kind, job.error.cell) == (JobStatus.FAILED, "kernel_died", "cell-1")
    assert "SIGKILL" in job.error.message
    assert "memory" in job.error.remedy
    assert text_of(notebook) == "last words\n"
    assert [c.metadata.papermill.status for c in notebook.cells] == ["completed", "failed", "pending"]
    assert run_of(place, job).status is RunStatus.FAILED


def test_a_kernel_that_ends_itself_is_told_from_a_killed_one(place, write) -> None:
    job = run(place, write("import os; os._exit(3)"))

    assert (job.status, job.error.message) == (JobStatus.FAILED, "the kernel ended itself with exit code 3")


def test_a_time_limit_for_cells_ends_the_job_at_the_cell(place, write) -> None:
    path = write("x = 1", "import time; time.sleep(1000)", "print('never')")

    job = run(place, path, JobOptions(cell_timeout=2.0))

    assert (job.status, job.error.kind, job.error.cell) == (JobStatus.TIMED_OUT, "timed_out", "cell-1")
    assert run_of(place, job).status is RunStatus.FAILED
    assert [c.metadata.papermill.status for c in executed(place, job).cells] == [
        "completed",
        "failed",
        "pending",
    ]


def test_a_time_limit_for_the_job_ends_it_wherever_it_is(place, write) -> None:
    job = run(place, write("import time; time.sleep(1000)", "print('never')"), JobOptions(timeout=2.0))

    assert (job.status, job.error.kind) == (JobStatus.TIMED_OUT, "timed_out")
    assert "completed" not in [c.metadata.papermill.status for c in executed(place, job).cells]


def test_a_cell_that_ignores_interrupts_is_killed_after_a_grace(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        f"open({str(mark)!r}, 'w').close()\nwhile True: time.sleep(0.05)",
    )
    job, worker = started(place, path)
    at_cell(place, job, mark)
    kernel = kernel_of(worker)

    cancel_job(place, job.id, reason="enough")
    ended = wait_for(place, worker)

    assert (ended.status, ended.error.message, ended.error.cell) == (JobStatus.CANCELLED, "enough", "cell-1")
    assert run_of(place, ended).status is RunStatus.CANCELLED
    assert not kernel.is_running()


def test_cancelling_swallowed_by_the_cell_still_stops_before_the_next(place, write, tmp_path) -> None:
    mark, second = tmp_path / "mark", tmp_path / "second"
    path = write(
        f"open({str(mark)!r}, 'w').close()\ntry:\n    import time; time.sleep(1000)\nexcept KeyboardInterrupt:\n    print('swallowed')",
        f"open({str(second)!r}, 'w').close()",
    )
    job, worker = started(place, path)
    at_cell(place, job, mark)

    cancel_job(place, job.id)

    assert wait_for(place, worker).status is JobStatus.CANCELLED
    assert not second.exists()


def test_a_killed_worker_leaves_a_lost_job_a_lost_run_and_no_kernel(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(
        place, write("x = 1", f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    )
    at_cell(place, job, mark)
    until(lambda: (read_job(place, job.id).progress or None) and read_job(place, job.id).progress.index == 1)
    kernel = kernel_of(worker)

    worker.process.kill()
    worker.process.wait()

    lost = get_job(place, job.id)
    assert (lost.status, lost.error.kind, lost.error.cell) == (JobStatus.LOST, "lost", "cell-1")
    assert run_of(place, lost).status is RunStatus.LOST
    until(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE)
    assert settle_jobs(place) == ()


def test_a_worker_that_never_comes_up_leaves_a_lost_job_also_while_its_launcher_lives(
    place, write, monkeypatch
) -> None:
    job = submit_job(place, notebook=str(write("1")))
    broken = place.settings.root / "python"
    broken.write_text("#!/bin/sh\necho 'no module named anything' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))

    taken = wait_until_taken(place, launch(place, job.id))

    assert (taken.status, taken.error.kind) == (JobStatus.LOST, "lost")
    assert "did not come up: no module named anything" in taken.error.message


def test_an_attended_worker_ends_with_the_process_that_started_it(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(place, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)"))
    at_cell(place, job, mark)

    worker.process.stdin.close()
    worker.process.wait(_LIMIT)

    assert (read_job(place, job.id).status, read_job(place, job.id).error.kind) == (
        JobStatus.CANCELLED,
        "launcher_gone",
    )


def test_a_worker_told_to_terminate_says_so(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job, worker = started(
        place, write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)"), attended=False
    )
    at_cell(place, job, mark)

    worker.process.send_signal(signal.SIGTERM)
    ended = wait_for(place, worker)

    assert (ended.status, ended.error.kind) == (JobStatus.CANCELLED, "terminated")


def test_a_detached_worker_outlives_the_process_that_started_it(place, write, tmp_path) -> None:
    mark = tmp_path / "go"
    path = write(f"import os, time\nwhile not os.path.exists({str(mark)!r}): time.sleep(0.02)")
    job = submit_job(place, notebook=str(path))
    code = (
        "from jupyter_mlops.workspace import open_workspace\n"
        "from jupyter_mlops.jobs.launcher import launch, wait_until_taken\n"
        f"ws = open_workspace({str(place.settings.root)!r})\n"
        f"wait_until_taken(ws, launch(ws, {job.id!r}))\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=_LIMIT)
    taken = get_job(place, job.id)
    mark.touch()
    until(lambda: read_job(place, job.id).status.ended)

    assert taken.status in {JobStatus.STARTING, JobStatus.RUNNING}
    assert read_job(place, job.id).status is JobStatus.SUCCEEDED


def test_processes_that_a_cell_left_behind_end_with_the_job(place, write) -> None:
    job = run(place, write("import subprocess; p = subprocess.Popen(['sleep', '1000']); print(p.pid)"))

    pid = int(text_of(executed(place, job)))
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_notebook_whose_bytes_are_gone_fails_with_a_reason(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    place.blobs.remove(job.spec.content)

    ended = wait_for(place, launch(place, job.id))

    assert (ended.status, ended.error.kind) == (JobStatus.FAILED, "NotFound")


# --- who may run what ----------------------------------------------------------------------------------


def test_a_job_is_claimed_once(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    worker = launch(place, job.id)

    with pytest.raises(Conflict):
        launch(place, job.id)

    assert wait_for(place, worker).status is JobStatus.SUCCEEDED
    with pytest.raises(Conflict):
        launch(place, job.id)


def test_a_failed_job_can_be_run_again(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    job = run(place, write(f"import os\nassert os.path.exists({str(mark)!r}), 'not yet'"))
    mark.touch()

    again = wait_for(place, launch(place, retry_job(place, job.id).id))

    assert (job.status, job.error.kind) == (JobStatus.FAILED, "AssertionError")
    assert (again.status, again.attempt, again.error) == (JobStatus.SUCCEEDED, 2, None)
    assert again.run != job.run


def test_a_workspace_in_memory_cannot_run_jobs_and_says_so(memory_ws, tmp_path) -> None:
    notebook = nbformat.v4.new_notebook()
    nbformat.write(notebook, tmp_path / "a.ipynb")
    job = submit_job(memory_ws, notebook=str(tmp_path / "a.ipynb"))

    with pytest.raises(Unavailable, match="in memory"):
        launch(memory_ws, job.id)
    assert read_job(memory_ws, job.id).status is JobStatus.QUEUED


def test_jobs_side_by_side_do_not_disturb_each_other(place, write) -> None:
    paths = [write(f"import os; print({i}, os.getcwd())", name=f"n{i}/a.ipynb") for i in range(2)]
    workers = [launch(place, submit_job(place, notebook=str(path)).id) for path in paths]

    ended = [wait_for(place, worker) for worker in workers]

    assert [text_of(executed(place, job)).strip() for job in ended] == [
        f"{i} {p.parent}" for i, p in enumerate(paths)
    ]
    assert os.getcwd() == str(Path.cwd())
