"""Write the workspace that later versions must still open: ``python tests/old/make.py VERSION``, once a release."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
from sklearn.linear_model import Ridge

from jupyter_mlops import registry, review
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.review import Verdict
from jupyter_mlops.records.run import RunError, RunStatus
from jupyter_mlops.tracking import finish_run, start_run, track
from jupyter_mlops.workspace import open_workspace

HERE = Path(__file__).parent


def main(version: str) -> None:
    """Leave ``tests/old/VERSION``: two runs, one of them failed, a model, its approval."""
    with tempfile.TemporaryDirectory() as folder:
        ws = open_workspace(folder, environ={})
        ws = replace(ws, actor=Actor(name="ana", via=Door.PYTHON))
        frame = pd.DataFrame({"dewp": [1.0, 2.0, 3.0, 4.0], "temp": [4.0, 3.0, 2.0, 1.5]})
        with track("baseline", experiment="air", workspace=ws) as run:
            run.log_params(alpha=0.3, label="first", deep=True)
            for step in range(20):
                run.log_metric("loss", 1 / (step + 1), step=step)
            run.log_metrics({"mae": 41.2, "r2": 0.91})
            model = Ridge(alpha=0.3).fit(frame, [1.0, 2.0, 3.0, 4.5])
            run.log_model(model, name="model", data=frame)
        broken = start_run(ws, experiment="air", name="broken")
        # no traceback: it would hold this machine's paths
        error = RunError(kind="ValueError", message="no data")
        finish_run(ws, run=broken.id, status=RunStatus.FAILED, error=error)
        registry.register_version(ws, model="pm25", run=run.id)
        opened = review.open_review(ws, "pm25:1")
        review.decide(ws, opened.id, Verdict.APPROVE, "kept for later")
        ws.store.close()
        target = HERE / version
        shutil.rmtree(target, ignore_errors=True)
        kept = shutil.ignore_patterns("journal", "*-wal", "*-shm", ".gitignore")
        shutil.copytree(Path(folder) / ".mlops", target, ignore=kept)


if __name__ == "__main__":
    main(sys.argv[1])
