"""Metrics of models that a run did not fit: none is lost, none takes another's name, and each says whose it is."""

from __future__ import annotations

import gc
import math
import weakref

import pytest
from sklearn.linear_model import Lasso, Ridge

from jupyter_mlops.capture.estimators.latest import Origin, place_origin
from jupyter_mlops.capture.estimators.seen import MetricSeen
from jupyter_mlops.tracking.harvest_loose import MOST_POINTS, Loose

RUN = "01j0000000000000000000here"


def heard(*scores, run=RUN):
    loose = Loose()
    for name, value, estimator, model in scores:
        loose.add(MetricSeen(name=name, value=value, estimator=estimator, model=model), run)
    return loose


def from_run(model, run, name=""):
    place_origin(model, Origin(run=run, name=name))
    return model


def test_a_plain_name_is_the_metrics_while_nobody_else_has_it():
    old = from_run(Ridge(), "01j00000000000000000a3f91c")
    metrics, curves, notes = heard(("mae", 1.0, old, "old")).settle(set(), {})
    assert (metrics, curves, notes) == ({"mae": 1.0}, {}, ["mae is of Ridge `old`, fitted in run a3f91c"])


@pytest.mark.parametrize(
    ("taken", "said", "name"),
    [
        ({"mae"}, {}, "mae_old"),
        ({"mae", "mae_old"}, {}, "mae_old_2"),
        ({"mae", "mae_old", "mae_old_2"}, {}, "mae_old_3"),
        (set(), {"mae": 1.0}, "mae"),  # the user's is the same number
        (set(), {"mae": 2.0}, "mae_old"),
        ({"mae"}, {"mae": 1.0, "mae_old": 1.0}, "mae_old"),
        ({"mae"}, {"mae_old": 2.0}, "mae_old_2"),
        ({"mae"}, {"mae_old": math.nan}, "mae_old_2"),
    ],
)
def test_beside_the_runs_own_and_what_the_user_logged_it_has_a_name_of_its_own(taken, said, name):
    metrics, _, (note,) = heard(("mae", 1.0, Ridge(), "old")).settle(taken, said)
    assert metrics == {name: 1.0}
    assert note == f"{name} is of Ridge `old`, whose fit was not seen"


def test_models_of_several_names_keep_each_its_value_and_an_open_one_yields_to_them():
    loose = heard(("mae", 3.0, None, ""), ("mae", 1.0, Ridge(), "champion"), ("mae", 2.0, Lasso(), "rival"))
    loose.add(MetricSeen(name="mae", value=4.0, candidates=3), RUN)
    metrics, curves, notes = loose.settle(set(), {})
    assert metrics == {"mae": 1.0, "mae_rival": 2.0, "mae_ambiguous": 4.0}
    assert curves == {"mae_ambiguous": ((0, 3.0), (1, 4.0))}
    assert notes == [
        "mae is of Ridge `champion`, whose fit was not seen",
        "mae_rival is of Lasso `rival`, whose fit was not seen",
        "mae_ambiguous may belong to any of 3 models; it was kept with the run",
    ]


def test_an_open_metric_of_one_model_is_only_noted_where_it_has_another_name():
    """Why it is open has been said where it was heard."""
    assert heard(("mae", 3.0, None, "")).settle(set(), {}) == ({"mae": 3.0}, {}, [])
    metrics, _, notes = heard(("mae", 3.0, None, "")).settle({"mae"}, {})
    assert metrics == {"mae_ambiguous": 3.0}
    assert notes == ["mae_ambiguous may or may not be mae of a model of this run; it was kept beside it"]


def test_the_models_of_a_loop_make_one_curve_and_its_note_counts_them():
    models = [from_run(Ridge(), f"01j0000000000000000000run{place}") for place in range(5)]
    scores = [("mae", float(place), model, "m") for _ in range(2) for place, model in enumerate(models)]
    metrics, curves, notes = heard(*scores).settle(set(), {})
    assert metrics == {"mae": 4.0}
    assert [value for _, value in curves["mae"]] == [0.0, 1.0, 2.0, 3.0, 4.0] * 2
    assert notes == [
        "mae is of 5 models: Ridge `m`, fitted in run 00run0; Ridge `m`, fitted in run 00run1; 3 more"
    ]


def test_a_note_says_what_is_known_of_a_model_and_names_all_that_is_its():
    loaded, dropped, unnamed = Ridge(), from_run(Ridge(), RUN, "first"), Ridge()
    place_origin(loaded, Origin(version="pm25:7"))
    _, _, notes = heard(
        ("mae", 1.0, loaded, "champion"),
        ("r2", 1.0, loaded, "champion"),
        ("max_error", 1.0, loaded, "champion"),
        ("mse", 1.0, dropped, ""),
        ("rmse", 1.0, unnamed, ""),
    ).settle(set(), {})
    assert notes == [
        "mae, r2 and max_error are of Ridge `champion`, loaded as pm25:7",
        "mse is of Ridge `first`, an earlier fit of this run",
        "rmse is of Ridge, whose fit was not seen",
    ]


def test_no_model_is_kept_alive_and_no_loop_fills_the_memory():
    model = Ridge()
    gone = weakref.ref(model)
    loose = heard(*(("mae", float(value), model, "m") for value in range(MOST_POINTS + 5)))
    del model
    gc.collect()
    assert gone() is None
    _, curves, (note,) = loose.settle(set(), {})
    assert len(curves["mae"]) == MOST_POINTS
    assert note == "mae is of Ridge `m`, whose fit was not seen"
