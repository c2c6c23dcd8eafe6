"""What autolog saw, in the run: its own fit, children for the others, the candidates of searches, curves and files."""

from __future__ import annotations

import gc
import json
import weakref
from contextlib import suppress

import numpy as np
import pytest
from sklearn import metrics
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge, SGDRegressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.preprocessing import StandardScaler

import jupyter_mlops as mlops
from jupyter_mlops.capture.estimators.seen import FitSeen, MetricSeen, Role
from jupyter_mlops.records.artifact import ENVIRONMENT
from jupyter_mlops.records.run import RunInput, RunStatus
from jupyter_mlops.tracking import find_artifacts, find_runs, get_run, metric_history, open_artifact
from jupyter_mlops.tracking.harvest import MOST_FITS, Harvest

X = np.random.default_rng(0).normal(size=(80, 3))
Y = X @ [1.0, 2.0, 3.0]
LABELS = (X[:, 0] > 0).astype(int)


def children(place, run):
    return sorted(find_runs(place, f"parent = '{run.id}'"), key=lambda child: child.id)


def names(place, run):
    return {artifact.name for artifact in find_artifacts(place, run=run.id)} - {ENVIRONMENT}


def points(place, run, key):
    return [(point.step, point.value) for point in metric_history(place, run=run.id, key=key)]


def test_several_fits_in_one_run_are_its_own_and_children_and_none_collides(place):
    with mlops.track("many") as run:
        for alpha in (0.1, 1.0, 10.0):
            model = Ridge(alpha=alpha).fit(X, Y)
            metrics.mean_absolute_error(Y[:20], model.predict(X[:20].copy()))
    kept = get_run(place, run.id)
    assert kept.params["alpha"] == 10.0
    assert [child.params["alpha"] for child in children(place, run)] == [0.1, 1.0]
    assert all("mae" in one.metrics for one in (kept, *children(place, run)))
    assert len({one.metrics["mae"] for one in (kept, *children(place, run))}) == 3


def test_one_estimator_fitted_in_other_ways_has_a_run_for_each_and_the_same_way_counts(place):
    model = Ridge()
    with mlops.track("again") as run:
        for alpha in (0.1, 1.0, 1.0, 1.0):
            model.set_params(alpha=alpha).fit(X, Y)
    kept = get_run(place, run.id)
    assert (kept.params["alpha"], kept.metrics["fits"]) == (1.0, 3)
    assert [child.params["alpha"] for child in children(place, run)] == [0.1]


def test_what_is_gathered_while_the_run_goes_on_is_not_counted_again_at_its_end():
    harvest, model, inputs = Harvest(), Ridge(), (RunInput(name="X", role="train", digest="d" * 64),)
    harvest.fit(FitSeen(estimator=model, features=X, kind="sklearn.linear_model.Ridge", inputs=inputs))
    harvest.fit(FitSeen(estimator=model, features=X, kind="sklearn.linear_model.Ridge", role=Role.EVALUATION))
    harvest.metric(MetricSeen(name="mae", value=1.0, estimator=model))
    harvest.metric(MetricSeen(name="mae", value=2.0, estimator=model))
    first, _ = harvest.gather()
    assert first.metrics["mae"] == 2.0
    assert harvest.gather()[0] == first


def test_more_fits_than_anybody_reads_are_counted(place):
    with mlops.track("lots") as run:
        for number in range(MOST_FITS + 4):
            DummyRegressor(strategy="constant", constant=number).fit(X, Y)
    assert len(children(place, run)) == MOST_FITS - 1
    assert any("4 more fits were seen" in note for note in get_run(place, run.id).notes)


def test_a_search_has_its_candidates_as_children_with_every_split(place):
    with mlops.track("search") as run:
        search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, cv=4).fit(X, Y)
    found = children(place, run)
    assert sorted(child.params["alpha"] for child in found) == [0.1, 1.0, 10.0]
    assert all({"cv_score", "cv_score_std", "fit_seconds"} <= child.metrics.keys() for child in found)
    best = next(child for child in found if child.metrics["rank_test_score"] == 1)
    assert best.metrics["cv_score"] == pytest.approx(search.best_score_)
    assert [step for step, _ in points(place, best, "fold_score")] == [0, 1, 2, 3]
    assert get_run(place, run.id).metrics["best_cv_score"] == pytest.approx(search.best_score_)
    assert {"cv_results.csv", "models/model/manifest.json", "models/best_estimator/manifest.json"} <= names(
        place, run
    )


def test_scores_by_cross_validation_join_the_model_they_are_of(place):
    model = Ridge(alpha=0.5)
    with mlops.track("joined") as run:
        scores = cross_val_score(model, X, Y, cv=3)
        model.fit(X, Y)
    kept = get_run(place, run.id)
    assert kept.metrics["cv_score"] == pytest.approx(scores.mean())
    assert {"train_r2", "fit_seconds", "cv_fit_seconds"} <= kept.metrics.keys()
    assert [value for _, value in points(place, run, "fold_score")] == pytest.approx(scores.tolist())
    assert children(place, run) == []


def test_scores_by_cross_validation_alone_are_the_runs_and_no_model_is_kept(place):
    with mlops.track("scores") as run:
        cross_val_score(Ridge(alpha=0.5), X, Y, cv=3)
    kept = get_run(place, run.id)
    assert (kept.params["alpha"], kept.params["validation_cv"]) == (0.5, 3)
    assert "cv_score" in kept.metrics
    assert names(place, run) == set()


def test_a_transformer_adds_its_parameters_and_data_and_no_model(place):
    with mlops.track("scaled") as run:
        scaler = StandardScaler(with_mean=False).fit(X)
        Ridge().fit(scaler.transform(X), Y)
    kept = get_run(place, run.id)
    assert kept.params["model"] == "Ridge"
    assert kept.params["scaler__with_mean"] is False
    assert [item.name for item in kept.inputs if item.role == "train"].count("X") == 2  # raw and scaled
    assert children(place, run) == []


def test_a_transformer_alone_leaves_no_model(place):
    with mlops.track("step") as run:
        StandardScaler().fit(X)
    assert get_run(place, run.id).params["with_mean"] is True
    assert names(place, run) == set()


def test_a_metric_in_a_loop_is_a_curve(place):
    with mlops.track("thresholds") as run:
        chances = LogisticRegression().fit(X, LABELS).predict_proba(X[:40].copy())[:, 1]
        expected = [metrics.f1_score(LABELS[:40], chances > threshold) for threshold in (0.1, 0.5, 0.9)]
    assert points(place, run, "f1") == list(enumerate(expected))
    assert get_run(place, run.id).metrics["f1"] == expected[-1]


def test_small_files_stand_with_the_run(place):
    with mlops.track("files") as run:
        LogisticRegression().fit(X, LABELS)
    matrix = json.load(open_artifact(place, run=run.id, name="evaluation/train.json"))["confusion_matrix"]
    assert sum(map(sum, matrix)) == 80
    assert len(json.load(open_artifact(place, run=run.id, name="coefficients.json"))) == 3
    assert b"LogisticRegression" in open_artifact(place, run=run.id, name="estimator.html").read()


def test_a_training_in_batches_is_one_fit_with_all_its_rows(place):
    with mlops.track("batches") as run:
        model = SGDRegressor(random_state=0)
        for start in range(0, 80, 20):
            model.partial_fit(X[start : start + 20], Y[start : start + 20])
    kept = get_run(place, run.id)
    assert kept.metrics["batches"] == 4
    assert {(item.kind, item.rows) for item in kept.inputs} == {("batches", 80)}
    assert "models/model/manifest.json" in names(place, run)
    assert children(place, run) == []


def test_outside_a_run_a_transformer_and_further_batches_open_none(place):
    StandardScaler().fit(X)
    model = SGDRegressor(random_state=0)
    for start in range(0, 80, 20):
        model.partial_fit(X[start : start + 20], Y[start : start + 20])
    cross_val_score(Ridge(), X, Y, cv=2)
    assert sorted(run.params["model"] for run in find_runs(place)) == ["Ridge", "SGDRegressor"]


def test_an_ambiguous_metric_is_kept_with_the_run_and_said_to_be(place):
    with mlops.track("ambiguous") as run:
        models = [Ridge().fit(X, Y), Ridge().fit(X, Y)]
        answers = [model.predict(X[:9].copy()).tolist() for model in models]
        value = metrics.mean_absolute_error(Y[:9], answers[0])
    kept = get_run(place, run.id)
    assert kept.metrics["mae"] == value
    assert "mae may belong to any of 2 models; it was kept with the run" in kept.notes


def test_an_ambiguous_metric_stands_beside_the_runs_own_of_that_name(place):
    with mlops.track("both") as run:
        models = [Ridge().fit(X, Y), Ridge().fit(X, Y)]
        own = DummyRegressor().fit(X, Y)
        answers = [model.predict(X[:9].copy()).tolist() for model in models]
        value = metrics.mean_absolute_error(Y[:9], answers[0])
        of_own = metrics.mean_absolute_error(Y[:9], own.predict(X[:9].copy()))
    kept = get_run(place, run.id)
    assert (kept.metrics["mae"], kept.metrics["mae_ambiguous"]) == (of_own, value)
    assert of_own != value
    assert "mae_ambiguous may belong to any of 2 models; it was kept with the run" in kept.notes


def test_a_metric_of_a_model_fitted_before_is_said_to_be_that(place):
    with mlops.track("before") as first:
        before = Ridge().fit(X, Y)
    whose = f"is of Ridge `before`, fitted in run {first.id[-6:]}"
    with mlops.track("scores only") as scores:
        value = metrics.mean_absolute_error(Y[:9], before.predict(X[:9].copy()))
    with mlops.track("fits, too") as fits:
        DummyRegressor().fit(X, Y)
        metrics.mean_absolute_error(Y[:9], before.predict(X[:9].copy()))
    for run in (scores, fits):
        kept = get_run(place, run.id)
        assert (kept.metrics["mae"], kept.notes) == (value, (f"mae {whose}",))

    with mlops.track("beside its own") as both:
        new = DummyRegressor().fit(X, Y)
        of_new = metrics.mean_absolute_error(Y[:9], new.predict(X[:9].copy()))
        metrics.mean_absolute_error(Y[:9], before.predict(X[:9].copy()))
        metrics.r2_score(Y[:9], before.predict(X[:9].copy()))
    kept = get_run(place, both.id)
    assert (kept.metrics["mae"], kept.metrics["mae_before"]) == (of_new, value)
    assert kept.notes == (f"mae_before and r2 are of Ridge `before`, fitted in run {first.id[-6:]}",)


def test_where_a_model_is_from_is_said_no_more_once_it_was_fitted_where_nobody_looked(place):
    with mlops.track("before"):
        model = Ridge().fit(X, Y)
    mlops.autolog("off")
    for _ in range(3):  # what is made anew gets the address again that it had at first
        model.fit(X[:50], Y[:50])
    mlops.autolog()
    with mlops.track("scores") as scores:
        metrics.mean_absolute_error(Y[:9], model.predict(X[:9].copy()))
    assert get_run(place, scores.id).notes == ("mae is of Ridge `model`, whose fit was not seen",)


def test_a_best_estimator_is_scored_for_its_search_also_when_the_search_is_gone(place):
    with mlops.track("both") as run:
        best = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(X, Y).best_estimator_
        Ridge().fit(X, Y)
        value = metrics.mean_absolute_error(Y[:9], best.predict(X[:9].copy()))
    (search,) = [child for child in children(place, run) if child.params["model"] == "GridSearchCV"]
    assert (search.metrics["mae"], get_run(place, run.id).notes) == (value, ())
    gc.collect()
    with mlops.track("later") as later:
        metrics.mean_absolute_error(Y[:9], best.predict(X[:9].copy()))
    assert get_run(place, later.id).notes == (f"mae is of Ridge `best`, fitted in run {run.id[-6:]}",)


def test_a_training_in_batches_stands_where_it_began_and_ends_with_its_last_batch(place):
    with mlops.track("mixed") as run:
        batches = SGDRegressor(random_state=0)
        batches.partial_fit(X, Y)
        Ridge(alpha=2.0).fit(X, Y)
        batches.partial_fit(X, Y)
        DummyRegressor().fit(X, Y)
    training, fit = children(place, run)
    assert [one.params["model"] for one in (training, fit)] == ["SGDRegressor", "Ridge"]
    assert training.started < fit.started < fit.ended <= training.ended


def test_children_begin_and_end_when_their_fits_did_and_stand_in_the_order_they_were_made(place):
    with mlops.track("many") as run:
        first = Ridge(alpha=1.0).fit(X, Y)
        for alpha in (2.0, 3.0):
            Ridge(alpha=alpha).fit(X, Y)
        first.fit(X, Y)  # made last, so it is the run's own
    kept, made = get_run(place, run.id), children(place, run)
    assert [child.params["alpha"] for child in made] == [2.0, 3.0]
    assert [child.id for child in find_runs(place, f"parent = '{run.id}'", order="started").items] == [
        child.id for child in made
    ]
    for child in made:
        assert (child.ended - child.started).total_seconds() == pytest.approx(
            child.metrics["fit_seconds"], abs=2e-6
        )
    assert kept.started <= made[0].started < made[0].ended <= made[1].started < made[1].ended <= kept.ended


def test_what_was_seen_of_a_model_is_found_by_the_model_itself_and_keeps_no_model_alive(place):
    with mlops.track("found") as run:
        first = Ridge(alpha=0.1).fit(X, Y)
        gone = weakref.ref(Ridge(alpha=0.2).fit(X, Y))
        wide = Ridge(alpha=0.3).fit(np.ones((20, 1001)), Y[:20])
        last = Ridge(alpha=0.4).fit(X, Y)
        harvest = run.harvest
        assert [harvest.seen_of(one).params["alpha"] for one in (first, last)] == [0.1, 0.4]
        assert harvest.seen_of(first).features.shape == (20, 3)
        assert harvest.seen_of(first).estimator is None
        assert harvest.seen_of(wide).features is None  # more than golden rows may be
        assert gone() is None
        assert [harvest.seen_of(one) for one in (None, Ridge(), X)] == [None, None, None]


def test_the_best_of_an_earlier_search_is_still_known(place):
    with mlops.track("searches") as run:
        best = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}, cv=2).fit(X, Y).best_estimator_
        Ridge().fit(X, Y)
        seen = run.harvest.seen_of(best)
    assert seen.kind.endswith("GridSearchCV")
    assert seen.features.shape == (20, 3)


# ── data without a metric ────────────────────────────────────────────────────────────────────────────


def roles(run):
    return [(item.name, item.role) for item in run.inputs]


def test_what_is_scored_afterwards_is_test_data_once_and_the_rest_was_predicted_on(place):
    scored, unscored = X[:20].copy(), X[20:50].copy()
    with mlops.track("both") as run:
        model = Ridge().fit(X, Y)
        model.predict(X)
        model.predict(X.copy())  # of its training data there is a record already
        model.predict(unscored)
        metrics.mean_absolute_error(Y[:20], model.predict(scored))
    kept = get_run(place, run.id)
    assert roles(kept) == [
        ("X", "train"),
        ("Y", "train"),
        ("scored", "test"),
        ("y", "test"),
        ("unscored", "predict"),
    ]


def test_the_digest_is_of_what_was_predicted_on_also_when_it_is_scored_later(place):
    from jupyter_mlops.capture.fingerprint import fingerprint

    new = X[:20].copy()
    before = fingerprint(new).digest
    with mlops.track("changed") as run:
        predicted = Ridge().fit(X, Y).predict(new)
        new += 1.0
        metrics.mean_absolute_error(Y[:20], predicted)
    (item,) = [item for item in get_run(place, run.id).inputs if item.name == "new"]
    assert (item.role, item.digest) == ("test", before)


def test_the_training_data_of_an_earlier_run_are_an_input_of_the_one_that_predicts_on_them(place):
    with mlops.track("fits"):
        model = Ridge().fit(X, Y)
    with mlops.track("asks") as run:
        model.predict(X)
    assert roles(get_run(place, run.id)) == [("X", "predict")]
    assert children(place, run) == []


def test_a_further_fit_has_what_it_was_asked_about_with_it(place):
    new = X[:20].copy()
    with mlops.track("two") as run:
        first = Ridge(alpha=1.0).fit(X, Y)
        Ridge(alpha=2.0).fit(X, Y)
        first.predict(new)
    assert ("new", "predict") not in roles(get_run(place, run.id))
    assert ("new", "predict") in roles(children(place, run)[0])


def test_a_loaded_transformers_data_are_the_runs_where_no_model_was_given_what_it_made(place):
    import pickle

    loaded = pickle.loads(pickle.dumps(StandardScaler().fit(X)))
    model = Ridge().fit(X, Y)
    new = X[:20].copy()
    with mlops.track("alone") as alone:
        loaded.transform(new)
    with mlops.track("before a model") as before:
        scaled = loaded.transform(new)
        model.predict(scaled)
    assert roles(get_run(place, alone.id)) == [("new", "predict")]
    assert roles(get_run(place, before.id)) == [("scaled", "predict")]


def test_a_loop_over_rows_is_recorded_to_its_twentieth_and_hides_nothing_of_another_name(place):
    from jupyter_mlops.capture.fingerprint import hashing

    model, new = Ridge().fit(X, Y), X[:20].copy()
    times = hashing.times
    with mlops.track("loop") as run:
        for place_of_row in range(70):
            model.predict(X[place_of_row : place_of_row + 1])
        for _ in range(100):
            model.predict(new)
    kept = get_run(place, run.id)
    assert roles(kept) == [("X", "predict")] * 20 + [("new", "predict")]
    assert hashing.times == times + 40  # of each name the first twenty
    assert kept.notes == (
        "models were asked 130 times more, about data that were not digested: the first 20 of one name are, 60 in all",
    )


def test_the_same_rows_made_anew_each_time_are_one_input_and_no_digest_for_each(place):
    from jupyter_mlops.capture.fingerprint import hashing

    model = Ridge().fit(X, Y)
    times = hashing.times
    with mlops.track("anew") as run:
        for _ in range(50):
            model.predict(X[:5])
    assert roles(get_run(place, run.id)) == [("X", "predict")]
    assert hashing.times == times + 20


def test_data_sets_of_many_names_are_no_more_than_sixty(place):
    model = Ridge().fit(X, Y)
    with mlops.track("names") as run:
        for number in range(70):
            exec(f"part_{number} = X + {number}; model.predict(part_{number})", {"X": X, "model": model})
    assert len(get_run(place, run.id).inputs) == 60


def test_data_without_a_digest_are_an_input_all_the_same(place):
    import pandas as pd
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    class Thing:
        size = 1.0

    things = pd.DataFrame({"thing": [Thing() for _ in range(5)]})
    sizes = FunctionTransformer(lambda frame: np.array([[one.size] for one in frame["thing"]]))
    model = make_pipeline(sizes, Ridge()).fit(things, Y[:5])
    with mlops.track("things") as run:
        model.predict(things)
    (item,) = get_run(place, run.id).inputs
    assert (item.name, item.role, item.digest, item.rows) == ("things", "predict", "", 5)
    assert "no exact digest" in item.note


BAD = np.array([[np.nan], [1.0], [2.0]])


def test_a_fit_that_raises_leaves_a_failed_run_with_what_it_was_made_with(place):
    with pytest.raises(ValueError, match="NaN"), mlops.track("fails") as run:
        LogisticRegression(C=0.25).fit(BAD, [0, 1, 1])
    (kept,) = find_runs(place, "name = 'fails'")
    assert (kept.status, kept.error.kind) == (RunStatus.FAILED, "ValueError")
    assert (kept.params["model"], kept.params["C"]) == ("LogisticRegression", 0.25)
    assert [(item.name, item.role, item.rows) for item in kept.inputs] == [
        ("BAD", "train", 3),
        ("y", "train", 3),
    ]
    assert kept.metrics == {}
    assert kept.notes == ()  # its own end says it
    assert children(place, run) == []


def test_a_fit_whose_failure_was_caught_is_said_or_a_failed_child(place):
    with mlops.track("caught") as run, suppress(ValueError):
        Ridge(alpha=3.0).fit(BAD, [0, 1, 1])
    assert run.record.status is RunStatus.FINISHED
    assert run.record.params["alpha"] == 3.0
    assert [
        note.startswith("the fit of Ridge raised ValueError: Input X contains NaN")
        for note in run.record.notes
    ] == [True]
    with mlops.track("tried") as run:
        for alpha in (1.0, -1.0, 2.0, -1.0):
            with suppress(ValueError):
                Ridge(alpha=alpha).fit(X, Y)
    child = {found.params["alpha"]: found for found in children(place, run)}
    assert run.record.params["alpha"] == 2.0
    assert {alpha: found.status for alpha, found in child.items()} == {
        1.0: RunStatus.FINISHED,
        -1.0: RunStatus.FAILED,
    }
    assert child[-1.0].error.kind == "InvalidParameterError"
    assert child[-1.0].metrics == {"fits": 2.0}
    assert run.record.notes == ()


def test_a_fit_that_is_made_again_among_others_is_the_same_whatever_data_they_hold(place):
    models = [Ridge(alpha=alpha) for alpha in (1.0, 2.0, 3.0)]
    with mlops.track("again") as run:
        for model in (*models, models[1]):
            model.fit(X, Y)
    assert run.record.notes == ()
    assert (run.record.params["alpha"], run.record.metrics["fits"]) == (2.0, 2.0)


def test_what_was_interrupted_and_caught_is_a_cancelled_child(place):
    class Slow(Ridge):
        def fit(self, X, y):
            raise KeyboardInterrupt

    with mlops.track("stopped") as run:
        Ridge().fit(X, Y)
        with suppress(KeyboardInterrupt):
            Slow(alpha=9.0).fit(X, Y)
    (child,) = children(place, run)
    assert (child.status, child.params["alpha"]) == (RunStatus.CANCELLED, 9.0)


def test_outside_a_run_a_fit_that_raises_is_a_failed_one_and_says_who_made_it(place):
    mlops.autolog(True)
    with suppress(ValueError):
        Ridge(alpha=3.0).fit(BAD, [0, 1, 1])
    with suppress(ValueError):
        StandardScaler().fit([1.0])
    Ridge(alpha=4.0).fit(X, Y)
    found = {run.params["alpha"]: run for run in find_runs(place, "tag.autolog = 'sklearn'")}
    assert {alpha: run.status for alpha, run in found.items()} == {
        3.0: RunStatus.FAILED,
        4.0: RunStatus.FINISHED,
    }
    assert found[3.0].error.kind == "ValueError"
    assert find_runs(place, "").total == 2


class Picky(Ridge):
    def fit(self, X, y):
        raise self.failure


def failing(failure, **params):
    model = Picky(**params)
    model.failure = failure
    return model


def test_however_many_fits_raise_the_run_keeps_the_model_that_came_of_one(place):
    with mlops.track("stubborn") as run:
        Ridge(alpha=5.0).fit(X, Y)
        for number in range(MOST_FITS + 9):
            with suppress(ValueError):
                failing(ValueError("no"), alpha=float(number)).fit(X, Y)
    assert run.record.params["alpha"] == 5.0
    assert "train_rmse" in run.record.metrics
    assert "10 more fits were seen" in str(run.record.notes)


def test_failures_of_other_kinds_are_not_one(place):
    class Other(Picky):
        pass

    other = Other()
    other.failure = TypeError("b")
    with mlops.track("kinds") as run:
        Ridge().fit(X, Y)
        for model in (failing(ValueError("a")), other, failing(ValueError("a"))):
            with suppress(ValueError, TypeError):
                model.fit(X, Y)
    errors = {
        (child.params["model"], child.error.kind, child.metrics.get("fits")) for child in children(place, run)
    }
    assert errors == {("Picky", "ValueError", 2.0), ("Other", "TypeError", None)}


def test_a_step_that_raised_took_no_part(place):
    with mlops.track("step") as run:
        with suppress(ValueError):
            StandardScaler(with_std=False).fit([1.0])
        Ridge().fit(X, Y)
    assert not any("standardscaler" in name for name in run.record.params)
    (child,) = children(place, run)
    assert (child.params["model"], child.status) == ("StandardScaler", RunStatus.FAILED)


def test_a_run_that_ends_with_another_failure_says_whose_parameters_it_has(place):
    with pytest.raises(ValueError, match="else"), mlops.track("other"):
        with suppress(ValueError):
            Ridge(alpha=3.0).fit(BAD, [0, 1, 1])
        raise ValueError("something else entirely")
    (kept,) = find_runs(place, "name = 'other'")
    assert kept.params["alpha"] == 3.0
    assert kept.notes[0].startswith("the fit of Ridge raised ValueError: Input X contains NaN")


def test_a_trial_that_was_given_up_is_cancelled_and_a_validation_is_called_by_its_name(place):
    class TrialPruned(Exception):
        pass

    mlops.autolog(True)
    with suppress(TrialPruned):
        failing(TrialPruned()).fit(X, Y)
    with suppress(ValueError):
        cross_val_score(Ridge(), X, Y, cv=1000)
    found = {run.name: run for run in find_runs(place, "")}
    assert {name: run.status for name, run in found.items()} == {
        "Picky": RunStatus.CANCELLED,
        "cross_val_score Ridge": RunStatus.FAILED,
    }
    assert {run.notes for run in found.values()} == {()}
