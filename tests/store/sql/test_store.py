"""The SQL store as a whole: addresses, what becomes of the database's own errors, and forked children."""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from contracts.samples import event, run
from sqlalchemy.exc import OperationalError

from jupyter_mlops.errors import Conflict, MlopsError, NotFound, Unavailable
from jupyter_mlops.records.query import Query
from jupyter_mlops.store import open_store
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.store import dialect_of, open_sql, translated, upgrade_sql
from jupyter_mlops.store.sql.tables import REVISION


def in_a_child(act: Callable[[], None]) -> None:
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - it must not go on as a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────


def test_a_relative_address_means_the_folder_it_was_opened_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert dialect_of("sqlite:///books/store.db").place == str(tmp_path / "books" / "store.db")
    store = open_store("sqlite:///books/store.db")
    store.close()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with store.write() as tx:
        tx.runs.add(run())
    assert (tmp_path / "books" / "store.db").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    store.close()


def test_the_address_says_which_database_is_asked() -> None:
    assert dialect_of("sqlite:////tmp/x.db").place == "/tmp/x.db"
    for url in ("postgresql://ana:secret@host/x", "postgresql+psycopg://ana:secret@host/x"):
        assert dialect_of(url).name == "postgresql"
        assert "secret" not in dialect_of(url).place


@pytest.mark.parametrize("act", [open_sql, upgrade_sql])
def test_a_file_that_is_something_else_is_refused_and_left_as_it_is(
    tmp_path: Path, act: Callable[[str], object]
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are notes, and no database at all\n" * 100)
    with pytest.raises(Unavailable, match="notes.txt") as refusal:
        act(f"sqlite:///{path}")
    assert "of a file that is not there yet" in refusal.value.remedy
    assert path.read_text() == "these are notes, and no database at all\n" * 100


@pytest.mark.parametrize("act", [open_sql, upgrade_sql])
def test_an_opening_that_is_refused_leaves_no_connection_behind(
    tmp_path: Path, act: Callable[[str], object]
) -> None:
    path = tmp_path / "store.db"
    open_sql(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE mlops_schema SET version_num = '9999'")
    with pytest.raises(Unavailable, match="9999") as refusal:
        act(f"sqlite:///{path}")
    # Whoever keeps the error, as a notebook does, keeps all that its frames hold.
    assert refusal.tb is not None
    open_files = {os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")}
    assert str(path.resolve()) not in open_files


def test_upgrading_a_place_where_nothing_is_makes_it_and_again_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    first, second = upgrade_sql(url), upgrade_sql(url)
    assert (first.before, first.after) == (None, REVISION)
    assert (second.before, second.changed) == (REVISION, False)


# ── errors ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("could not connect to server: Connection refused", "the server runs"),
        ("canceling statement due to lock timeout", "Another process holds the store"),
        ("database is locked", "jupyter mlops doctor"),
        ("attempt to write a readonly database", "writable for this account"),
        ("database or disk is full", "Free some space"),
        ("file is not a database", "path of a jupyter-mlops store"),
        ("permission denied for table runs", "account that owns the database"),
        ("database disk image is malformed", "restore a backup"),
        ("something nobody has seen before", "jupyter mlops doctor"),
    ],
)
def test_what_the_database_says_is_passed_on_with_what_helps(
    tmp_path: Path, reason: str, advice: str
) -> None:
    original = sqlite3.OperationalError(f"{reason}\nLINE 1: SELECT …")
    for failure in (original, OperationalError("SELECT 1", {}, original)):
        with pytest.raises(Unavailable) as caught, translated(Sqlite(tmp_path / "store.db")):
            raise failure
        assert caught.value.message == f"the store {tmp_path}/store.db did not do its part: {reason}"
        assert advice in caught.value.remedy
        assert caught.value.__cause__ is failure


@pytest.mark.parametrize("failure", [sqlite3.OperationalError(), sqlite3.Error("  \n ")])
def test_an_error_without_words_is_called_by_its_name(tmp_path: Path, failure: Exception) -> None:
    with pytest.raises(Unavailable, match=type(failure).__name__), translated(Sqlite(tmp_path / "store.db")):
        raise failure


def test_errors_of_ours_and_of_the_caller_come_out_as_they_are(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    for failure in (NotFound("no", remedy="x"), KeyError("mine"), KeyboardInterrupt()):
        with pytest.raises(type(failure)) as caught, store.write() as tx:
            tx.runs.add(run())
            raise failure
        assert caught.value is failure
    with store.write() as tx:  # and the store goes on
        assert tx.runs.find(Query()).total == 0
    store.close()


def test_a_store_that_cannot_be_written_any_more_says_so_and_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    with store.write() as tx:
        tx.runs.add(run())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT raise(FAIL, 'disk is full'); END"
        )
    with pytest.raises(Unavailable, match="disk is full") as refusal, store.write() as tx:
        tx.runs.add(run("r2"))
    assert "Free some space" in refusal.value.remedy
    with store.read() as tx:
        assert tx.runs.find(Query()).total == 1
    store.close()


def test_a_transaction_that_failed_lets_the_thread_write_again(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    with pytest.raises(MlopsError), store.write() as tx:
        tx.runs.get("nobody")
    with store.write() as tx:
        tx.runs.add(run())
        with pytest.raises(Conflict, match="already writing") as refusal, store.write():
            pass
        assert "Pass the open transaction on" in refusal.value.remedy
        tx.events.append([event()])
    store.close()


# ── forked children ──────────────────────────────────────────────────────────────────────────────────


def test_a_forked_childs_first_write_is_guarded_like_any_other(tmp_path: Path) -> None:
    """Else the inner one would wait for the outer one's lock, minutes long, and in vain."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")

    def act() -> None:
        with store.write() as tx:
            tx.runs.add(run("child"))
            with pytest.raises(Conflict, match="already writing"), store.write():
                pass

    in_a_child(act)
    with store.read() as tx:
        assert tx.runs.get("child").id == "child"
    store.close()


def test_a_child_forked_in_the_middle_of_a_write_is_refused_at_once(tmp_path: Path) -> None:
    """It has a copy of what SQLite knows of the parent's lock, and would wait for that lock for ever."""
    store = open_store(f"sqlite:///{tmp_path}/store.db")

    def act() -> None:
        with pytest.raises(Conflict, match="already writing"), store.write():
            pass

    with store.write() as tx:
        tx.runs.add(run("parent"))
        in_a_child(act)
        tx.runs.add(run("after"))
    with store.read() as tx:
        assert tx.runs.find(Query()).total == 2
    store.close()
