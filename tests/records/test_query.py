"""A filter, an order and a page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from contracts.samples import NOON, full_run, run

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.query import (
    And,
    Comparison,
    Field,
    Operator,
    Or,
    Page,
    Query,
    Scope,
    equal,
    query,
)
from jupyter_mlops.records.run import RunError


def is_(name: str, operator: str, value: object, scope: Scope = Scope.ATTRIBUTE) -> Comparison:
    return Comparison(Field(scope, name), Operator(operator), value)  # type: ignore[arg-type]


A, B, C = is_("a", "=", 1), is_("b", "=", 2), is_("c", "=", 3)


def test_a_query_joins_the_verbs_own_condition_with_what_was_asked() -> None:
    assert query("b = 2", also=A).where == And((A, B))
    assert query(also=A).where == A
    assert query("b = 2 or c = 3", also=A).where == And((A, Or((B, C))))
    assert query() == Query()


def test_equal_names_what_must_be_the_same() -> None:
    assert equal(a=1) == A
    assert equal(a=1, b=2) == And((A, B))


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(Invalid, match=str(limit)):
        query(limit=limit)


def test_a_page_is_a_sequence_of_its_records() -> None:
    page = Page(items=(run("a"), run("b")), total=9, cursor="x")
    assert [one.id for one in page] == ["a", "b"]
    assert (len(page), page[1].id, page.total) == (2, "b", 9)


def test_a_page_becomes_a_typed_frame() -> None:
    first = run("a", params={"alpha": 0.1, "kind": "ridge"}, metrics={"mae": 41.0}, ended=NOON)
    second = run("b", params={"alpha": 0.2}, metrics={"mae": 42.0})
    frame = Page(items=(first, second), total=2).to_frame()
    assert list(frame["id"]) == ["a", "b"]
    assert str(frame["metrics.mae"].dtype) == str(frame["params.alpha"].dtype) == "float64"
    assert str(frame["started"].dtype).startswith("datetime64")
    assert list(frame["status"]) == ["running", "running"]
    assert frame["params.kind"].isna().tolist() == [False, True]
    assert list(frame["actor.name"]) == [first.actor.name, second.actor.name]


def test_a_time_that_nobody_knows_yet_is_a_time_in_a_frame_all_the_same() -> None:
    frame = Page(items=(run("a"), run("b")), total=2).to_frame()
    assert frame["ended"].isna().all()
    assert str(frame["ended"].dtype).startswith("datetime64")


def test_what_some_records_have_is_in_its_own_columns_only() -> None:
    failed = replace(run("a"), error=RunError(kind="ValueError", message="no"))
    frame = Page(items=(failed, run("b")), total=2).to_frame()
    assert frame["error.kind"].tolist()[0] == "ValueError"
    assert frame["error.kind"].isna().tolist() == [False, True]
    assert "error" not in frame
    assert {"lease.host", "lease"} & set(frame) == {
        "lease"
    }  # none has one: that it is null can still be read


def test_a_page_of_nothing_becomes_an_empty_frame() -> None:
    assert len(Page(items=(), total=0).to_frame()) == 0
    assert len(Page(items=(full_run(),), total=1).to_frame()) == 1


def test_half_a_character_in_a_parameter_keeps_no_page_from_its_frame() -> None:
    half = replace(full_run(), params={"a": "\udcff"}, tags={"b": "\udc80x"})
    frame = Page(items=(half,), total=1).to_frame()
    assert frame["params.a"].tolist() == ["\\udcff"]


def test_a_query_says_which_metrics_and_parameters_it_is_about_those_of_the_order_first() -> None:
    asked = query(
        "not (params.b = 1 or metrics.mae < 2) and name = 'x'", order='metrics."a b".min desc, started'
    )
    assert asked.asked == ("metrics.a b", "params.b", "metrics.mae")
    assert query().asked == ()
