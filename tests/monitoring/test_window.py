"""The last rows that a deployment was asked about."""

from __future__ import annotations

import pytest
from contracts.samples import prediction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlops.errors import Invalid
from jupyter_mlops.monitoring.window import last_predictions, outcomes_of
from jupyter_mlops.workspace import Workspace
from tests.monitoring.live import know


def asked(ws: Workspace, owner: str, count: int, first: int = 1) -> None:
    with ws.store.write() as tx:
        tx.predictions.append([prediction(owner, n) for n in range(first, first + count)])


def last(ws: Workspace, owner: str, rows: int) -> list[int]:
    with ws.store.read() as tx:
        return [item.sequence for item in last_predictions(tx, owner, rows)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 70), rows=st.integers(1, 80))
def test_the_last_rows_are_returned_in_their_order(memory_ws: Workspace, count: int, rows: int) -> None:
    owner = f"d{count}"
    asked(memory_ws, owner, count)
    assert last(memory_ws, owner, rows) == list(range(1, count + 1))[-rows:]


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 1001, 1024, 2047])
def test_the_end_is_found_however_many_there_are(sql_ws: Workspace, count: int) -> None:
    asked(sql_ws, "here", count)
    assert last(sql_ws, "here", 1) == [count]
    assert last(sql_ws, "here", 1500) == list(range(1, count + 1))[-1500:]


def test_rows_of_another_deployment_are_not_looked_at(ws: Workspace) -> None:
    asked(ws, "here", 3)
    asked(ws, "here/outcomes", 9)
    asked(ws, "there", 9)
    assert last(ws, "here", 100) == [1, 2, 3]


@pytest.mark.parametrize("rows", [0, -1, 100_001])
def test_a_number_of_rows_out_of_bounds_is_refused(memory_ws: Workspace, rows: int) -> None:
    with memory_ws.store.read() as tx, pytest.raises(Invalid, match=f"rows is {rows}"):
        last_predictions(tx, "here", rows)


def test_a_later_word_replaces_an_earlier_one_also_beyond_a_batch(ws: Workspace) -> None:
    know(ws, {f"r{n}": n for n in range(1500)})
    know(ws, {"r3": "later", "": None}, first=1501)
    with ws.store.read() as tx:
        known = outcomes_of(tx, "here")
        assert outcomes_of(tx, "nobody") == {}
    assert (len(known), known["r3"], known["r1499"], known[""]) == (1501, "later", 1499, None)
