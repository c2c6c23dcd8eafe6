from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.ledger import check_chain, export_head, history, verify_chain
from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.records.event import GENESIS, Event, chain_digest
from jupyter_mlops.workspace import Workspace, open_workspace

LINES = 30


@pytest.fixture
def told(ws: Workspace, clock: Any) -> Workspace:
    for n in range(LINES):
        clock.advance(1)
        with ws.store.write() as tx:
            tx.events.append(
                [ws.event("run.finished", f"run-{n}", status="finished", metric=n / 7, note="ü")]
            )
    return ws


def test_a_ledger_nobody_touched_holds(told: Workspace) -> None:
    report = verify_chain(told)
    assert (report.ok, report.events, report.first_bad, report.problem) == (True, LINES, None, "")
    assert report.head == export_head(told).digest == history(told)[-1].digest


def test_an_empty_ledger_holds(ws: Workspace) -> None:
    assert verify_chain(ws).head == GENESIS
    assert export_head(ws).sequence == 0


def test_a_ledger_longer_than_one_batch_holds(ws: Workspace) -> None:
    with ws.store.write() as tx:
        tx.events.append([ws.event("run.finished", f"r{n}") for n in range(2345)])
    assert verify_chain(ws).events == 2345


# --- changed values ------------------------------------------------------------------------------------------------


def changed(event: Event, field: str) -> Event:
    values: dict[str, Any] = {
        "sequence": event.sequence + 1,
        "at": event.at + timedelta(microseconds=1),
        "actor": replace(event.actor, name="eve"),
        "kind": "run.failed",
        "subject": "run-x",
        "data": dict(event.data) | {"metric": 0.1},
        "previous": "f" * 64,
        "digest": "f" * 64,
    }
    return replace(event, **{field: values[field]})


@pytest.mark.parametrize("place", [0, 12, LINES - 1])
@pytest.mark.parametrize(
    "field", ["sequence", "at", "actor", "kind", "subject", "data", "previous", "digest"]
)
def test_a_change_in_any_field_is_found_in_its_line(told: Workspace, field: str, place: int) -> None:
    events = list(history(told))
    events[place] = changed(events[place], field)
    report = check_chain(events)
    assert not report.ok
    # A line that lost its number shows as the gap where it stood.
    assert report.first_bad in {place + 1, place + 2}
    assert f"line {place + 1}" in report.problem


@pytest.mark.parametrize(
    "actor", [Actor(name="ana", via=Door.SERVER), Actor(name="ana", via=Door.PYTHON, authenticated=True)]
)
def test_the_door_and_the_proof_of_identity_are_part_of_the_line(told: Workspace, actor: Actor) -> None:
    events = list(history(told))
    events[3] = replace(events[3], actor=actor)
    assert check_chain(events).first_bad == 4


def test_a_changed_line_with_a_digest_made_anew_is_found_in_the_next(told: Workspace) -> None:
    events = list(history(told))
    forged = replace(events[9], subject="run-x")
    events[9] = replace(forged, digest=chain_digest(forged))
    report = check_chain(events)
    assert (report.first_bad, report.events) == (11, 10)
    assert "predecessor" in report.problem


def test_a_missing_line_is_named(told: Workspace) -> None:
    events = list(history(told))
    del events[4]
    assert check_chain(events).problem == "line 5 is missing: after line 4 comes line 6"


def test_lines_that_changed_places_are_named(told: Workspace) -> None:
    events = list(history(told))
    events[4], events[5] = events[5], events[4]
    assert "line 5" in check_chain(events).problem


def test_a_doubled_line_is_named(told: Workspace) -> None:
    events = list(history(told))
    events.insert(5, events[4])
    report = check_chain(events)
    assert report.first_bad == 6
    assert "doubled" in report.problem


def test_a_line_spliced_in_from_another_ledger_is_named(told: Workspace, memory_ws: Workspace) -> None:
    other = replace(memory_ws, store=open_workspace("memory://", start=Path(), environ={}).store)
    with other.store.write() as tx:
        tx.events.append([other.event("alias.moved", "pm25@champion", version=9) for _ in range(LINES)])
    events = list(history(told))
    events[7:] = history(other)[7:]
    assert check_chain(events).first_bad == 8


def test_a_clock_that_went_backwards_is_a_note_and_no_fault(ws: Workspace, clock: Any) -> None:
    for step in (0, -3600):
        clock.advance(step)
        with ws.store.write() as tx:
            tx.events.append([ws.event("run.finished", "r")])
    report = verify_chain(ws)
    assert report.ok
    assert "line 2: the clock went backwards" in report.notes[0]


# --- heads kept elsewhere -------------------------------------------------------------------------------------------


def test_only_an_exported_head_shows_a_cut_tail(told: Workspace) -> None:
    head = export_head(told)
    events = list(history(told))[:-5]
    assert check_chain(events).ok
    fresh = replace(told, store=open_workspace("memory://", start=Path(), environ={}).store)
    with fresh.store.write() as tx:
        tx.events.append([replace(e, sequence=0, previous="", digest="") for e in events])
    report = verify_chain(fresh, sequence=head.sequence, head=head.digest)
    assert (report.ok, report.first_bad) == (False, LINES)
    assert "ends at line 25" in report.problem
    assert verify_chain(told, sequence=head.sequence, head=head.digest).ok


def test_only_an_exported_head_shows_a_chain_written_anew(told: Workspace) -> None:
    head = export_head(told)
    fresh = replace(told, store=open_workspace("memory://", start=Path(), environ={}).store)
    with fresh.store.write() as tx:
        tx.events.append([fresh.event("run.finished", f"other-{n}") for n in range(LINES)])
    assert verify_chain(fresh).ok
    assert "written anew" in verify_chain(fresh, sequence=head.sequence, head=head.digest).problem
    assert verify_chain(told, sequence=3, head=history(told)[2].digest).ok


# --- a damaged copy of a real database ------------------------------------------------------------------------------


@pytest.fixture
def copy(sql_ws: Workspace, clock: Any, tmp_path: Path) -> Path:
    """The SQLite file of a ledger of thirty lines, copied to where it can be damaged."""
    for n in range(LINES):
        clock.advance(1)
        with sql_ws.store.write() as tx:
            tx.events.append([sql_ws.event("run.finished", f"run-{n}", metric=n / 7)])
    sql_ws.store.close()
    place = tmp_path / "copy" / ".mlops"
    place.mkdir(parents=True)
    source = Path(sql_ws.settings.store.removeprefix("sqlite:///"))
    for file in source.parent.glob("store.db*"):
        shutil.copy(file, place / file.name)
    return place


def damage(folder: Path, *statements: str) -> None:
    database = sqlite3.connect(folder / "store.db")
    with database:
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
    database.close()


def verified(folder: Path) -> Any:
    ws = open_workspace(folder, start=folder, environ={})
    try:
        return verify_chain(ws)
    finally:
        ws.store.close()


def columns(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "store.db")
    names = [row[1] for row in database.execute("PRAGMA table_info(events)")]
    database.close()
    return names


def test_the_copy_holds_before_it_is_damaged(copy: Path) -> None:
    assert verified(copy).events == LINES


def test_a_flipped_byte_in_any_column_is_found_in_its_line(copy: Path) -> None:
    pristine = (copy / "store.db").read_bytes()
    for name in columns(copy):
        if name == "sequence":
            damage(copy, "UPDATE events SET sequence = 99 WHERE sequence = 17")
        else:
            # the last character of the value becomes another one
            last = f"substr({name}, -1)"
            other = f"CASE {last} WHEN 'e' THEN 'f' ELSE 'e' END"
            damage(
                copy,
                f"UPDATE events SET {name} = substr({name}, 1, length({name}) - 1) || {other} WHERE sequence = 17",
            )
        report = verified(copy)
        assert not report.ok, name
        assert report.first_bad == 17, (name, report)
        assert "line 17" in report.problem, (name, report)
        for file in copy.glob("store.db*"):
            file.unlink()
        (copy / "store.db").write_bytes(pristine)


def test_every_byte_of_a_line_counts(copy: Path) -> None:
    database = sqlite3.connect(copy / "store.db")
    (body,) = database.execute("SELECT body FROM events WHERE sequence = 17").fetchone()
    database.close()
    for place in range(0, len(body), 3):
        flipped = body[:place] + ("0" if body[place] != "0" else "1") + body[place + 1 :]
        if _reads_the_same(body, flipped):
            continue
        damage(copy, "UPDATE events SET body = '" + flipped.replace("'", "''") + "' WHERE sequence = 17")
        report = verified(copy)
        assert (report.ok, report.first_bad) == (False, 17), (place, body, flipped, report)
    damage(copy, "UPDATE events SET body = '" + body.replace("'", "''") + "' WHERE sequence = 17")
    assert verified(copy).ok


def _reads_the_same(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("statements", "bad"),
    [
        (["DELETE FROM events WHERE sequence = 9"], 9),
        (["DELETE FROM events WHERE sequence = 1"], 1),
        (["UPDATE events SET sequence = -1 WHERE sequence = 9", "UPDATE events SET sequence = 9 WHERE sequence = 10",
          "UPDATE events SET sequence = 10 WHERE sequence = -1"], 9),
        (["DELETE FROM events WHERE sequence = 9", "UPDATE events SET sequence = 9 WHERE sequence = 30"], 9),
        (["UPDATE events SET body = (SELECT body FROM events WHERE sequence = 3) WHERE sequence = 12"], 12),
        (["UPDATE events SET body = 'not json' WHERE sequence = 5"], 5),
        (["UPDATE events SET body = '{}' WHERE sequence = 5"], 5),
        (["UPDATE events SET body = NULL WHERE sequence = 5"], 5),
    ],
)  # fmt: skip
def test_a_damaged_copy_names_its_first_bad_line(copy: Path, statements: list[str], bad: int) -> None:
    try:
        damage(copy, *statements)
    except sqlite3.IntegrityError:
        assert "NULL" in statements[0]  # the schema itself refuses it
        return
    report = verified(copy)
    assert (report.ok, report.first_bad, report.events) == (False, bad, bad - 1)
    assert report.problem
