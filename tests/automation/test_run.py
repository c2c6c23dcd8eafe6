"""From one line to the review that waits: real kernel, real model, real books."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from jupyter_mlops.automation import run_notebook, tick
from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.jobs import find_jobs, get_job
from jupyter_mlops.jobs.crew import run_attended
from jupyter_mlops.jobs.submit import prepare_spec
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.job import Job, JobOptions, JobStatus
from jupyter_mlops.records.review import ReviewStatus
from jupyter_mlops.records.run import Grade
from jupyter_mlops.registry import register_version
from tests.contracts.samples import RUN_REPORT_KEYS

pytestmark = pytest.mark.kernel

MODEL = """
import numpy as np
import jupyter_mlops as mlops
from sklearn.linear_model import Ridge
X = np.arange(40.0).reshape(-1, 2)
y = X.sum(axis=1)
with mlops.track("ridge") as run:
    model = Ridge(alpha=alpha).fit(X, y)
    run.log_metric("r2", model.score(X, y))
    run.log_model(model)
"""


def events(ws) -> list[str]:
    with ws.store.read() as tx:
        return [event.kind for event in tx.events.read()]


def test_a_notebook_becomes_a_registered_version_with_a_review_that_waits(place, write) -> None:
    seen: list[Job] = []

    report = run_notebook(
        place,
        notebook=str(write(MODEL, parameters="alpha: float = 1.0")),
        parameters={"alpha": "0.5"},
        experiment="air",
        register_as="pm25",
        progress=seen.append,
    )

    assert list(encode(report)) == list(RUN_REPORT_KEYS)
    assert report.error is None
    assert (report.status, report.version) == (JobStatus.SUCCEEDED, 1)
    assert report.metrics["r2"] > 0.99
    assert Path(report.notebook).is_file()
    with place.store.read() as tx:
        version, review = tx.versions.get("pm25", 1), tx.reviews.get(report.review)
        child, parent = tx.runs.get(version.run), tx.runs.get(report.run)
    assert (child.parent, child.job, child.experiment) == (report.run, report.job, "air")
    assert report.grade is parent.grade is child.grade
    assert (review.status, review.alias, review.version) == (ReviewStatus.OPEN, "champion", 1)
    assert [job.status for job in seen][-1] is JobStatus.SUCCEEDED
    assert JobStatus.RUNNING in {job.status for job in seen}
    assert get_job(place, report.job).followed


def test_a_notebook_that_logs_no_model_is_told_of_with_its_run_and_how_to_log_one(place, write) -> None:
    report = run_notebook(place, notebook=str(write("1")), register_as="pm25")

    assert (report.status, report.error, report.version) == (JobStatus.SUCCEEDED, None, None)
    assert report.run is not None
    assert "logged no model" in report.follow_up_error.message
    assert "log_model" in report.follow_up_error.remedy
    assert "job.follow_up_failed" in events(place)


LAMBDA = """
%load_ext jupyter_mlops
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
X = np.arange(40.0).reshape(-1, 2)
"""
FITTED = """%%track lam
model = make_pipeline(FunctionTransformer(lambda rows: rows * 2), Ridge()).fit(X, X.sum(axis=1))
"""


def test_a_notebook_whose_model_cannot_be_kept_is_told_why_at_both_doors(place, write) -> None:
    report = run_notebook(place, notebook=str(write(LAMBDA, FITTED)), register_as="lam")

    assert "logged no model" in report.follow_up_error.message
    told = report.follow_up_error.remedy
    assert told.startswith("The model was not kept: ")
    assert "%%track" not in told
    with pytest.raises(NotFound) as refusal:
        register_version(place, model="lam", run=report.run)
    assert refusal.value.remedy.endswith(told)


def test_a_version_whose_review_could_not_be_opened_is_told_of_all_the_same(
    place, write, monkeypatch
) -> None:
    def locked(*given: object) -> None:
        raise Unavailable("the store is locked", remedy="Wait.")

    monkeypatch.setattr("jupyter_mlops.automation.followup.open_review", locked)
    report = run_notebook(
        place, notebook=str(write(MODEL, parameters="alpha: float = 1.0")), register_as="pm25"
    )
    assert (report.version, report.review) == (1, None)
    assert report.follow_up_error.message == "the store is locked"


def test_without_a_model_to_register_the_report_says_none(place, write) -> None:
    output = place.settings.root / "out.ipynb"

    report = run_notebook(place, notebook=str(write("1")), options=JobOptions(output=str(output)))

    assert (report.version, report.review, report.grade, report.notebook) == (
        None,
        None,
        Grade.CLEAN,
        str(output),
    )


def test_a_failed_notebook_is_reported_and_registers_nothing(place, write) -> None:
    report = run_notebook(
        place, notebook=str(write(MODEL, "1 / 0", parameters="alpha = 1.0")), register_as="pm25"
    )

    assert (report.status, report.version, report.review) == (JobStatus.FAILED, None, None)
    assert report.error == get_job(place, report.job).error
    assert report.error.kind == "ZeroDivisionError"
    assert "model.registered" not in events(place)


def test_values_that_do_not_fit_start_nothing(place, write) -> None:
    with pytest.raises(Invalid):
        run_notebook(place, notebook=str(write("1", parameters="alpha = 1.0")), parameters={"beta": "1"})

    assert len(find_jobs(place)) == 0


def test_metrics_of_the_run_that_started_later_win(place, write) -> None:
    track = "import jupyter_mlops as mlops\nwith mlops.track('{0}') as run: run.log_metrics({{'mae': {1}, '{0}': 1.0}})"

    report = run_notebook(place, notebook=str(write(track.format("first", 3.0), track.format("second", 2.0))))

    assert report.metrics == {"mae": 2.0, "first": 1.0, "second": 1.0}


def test_points_of_a_killed_kernel_are_in_the_report(place, write) -> None:
    loop = "import os, jupyter_mlops as mlops\nwith mlops.track('loop') as run:\n    for i in range(100): run.log_metric('loss', i)\n    os.kill(os.getpid(), 9)"

    report = run_notebook(place, notebook=str(write(loop)))

    assert (report.status, report.metrics) == (JobStatus.FAILED, {"loss": 99.0})


def test_a_job_is_tried_again_as_often_as_it_says(place, write) -> None:
    path = write(
        "import os, pathlib\np = pathlib.Path('tries'); p.write_text((p.read_text() if p.exists() else '') + 'x')\nassert len(p.read_text()) == 2"
    )
    spec = prepare_spec(
        place, notebook=str(path), parameters={}, options=JobOptions(retry=("notebook=3,wait=0.1",))
    )

    job = run_attended(place, spec)

    assert (job.status, job.attempt) == (JobStatus.SUCCEEDED, 2)


def test_a_clock_that_ticks_meanwhile_neither_starts_nor_follows_an_attended_job(place, write) -> None:
    stop = threading.Event()
    reports = []

    def turn() -> None:
        while not stop.wait(0.05):
            reports.append(tick(place))

    clock = threading.Thread(target=turn)
    clock.start()
    try:
        report = run_notebook(place, notebook=str(write(MODEL, parameters="alpha = 1.0")), register_as="pm25")
    finally:
        stop.set()
        clock.join()

    assert report.version == 1
    assert report.review is not None
    assert [
        (r.started, r.followed, r.problems) for r in reports if r.started or r.followed or r.problems
    ] == []


def test_an_interrupt_at_the_keyboard_cancels_the_job(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(f"open({str(mark)!r}, 'w').close()\nimport time; time.sleep(1000)")
    code = (
        # Tests that were started in the background have been told to ignore it, and whoever they start inherits that.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from jupyter_mlops.workspace import open_workspace\nfrom jupyter_mlops.automation import run_notebook\n"
        f"run_notebook(open_workspace({str(place.settings.root)!r}), notebook={str(path)!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)

    process.send_signal(signal.SIGINT)
    process.wait(60)

    (job,) = find_jobs(place)
    assert process.returncode != 0
    assert (job.status, job.error.message) == (JobStatus.CANCELLED, "interrupted at the keyboard")


def test_a_killed_run_command_takes_its_job_with_it(place, write, tmp_path) -> None:
    mark = tmp_path / "mark"
    path = write(
        f"import os\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\nimport time; time.sleep(1000)"
    )
    code = (
        "from jupyter_mlops.workspace import open_workspace\nfrom jupyter_mlops.automation import run_notebook\n"
        f"run_notebook(open_workspace({str(place.settings.root)!r}), notebook={str(path)!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (mark.exists() and mark.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    process.kill()
    process.wait()
    while not find_jobs(place)[0].status.ended:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    assert find_jobs(place)[0].status is JobStatus.CANCELLED
    assert not os.path.exists(f"/proc/{mark.read_text()}")
