"""The memory store's series: each item once, in order, and nothing that grows under a reader."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contracts.keeping import same
from contracts.samples import cell, curve, event, point, prediction
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.store.curves import curves_of, no_points
from jupyter_mlops.store.memory_series import MemoryCells, MemoryEvents, MemoryMetrics, MemoryPredictions
from jupyter_mlops.store.memory_state import State
from jupyter_mlops.store.series import tally


@pytest.fixture
def state() -> State:
    return State({}, {}, {}, {}, {}, [])


said = st.lists(
    st.lists(
        st.builds(
            point,
            st.sampled_from(["r1", "r2"]),
            st.integers(1, 12),
            st.floats(-1e3, 1e3) | st.sampled_from([math.nan, math.inf]),
            st.sampled_from(["mae", "acc"]),
            st.integers(-3, 3),
        ),
        max_size=8,
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(said)
def test_however_points_arrive_each_is_there_once_and_the_summary_is_of_all(
    batches: list[list[MetricPoint]],
) -> None:
    state = State({}, {}, {}, {}, {}, [])
    metrics = MemoryMetrics(state, True)
    first: dict[tuple[str, int], MetricPoint] = {}
    for batch in batches:
        metrics.append(batch)
        for one in batch:
            first.setdefault((one.owner, one.sequence), one)
    for owner in ("r1", "r2"):
        mine = [one for (of, _), one in sorted(first.items()) if of == owner]
        assert same(list(metrics.read(owner)), mine)
        assert same(list(metrics.history(owner, "mae")), [one for one in mine if one.key == "mae"])
        summaries = metrics.summaries(owner)
        assert list(summaries) == sorted({one.key for one in mine})
        for whole in curves_of(mine):
            expected = tally(whole).summary()
            assert summaries[whole.key].count == expected.count
            assert repr(summaries[whole.key].last) == repr(expected.last)
            assert summaries[whole.key].mean == pytest.approx(expected.mean, nan_ok=True)
            assert repr(summaries[whole.key].minimum) == repr(expected.minimum)


def test_reading_stops_at_the_limit_and_goes_on_behind_a_number_that_is_missing(state: State) -> None:
    metrics = MemoryMetrics(state, True)
    metrics.extend([curve("r1", [9, 2, 5]), curve("r1", [3], key="acc"), no_points("r1", "none")])
    assert [one.sequence for one in metrics.read("r1", limit=2)] == [2, 3]
    assert [one.sequence for one in metrics.read("r1", after=4)] == [5, 9]
    assert [one.sequence for one in metrics.history("r1", "mae", after=2, limit=1)] == [5]
    assert metrics.curve("r1", "mae", after=2).sequences.tolist() == [5, 9]
    assert "none" not in metrics.summaries("r1")


def test_predictions_and_cells_are_kept_as_they_came_first(state: State) -> None:
    predictions, cells = MemoryPredictions(state, True), MemoryCells(state, True)
    predictions.append([prediction("e", 2), replace(prediction("e", 2), request="later"), prediction("e", 7)])
    assert [(one.sequence, one.request) for one in predictions.read("e", limit=1)] == [(2, "q")]
    assert [one.sequence for one in predictions.read("e", after=2)] == [7]
    cells.append("r1", [cell(1), replace(cell(1), source="later"), cell(1, "s2")])
    assert [(one.session, one.source == "later") for one in cells.read("r1")] == [
        ("s1", False),
        ("s2", False),
    ]
    assert cells.read("nobody") == ()


def test_the_ledger_is_read_from_any_place_by_kind_and_by_its_family(state: State) -> None:
    events = MemoryEvents(state, True)
    assert events.head() is None
    events.append([event(kind=kind) for kind in ("run.started", "runner.x", "run", "run.finished")])
    assert [one.sequence for one in events.read(kind="run.")] == [1, 4]
    assert [one.sequence for one in events.read(kind="run")] == [3]
    assert [one.sequence for one in events.read(after=1, limit=2)] == [2, 3]
    assert [one.sequence for one in events.read(after=-2)] == [1, 2, 3, 4]
    assert events.read(after=99) == ()
    assert events.head() == events.read()[-1]


@pytest.mark.parametrize(
    "act",
    [
        lambda state: MemoryMetrics(state, False).append([point("r1", 1, 1.0)]),
        lambda state: MemoryMetrics(state, False).extend([curve("r1", [1])]),
        lambda state: MemoryMetrics(state, False).append([]),
        lambda state: MemoryPredictions(state, False).append([prediction("e", 1)]),
        lambda state: MemoryCells(state, False).append("r1", [cell(1)]),
        lambda state: MemoryEvents(state, False).append([event()]),
    ],
)
def test_a_view_changes_nothing_not_even_by_nothing(state: State, act: Callable[[State], Any]) -> None:
    with pytest.raises(Invalid, match="view for reading"):
        act(state)
    assert (state.points, state.tallies, state.predictions, state.cells, state.events) == ({}, {}, {}, {}, [])
