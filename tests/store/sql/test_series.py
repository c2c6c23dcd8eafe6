"""Cells, predictions and the ledger over the tables: each once, and no line that says one thing and is found by another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contracts.samples import NOON, cell, event, prediction

from jupyter_mlops.errors import Invalid
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.event import GENESIS, chained
from jupyter_mlops.store import open_store
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.sql.mapping import to_text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{path}")
    yield store
    store.close()


def change(path: Path, statement: str, *values: object) -> None:
    """As somebody does who has the file and no respect."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def test_only_predictions_that_are_not_there_are_written_within_a_call_and_between_calls(
    store: Store,
) -> None:
    def told(*requests: tuple[int, str]) -> list[Any]:
        return [replace(prediction("e", sequence), request=request) for sequence, request in requests]

    with store.write() as tx:
        tx.predictions.append(told((5, "first"), (5, "again"), (2, "first")))
        tx.predictions.append([*told((1, "late"), (5, "later"), (9, "late")), prediction("f", 5)])
        tx.predictions.append(told((1, "x"), (2, "x"), (5, "x"), (9, "x")))
    with store.read() as tx:
        assert [(one.sequence, one.request) for one in tx.predictions.read("e")] == [
            (1, "late"), (2, "first"), (5, "first"), (9, "late")
        ]  # fmt: skip
        assert [one.sequence for one in tx.predictions.read("e", after=1, limit=2)] == [2, 5]
        assert [one.sequence for one in tx.predictions.read("f")] == [5]


def test_a_run_rests_on_a_cell_once_in_each_session(store: Store) -> None:
    later = replace(cell(1), source="changed")
    with store.write() as tx:
        tx.cells.append("r1", [cell(1), later, cell(1, "s2"), cell(2)])
        tx.cells.append("r1", [later, cell(2, "s2")])
        tx.cells.append("r2", [later])
    with store.read() as tx:
        assert [(one.session, one.sequence, one.source) for one in tx.cells.read("r1")] == [
            (session, sequence, cell(1).source) for session in ("s1", "s2") for sequence in (1, 2)
        ]
        assert [one.source for one in tx.cells.read("r2")] == ["changed"]


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_read_of_one_kind_is_its_family_and_no_neighbour(store: Store) -> None:
    """``run.`` is a range in the index; what stands right before and behind it must not slip in."""
    kinds = ["run", "run-x", "run.", "run.a", "run.\U0001f600", "run/", "run0", "runa", "Run.a"]
    with store.write() as tx:
        tx.events.append([event(kind=kind) for kind in kinds])
    with store.read() as tx:
        assert [one.kind for one in tx.events.read(kind="run.")] == ["run.", "run.a", "run.\U0001f600"]
        assert [one.kind for one in tx.events.read(kind="run")] == ["run"]
        assert [one.sequence for one in tx.events.read(kind="run.", after=3, limit=1)] == [4]


def test_each_transaction_goes_on_where_the_ledger_stands(store: Store) -> None:
    with store.write() as tx:
        assert tx.events.head() is None
        first, second = tx.events.append([event("a"), event("b")])
        assert tx.events.head() == second
    with store.write() as tx:
        (third,) = tx.events.append([event("c")])
    assert (first.previous, second.previous, third.previous) == (GENESIS, first.digest, second.digest)
    with store.read() as tx:
        assert tx.events.read() == (first, second, third)
        assert tx.events.head() == third


@pytest.mark.parametrize(
    ("column", "value"), [("kind", "run.finished"), ("subject", "r2"), ("digest", "0" * 64), ("sequence", 7)]
)
def test_a_line_whose_columns_say_something_else_is_not_believed(
    store: Store, path: Path, column: str, value: object
) -> None:
    """Who changes only the column hides the line from a search, and leaves the chain as it was."""
    with store.write() as tx:
        tx.events.append([event("r1", "alias.moved")])
    change(path, f"UPDATE events SET {column} = ?", value)
    with store.read() as tx, pytest.raises(Invalid, match="do not say what the line itself says") as refusal:
        tx.events.read()
    # Whoever reads this may be at "jupyter mlops verify" already; the message itself names the line.
    assert ("restore it from a copy" in refusal.value.remedy, "verify" in refusal.value.remedy) == (
        True,
        False,
    )


def test_a_line_that_was_rewritten_whole_is_read_and_left_to_the_chain(store: Store, path: Path) -> None:
    with store.write() as tx:
        (kept,) = tx.events.append([event("r1", "alias.moved")])
    forged = replace(kept, at=NOON.replace(year=2020))
    change(path, "UPDATE events SET body = ?", to_text(encode(forged)))
    with store.read() as tx:
        assert tx.events.read() == (forged,)
    assert chained(replace(forged, sequence=0), None).digest != kept.digest


@pytest.mark.parametrize(
    ("kinds", "decided"),
    [
        ([], False),
        (["run.started", "job.failed", "reviewer.asked"], False),
        (["alias.moved"], True),
        (["run.started", "review.decided", "run.finished"], True),
        (["policy.set"], True),
        (["version.registered"], True),
        (["model.created"], True),
    ],
)
def test_a_transaction_knows_whether_it_must_survive_a_power_cut(
    store: Store, kinds: list[str], decided: bool
) -> None:
    with store.write() as tx:
        for kind in kinds:
            tx.events.append([event(kind=kind)])
        assert tx.events.decided is decided  # type: ignore[attr-defined]
