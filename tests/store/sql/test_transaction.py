"""Collections over the tables: the record and its index change together, and what a record owned goes with it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts.samples import cell, curve, everything, model, point, prediction, run, version
from sqlalchemy import Table, func, select

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.records.query import Query, query
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.store import open_store
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql import selects, transaction
from jupyter_mlops.store.sql.tables import METADATA, PARAMS, SCHEMA, TAGS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


def rows(tx: Any, table: Table) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in tx.metrics._session.connection.execute(select(table)))


def filled(tx: Any) -> set[str]:
    """The tables in which anything lies."""
    connection = tx.metrics._session.connection
    tables = [table for table in METADATA.sorted_tables if table is not SCHEMA]
    return {
        table.name
        for table in tables
        if connection.execute(select(func.count()).select_from(table)).scalar_one()
    }


def changes(tx: Any) -> int:
    count: int = tx.metrics._session.connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return count


# ── the index of runs ────────────────────────────────────────────────────────────────────────────────


def test_the_index_follows_whatever_a_run_is_replaced_by(store: Store) -> None:
    with store.write() as tx:
        tx.runs.add(run(params={"a": 1, "b": "x"}, tags={"team": "risk"}))
        tx.runs.replace(run(params={"a": True, "c": 0.5}, tags={}))
        assert [(row[1], *row[2:]) for row in rows(tx, PARAMS)] == [
            ("a", None, None, True), ("c", 0.5, None, None)
        ]  # fmt: skip
        assert rows(tx, TAGS) == []
        tx.runs.replace(run(params={}, tags={"team": "ops"}))
        assert (rows(tx, PARAMS), rows(tx, TAGS)) == ([], [("r1", "team", "ops")])


def test_a_run_that_only_ends_costs_one_changed_row(store: Store) -> None:
    """It is replaced many times while it goes on, and may have hundreds of parameters."""
    one = run(params={f"p{number}": number for number in range(200)}, tags={"team": "risk"})
    with store.write() as tx:
        tx.runs.add(one)
        before = changes(tx)
        tx.runs.replace(replace(one, status=RunStatus.FINISHED))
        assert changes(tx) == before + 1
        assert len(rows(tx, PARAMS)) == 200


def test_a_parameter_that_changes_only_its_type_is_indexed_anew(store: Store) -> None:
    """Python calls 1 and True equal; a query does not."""
    with store.write() as tx:
        tx.runs.add(run(params={"on": 1}))
        tx.runs.replace(run(params={"on": True}))
        assert tx.runs.find(query("params.on = true")).total == 1
        assert tx.runs.find(query("params.on = 1")).total == 0


# ── removing ─────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_a_removed_run_or_deployment_is_left_in_any_table(store: Store) -> None:
    with store.write() as tx:
        tx.runs.add(run("r1", params={"a": 1}, tags={"t": "x"}))
        tx.metrics.extend([curve("r1", range(1, 20)), curve("r1", range(20, 30), key="acc")])
        tx.cells.append("r1", [cell(1)])
        tx.deployments.add(everything()["deployments"])
        tx.predictions.append([prediction("e1", 1)])
        assert len(filled(tx)) == 9
        tx.runs.remove("r1")
        assert filled(tx) == {"deployments", "predictions"}
        tx.deployments.remove("e1")
        assert filled(tx) == set()


def test_a_run_that_comes_again_has_nothing_of_the_one_before(store: Store) -> None:
    with store.write() as tx:
        tx.runs.add(run("r1"))
        tx.metrics.append([point("r1", 1, 1.0)])
        tx.runs.remove("r1")
        tx.runs.add(run("r1"))
        assert dict(tx.runs.get("r1").metrics) == {}
        tx.metrics.append([point("r1", 1, 2.0)])
        assert [one.value for one in tx.metrics.read("r1")] == [2.0]


def test_what_is_still_referred_to_says_by_how_many_and_what_to_remove_first(store: Store) -> None:
    with store.write() as tx:
        tx.models.add(model())
        for number in (1, 2, 3):
            tx.versions.add(version(number=number))
        with pytest.raises(Conflict, match="model pm25 is still referred to by 3 of the versions") as refusal:
            tx.models.remove("pm25")
        assert refusal.value.remedy == "Remove those versions first."
        assert tx.models.get("pm25").name == "pm25"


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_shelf_has_its_collection_and_no_two_share_records(store: Store, shelf: str) -> None:
    record = everything()[shelf]
    key = SHELVES[shelf].key_of(record)
    with store.write() as tx:
        getattr(tx, shelf).add(record)
        assert [name for name in SHELVES if getattr(tx, name).find(Query()).total] == [shelf]
        with pytest.raises(Conflict, match="there is already a"):
            getattr(tx, shelf).add(record)
        getattr(tx, shelf).remove(*key)
        with pytest.raises(NotFound):
            getattr(tx, shelf).get(*key)


def test_a_key_of_too_many_or_too_few_parts_is_refused_before_the_database_is_asked(store: Store) -> None:
    with store.write() as tx:
        for act in (tx.versions.get, tx.versions.remove):
            for key in (("pm25",), ("pm25", 1, 2)):
                with pytest.raises(Invalid, match="found by model, version"):
                    act(*key)


def test_a_name_that_is_no_shelf_is_no_attribute(store: Store) -> None:
    with store.read() as tx, pytest.raises(AttributeError, match="experiments"):
        _ = tx.experiments  # type: ignore[attr-defined]


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_longer_than_one_statement_can_name_has_every_runs_metrics(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "_CHUNK", 3)
    with store.write() as tx:
        for number in range(8):
            tx.runs.add(run(f"r{number}"))
            tx.metrics.append(
                [point(f"r{number}", 1, float(number)), point(f"r{number}", 2, math.nan, "acc")]
            )
        page = tx.runs.find(query(order="id"))
    assert [one.metrics["mae"] for one in page] == [float(number) for number in range(8)]
    assert all(math.isnan(one.metrics["acc"]) for one in page)


@pytest.mark.parametrize("where", ["metrics.mae > 0", "metrics.mae.max > 0", "metrics.mae.count > 0"])
@pytest.mark.parametrize("many", [0, 2_000])
def test_a_run_that_went_to_both_infinities_has_no_mean_and_comes_last(
    store: Store, monkeypatch: pytest.MonkeyPatch, where: str, many: int
) -> None:
    monkeypatch.setattr(selects, "_MANY", many)
    values = {"r1": (1.0, 2.0), "r2": (math.inf, -math.inf, 5.0), "r3": (0.5, 1.0)}
    with store.write() as tx:
        for name, logged in values.items():
            tx.runs.add(run(name))
            tx.metrics.append([point(name, place, value) for place, value in enumerate(logged, 1)])
        page = tx.runs.find(query(where, order="metrics.mae.mean"))
    assert (page.total, [one.id for one in page]) == (3, ["r3", "r1", "r2"])


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("part", ["", ".max", ".mean"])
def test_pages_run_on_over_the_border_to_those_that_have_no_such_metric(
    store: Store, monkeypatch: pytest.MonkeyPatch, limit: int, part: str
) -> None:
    """Where many are meant, who has a value is looked for first and who has none after: one list all the same."""
    monkeypatch.setattr(selects, "_MANY", 0)
    with store.write() as tx:
        for number in range(6):
            tx.runs.add(run(f"r{number}"))
        tx.metrics.append(
            [point("r4", 1, 1.0), point("r1", 1, 2.0), point("r3", 1, math.nan), point("r5", 1, 1.0)]
        )
    seen: list[str] = []
    sizes: list[int] = []
    cursor = None
    with store.read() as tx:
        while True:
            page = tx.runs.find(query(order=f"metrics.mae{part}", limit=limit, cursor=cursor))
            assert page.total == 6
            seen += [one.id for one in page]
            sizes.append(len(page))
            cursor = page.cursor
            if cursor is None:
                break
    assert seen == ["r4", "r5", "r1", "r0", "r2", "r3"]
    assert sizes[:-1] == [limit] * (len(sizes) - 1)
