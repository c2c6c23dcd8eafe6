"""The example notebooks, run from top to bottom by the jobs they describe; what they leave is what they promise."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from jupyter_mlops import registry
from jupyter_mlops.automation import run_notebook, sweep_trials
from jupyter_mlops.jobs import find_jobs, get_job
from jupyter_mlops.records.job import JobStatus
from jupyter_mlops.records.run import Grade
from jupyter_mlops.review import find_reviews, verify
from jupyter_mlops.tracking import (
    compare_runs,
    find_artifacts,
    find_runs,
    get_run,
    group_runs,
    metric_history,
    run_cells,
)
from jupyter_mlops.workspace import Workspace, open_workspace
from tests.needed import needed

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
pytestmark = pytest.mark.kernel


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".*"))
    return tmp_path


@pytest.fixture
def place(project: Path):
    ws = open_workspace(project, start=project, environ={})
    yield ws
    ws.store.close()


def outputs_of(path: str | None) -> str:
    assert path is not None
    return json.dumps([cell.get("outputs", []) for cell in nbformat.read(path, 4).cells])


def said_of(place: Workspace, job: str) -> str:
    """What went wrong, and in which cell: a test's failure that only says `failed` sends its reader looking."""
    ended = get_job(place, job)
    return str(ended.error)


def test_the_quickstart_ends_with_an_approved_model(place: Workspace, project: Path) -> None:
    report = run_notebook(place, notebook=str(project / "notebooks" / "quickstart.ipynb"))
    assert report.status == "succeeded", said_of(place, report.job)
    runs = {run.name: run for run in find_runs(place, "experiment = 'wine'")}
    assert {name: run.grade for name, run in runs.items()} == dict.fromkeys(
        ("quickstart", "ridge", "boosting"), Grade.CLEAN
    )
    assert (
        runs["quickstart"].metrics["mae"] == runs["boosting"].metrics["mae"]
    )  # the job tells what its cells came to
    assert runs["boosting"].metrics["mae"] < runs["ridge"].metrics["mae"] < 1
    assert runs["ridge"].params["alpha"] == 1.0
    assert registry.resolve(place, "wine@champion").version == 1
    assert registry.get_version(place, "wine:1").run == runs["boosting"].id
    said = outputs_of(report.notebook)
    assert "No champion yet" in said
    assert "approved" in said.lower()
    assert verify(place).ok


def test_a_sweep_finds_the_best_of_its_trials_and_leaves_a_queued_one_cancelled(
    place: Workspace, project: Path
) -> None:
    report = run_notebook(place, notebook=str(project / "notebooks" / "sweep.ipynb"))

    assert report.status == "succeeded", said_of(place, report.job)
    sweeps = {job.spec.experiment: job for job in find_jobs(place, "sweep = '' and spec.name = 'train'")}
    assert {name: job.status for name, job in sweeps.items()} == {
        "air/grid": JobStatus.SUCCEEDED,
        "air/spread": JobStatus.SUCCEEDED,
        "air/later": JobStatus.CANCELLED,
    }
    for name, count in (("air/grid", 4), ("air/spread", 4)):
        trials = sweep_trials(place, sweeps[name].id)
        assert len(trials.rows) == count
        assert trials.tally.best.value == min(row.metrics["mae"] for row in trials.rows)
        assert get_run(place, trials.run).metrics["mae"] == trials.tally.best.value
    assert "★ best" in outputs_of(report.notebook).encode().decode("unicode_escape")


def test_train_then_review_then_load_by_alias(place: Workspace, project: Path) -> None:
    parameters = {"learning_rate": 0.08, "max_iter": 40}
    report = run_notebook(
        place,
        notebook=str(project / "notebooks" / "train.ipynb"),
        parameters=parameters,
        experiment="air",
        register_as="pm25",
    )
    assert get_job(place, report.job).error is None
    assert (report.status, report.grade, report.version) == ("succeeded", Grade.CLEAN, 1)
    assert report.metrics["mae"] < 20
    job_run = get_run(place, str(report.run))
    (tracked,) = find_runs(place, f"parent = '{job_run.id}'")
    assert (tracked.name, tracked.grade) == ("boosting", Grade.CLEAN)
    assert tracked.params["learning_rate"] == 0.08
    assert {one.name for one in tracked.inputs} >= {"X_train", "y_train", "X_test"}
    assert "image/png" in outputs_of(report.notebook)
    assert {one.name for one in find_artifacts(place, run=job_run.id)} >= {"notebook.ipynb"}
    (waiting,) = find_reviews(place, "status = 'open'")
    assert waiting.id == report.review
    assert "No champion yet" in waiting.evidence.headline

    decided = run_notebook(
        place,
        notebook=str(project / "notebooks" / "review.ipynb"),
        parameters={"verdict": "approve", "comment": "Beats the rule of the next hour."},
    )
    assert decided.status == "succeeded", said_of(place, decided.job)
    model = registry.load_model(place, "pm25@champion")
    signature = registry.get_version(place, "pm25@champion").signature
    assert [column.name for column in signature.inputs][:2] == ["hour", "season"]
    assert hasattr(model, "predict")
    assert verify(place).ok


def test_the_training_notebook_needs_nothing_that_a_plain_install_lacks(
    place: Workspace, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = tmp_path / "without" / "matplotlib.py"
    without.parent.mkdir()
    without.write_text("raise ModuleNotFoundError('No module named matplotlib')\n")
    monkeypatch.setenv("PYTHONPATH", str(without.parent))
    report = run_notebook(
        place, notebook=str(project / "notebooks" / "train.ipynb"), parameters={"max_iter": 5}
    )
    assert (report.status, report.grade) == ("succeeded", Grade.CLEAN)
    assert "There is no picture without matplotlib" in outputs_of(report.notebook)


def test_the_census_notebook_measures_groups_apart(place: Workspace, project: Path) -> None:
    report = run_notebook(
        place, notebook=str(project / "notebooks" / "income.ipynb"), parameters={"max_iter": 20}
    )
    assert (report.status, report.grade) == ("succeeded", Grade.CLEAN)
    assert report.metrics["auc"] > 0.9
    assert {"recall_female", "recall_male", "selected_female", "selected_male"} <= set(report.metrics)


def test_the_tracking_notebook_shows_what_really_ran(place: Workspace, project: Path) -> None:
    report = run_notebook(place, notebook=str(project / "notebooks" / "tracking.ipynb"))
    assert report.status == "succeeded", said_of(place, report.job)
    runs = {run.name: run for run in find_runs(place, "experiment = 'wine/tracking' and parent is not null")}
    assert {runs[name].grade for name in ("ridge", "descent", "search")} == {Grade.CLEAN}
    assert 0 < runs["ridge"].metrics["mae"] < 1  # computed by the notebook, logged by nobody
    assert {one.name for one in runs["ridge"].inputs} >= {"X_train", "y_train", "X_test"}
    cells = run_cells(place, run=runs["ridge"].id)
    assert {"data", "plain"} == {cell.cell for cell in cells}  # not the look at the data
    assert len(metric_history(place, run=runs["descent"].id, key="loss")) == 30
    tried = find_runs(place, f"parent = '{runs['search'].id}'")
    assert {run.params["learning_rate"] for run in tried} == {0.05, 0.1, 0.3}
    (group,) = group_runs(place, "experiment = 'wine/seeds'")
    assert len(group.runs) == 4
    assert {run.grade for run in find_runs(place, "experiment = 'wine/seeds'")} == {Grade.CLEAN}
    grades = {
        run.name: (run.grade.value, run.document.value)
        for run in find_runs(place, "experiment = 'wine/grades'")
    }
    assert grades == {
        "twice": ("reordered", "saved"),
        "stale": ("stale", "saved"),
        "orphan": ("clean", "orphaned"),
        "fails": ("clean", "saved"),
    }
    said = outputs_of(report.notebook)
    assert "# %%" in said  # the slice as a script
    assert "\\u00b1" in said  # the group with its spread
    carried = next(cell for cell in nbformat.read(str(report.notebook), 4).cells if cell.id == "carry")
    shown = carried.outputs[-1]["data"]["text/plain"]
    assert ("ridge" in shown, "descent" in shown) == (True, False)  # another workspace, not the job's own


def test_the_comparing_notebook_says_in_what_runs_differ(place: Workspace, project: Path) -> None:
    report = run_notebook(place, notebook=str(project / "notebooks" / "compare.ipynb"))
    assert report.status == "succeeded", said_of(place, report.job)
    runs = {run.name: run for run in find_runs(place, "experiment = 'wine/compare'")}
    assert runs.pop("compare").job == report.job
    assert {run.grade for run in runs.values()} == {Grade.CLEAN}
    compared = compare_runs(place, runs=[runs["steady"].id, runs["slow"].id])
    assert "learning_rate" in {row.name for row in compared.params}
    said = outputs_of(report.notebook)
    assert compared.headline in said
    assert "image/png" in said


def test_the_boosting_notebook_keeps_every_round_and_what_broke(place: Workspace, project: Path) -> None:
    report = run_notebook(place, notebook=str(project / "notebooks" / "boosting.ipynb"))
    assert report.status == "succeeded", said_of(place, report.job)
    runs = {run.name: run for run in find_runs(place, "experiment = 'wine/boosting'")}
    curve = metric_history(place, run=runs["xgboost"].id, key="test_mae")
    assert len(curve) > runs["xgboost"].metrics["best_iteration"] > 5
    assert curve[-1].value < curve[0].value
    for name in ("xgboost", "lightgbm"):
        assert {(one.name, one.role) for one in runs[name].inputs} >= {
            ("X_train", "train"),
            ("X_test", "test"),
        }
        assert 0.3 < runs[name].metrics["mae"] < 0.6
    tried = find_runs(place, f"parent = '{runs['objectives'].id}'")
    assert {run.params["objective"]: run.status.value for run in tried} == {
        "reg:squarederror": "finished",
        "reg:absolute": "failed",
    }


def test_the_network_notebook_records_a_loop(place: Workspace, project: Path) -> None:
    needed("torch")
    report = run_notebook(place, notebook=str(project / "notebooks" / "network.ipynb"))
    assert report.status == "succeeded", said_of(place, report.job)
    (run,) = find_runs(place, "name = 'network' and parent is not null")
    assert (run.grade, run.params["optimizer_lr"]) == (Grade.CLEAN, 0.01)
    assert [(one.name, one.role) for one in run.inputs] == [
        ("X_train", "train"),
        ("y_train", "train"),
        ("X_test", "test"),
        ("y_test", "test"),
    ]
    losses = metric_history(place, run=run.id, key="loss")
    assert len(losses) == 15
    assert losses[-1].value < losses[0].value / 3


def test_the_notebooks_lie_in_order_and_name_no_machine() -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        nbformat.validate(nbformat.reads(text, 4))
        assert not re.search(r"/(?:home|root|tmp|Users)/", text), path.name
        assert nbformat.reads(text, 4).cells[0].cell_type == "markdown"
