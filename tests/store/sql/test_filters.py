"""What a question becomes in SQL: which test leads with a list, which are looked up, which stand in the row that is joined in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from jupyter_mlops.records.query import Part, query
from jupyter_mlops.store.asking import Tested, ask
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql.filters import Asker, Joined, number_of
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.tables import SUMMARIES

RUNS = SHELVES["runs"]


def asker(order: str = "") -> Asker:
    joined = None
    if order:
        joined = Joined(ask(RUNS, query(order=order)).order[0].target, SUMMARIES.alias("ordering"))
    return Asker(RUNS, Sqlite(Path("store.db")), {}, joined)


def where(text: str) -> Tested:
    found = ask(RUNS, query(text)).where
    assert found is not None
    return found


def said(text: str, order: str = "", *, walked: bool = False) -> str:
    return " ".join(str(select(asker(order).condition(where(text), walked=walked))).split())


def test_one_test_leads_with_a_list_and_the_others_are_looked_up() -> None:
    told = said("tags.team = 'a' and metrics.mae < 1 and params.depth = 2")
    assert told.count("runs.id IN (SELECT metric_summaries.run") == 1
    assert told.count("EXISTS (SELECT") == 2
    assert "IN (SELECT" not in said("tags.team = 'a' and metrics.mae < 1", walked=True)


@pytest.mark.parametrize("part", ["", ".last", ".min", ".max", ".mean", ".count"])
def test_whatever_the_points_of_a_metric_come_to_is_a_list_that_others_are_taken_from(part: str) -> None:
    told = said(f"metrics.mae{part} < 1 and metrics.acc{part} > 0")
    assert told.count("runs.id IN (") == 1
    assert "metric_summaries.run IN (SELECT metric_summaries.run" in told


def test_what_stands_in_the_row_that_is_joined_in_is_read_there_and_leads_nothing() -> None:
    told = said("metrics.mae.max < 1 and params.depth = 2", "metrics.mae.min")
    assert "ordering.maximum < " in told
    assert "SELECT metric_summaries" not in told
    assert "runs.id IN (SELECT run_params.run" in told
    assert "ordering" not in said(
        "not metrics.mae.max < 1", "metrics.mae.min"
    )  # a run without it is meant, too


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("metrics.mae < 1", True),
        ("metrics.mae.mean < 1 and metrics.acc.count > 2 and archived = false", True),
        ("metrics.mae < 1 and name = 'x'", False),
        ("metrics.mae < 1 and params.depth = 1", False),
        ("params.depth = 1", False),
        ("not metrics.mae < 1", False),
    ],
)
def test_lists_of_metrics_are_counted_without_a_look_at_a_run(text: str, counted: bool) -> None:
    assert (asker().count_in_lists(where(text)) is not None) is counted


def test_a_mean_of_no_number_is_none_and_not_an_error() -> None:
    assert "nullif(metric_summaries.numbers" in str(number_of(Part.MEAN))
    assert str(number_of(Part.COUNT, SUMMARIES.alias("other"))) == "other.count"
