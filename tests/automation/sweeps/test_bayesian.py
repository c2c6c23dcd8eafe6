"""Optuna's TPE, told anew for each trial what is known: it finds what is good, and goes on wherever it was left."""

from __future__ import annotations

import json
import logging
import math
import sys
import warnings

import optuna
import pytest

from jupyter_mlops.automation.sweeps.protocol import Known
from jupyter_mlops.automation.sweeps.sampling import open_proposer
from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import Choices, Goal, Sampler, Span, Sweep

AXES = {
    "y": Span(low=-3.0, high=3.0),
    "x": Span(low=-5.0, high=5.0),
    "fixed": Choices(values=("only",)),
}
MIXED = {
    "alpha": Span(low=0.001, high=1.0, log=True),
    "depth": Span(low=2, high=10, whole=True),
    "leaves": Span(low=1, high=1000, whole=True, log=True),
    "width": Span(low=0, high=100, whole=True, step=20),
    "rate": Span(low=0.0, high=1.0, step=0.1),
    "kind": Choices(values=("a", None, [1, 2], True, 1, 1.0, {"k": [1]})),
    "big": Span(low=-(10**15), high=10**15, whole=True),
}


def plan(axes=AXES, seed=0, direction=Direction.LOWER):
    goal = Goal(metric="loss", direction=direction)
    return Sweep(axes=axes, sampler=Sampler.BAYESIAN, seed=seed, trials=100, goal=goal)


def ended(number, values, value):
    return Known(number=number, values=values, value=value, running=False)


def run(sweep, count, loss, known=()):
    """Run trials one after the other, each by a sampler of its own that has come through JSON."""
    known = list(known)
    for number in range(len(known), count):
        values = open_proposer(decode(Sweep, encode(sweep))).propose(number, known)
        known.append(ended(number, json.loads(json.dumps(values)), loss(values)))
    return known


def bowl(values):
    return (values["x"] - 2) ** 2 + (values["y"] + 1) ** 2


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_bottom_of_a_bowl_is_found_better_than_by_the_first_ten_which_are_random(seed):
    known = run(plan(seed=seed), 40, bowl)

    first, later = (min(trial.value for trial in part) for part in (known[:10], known[10:]))
    assert later < first
    assert later < 0.5


def test_higher_is_climbed_to():
    known = run(plan(direction=Direction.HIGHER), 40, lambda values: -bowl(values))

    assert max(trial.value for trial in known[10:]) > max(trial.value for trial in known[:10])


def test_what_is_known_is_all_that_is_needed_to_go_on():
    sweep = plan()
    whole = run(sweep, 16, bowl)

    assert run(sweep, 16, bowl, known=whole[:11]) == whole
    assert run(sweep, 16, bowl, known=whole[:3]) == whole


def test_neither_the_order_of_what_is_known_nor_that_of_the_axes_matters():
    known = run(plan(), 14, bowl)
    turned = plan(dict(reversed(AXES.items())))

    assert open_proposer(plan()).propose(14, known[::-1]) == open_proposer(plan()).propose(14, known)
    assert open_proposer(turned).propose(14, known) == open_proposer(plan()).propose(14, known)
    assert list(open_proposer(turned).propose(14, known)) == list(turned.axes)


def test_trials_that_are_under_way_are_kept_away_from():
    known = run(plan(), 14, bowl)
    proposer = open_proposer(plan())
    alone = proposer.propose(15, known)

    beside = [Known(number=n, values=alone, value=None, running=True) for n in (14, 16, 17, 18)]

    assert proposer.propose(15, [*known, *beside]) != alone
    # What the trial itself had, when it is tried again, is not beside it.
    assert proposer.propose(15, [*known, Known(number=15, values=alone, value=None, running=True)]) == alone


def test_several_that_begin_together_get_values_of_their_own():
    known = run(plan(), 12, bowl)
    for number in range(12, 20):
        values = open_proposer(plan()).propose(number, known)
        known.append(Known(number=number, values=values, value=None, running=True))

    assert len({json.dumps(dict(trial.values)) for trial in known[12:]}) == 8


@pytest.mark.parametrize("value", [None, math.nan])
def test_what_has_failed_is_no_success_and_no_obstacle(value):
    known = run(plan(), 12, bowl)
    failed = ended(12, {"x": 1.0, "y": 1.0, "fixed": "only"}, value)

    assert open_proposer(plan()).propose(13, [*known, failed]) == open_proposer(plan()).propose(13, known)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_values_are_bad_or_good_ones(value):
    known = [*run(plan(), 12, bowl), ended(12, {"x": 1.0, "y": 1.0, "fixed": "only"}, value)]

    assert -5 <= open_proposer(plan()).propose(13, known)["x"] <= 5


def test_every_type_of_value_and_every_kind_of_span_goes_there_and_back():
    def loss(values):
        return abs(values["depth"] - 5) + (values["kind"] != [1, 2]) + abs(values["rate"] - 0.3)

    known = run(plan(MIXED), 30, loss)

    steps = {n / 10 for n in range(11)}
    for values in (trial.values for trial in known):
        assert list(values) == list(MIXED)
        assert 0.001 <= values["alpha"] <= 1
        assert (type(values["depth"]), type(values["leaves"]), type(values["width"])) == (int, int, int)
        assert values["rate"] in steps
        assert values["width"] % 20 == 0
        assert json.dumps(values["kind"]) in {json.dumps(kind) for kind in MIXED["kind"].values}
    assert json.dumps([trial.values["kind"] for trial in known[20:]]).count("[1, 2]") >= 3


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"x": 99.0, "y": 0.0, "fixed": "only"},
        {"x": "0", "y": 0.0, "fixed": "only"},
        {"x": True, "y": 0.0, "fixed": "only"},
    ],
)
def test_a_trial_with_values_that_are_not_on_the_axes_says_nothing(values):
    known = run(plan(), 12, bowl)

    assert open_proposer(plan()).propose(13, [*known, ended(12, values, 0.0)]) == open_proposer(
        plan()
    ).propose(13, known)


def test_nothing_that_varies_gives_what_is_fixed():
    axes = {"fixed": AXES["fixed"]}
    assert [trial.values for trial in run(plan(axes), 12, lambda _: 1.0)] == [{"fixed": "only"}] * 12


def test_another_seed_draws_other_values():
    assert open_proposer(plan(seed=1)).propose(0, []) != open_proposer(plan(seed=2)).propose(0, [])
    assert open_proposer(plan(seed=-1)).propose(0, []) == open_proposer(plan(seed=-1)).propose(0, [])


def test_optuna_is_quiet_and_keeps_the_level_its_user_set(capfd):
    logger = logging.getLogger("optuna")
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            filters = list(warnings.filters)
            run(plan(), 12, bowl)
            assert warnings.filters == filters
        assert (optuna.logging.get_verbosity(), logger.level) == (optuna.logging.DEBUG, logging.DEBUG)
    finally:
        optuna.logging.set_verbosity(before)

    assert tuple(capfd.readouterr()) == ("", "")


def test_the_level_comes_back_after_a_failure_too(monkeypatch):
    before = optuna.logging.get_verbosity()
    proposer = open_proposer(plan())
    monkeypatch.setattr(optuna, "create_study", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        proposer.propose(0, [])

    assert optuna.logging.get_verbosity() == before


def test_a_sweep_without_a_goal_is_refused():
    with pytest.raises(Invalid, match="goal") as refusal:
        open_proposer(Sweep(axes=AXES, sampler=Sampler.BAYESIAN, trials=5))

    assert "--metric" in refusal.value.remedy


def test_without_optuna_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(Unavailable, match="Optuna is not installed") as refusal:
        open_proposer(plan())

    assert 'pip install "jupyter-mlops[sweep]"' in refusal.value.remedy
