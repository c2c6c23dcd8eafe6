"""A grid of values, each combination a job, one run above them."""

from __future__ import annotations

import pytest

from jupyter_mlops.automation import sweep_notebook
from jupyter_mlops.automation.sweep import axis_of, grid_of
from jupyter_mlops.errors import Invalid, MlopsError
from jupyter_mlops.jobs import find_jobs
from jupyter_mlops.jobs.parameters import read_parameters
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.parameter import Parameter, ParameterType
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_runs


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ("0.1,0.2, 0.5", ["0.1", "0.2", "0.5"]),
        ("one", ["one"]),
        ("[1, 2],[3]", ["[1, 2]", "[3]"]),
        ("'a,b',c", ["'a,b'", "c"]),
        ([1, 2], [1, 2]),
        (5, [5]),
    ],
)
def test_values_are_given_as_a_list_or_as_text_with_commas(given, values) -> None:
    assert axis_of(Parameter(name="x", type=ParameterType(kind="float")), given) == values


def test_a_list_for_a_list_is_one_value_and_a_list_of_lists_several() -> None:
    items = Parameter(name="items", type=ParameterType(kind="list"))

    assert axis_of(items, [1, 2]) == [[1, 2]]
    assert axis_of(items, [[1], [2]]) == [[1], [2]]


def test_a_grid_holds_every_combination_with_the_last_name_varying_fastest() -> None:
    declared = read_parameters("a = 1\nb = 'x'")

    assert grid_of(declared, {"a": ["1", "2"], "b": ["x", "y"]}) == [
        {"a": 1, "b": "x"},
        {"a": 1, "b": "y"},
        {"a": 2, "b": "x"},
        {"a": 2, "b": "y"},
    ]


@pytest.mark.parametrize(
    "axes", [{}, {"a": []}, {"a": ["1", "many"]}, {"b": ["1"]}, {"a": list(range(10_001))}]
)
def test_a_grid_that_makes_no_sense_is_refused(axes) -> None:
    with pytest.raises(Invalid):
        grid_of(read_parameters("a = 1"), axes)


def test_a_sweep_with_a_value_that_does_not_fit_starts_nothing(ws, write) -> None:
    with pytest.raises(Invalid):
        sweep_notebook(ws, notebook=str(write("1", parameters="a = 1")), parameters={"a": "1,x"})

    assert len(find_jobs(ws)) == 0
    with ws.store.read() as tx:
        assert tx.events.head() is None


@pytest.mark.kernel
def test_a_sweep_runs_every_combination_under_one_run_and_goes_on_past_a_failure(place, write) -> None:
    track = "import jupyter_mlops as mlops\nwith mlops.track('fit') as run: run.log_metric('score', 1 / a)"
    seen = []

    report = sweep_notebook(
        place,
        notebook=str(write(track, parameters="a = 1")),
        parameters={"a": "1,0,2"},
        experiment="air",
        workers=2,
        progress=seen.append,
    )

    assert [(row.parameters["a"], row.status) for row in report.rows] == [
        (1, JobStatus.SUCCEEDED),
        (0, JobStatus.FAILED),
        (2, JobStatus.SUCCEEDED),
    ]
    assert [row.metrics.get("score") for row in report.rows] == [1.0, None, 0.5]
    assert [row.error and row.error.kind for row in report.rows] == [None, "ZeroDivisionError", None]
    with place.store.read() as tx:
        parent = tx.runs.get(report.run)
        children = [tx.runs.get(row.run) for row in report.rows]
    assert (parent.status, parent.experiment) == (RunStatus.FAILED, "air")
    assert {child.parent for child in children} == {report.run}
    assert {job.id for job in seen} == {row.job for row in report.rows}


@pytest.mark.parametrize("engine", ["dask:tcp://127.0.0.1:9", "moon"])
def test_an_engine_that_is_not_to_be_had_leaves_no_run_behind(place, write, monkeypatch, engine) -> None:
    monkeypatch.setattr("jupyter_mlops.jobs.engines.dask._ANSWER", 0.5)

    with pytest.raises(MlopsError):
        sweep_notebook(
            place, notebook=str(write("x", parameters="x = 1")), parameters={"x": "1,2"}, engine=engine
        )

    assert (find_runs(place).total, find_jobs(place).total) == (0, 0)


@pytest.mark.kernel
def test_a_sweep_that_is_interrupted_ends_after_its_jobs(place, write) -> None:
    def stop(job) -> None:
        if job.status is JobStatus.RUNNING:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_notebook(
            place,
            notebook=str(write("import time; time.sleep(60)", parameters="a = 1")),
            parameters={"a": "1,2"},
            progress=stop,
        )

    (parent,) = find_runs(place, "name like 'sweep of %'")
    assert parent.status is RunStatus.CANCELLED
    jobs = find_jobs(place)
    assert {job.status for job in jobs} == {JobStatus.CANCELLED}
    assert max(job.ended for job in jobs) <= parent.ended
