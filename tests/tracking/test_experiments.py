"""The experiments there are: counted, with the folders above them, and asked for like runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jupyter_mlops.errors import Invalid
from jupyter_mlops.tracking import (
    archive_run,
    delete_run,
    find_experiments,
    finish_run,
    log_metrics,
    start_run,
)


@pytest.fixture
def filed(ws, clock) -> dict[str, str]:
    runs = {}
    for place, experiment in enumerate(("air/pm25", "air/pm25", "air/no2/deep", "air", "water", "air-old")):
        run = start_run(ws, name=f"run-{place}", experiment=experiment)
        log_metrics(ws, run=run.id, metrics={"mae": float(place)})
        clock.advance(60)
        runs[f"run-{place}"] = finish_run(ws, run=run.id).id
    return runs


def counted(found) -> list[tuple[str, int, int]]:
    return [(one.name, one.runs, one.below) for one in found]


def test_a_folder_stands_before_what_is_in_it_and_counts_it(ws, filed):
    assert counted(find_experiments(ws)) == [
        ("air", 1, 4),
        ("air/no2", 0, 1),
        ("air/no2/deep", 1, 1),
        ("air/pm25", 2, 2),
        ("air-old", 1, 1),
        ("water", 1, 1),
    ]


def test_the_newest_run_of_a_folder_is_the_newest_below_it(ws, clock, filed):
    found = {one.name: one.newest for one in find_experiments(ws)}
    assert found["air"] - found["air/pm25"] == timedelta(minutes=2)
    assert found["air/no2"] == found["air/no2/deep"]


def test_only_the_runs_that_a_query_finds_are_counted(ws, filed):
    assert counted(find_experiments(ws, "metrics.mae < 2 or name = 'run-4'")) == [
        ("air", 0, 2),
        ("air/pm25", 2, 2),
        ("water", 1, 1),
    ]
    assert find_experiments(ws, "name = 'nobody'") == ()


def test_archived_and_deleted_runs_count_only_where_they_are_asked_for(ws, filed):
    archive_run(ws, run=filed["run-4"])
    delete_run(ws, run=filed["run-5"])
    assert {"water", "air-old"}.isdisjoint(one.name for one in find_experiments(ws))
    assert ("water", 1, 1) in counted(find_experiments(ws, archived=True))


@pytest.mark.parametrize(
    ("query", "column"), [("metrics.mae <", 14), ("nosuch = 1", 1), ("status = 'x'", 10), ("name = 1", 8)]
)
def test_a_mistake_in_the_query_is_told_at_its_own_column(ws, filed, query, column):
    for archived in (False, True):
        with pytest.raises(Invalid) as wrong:
            find_experiments(ws, query, archived=archived)
        assert wrong.value.data["column"] == column
