"""What may be asked of a sweep, and what is refused before anything starts."""

from __future__ import annotations

import pytest

from jupyter_mlops.automation import resume_sweep, submit_sweep, sweep_notebook, sweep_trials
from jupyter_mlops.errors import Conflict, Invalid, MlopsError, NotFound
from jupyter_mlops.jobs import find_jobs
from jupyter_mlops.jobs.submit import read_job, submit_job
from jupyter_mlops.records.job import JobOptions, JobStatus
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import Choices, EarlyStop, Goal, Sampler, Sweep, SweepOptions
from jupyter_mlops.registry import find_versions
from jupyter_mlops.tracking import find_runs


def test_a_sweep_is_queued_as_one_job_with_its_plan(ws, write) -> None:
    path = write("1", parameters="a = 1\nb = 'x'")

    job = submit_sweep(
        ws,
        notebook=str(path),
        parameters={"a": "1,2", "b": "y"},
        name="two",
        experiment="air",
        sweep=SweepOptions(metric="mae", early_stop=True, early_stop_after=2, workers=3),
        options=JobOptions(retries=1),
    )

    kept = read_job(ws, job.id)
    assert (kept.status, kept.spec.name, kept.spec.experiment, kept.spec.retries) == (
        JobStatus.QUEUED,
        "two",
        "air",
        1,
    )
    assert kept.spec.sweep == Sweep(
        axes={"a": Choices(values=(1, 2)), "b": Choices(values=("y",))},
        trials=2,
        workers=3,
        goal=Goal(metric="mae", direction=Direction.LOWER),
        early_stop=EarlyStop(after=2, among=5),
    )
    assert kept.spec.sweep.varying == ("a",)
    assert sweep_trials(ws, job.short).rows == ()


@pytest.mark.parametrize(
    ("given", "sweep", "options", "told"),
    [
        ({"a": "1,x"}, {}, {}, "a"),
        ({"c": "1"}, {}, {}, "c"),
        ({"a": "1"}, {"workers": 0}, {}, "workers is 0"),
        ({"a": "1"}, {"engine": "moon"}, {}, "no engine 'moon'"),
        ({"a": "1"}, {"early_stop": True}, {}, "early stopping must know which metric"),
        ({"a": "1"}, {"metric": "mae", "early_stop": True, "early_stop_after": 0}, {}, "early_stop_after is 0"),
        ({"a": "1"}, {"metric": "oddness"}, {}, "better when lower or higher"),
        ({"a": "1"}, {}, {"output": "out.ipynb"}, "one output path"),
        ({"a": "1"}, {}, {"timeout": -1.0}, "time limit"),
    ],
    ids=["value", "name", "workers", "engine", "early", "after", "direction", "output", "limits"],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_starts_nothing(ws, write, given, sweep, options, told) -> None:
    path = str(write("1", parameters="a = 1"))

    for ask in (submit_sweep, sweep_notebook):
        with pytest.raises(Invalid, match=told) as refused:
            ask(
                ws,
                notebook=path,
                parameters=given,
                sweep=SweepOptions(**sweep),
                options=JobOptions(**options),
            )
        assert refused.value.remedy

    assert len(find_jobs(ws)) == 0
    with ws.store.read() as tx:
        assert tx.events.head() is None


def test_a_bayesian_sweep_must_know_what_it_searches_for(ws, write) -> None:
    path = str(write("1", parameters="a = 1"))

    with pytest.raises(Invalid, match="the bayesian sampler must know which metric"):
        submit_sweep(
            ws,
            notebook=path,
            parameters={"a": "1,2"},
            sweep=SweepOptions(sampler=Sampler.BAYESIAN, trials=3),
        )


def test_a_model_is_registered_of_a_sweep_that_knows_its_best_only(ws, write) -> None:
    path = str(write("1", parameters="a = 1"))

    with pytest.raises(Invalid, match="which trial is to be registered"):
        submit_sweep(ws, notebook=path, parameters={"a": "1,2"}, register_as="pm25")


@pytest.mark.parametrize("ask", [resume_sweep, sweep_trials], ids=["resume", "trials"])
def test_what_is_no_sweep_has_no_trials_and_is_not_gone_on_with(ws, write, ask) -> None:
    job = submit_job(ws, notebook=str(write("1")))

    with pytest.raises(Invalid, match="it is no sweep"):
        ask(ws, job.id)
    with pytest.raises(NotFound):
        ask(ws, "zzzz")


def test_an_engine_that_is_not_to_be_had_leaves_a_sweep_that_failed_and_says_why(
    place, write, monkeypatch
) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.engines.dask._ANSWER", 0.5)
    path = str(write("x", parameters="x = 1"))

    report = sweep_notebook(
        place,
        notebook=path,
        parameters={"x": "1,2"},
        sweep=SweepOptions(engine="dask:tcp://127.0.0.1:9"),
    )

    assert (report.status, report.rows) == (JobStatus.FAILED, ())
    assert "127.0.0.1:9" in read_job(place, report.job).error.message
    assert find_jobs(place).total == 1
    assert find_runs(place, "status = 'running'").total == 0


@pytest.mark.kernel
def test_the_best_trial_s_model_is_registered_and_its_review_opened(place, write) -> None:
    code = """
import jupyter_mlops as mlops
import numpy as np
from sklearn.linear_model import Ridge
x = np.arange(20.0).reshape(-1, 1)
with mlops.track('fit') as run:
    run.log_model(Ridge(alpha=a).fit(x, x[:, 0]))
    run.log_metric('mae', abs(a - 2))
"""
    path = str(write(code, parameters="a = 1.0"))

    report = sweep_notebook(
        place,
        notebook=path,
        parameters={"a": "1,2,3"},
        register_as="ridge",
        sweep=SweepOptions(metric="mae", workers=1),
    )

    assert (report.status, report.version, report.follow_up_error) == (JobStatus.SUCCEEDED, 1, None)
    assert report.review is not None
    (version,) = find_versions(place, "ridge")
    best = next(row for row in report.rows if row.parameters["a"] == 2.0)
    assert report.tally.best.job == best.job
    with place.store.read() as tx:
        assert tx.runs.get(version.run).parent == best.run
    with pytest.raises(Conflict):  # it has succeeded
        resume_sweep(place, report.job)


@pytest.mark.kernel
def test_a_best_that_nobody_has_registers_nothing_and_says_why(place, write) -> None:
    path = str(write("1", parameters="a = 1"))

    report = sweep_notebook(
        place,
        notebook=path,
        parameters={"a": "1"},
        register_as="ridge",
        sweep=SweepOptions(metric="mae"),
    )

    assert report.status is JobStatus.SUCCEEDED
    assert "no trial of the sweep succeeded and logged mae" in report.follow_up_error.message
    with pytest.raises(MlopsError):
        find_versions(place, "ridge")
