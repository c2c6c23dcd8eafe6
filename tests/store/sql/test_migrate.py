"""Schemas: made, compared with the migrations, refused, upgraded."""

from __future__ import annotations

import json
import math
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contracts.samples import full_run, point, run
from contracts.store import same

from jupyter_mlops.errors import Invalid, Unavailable
from jupyter_mlops.records.query import Query, query
from jupyter_mlops.store import open_store, upgrade_store
from jupyter_mlops.store.sql.migrate import MIGRATIONS, require_current, upgrade
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.tables import HISTORY, REVISION

OLD = Path(__file__).parents[2] / "old" / "0.1.0a1" / "store.db"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOMORROW = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{before}"
def upgrade():
    op.add_column("runs", sa.Column("mood", sa.Text()))
    {more}
"""


def made(path: Path) -> str:
    """Make a store with one run; return its address."""
    url = f"sqlite:///{path}"
    store = open_store(url)
    with store.write() as tx:
        tx.runs.add(full_run())
    store.close()
    return url


def schema(path: Path) -> set[tuple[str, str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    return {
        (kind, name, " ".join((sql or "").split()).replace("( ", "(").replace(" )", ")"))
        for kind, name, sql in rows
    }


def stamped(path: Path, revision: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE mlops_schema SET version_num = ?", (revision,))


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Today's migrations and one of tomorrow."""
    folder = tmp_path / "100% migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "v9999_tomorrow.py").write_text(TOMORROW.format(before=REVISION, more=""))
    return folder


def test_a_new_store_has_the_schema_that_the_migrations_lead_to(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    made(tmp_path / "new.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, "head")
    engine.dispose()
    assert schema(tmp_path / "migrated.db") == schema(tmp_path / "new.db")


def test_the_list_of_revisions_is_that_of_the_migrations() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(reversed([script.revision for script in scripts.walk_revisions()])) == HISTORY
    assert scripts.get_current_head() == REVISION


def test_an_old_schema_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    made(tmp_path / "store.db")
    dialect = Sqlite(tmp_path / "store.db")
    with pytest.raises(Unavailable, match=r"jupyter mlops upgrade") as caught:
        require_current(dialect.engine(), dialect, history=(*HISTORY, "9999"))
    assert caught.value.data == {"found": REVISION, "needed": "9999"}


def test_a_schema_of_the_future_is_refused(tmp_path: Path) -> None:
    url = made(tmp_path / "store.db")
    stamped(tmp_path / "store.db", "9999")
    for act in (open_store, upgrade_store):
        with pytest.raises(Unavailable, match=r"9999.*in its checkout, say pip install"):
            act(url)


def test_a_stamp_that_is_missing_is_refused(tmp_path: Path) -> None:
    url = made(tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("DELETE FROM mlops_schema")
    with pytest.raises(Unavailable, match="does not know"):
        open_store(url)


@pytest.mark.parametrize("act", [open_store, upgrade_store])
def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, act: object) -> None:
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE runs (x)")
        connection.execute("CREATE TABLE alembic_version (version_num)")
    before = schema(path)
    with pytest.raises(Unavailable, match="alembic_version, runs") as refusal:
        act(f"sqlite:///{path}")
    assert "JUPYTER_MLOPS_STORE" in refusal.value.remedy
    assert schema(path) == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, please keep them " * 40)
    with pytest.raises(Unavailable, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_text().startswith("these are my notes")


def test_upgrading_keeps_the_records_and_a_backup(tmp_path: Path, scripts: Path) -> None:
    path = tmp_path / "store.db"
    made(path)
    before = schema(path)
    dialect = Sqlite(path)
    done = upgrade(dialect.engine(), dialect, history=(*HISTORY, "9999"), scripts=scripts)
    assert (done.before, done.after, done.changed) == (REVISION, "9999", True)
    assert "mood" in next(sql for _, name, sql in schema(path) if name == "runs")
    assert done.backup is not None
    assert schema(Path(done.backup)) == before
    assert stat.S_IMODE(Path(done.backup).stat().st_mode) == 0o600
    for held in (path, Path(done.backup)):
        stamped(held, REVISION)
        store = open_store(f"sqlite:///{held}")
        with store.read() as tx:
            assert same(tx.runs.get("r1"), full_run())
        store.close()


def test_an_upgrade_that_fails_changes_nothing(tmp_path: Path, scripts: Path) -> None:
    path = tmp_path / "store.db"
    made(path)
    broken = TOMORROW.format(before=REVISION, more="op.execute('INSERT INTO nowhere VALUES (1)')")
    (scripts / "versions" / "v9999_tomorrow.py").write_text(broken)
    before, dialect = schema(path), Sqlite(path)
    with pytest.raises(Exception, match="nowhere"):
        upgrade(dialect.engine(), dialect, history=(*HISTORY, "9999"), scripts=scripts)
    assert schema(path) == before
    store = open_store(f"sqlite:///{path}")
    with store.read() as tx:
        assert tx.runs.find(Query()).total == 1


def test_two_backups_do_not_overwrite_each_other(tmp_path: Path) -> None:
    made(tmp_path / "store.db")
    dialect = Sqlite(tmp_path / "store.db")
    with dialect.engine().connect() as connection:
        assert dialect.back_up(connection, "0001") != dialect.back_up(connection, "0001")


def test_upgrading_what_is_current_or_empty_is_no_change(tmp_path: Path) -> None:
    url = made(tmp_path / "store.db")
    done = upgrade_store(url)
    assert (done.changed, done.backup, done.after) == (False, None, REVISION)
    assert [p.name for p in tmp_path.iterdir()] == ["store.db"]
    assert upgrade_store(f"sqlite:///{tmp_path / 'none.db'}").before is None
    store = open_store(f"sqlite:///{tmp_path / 'none.db'}")
    with store.write() as tx:
        tx.runs.add(run())


def test_only_a_store_with_a_schema_can_be_upgraded() -> None:
    with pytest.raises(Invalid, match="sqlite:///file"):
        upgrade_store("memory://")


def test_opening_a_store_imports_alembic_no_more_than_importing_the_package_imports_sqlalchemy(
    tmp_path: Path,
) -> None:
    script = """
import sys
import jupyter_mlops.workspace, jupyter_mlops.store
assert "sqlalchemy" not in sys.modules and "obstore" not in sys.modules
from jupyter_mlops.store import open_store
store = open_store(sys.argv[1])
with store.write() as tx:
    tx.events.head()
assert "sqlalchemy" in sys.modules
assert "sqlalchemy.dialects.postgresql" not in sys.modules and "numpy" not in sys.modules
assert "alembic" not in sys.modules and "psycopg" not in sys.modules and "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, f"sqlite:///{tmp_path / 'store.db'}"], check=True)


def test_points_written_one_by_one_are_packed_unchanged(tmp_path: Path) -> None:
    shutil.copy(OLD, tmp_path / "store.db")
    at = 1_767_600_000_000_000
    rows = [
        (owner, number, key, value, number - 5, at + number)
        for owner in ("r1", "r2")
        for number in range(1, 20_001)
        for key, value in (("loss" if number % 3 else "acc", None if number == 77 else number / 7),)
    ]
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.executemany("INSERT INTO metric_points VALUES (?, ?, ?, ?, ?, ?)", rows)
        kept = connection.execute("SELECT count(*) FROM metric_points").fetchone()[0] - len(rows)
    done = upgrade_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert (done.before, done.after, done.changed) == ("0001", REVISION, True)
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.read() as tx:
        points = tx.metrics.read("r2", limit=50_000)
        said = [(p.sequence, p.key, p.step, (p.at - EPOCH) // timedelta(microseconds=1)) for p in points]
        assert said == [(row[1], row[2], row[4], row[5]) for row in rows if row[0] == "r2"]
        assert [p.value for p in points if p.sequence != 77] == [n / 7 for n in range(1, 20_001) if n != 77]
        assert math.isnan(points[76].value)
        runs = tx.runs.find(Query())
        assert sum(len(tx.metrics.read(one.id)) for one in runs) == kept > 0
    with store.write() as tx:
        tx.metrics.append([point("r1", 20_000, 9.0), point("r1", 20_001, 1.0, key="loss")])
        assert len(tx.metrics.read("r1", limit=50_000)) == 20_001
    store.close()
    with sqlite3.connect(done.backup or "") as connection:
        assert connection.execute("SELECT count(*) FROM metric_points").fetchone()[0] == len(rows) + kept


def test_schedules_of_an_earlier_version_are_due_to_be_looked_at(tmp_path: Path) -> None:
    shutil.copy(OLD.parents[1] / "0.1.0" / "store.db", tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        (body,) = connection.execute("SELECT body FROM definitions LIMIT 1").fetchone()
        before = json.loads(body)
        others = {
            "paused": {**before, "id": "paused", "active": False},
            "drift": {**before, "id": "drift", "when": {"deployment": "pm25@champion", "type": "OnDrift"}},
        }
        for name, other in others.items():
            row = (name, name, other["active"], other["created"], json.dumps(other))
            connection.execute(
                "INSERT INTO definitions (id, name, active, created, body) VALUES (?, ?, ?, ?, ?)", row
            )
    upgrade_store(f"sqlite:///{tmp_path / 'store.db'}")
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.read() as tx:
        due = tx.definitions.find(query("active = true and due <= '2100-01-01T00:00:00+00:00'"))
        watching = tx.definitions.find(query("active = true and watches = 'drift'"))
        assert [one.id for one in due] == [before["id"]]
        assert due[0].due == datetime.fromisoformat(before["last_fired"] or before["created"])
        assert [one.id for one in watching] == ["drift"]
        assert tx.definitions.get("paused").due is None
        assert tx.fires.find(Query()).total == 0
    store.close()


def test_queued_jobs_of_an_earlier_version_have_their_turn_as_they_were_queued(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(OLD.parents[1] / "0.1.0" / "store.db", path)
    with sqlite3.connect(path) as connection:
        (text,) = connection.execute("SELECT body FROM jobs LIMIT 1").fetchone()
        body = json.loads(text)
        for name, status, queued in (
            ("b", "queued", "2026-01-05T08:00:01+00:00"),
            ("a", "queued", "2026-01-05T08:00:00+00:00"),
            ("c", "failed", "2026-01-05T08:00:00+00:00"),
        ):
            one = {**body, "id": name, "status": status, "queued": queued}
            connection.execute(
                "INSERT INTO jobs (id, status, queued, followed, body) VALUES (?, ?, ?, ?, ?)",
                (name, status, queued, False, json.dumps(one)),
            )
    before = sqlite3.connect(path).execute("SELECT count(*) FROM jobs").fetchone()
    upgrade_store(f"sqlite:///{path}")
    store = open_store(f"sqlite:///{path}")
    with store.read() as tx:
        found = tx.jobs.find(query("status = 'queued'", order="turn, id"))
        assert [job.id for job in found if len(job.id) == 1] == ["a", "b"]
        assert all(job.turn == job.queued for job in found)
        assert (tx.jobs.find(Query(limit=1)).total,) == before
        assert tx.jobs.get("c").turn is None
    store.close()


def test_of_two_that_upgrade_at_once_one_does_and_the_other_waits(tmp_path: Path) -> None:
    from store.sql.test_postgresql import upgrades

    shutil.copy(OLD, tmp_path / "store.db")
    said = sorted(upgrades(f"sqlite:///{tmp_path / 'store.db'}"))
    assert said == [f"0001 {REVISION}", f"{REVISION} {REVISION}"]
    assert len(list(tmp_path.glob("store.db.schema-0001.*"))) == 1
