"""Stores written by earlier versions, opened today: read, verified, and their models loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
import sklearn

from jupyter_mlops import datasets, jobs, ledger, monitoring, registry, review, serving
from jupyter_mlops.automation import find_schedules
from jupyter_mlops.cli import main
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.review import verify
from jupyter_mlops.store import upgrade_store
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history, run_cells, slice_run
from jupyter_mlops.workspace import open_workspace

HERE = Path(__file__).parent
EARLIER = ("0.1.0a1", "0.1.0a2")  # of the first two schemas, which no release had
VERSIONS = sorted(path.name for path in HERE.iterdir() if (path / "store.db").exists())


def test_there_is_a_store_of_every_release() -> None:
    assert "0.1.0" in VERSIONS
    assert set(EARLIER) < set(VERSIONS)


@pytest.mark.parametrize("version", EARLIER)
def test_a_store_of_an_earlier_schema_is_refused_with_the_command_that_helps_and_left_as_it_is(
    version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(HERE / version, tmp_path / ".mlops")
    before = (tmp_path / ".mlops" / "store.db").read_bytes()

    assert main(["runs", "--workspace", str(tmp_path)]) == 6
    told = capsys.readouterr()
    assert (told.out, "Run: jupyter mlops upgrade" in told.err) == ("", True)
    assert (tmp_path / ".mlops" / "store.db").read_bytes() == before

    assert main(["upgrade", "--workspace", str(tmp_path)]) == 0
    assert main(["runs", "--workspace", str(tmp_path)]) == 0
    assert "baseline" in capsys.readouterr().out


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_an_earlier_version_is_upgraded_read_verified_and_its_model_loaded(
    version: str, tmp_path: Path
) -> None:
    shutil.copytree(HERE / version, tmp_path / ".mlops")
    upgrade_store(f"sqlite:///{tmp_path / '.mlops' / 'store.db'}")
    ws = open_workspace(tmp_path, environ={})
    try:
        runs = {run.name: run for run in find_runs(ws, "experiment = 'air'")}
        assert runs["baseline"].status is RunStatus.FINISHED
        assert runs["baseline"].metrics["mae"] == 41.2
        assert dict(runs["baseline"].params) | {"alpha": 0.3, "label": "first", "deep": True} == dict(
            runs["baseline"].params
        )
        assert runs["broken"].error is not None
        assert len(list(metric_history(ws, run=runs["baseline"].id, key="loss"))) == 20
        made_with = registry.get_manifest(ws, "pm25:1").requirements["scikit-learn"]
        if made_with.split(".")[:2] == sklearn.__version__.split(".")[:2]:
            row = pd.DataFrame({"dewp": [1.0], "temp": [4.0]})
            assert registry.load_model(ws, "pm25@champion").predict(row).shape == (1,)
        else:  # refused by name: another minor version may predict otherwise
            with pytest.raises(MlopsError, match=made_with):
                registry.load_model(ws, "pm25@champion")
        assert verify(ws).ok
    finally:
        ws.store.close()


@pytest.mark.parametrize("version", [one for one in VERSIONS if one != "0.1.0a1"])
def test_a_record_of_every_kind_is_read_as_it_was_written(version: str, tmp_path: Path) -> None:  # noqa: PLR0915
    shutil.copytree(HERE / version, tmp_path / ".mlops")
    upgrade_store(f"sqlite:///{tmp_path / '.mlops' / 'store.db'}")
    ws = open_workspace(tmp_path, environ={})
    try:
        (run,) = find_runs(ws, "name = 'cell'")
        assert (run.status, run.params["alpha"], run.tags) == (RunStatus.FINISHED, 0.5, {"team": "risk"})
        assert run.source.seeds == ("np.random.seed(7)",)
        assert {(item.name, item.rows) for item in run.inputs} >= {("X", 240)}
        cells = run_cells(ws, run=run.id)
        assert [cell.sequence for cell in cells] == list(run.source.rests_on) == [2, 3, 4]
        assert "Ridge(alpha=alpha)" in slice_run(ws, run=run.id).text
        (broken,) = find_runs(ws, "name = 'broken'")
        assert broken.error is not None
        assert (broken.error.line, broken.error.code) == (3, "fit(data)")
        assert (broken.tags, broken.notes[-1]) == ({"seen": "yes"}, "the sensor was dirty")
        (first,) = find_runs(ws, "name = 'baseline'")
        assert "report.json" in {file.name for file in find_artifacts(ws, run=first.id)}
        (decided,) = review.find_reviews(ws)
        assert decided.decisions[0].comment == "kept for later"
        assert (decided.model, decided.evidence.candidate.version) == ("pm25", 1)
        policy = review.get_policy(ws, "pm25")
        assert (policy.quorum, policy.reviewers, policy.kpis[0].metric) == (1, ("ana", "cleo"), "mae")
        assert datasets.get_dataset(ws, "air:1").licence == "CC0-1.0"
        assert len(datasets.load_data(ws, "air:1")) == 240
        (job,) = jobs.find_jobs(ws)
        assert (job.status, job.spec.parameters, job.spec.register_as) == ("queued", {"alpha": 0.5}, "pm25")
        (schedule,) = find_schedules(ws)
        assert (schedule.name, schedule.spec.notebook) == ("weekly", "train.ipynb")
        (deployed,) = serving.find_deployments(ws)
        answers = serving.find_predictions(ws, deployed.id, limit=1000)
        assert [answer.features["temp"] for answer in answers[:2]] == [1.0, 2.0]
        assert len(answers) == 240
        assert monitoring.check_quality(ws, deployed.id).metrics["mae"] == 0.5  # by the outcomes
        (drift,) = monitoring.find_reports(ws)
        assert drift.rows == 240
        kinds = {event.kind for event in ledger.history(ws, limit=1000)}
        assert kinds >= {"run.noted", "alias.moved", "policy.set", "review.decided", "schedule.added"}
        assert review.verify(ws).ok
    finally:
        ws.store.close()
