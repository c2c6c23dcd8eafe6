"""What every sampler does in the same way, as its port says."""

from __future__ import annotations

import inspect
import json
from dataclasses import FrozenInstanceError

import pytest

from jupyter_mlops.automation.sweeps.protocol import Known, Proposer
from jupyter_mlops.automation.sweeps.sampling import open_proposer
from jupyter_mlops.records.policy import Direction
from jupyter_mlops.records.sweep import Choices, Goal, Sampler, Span, Sweep

AXES = {
    "z": Span(low=0.0, high=1.0, step=0.25),
    "a": Span(low=1, high=4, whole=True),
    "k": Choices(values=(None, True, [1], {"b": 2})),
    "one": Choices(values=(7,)),
}


def opened(sampler):
    goal = Goal(metric="loss", direction=Direction.LOWER)
    return open_proposer(Sweep(axes=AXES, sampler=sampler, trials=20, goal=goal))


@pytest.mark.parametrize("sampler", list(Sampler))
def test_each_sampler_takes_the_calls_of_its_port(sampler):
    ours, port = (list(inspect.signature(of.propose).parameters) for of in (type(opened(sampler)), Proposer))

    assert ours == port


@pytest.mark.parametrize("sampler", list(Sampler))
def test_each_sampler_gives_one_value_of_every_axis_in_their_order_ready_for_json(sampler):
    proposer, known = opened(sampler), []
    for number in range(14):
        values = proposer.propose(number, known)
        assert json.loads(json.dumps(values)) == values
        assert list(values) == list(AXES)
        assert values["z"] in {0.0, 0.25, 0.5, 0.75, 1.0}
        assert type(values["a"]) is int
        assert 1 <= values["a"] <= 4
        assert json.dumps(values["k"]) in {"null", "true", "[1]", '{"b": 2}'}
        assert values["one"] == 7
        known.append(Known(number=number, values=values, value=float(number), running=False))


@pytest.mark.parametrize("sampler", list(Sampler))
def test_a_sampler_keeps_nothing(sampler):
    proposer, known = opened(sampler), []
    for number in range(12):
        values = proposer.propose(number, known)
        known.append(Known(number=number, values=values, value=1.0, running=number > 9))

    again = proposer.propose(12, known)

    assert proposer.propose(12, known) == again
    assert opened(sampler).propose(12, known) == again


def test_what_is_known_of_a_trial_stays_as_it_is():
    with pytest.raises(FrozenInstanceError):
        Known(number=0, values={}, value=None, running=True).number = 1
