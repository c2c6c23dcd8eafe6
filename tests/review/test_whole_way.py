"""From a fitted model to one that is loaded by its alias, through the public verbs only."""

from __future__ import annotations

import json

from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.review import Outcome, ReviewStatus, Verdict
from jupyter_mlops.registry import load_model, register_version
from jupyter_mlops.review import decide, open_review, verify
from jupyter_mlops.tracking import track
from jupyter_mlops.workspace import Workspace
from review.books import person


def trained(ws: Workspace, alpha: float):
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import Ridge
    from sklearn.metrics import mean_absolute_error

    rng = np.random.default_rng(1)
    X = pd.DataFrame({"dewp": rng.normal(size=200), "temp": rng.normal(size=200)})
    y = X["dewp"] * 3 + X["temp"] + rng.normal(scale=0.1, size=200)
    model = Ridge(alpha=alpha).fit(X[:150], y[:150])
    with track("ridge", experiment="air", workspace=ws) as run:
        run.log_params(alpha=alpha)
        run.log_metrics(
            {
                "mae": float(mean_absolute_error(y[150:], model.predict(X[150:]))),
                "baseline_mae": float(np.abs(y[150:] - y[:150].mean()).mean()),
            }
        )
        run.log_model(model, name="pm25", data=X[:150])
    return run, model, X[150:]


def test_a_model_is_trained_registered_reviewed_promoted_and_replaced(sql_ws: Workspace) -> None:
    ws, bo = sql_ws, person(sql_ws, "bo")
    first_run, _, _ = trained(ws, alpha=100.0)
    register_version(ws, model="pm25", run=first_run.id, artifact="pm25")
    first = open_review(ws, "pm25:1")
    assert first.evidence.headline == "No champion yet: better than the simple baseline on 1 of 1 metric."
    assert {c.name for c in first.evidence.checks if c.outcome is Outcome.PASSED} >= {
        "loads",
        "format",
        "golden_rows",
    }
    decide(bo, first.id, Verdict.APPROVE)

    second_run, model, rows = trained(ws, alpha=0.1)
    register_version(ws, model="pm25", run=second_run.id, artifact="pm25")
    second = open_review(ws, "pm25:2")
    assert second.evidence.headline == "Better than champion pm25:1 on 1 of 1 metric."
    assert any(change.startswith("parameter alpha 100") for change in second.evidence.changes)
    assert decide(bo, second.id, Verdict.APPROVE, "clearly better").status is ReviewStatus.APPROVED

    assert (load_model(ws, "pm25@champion").predict(rows) == model.predict(rows)).all()
    found = verify(ws)
    assert (found.ok, found.reviews, found.lapsed) == (True, 2, ())
    json.dumps(encode(second), allow_nan=False)
