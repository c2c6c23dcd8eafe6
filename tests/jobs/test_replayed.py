"""Models of a run and of its repetition, asked about the same rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jupyter_mlops.formats.golden import golden_rows
from jupyter_mlops.jobs.replayed import compare_models
from jupyter_mlops.records.model import Signature
from jupyter_mlops.records.run import Run
from jupyter_mlops.tracking.log import log_artifact
from jupyter_mlops.tracking.models import keep_model
from jupyter_mlops.tracking.runs import finish_run, start_run
from jupyter_mlops.workspace import Workspace

X = np.arange(40.0).reshape(20, 2)


def fitted(alpha: float) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=alpha).fit(X, X[:, 0] + 1)


def with_model(ws: Workspace, model: Any, *, golden: bool = True) -> Run:
    run = start_run(ws, name="fit")
    rows = golden_rows(model, X) if golden else None
    keep_model(ws, run.id, model, "model", signature=Signature(), golden=rows)
    return finish_run(ws, run=run.id)


@pytest.mark.parametrize(
    ("alpha", "tolerance", "verdict"),
    [
        (1.0, 1e-6, "identical"),
        (1.001, 0.01, "within_tolerance"),
        (1.001, 1e-9, "differs"),
        (500.0, 0.01, "differs"),
    ],
)
def test_models_are_compared_by_what_they_answer(ws, alpha, tolerance, verdict) -> None:
    original, again = with_model(ws, fitted(1.0)), with_model(ws, fitted(alpha))

    ((name, compared),) = compare_models(ws, [original], [again], tolerance)

    assert (name, str(compared.verdict)) == ("model", verdict)
    assert not compared.differs or "20 golden rows are answered differently" in compared.says


def test_other_bytes_that_answer_the_same_are_the_same(ws) -> None:
    from sklearn.linear_model import Ridge

    original, again = (
        with_model(ws, fitted(1.0)),
        with_model(ws, Ridge(alpha=1.0, tol=1e-5).fit(X, X[:, 0] + 1)),
    )
    ((_, compared),) = compare_models(ws, [original], [again], 0.0)
    assert str(compared.verdict) == "identical"


def test_without_golden_rows_other_bytes_are_a_difference_of_writing(ws) -> None:
    original, again = with_model(ws, fitted(1.0), golden=False), with_model(ws, fitted(2.0))
    ((_, compared),) = compare_models(ws, [original], [again], 0.0)
    assert (str(compared.verdict), "no golden rows" in compared.says) == ("within_tolerance", True)


def test_a_model_that_cannot_be_loaded_safely_is_not_asked_and_that_is_said(ws) -> None:
    original = with_model(ws, fitted(1.0))
    again = start_run(ws, name="fit")
    log_artifact(ws, run=again.id, content=b"{}", name="models/model/manifest.json")
    log_artifact(ws, run=again.id, content=b"x", name="models/model/model.pkl")
    ((_, compared),) = compare_models(ws, [original], [finish_run(ws, run=again.id)], 0.0)
    assert (str(compared.verdict), "cannot be asked" in compared.says) == ("within_tolerance", True)


def test_a_model_of_a_tracked_cell_is_one_of_its_job(ws) -> None:
    job, cell = (finish_run(ws, run=start_run(ws, name="job").id), with_model(ws, fitted(1.0)))
    (found,) = compare_models(ws, [job, cell], [job, cell], 0.0)
    assert (found[0], str(found[1].verdict)) == ("model of fit", "identical")


def test_a_model_that_the_repetition_did_not_keep_differs(ws) -> None:
    original = with_model(ws, fitted(1.0))
    again = finish_run(ws, run=start_run(ws, name="fit").id)
    ((name, compared),) = compare_models(ws, [original], [again], 0.0)
    assert (name, compared.differs, compared.says) == ("model", True, "is gone")
    assert list(compare_models(ws, [again], [original], 0.0)) == []
