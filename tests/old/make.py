"""Write the workspace that later versions must still open: ``python tests/old/make.py VERSION``, once a release.

Something of every kind that a store keeps: a change of a record that can no longer read what is there fails the test.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import nbformat
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from sklearn.linear_model import Ridge
from traitlets.config import Config

from jupyter_mlops import datasets, jobs, monitoring, registry, review, serving
from jupyter_mlops.automation import add_schedule
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.deployment import Prediction
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.tracking import find_runs, finish_run, note_run, start_run, tag_run, track
from jupyter_mlops.workspace import Workspace, open_workspace

HERE = Path(__file__).parent
ROWS = 240
POLICY = "reviewers: [ana, cleo]\nauthor_may_approve: true\nkpis: [{metric: mae, margin: 0.5}]\n"
CELLS = (
    "%load_ext jupyter_mlops",
    "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import mean_absolute_error",
    "np.random.seed(7)\nair = pd.read_csv('air.csv')\nalpha = 0.5",
    """%%track cell -e air --tag team=risk
model = Ridge(alpha=alpha).fit(air[['dewp', 'temp']], air['pm'])
mae = mean_absolute_error(air['pm'], model.predict(air[['dewp', 'temp']]))
print(mae)""",
)


def main(version: str) -> None:
    """Leave ``tests/old/VERSION``."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        ws = replace(open_workspace(folder, environ={}), actor=Actor(name="ana", via=Door.PYTHON))
        frame = pd.DataFrame({"dewp": [n / 7 for n in range(ROWS)], "temp": [n % 11 for n in range(ROWS)]})
        frame.assign(pm=frame["dewp"] * 3 + frame["temp"]).to_csv("air.csv", index=False)
        _runs(ws, frame.head(4))
        _cells(ws)
        registry.register_version(ws, model="pm25", run=find_runs(ws, "name = 'baseline'")[0].id)
        review.set_policy(ws, "pm25", text=POLICY)
        opened = review.open_review(ws, "pm25:1")
        review.decide(ws, opened.id, Verdict.APPROVE, "kept for later")
        _around(ws)
        _at_work(ws)
        ws.store.close()
        _gathered(Path(folder) / ".mlops" / "store.db", folder)
        target = HERE / version
        shutil.rmtree(target, ignore_errors=True)
        kept = shutil.ignore_patterns("journal", "jobs", "*-wal", "*-shm", ".gitignore")
        shutil.copytree(Path(folder) / ".mlops", target, ignore=kept)
        for path in (target, *target.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def _gathered(store: Path, folder: str) -> None:
    """The shell's own connection holds the log open: have all of it in the one file that is kept, and no place of this machine in it."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        for table in ("jobs", "definitions"):
            connection.execute(f"update {table} set body = replace(body, ?, '/project')", (folder,))
        connection.execute("vacuum")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert not busy


def _runs(ws: Workspace, frame: pd.DataFrame) -> None:
    with track("baseline", experiment="air", workspace=ws) as run:
        run.log_params(alpha=0.3, label="first", deep=True)
        for step in range(20):
            run.log_metric("loss", 1 / (step + 1), step=step)
        run.log_metrics({"mae": 41.2, "r2": 0.91})
        run.log_artifact(b"{}", "report.json")
        run.log_model(Ridge(alpha=0.3).fit(frame, [1.0, 2.0, 3.0, 4.5]), name="model", data=frame)
    broken = start_run(ws, experiment="air", name="broken")
    # no traceback: it would hold this machine's paths
    error = RunError(kind="ValueError", message="no data", line=3, code="fit(data)")
    finish_run(ws, run=broken.id, status=RunStatus.FAILED, error=error)
    tag_run(ws, run=broken.id, tags={"seen": "yes"})
    note_run(ws, run=broken.id, text="the sensor was dirty")


def _cells(ws: Workspace) -> None:
    """A tracked cell, with its chain."""
    with _shell() as shell:
        for cell in CELLS:
            shell.run_cell(cell, store_history=True).raise_error()
        shell.run_line_magic("unload_ext", "jupyter_mlops")
    with ws.store.read() as tx:
        assert tx.cells.read(find_runs(ws, "name = 'cell'")[0].id)


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    config = Config({"HistoryManager": {"hist_file": ":memory:"}})
    try:
        yield InteractiveShell.instance(config=config, ipython_dir=".ipython")
    finally:
        InteractiveShell.clear_instance()


def _around(ws: Workspace) -> None:
    """A data set, a job that waits, a schedule."""
    datasets.register_dataset(ws, "air", "air.csv", source="made for this", licence="CC0-1.0")
    notebook = nbformat.v4.new_notebook()
    notebook.cells.append(
        nbformat.v4.new_code_cell("alpha: float = 0.3  # of the ridge", metadata={"tags": ["parameters"]})
    )
    nbformat.write(notebook, "train.ipynb")
    jobs.submit_job(ws, notebook="train.ipynb", parameters={"alpha": "0.5"}, register_as="pm25")
    add_schedule(ws, name="weekly", notebook="train.ipynb", cron="0 6 * * 1", timezone="Europe/Berlin")


def _at_work(ws: Workspace) -> None:
    """A deployment that has answered, what became known of it, and what was found in it."""
    deployed = serving.deploy(ws, "pm25:1")
    begun = ws.now() - timedelta(hours=1)
    answers = [
        Prediction(
            owner=deployed.id,
            sequence=number,
            request=f"r{number}",
            version=1,
            features={"dewp": number / 7, "temp": float(number % 11)},
            prediction=2.0,
            seconds=0.0015,
            at=begun + timedelta(seconds=number),
        )
        for number in range(1, ROWS + 1)
    ]
    serving.append_predictions(ws, answers)
    serving.record_outcomes(ws, deployed.id, {f"r{number}": 2.5 for number in range(1, ROWS + 1)})
    monitoring.check_drift(ws, deployed.id)
    monitoring.check_quality(ws, deployed.id)
    serving.undeploy(ws, deployed.id)


if __name__ == "__main__":
    main(sys.argv[1])
