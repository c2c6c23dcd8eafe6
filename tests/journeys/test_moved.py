"""A workspace's folder is moved, and copied: all that was kept is found there, and work goes on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from sklearn.linear_model import Ridge

import jupyter_mlops as mlops
from jupyter_mlops.registry import load_model, register_version
from jupyter_mlops.tracking import (
    download_artifacts,
    find_runs,
    finish_run,
    get_run,
    metric_history,
    start_run,
)
from jupyter_mlops.widgets.run import card_of
from jupyter_mlops.workspace import open_workspace

X = np.arange(20.0).reshape(10, 2)


@pytest.mark.parametrize("put", [shutil.move, shutil.copytree])
def test_a_used_folder_goes_on_where_it_was_put(tmp_path, put):
    first = tmp_path / "first"
    (first / ".mlops").mkdir(parents=True)
    (first / ".mlops" / "config.toml").write_text("system_seconds = 0\n")
    ws = open_workspace(first, environ={})
    with mlops.track("baseline", workspace=ws) as run:
        for step in range(5):
            run.log_metric("loss", 1.0 / (step + 1), step=step)
        run.log_artifact(content=b"words", name="notes.txt")
        run.log_model(Ridge().fit(X, X[:, 0]), name="model")
    register_version(ws, model="line", run=run.id)
    ws.store.close()

    second = tmp_path / "elsewhere" / "second"
    second.parent.mkdir()
    put(first, second)
    there = open_workspace(second, environ={})
    assert there.settings.root == second
    assert there.settings.system_seconds == 0
    kept = get_run(there, run.id)
    assert [point.value for point in metric_history(there, run=kept.id, key="loss")] == [
        1,
        1 / 2,
        1 / 3,
        1 / 4,
        1 / 5,
    ]
    assert list(card_of(there, kept))
    download_artifacts(there, kept.id, name="notes.txt", into=tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_bytes() == b"words"
    assert load_model(there, "line:1").predict(X).shape == (10,)
    new = finish_run(there, run=start_run(there, name="baseline").id)
    assert [one.id for one in find_runs(there)] == [new.id, kept.id]
    there.store.close()
    if put is shutil.copytree:
        again = open_workspace(first, environ={})
        assert [one.id for one in find_runs(again)] == [kept.id]
        again.store.close()
