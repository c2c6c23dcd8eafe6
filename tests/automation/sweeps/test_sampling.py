"""How many trials there are, and what each of the samplers that need no results draws for them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import warnings
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.automation.sweeps.sampling import Known, count_of, open_proposer
from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.sweep import Choices, Sampler, Span, Sweep

AXES = {
    "alpha": Span(low=0.001, high=1.0, log=True),
    "depth": Span(low=2, high=10, whole=True),
    "kind": Choices(values=("a", None, [1, 2], True, 1)),
    "rate": Span(low=0.0, high=1.0, step=0.1),
    "fixed": Choices(values=("only",)),
}
GRID = {
    "a": Choices(values=(1, 2)),
    "b": Span(low=0.0, high=1.0, step=0.5),
    "c": Span(low=1, high=2, whole=True),
}
DRAWN = [Sampler.RANDOM, Sampler.SOBOL]


def plan(axes=AXES, sampler=Sampler.RANDOM, seed=0, trials=100):
    return Sweep(axes=axes, sampler=sampler, seed=seed, trials=trials)


def values(sweep, numbers):
    proposer = open_proposer(sweep)
    return [proposer.propose(number, []) for number in numbers]


@pytest.mark.parametrize(
    ("axes", "wanted", "count"),
    [
        (GRID, None, 12),
        (GRID, 5, 5),
        (GRID, 12, 12),
        (GRID, 100, 12),
        ({"a": Choices(values=(1,))}, None, 1),
        ({"a": Span(low=1, high=10_000, whole=True)}, None, 10_000),
        ({"a": Span(low=1, high=10_000, whole=True), "b": Choices(values=(1, 2))}, 300, 300),
    ],
)
def test_a_grid_has_its_combinations_or_fewer_where_fewer_are_wanted(axes, wanted, count):
    assert count_of(axes, Sampler.GRID, wanted) == count
    assert len({json.dumps(one) for one in values(plan(axes, Sampler.GRID), range(count))}) == count


@pytest.mark.parametrize("sampler", [Sampler.RANDOM, Sampler.SOBOL, Sampler.BAYESIAN])
def test_other_samplers_have_as_many_trials_as_are_wanted(sampler):
    assert [count_of(AXES, sampler, wanted) for wanted in (1, 50, 10_000)] == [1, 50, 10_000]


@pytest.mark.parametrize(
    ("axes", "sampler", "wanted", "said"),
    [
        ({}, Sampler.GRID, None, "at least one parameter"),
        ({"a": Choices(values=())}, Sampler.RANDOM, 5, "at least one parameter"),
        (AXES, Sampler.RANDOM, None, "--trials 50"),
        (AXES, Sampler.SOBOL, None, "--trials 50"),
        (AXES, Sampler.BAYESIAN, None, "--trials 50"),
        (AXES, Sampler.RANDOM, 0, "0 trials"),
        (AXES, Sampler.RANDOM, 10_001, "10,001 trials"),
        (GRID, Sampler.GRID, 0, "0 trials"),
        (GRID, Sampler.GRID, -1, "-1 trials"),
        ({"a": Span(low=0.0, high=1.0)}, Sampler.GRID, None, "'a' has every number"),
        ({"a": Span(low=0.0, high=1.0)}, Sampler.GRID, 5, "'a' has every number"),
        ({"a": Span(low=1, high=10_001, whole=True)}, Sampler.GRID, 5, "10,001 values"),
        (
            {"a": Span(low=1, high=101, whole=True), "b": Span(low=1, high=100, whole=True)},
            Sampler.GRID,
            None,
            "10,100",
        ),
    ],
)
def test_a_number_of_trials_that_makes_no_sense_is_refused(axes, sampler, wanted, said):
    with pytest.raises(Invalid) as refusal:
        count_of(axes, sampler, wanted)

    assert said in str(refusal.value)
    assert refusal.value.remedy


def test_a_grid_goes_through_every_combination_with_the_last_name_varying_fastest():
    assert values(plan(GRID, Sampler.GRID), range(12)) == [
        {"a": a, "b": b, "c": c} for a in (1, 2) for b in (0.0, 0.5, 1.0) for c in (1, 2)
    ]


@pytest.mark.parametrize("number", [12, 10_000, -1])
def test_a_grid_has_nothing_behind_its_last_combination(number):
    with pytest.raises(Invalid, match="12 combinations"):
        values(plan(GRID, Sampler.GRID), [number])


def test_a_grid_without_steps_cannot_be_opened():
    with pytest.raises(Invalid, match="alpha"):
        open_proposer(plan(AXES, Sampler.GRID))


@pytest.mark.parametrize("sampler", [Sampler.GRID, *DRAWN])
@settings(deadline=None)
@given(numbers=st.permutations(range(12)), seed=st.integers())
def test_values_follow_from_seed_and_number_in_whatever_order_they_are_asked_for(sampler, numbers, seed):
    axes = GRID if sampler is Sampler.GRID else AXES
    sweep = plan(axes, sampler, seed)
    known = [Known(number=40, values={}, value=1.0, running=False)]
    random.seed(seed % 2**32)  # somebody else's drawing is none of ours

    again = {
        number: open_proposer(decode(Sweep, encode(sweep))).propose(number, known) for number in numbers[:3]
    }

    in_order = dict(enumerate(values(sweep, range(12))))
    assert dict(zip(numbers, values(sweep, numbers), strict=True)) == in_order
    assert again == {number: in_order[number] for number in numbers[:3]}


@pytest.mark.parametrize("sampler", DRAWN)
def test_another_seed_draws_other_values(sampler):
    assert values(plan(sampler=sampler, seed=1), range(5)) != values(plan(sampler=sampler, seed=2), range(5))


@pytest.mark.parametrize("sampler", DRAWN)
def test_an_axis_is_drawn_alike_whatever_stands_beside_it(sampler):
    turned = dict(reversed(AXES.items()))
    assert values(plan(turned, sampler), range(5)) == values(plan(AXES, sampler), range(5))
    if sampler is Sampler.RANDOM:
        alone = {"rate": AXES["rate"]}
        assert [one["rate"] for one in values(plan(AXES, sampler), range(9))] == [
            one["rate"] for one in values(plan(alone, sampler), range(9))
        ]


@pytest.mark.parametrize("sampler", DRAWN)
def test_every_value_is_on_its_axis_and_all_that_are_few_come(sampler):
    drawn = values(plan(sampler=sampler, seed=3), range(400))

    assert all(list(one) == list(AXES) for one in drawn)
    assert all(isinstance(one["alpha"], float) and 0.001 <= one["alpha"] <= 1 for one in drawn)
    assert {json.dumps(one["depth"]) for one in drawn} == set(map(str, range(2, 11)))
    assert {json.dumps(one["kind"]) for one in drawn} == {'"a"', "null", "[1, 2]", "true", "1"}
    assert {one["rate"] for one in drawn} == {n / 10 for n in range(11)}
    assert {one["fixed"] for one in drawn} == {"only"}


@pytest.mark.parametrize("sampler", DRAWN)
def test_both_ends_of_whole_numbers_are_as_likely_as_those_between(sampler):
    die = {"eyes": Span(low=1, high=6, whole=True)}
    counts = Counter(one["eyes"] for one in values(plan(die, sampler, seed=5), range(6_000)))

    assert set(counts) == {1, 2, 3, 4, 5, 6}
    assert all(850 < count < 1_150 for count in counts.values())  # five standard deviations


def test_values_are_the_same_in_another_process():
    """Where texts have other hashes and NumPy has drawn something before."""
    program = (
        "import json, sys, numpy; numpy.random.rand(3)\n"
        "from jupyter_mlops.automation.sweeps.sampling import open_proposer\n"
        "from jupyter_mlops.records.codec import decode\n"
        "from jupyter_mlops.records.sweep import Sweep\n"
        "for plan in json.load(sys.stdin):\n"
        "    print(json.dumps(open_proposer(decode(Sweep, plan)).propose(17, [])))"
    )
    sweeps = [plan(sampler=sampler, seed=9) for sampler in DRAWN]

    told = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps([encode(sweep) for sweep in sweeps]),
        capture_output=True,
        text=True,
        check=True,
    )

    assert list(map(json.loads, told.stdout.splitlines())) == [values(sweep, [17])[0] for sweep in sweeps]
    assert told.stderr == ""


def test_values_are_those_that_they_were():
    """Whoever changes them changes the trials of every sweep that goes on."""
    axes = {"alpha": AXES["alpha"], "depth": AXES["depth"], "rate": Span(low=-1.0, high=1.0)}
    found = {sampler.value: values(plan(axes, sampler, seed=7), [0, 5000]) for sampler in DRAWN}

    assert found == {
        "random": [
            {"alpha": 0.0010559897554066114, "depth": 10, "rate": 0.22057183411353024},
            {"alpha": 0.11366661637429769, "depth": 9, "rate": 0.9956034271382934},
        ],
        "sobol": [
            {"alpha": 0.26584742332842753, "depth": 2, "rate": -0.15034699766194562},
            {"alpha": 0.8199412329855719, "depth": 5, "rate": -0.36437961398779645},
        ],
    }


@pytest.mark.parametrize("bits", [1, 3, 6])
def test_the_first_points_of_sobol_are_spread_evenly_along_each_axis_and_in_each_plane(bits):
    count = 2**bits
    axes = {"a": Choices(values=tuple(range(count))), "b": Span(low=1, high=count, whole=True)}
    points = values(plan(axes, Sampler.SOBOL, seed=11), range(count))

    assert Counter(point["a"] for point in points) == dict.fromkeys(range(count), 1)
    assert Counter(point["b"] for point in points) == dict.fromkeys(range(1, count + 1), 1)
    half = count // 2  # one box for each half of one axis and each value of the other, of two values
    assert len({(point["a"] * 2 // count, (point["b"] - 1) // 2) for point in points}) == half * 2


def test_sobol_leaves_no_warning_and_the_users_generators_alone():
    np.random.seed(1)  # noqa: NPY002  # what other code may use
    random.seed(1)
    before = np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values(plan(sampler=Sampler.SOBOL), [0, 1, 2, 3, 5000])

    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # noqa: NPY002


def test_sobol_with_nothing_to_vary_gives_what_is_fixed():
    assert values(plan({"fixed": AXES["fixed"]}, Sampler.SOBOL), [0, 7]) == [{"fixed": "only"}] * 2


def test_points_of_sobol_do_not_come_again():
    axes = {"x": Span(low=0.0, high=1.0)}
    assert len({one["x"] for one in values(plan(axes, Sampler.SOBOL), range(1_000))}) == 1_000
