"""What a writer of the memory store fills is its own until it has ended well."""

from __future__ import annotations

from typing import Any

import pytest
from contracts.samples import cell, event, point, prediction, run

from jupyter_mlops.errors import Invalid
from jupyter_mlops.store.curves import curves_of
from jupyter_mlops.store.memory_state import State, refuse_reader
from jupyter_mlops.store.series import tally
from jupyter_mlops.workspace import Workspace


def filled() -> State:
    return State(
        {"runs": {("r1",): run("r1")}},
        {"r1": {1: point("r1", 1, 1.0)}},
        {("r1", "mae"): tally(curves_of([point("r1", 1, 1.0)])[0])},
        {"r1": {("s1", 1): cell(1)}},
        {"e1": {1: prediction("e1", 1)}},
        [event()],
    )


def fill(state: State) -> None:
    state.shelves["runs"]["r2",] = run("r2")
    state.own("points", "r1")[2] = point("r1", 2, 2.0)
    state.tallies["r1", "acc"] = state.tallies["r1", "mae"]
    state.own("cells", "r1")["s1", 2] = cell(2)
    state.own("predictions", "e1")[2] = prediction("e1", 2)
    state.own("predictions", "e2")[1] = prediction("e2", 1)
    state.events.append(event())


def test_nothing_that_a_writer_fills_is_seen_where_it_began() -> None:
    state = filled()
    fill(state.copy())
    assert state == filled()


def test_an_owners_items_are_copied_once_for_a_writer() -> None:
    state = filled()
    copy = state.copy()
    mine = copy.own("points", "r1")
    assert mine is not state.points["r1"]
    assert mine == state.points["r1"]
    assert copy.own("points", "r1") is mine
    assert copy.own("points", "new") == {}


def test_a_second_writer_does_not_fill_what_the_first_left_to_its_readers() -> None:
    first = filled().copy()
    kept = first.own("points", "r1")
    first.own("points", "r1")[2] = point("r1", 2, 2.0)
    second = first.copy()
    second.own("points", "r1")[3] = point("r1", 3, 3.0)
    assert sorted(kept) == [1, 2]


def test_what_was_removed_by_this_writer_begins_anew() -> None:
    copy = filled().copy()
    copy.own("points", "r1")[2] = point("r1", 2, 2.0)
    del copy.points["r1"]
    assert copy.own("points", "r1") == {}


def test_a_run_that_is_removed_and_kept_again_in_one_transaction_has_what_came_after(ws: Workspace) -> None:
    with ws.store.write() as tx:
        for value, sequence in ((1.0, 1), (2.0, 2)):
            tx.runs.add(run("r1"))
            tx.metrics.append([point("r1", sequence, value)])
            tx.cells.append("r1", [cell(sequence)])
            if value == 1.0:
                tx.runs.remove("r1")
    with ws.store.read() as tx:
        assert [(one.sequence, one.value) for one in tx.metrics.read("r1")] == [(2, 2.0)]
        assert [one.sequence for one in tx.cells.read("r1")] == [2]
        assert tx.metrics.summaries("r1")["mae"].count == 1


@pytest.mark.parametrize("series", ["metrics", "cells", "predictions"])
def test_a_view_that_was_open_before_does_not_grow(memory_ws: Workspace, series: str) -> None:
    def told(tx: Any) -> int:
        return len(getattr(tx, series).read("x"))

    def add(number: int) -> None:
        with memory_ws.store.write() as tx:
            tx.metrics.append([point("x", number, 1.0)])
            tx.cells.append("x", [cell(number)])
            tx.predictions.append([prediction("x", number)])

    add(1)
    with memory_ws.store.read() as before:
        add(2)
        with memory_ws.store.read() as between:
            add(3)
            assert (told(before), told(between)) == (1, 2)
    with memory_ws.store.read() as after:
        assert told(after) == 3


def test_who_may_not_write_is_told_what_to_open() -> None:
    refuse_reader(True)
    with pytest.raises(Invalid) as refusal:
        refuse_reader(False)
    assert "store.write()" in refusal.value.remedy
