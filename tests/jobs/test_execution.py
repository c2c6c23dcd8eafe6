"""Real jobs: a worker process, papermill, a real kernel. What is kept is what happened."""

from __future__ import annotations

import sys

import nbformat
import psutil
import pytest

from jupyter_mlops.jobs import submit_job
from jupyter_mlops.jobs.launcher import launch, wait_for
from jupyter_mlops.jobs.places import job_folder
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.run import Grade, RunStatus
from tests.jobs.running import executed, run, run_of, started, text_of, until
from tests.repositories import committed

pytestmark = pytest.mark.kernel


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
    assert kinds == [
        "job.submitted",
        "job.claimed",
        "job.started",
        "run.started",
        "job.running",
        "job.succeeded",
        "run.finished",
    ]


def test_a_jobs_run_names_the_commit_that_stood_there_as_it_began(place, write) -> None:
    root = place.settings.root
    path = write("open('made.txt', 'w').close()", "%load_ext jupyter_mlops", "%%track cell\nx = 1")
    (root / "helper.py").write_text("a = 1")
    commit = committed(root)
    (root / "helper.py").write_text("a = 2")

    job = run(place, path)

    ran = run_of(place, job)
    assert (ran.source.commit, ran.source.branch, ran.source.dirty) == (commit, "trunk", ("helper.py",))
    with place.store.read() as tx:
        (cell,) = tx.runs.find(Query(where=equal(parent=ran.id)))
        patches = [tx.artifacts.get(each.id, "source/uncommitted.patch").digest for each in (ran, cell)]
    assert cell.source.commit == commit
    assert patches == [ran.source.patch] * 2


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
    path = write("1 / 0", "import sys; print('before'); sys.exit()", "print('after')")
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, path)

    job = run(place, path)

    assert job.status is JobStatus.SUCCEEDED
    assert text_of(executed(place, job)).startswith("before\n")
    assert "after" not in text_of(executed(place, job))
    assert executed(place, job).cells[2].metadata.papermill.status == "pending"


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


def test_processes_that_a_cell_left_behind_end_with_the_job(place, write) -> None:
    job = run(place, write("import subprocess; p = subprocess.Popen(['sleep', '1000']); print(p.pid)"))

    pid = int(text_of(executed(place, job)))
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_notebook_whose_bytes_are_gone_fails_with_a_reason(place, write) -> None:
    job = submit_job(place, notebook=str(write("1")))
    place.blobs.remove(job.spec.content)

    ended = wait_for(place, launch(place, job.id))

    assert (ended.status, ended.error.kind) == (JobStatus.FAILED, "NotFound")
