"""What autolog saw, as values, and what a sink must answer."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, FrozenInstanceError, fields

import pytest
from sklearn.linear_model import Ridge

from jupyter_mlops.capture.estimators import autolog, autolog_off
from jupyter_mlops.capture.estimators.seen import (
    CandidateSeen,
    FitSeen,
    MetricSeen,
    PredictionSeen,
    Progress,
    Role,
    Sink,
)
from jupyter_mlops.tracking.watching import _teller

MADE = {
    CandidateSeen: lambda: CandidateSeen(name="alpha=1"),
    Progress: Progress,
    FitSeen: lambda: FitSeen(estimator=None, features=None, kind="x.Y"),
    MetricSeen: lambda: MetricSeen(name="mae", value=1.0),
    PredictionSeen: lambda: PredictionSeen(estimator=None, inputs=tuple),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_was_seen_is_not_changed_by_whoever_hears_of_it(kind):
    seen = MADE[kind]()
    for each in fields(seen):
        with pytest.raises(FrozenInstanceError):
            setattr(seen, each.name, None)


@pytest.mark.parametrize("kind", MADE)
def test_two_observations_share_no_default_that_can_be_filled(kind):
    first, second = MADE[kind](), MADE[kind]()
    made = [each.name for each in fields(kind) if each.default_factory is not MISSING]
    for name in made:
        one, other = getattr(first, name), getattr(second, name)
        assert one is not other or getattr(type(one), "__hash__", None) is not None, name


def test_what_is_not_said_is_the_harmless_thing():
    seen = MADE[FitSeen]()
    assert (seen.role, seen.kept, seen.progress, seen.profile) == (Role.MODEL, True, None, None)
    metric = MADE[MetricSeen]()
    assert (metric.estimator, metric.candidates, metric.inputs) == (None, 1, ())


def test_the_sink_of_the_house_answers_all_that_is_asked_of_one():
    for name, asked in vars(Sink).items():
        if inspect.isfunction(asked) and not name.startswith("_"):
            assert inspect.signature(getattr(type(_teller), name)) == inspect.signature(asked), name
    assert _teller.wanted() is False  # no run goes on here


def test_a_sink_that_wants_nothing_is_asked_no_more_than_that(diabetes):
    class Deaf:
        asked = 0

        def wanted(self):
            Deaf.asked += 1
            return False

    autolog(Deaf())
    try:
        model = Ridge().fit(diabetes[0], diabetes[2])
        model.score(diabetes[0], diabetes[2])
    finally:
        autolog_off()
    assert Deaf.asked > 0  # its other methods are not even there


def test_a_fit_hands_on_the_estimator_itself_and_a_few_rows_of_its_own(heard, diabetes):
    X_train, _, y_train, _ = diabetes
    model = Ridge().fit(X_train, y_train)
    (seen,) = heard.fits
    assert seen.estimator is model
    assert len(seen.features) <= 20
    kept = seen.features.iloc[0, 0]
    seen.features.iloc[0, 0] = kept + 1
    assert kept in X_train.iloc[:, 0].to_numpy()
    assert kept + 1 not in X_train.iloc[:, 0].to_numpy()
