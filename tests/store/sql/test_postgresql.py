"""PostgreSQL passes the suite, and takes its writers in turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from contracts.samples import full_run, run
from contracts.store import StoreContract, same

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.event import chain_digest
from jupyter_mlops.records.query import Query, query
from jupyter_mlops.store import open_store, upgrade_store
from jupyter_mlops.store.protocol import Store
from jupyter_mlops.store.sql import postgresql as module
from jupyter_mlops.store.sql.migrate import MIGRATIONS, _migrate
from jupyter_mlops.store.sql.tables import METADATA, REVISION, SCHEMA
from store.sql.postgres import execute
from store.sql.test_processes import together


@pytest.fixture(scope="module")
def kept(postgres: str) -> Iterator[tuple[Store, str]]:
    """A store used by the whole suite; each test finds it emptied."""
    execute(postgres.format("postgres"), "CREATE DATABASE suite")
    address = postgres.format("suite")
    store = open_store(address)
    yield store, address
    store.close()


class TestPostgreSql(StoreContract):
    @pytest.fixture
    def store(self, kept: tuple[Store, str]) -> Store:
        store, address = kept
        # Faster than TRUNCATE for a handful of rows.
        execute(address, ";".join(f'DELETE FROM "{name}"' for name in METADATA.tables if name != SCHEMA.name))
        return store


WRITES = """
for number in range(count):
    with store.write() as tx:
        tx.runs.add(Run(id=f"{name}-{number}", experiment="e", name=name, started=now, actor=ana))
        tx.events.append([Event(at=now, actor=ana, kind="run.started", subject=f"{name}-{number}")])
"""


def assert_all_written(database: str, count: int) -> None:
    """Every run, and a line of the ledger for each, one chained to the other."""
    with open_store(database).read() as tx:
        assert tx.runs.find(Query()).total == count
        events = tx.events.read()
    assert [one.sequence for one in events] == list(range(1, count + 1))
    assert [chain_digest(one) for one in events] == [one.digest for one in events]


def test_processes_may_use_a_new_database_first_and_write_at_once(database: str) -> None:
    together(f"wait()\nstore = open_store(url)\n{WRITES}", database, 5, 10)
    assert_all_written(database, 50)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_where_the_server_is_stricter_by_default_writers_still_find_what_the_one_before_wrote(
    database: str, level: str
) -> None:
    """The moment such a transaction sees is that of its first statement: of the one that waits for its turn."""
    open_store(database).close()
    setting = f"SET default_transaction_isolation TO ''{level}''"
    execute(
        database, f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {setting}', current_database()); END $$"
    )
    together(f"store = open_store(url)\nwait()\n{WRITES}", database, 4, 25)
    assert_all_written(database, 100)


def test_a_writer_that_waited_long_enough_says_who_holds_the_store_up_and_nothing_is_written(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.2)
    store = open_store(database)
    with psycopg.connect(database) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({module._LOCK})")
        with pytest.raises(Unavailable, match="lock timeout") as caught, store.write() as tx:
            tx.runs.add(run())
        assert "find and end the one that hangs" in caught.value.remedy
        with store.read() as tx:  # a reader waits for nobody
            assert tx.runs.find(Query()).total == 0
    with store.write() as tx:
        tx.runs.add(run())
    with store.read() as tx:
        assert tx.runs.get("r1").id == "r1"


def test_a_new_database_has_the_schema_that_the_migrations_lead_to(database: str, postgres: str) -> None:
    from sqlalchemy import create_engine

    open_store(database).close()
    execute(postgres.format("postgres"), "CREATE DATABASE migrated")
    engines = [
        create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
        for address in (database, postgres.format("migrated"))
    ]
    with engines[0].connect() as made, engines[1].begin() as migrated:
        _migrate(migrated, MIGRATIONS, "head")
        assert len(columns(made)) > 100
        assert columns(migrated) == columns(made)
    for engine in engines:
        engine.dispose()


def columns(connection: object) -> set[tuple[object, ...]]:
    from sqlalchemy import text

    said = connection.execute(  # type: ignore[attr-defined]
        text(
            "SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns "
            "WHERE table_schema = 'public'"
        )
    ).all()
    indexes = connection.execute(text("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")).all()  # type: ignore[attr-defined]
    return {tuple(row) for row in (*said, *indexes)}


def test_upgrading_what_is_current_is_no_change(database: str) -> None:
    open_store(database).close()
    done = upgrade_store(database)
    assert (done.changed, done.after) == (False, REVISION)
    execute(database, "UPDATE mlops_schema SET version_num = '9999'")
    with pytest.raises(Unavailable, match="9999"):
        open_store(database)


def of_first_release(address: str) -> None:
    """Make the first schema, with a run's points."""
    from sqlalchemy import create_engine

    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        _migrate(connection, MIGRATIONS, "0001")
    engine.dispose()
    execute(
        address,
        "INSERT INTO metric_points (owner, sequence, key, value, step, at) "
        "SELECT 'r1', n, 'loss', CASE WHEN n = 7 THEN NULL ELSE n / 3.0::float8 END, n - 1, 1767600000000000 + n "
        "FROM generate_series(1, 20000) AS n",
    )


def test_upgrading_packs_the_points_and_keeps_a_copy_in_a_schema_of_its_own(database: str) -> None:
    of_first_release(database)
    execute(database, "CREATE SCHEMA mlops_schema_0001_1")
    with pytest.raises(Unavailable, match="jupyter mlops upgrade|0001"):
        open_store(database)
    done = upgrade_store(database)
    assert (done.before, done.after, done.changed) == ("0001", REVISION, True)
    assert done.backup is not None
    assert "mlops_schema_0001_2" in done.backup
    with open_store(database).read() as tx:
        points = tx.metrics.read("r1", limit=50_000)
    assert [point.sequence for point in points] == list(range(1, 20_001))
    assert [point.value for point in points if point.sequence != 7] == [
        n / 3 for n in range(1, 20_001) if n != 7
    ]
    execute(
        database,
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM mlops_schema_0001_2.metric_points) = 20000; END $$",
        "DO $$ BEGIN ASSERT (SELECT version_num FROM mlops_schema_0001_2.mlops_schema) = '0001'; END $$",
    )


def test_of_two_that_upgrade_at_once_one_does_and_the_other_waits(database: str) -> None:
    of_first_release(database)
    assert sorted(upgrades(database)) == [f"0001 {REVISION}", f"{REVISION} {REVISION}"]


def upgrades(url: str) -> list[str]:
    """Upgrade from two processes at once; return what each found and left."""
    program = (
        "import sys; from jupyter_mlops.store import upgrade_store; sys.stdin.readline(); "
        "done = upgrade_store(sys.argv[1]); print(done.before, done.after)"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [child.communicate()[0].strip() for child in children]


def test_another_programs_tables_are_refused_only_where_they_take_our_names(database: str) -> None:
    execute(database, "CREATE TABLE experiments (x int)")
    open_store(database).close()
    execute(database, "DROP TABLE mlops_schema")
    with pytest.raises(Unavailable, match="another program's"):
        open_store(database)


def test_a_server_that_is_not_there_is_unavailable_and_its_password_unsaid(database: str) -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql://ana:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    assert "server runs" in caught.value.remedy


def test_an_address_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Invalid, match="PostgreSQL"):
        open_store("postgresql://ana@host:port/x")


def test_connections_that_the_server_closed_are_made_anew(database: str) -> None:
    store = open_store(database)
    with store.write() as tx:
        tx.runs.add(run())
    execute(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    with store.read() as tx:
        assert tx.runs.get("r1").id == "r1"


def test_what_sqlite_holds_moves_over_unchanged(database: str) -> None:
    record = replace(full_run(), notes=("\x00 and \udc80",))
    store = open_store(database)
    with store.write() as tx:
        tx.runs.add(record)
    with store.read() as tx:
        assert same(tx.runs.get("r1"), record)
        assert tx.runs.find(query("error.kind = 'ValueError' and source.commit = 'c0ffee'")).total == 1


def test_without_its_library_the_command_is_named() -> None:
    script = """
import sys
sys.modules["psycopg"] = None
from jupyter_mlops.store import open_store
from jupyter_mlops.errors import Unavailable
try:
    open_store("postgresql://ana@host/x")
except Unavailable as failure:
    print(failure.remedy)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert 'pip install "psycopg[binary]"' in said
