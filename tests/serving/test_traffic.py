"""What was asked and answered, and what turned out to be true."""

from __future__ import annotations

import pytest
from contracts.samples import prediction

from jupyter_mlops.errors import Invalid, NotFound
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.serving.traffic import append_predictions, find_predictions, record_outcomes
from jupyter_mlops.workspace import Workspace


@pytest.fixture
def here(ws: Workspace) -> Workspace:
    with ws.store.write() as tx:
        tx.deployments.add(Deployment(id="here", model="pm25", alias="champion", version=3, started=ws.now()))
    return ws


def kept(ws: Workspace) -> list[tuple[int, str, int, object]]:
    with ws.store.read() as tx:
        return [(p.sequence, p.request, p.version, p.outcome) for p in tx.predictions.read("here/outcomes")]


def test_answers_are_read_in_order_and_in_parts(here: Workspace) -> None:
    assert append_predictions(here, [prediction("here", n) for n in range(1, 6)]) == 5
    assert [p.sequence for p in find_predictions(here, "here", limit=2)] == [1, 2]
    assert [p.sequence for p in find_predictions(here, "here", after=2, limit=10)] == [3, 4, 5]
    assert find_predictions(here, "here", after=5) == ()


def test_an_answer_told_twice_is_kept_once(here: Workspace) -> None:
    append_predictions(here, [prediction("here", 1)])
    append_predictions(here, [prediction("here", 1), prediction("here", 2)])
    assert [p.sequence for p in find_predictions(here, "here")] == [1, 2]


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_out_of_bounds_is_refused(here: Workspace, limit: int) -> None:
    with pytest.raises(Invalid, match=f"limit is {limit}"):
        find_predictions(here, "here", limit=limit)


def test_outcomes_are_numbered_on_and_carry_the_version_that_answered(here: Workspace) -> None:
    assert record_outcomes(here, "here", {"a": 1.5, "b/0": "high"}) == 2
    assert record_outcomes(here, "here", {"a": True}) == 1
    assert record_outcomes(here, "here", {}) == 0
    assert kept(here) == [(1, "a", 3, 1.5), (2, "b/0", 3, "high"), (3, "a", 3, True)]
    assert find_predictions(here, "here") == ()


@pytest.mark.parametrize("value", [None, [], {}, object()])
def test_an_outcome_that_is_no_plain_value_is_refused_and_none_is_kept(
    here: Workspace, value: object
) -> None:
    with pytest.raises(Invalid, match="the outcome of 'b'"):
        record_outcomes(here, "here", {"a": 1, "b": value})
    assert kept(here) == []


def test_too_many_outcomes_at_once_are_refused(here: Workspace) -> None:
    with pytest.raises(Invalid, match="10001 outcomes at once"):
        record_outcomes(here, "here", {str(n): n for n in range(10_001)})


def test_what_was_never_served_has_no_traffic(here: Workspace) -> None:
    with pytest.raises(NotFound):
        record_outcomes(here, "nowhere", {"a": 1})
    with pytest.raises(NotFound):
        find_predictions(here, "nowhere")
