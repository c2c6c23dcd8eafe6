"""Records as lines of a bundle, and back."""

from __future__ import annotations

import math

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.run import MetricPoint
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.transfer.kinds import KINDS, RULES, point_line, read_point, read_record, record_line
from tests.clocks import START
from tests.registry.books import logged_run


def test_every_shelf_of_the_store_travels_but_who_is_told_of_what():
    assert {kind.name for kind in KINDS} == set(SHELVES) - {"subscriptions", "notifications"}
    assert set(SHELVES) > RULES


def test_what_is_named_comes_before_what_names_it():
    places = {kind.name: place for place, kind in enumerate(KINDS)}
    for kind in KINDS:
        for reference in kind.referred:
            if reference.shelf not in {kind.name, "runs"}:
                assert places[kind.name] < places[reference.shelf], (kind.name, reference)


def test_a_run_comes_back_with_parameters_json_has_no_number_for(memory_ws):
    from dataclasses import replace

    run = replace(logged_run(memory_ws), params={"a": math.inf, "b": "inf", "c": None}, metrics={})
    assert read_record(SHELVES["runs"], record_line(run), "line 1") == run


@pytest.mark.parametrize("value", [1.5, math.inf, -math.inf, 0.1 + 0.2])
def test_a_point_comes_back_to_the_last_bit(value):
    point = MetricPoint(owner="r", sequence=3, key="loss", value=value, step=7, at=START)
    assert read_point(point_line(point), "line 1") == point


@pytest.mark.parametrize("line", [[1, 2], {"owner": "r"}, "text", None, ["r", "1", "loss", 1.0, 0, "now"]])
def test_a_line_that_is_no_point_is_refused_with_its_place(line):
    with pytest.raises(Invalid, match="line 9"):
        read_point(line, "line 9")
