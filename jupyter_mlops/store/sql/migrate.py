"""Which schema a database has: make the newest in an empty one, refuse a strange one, upgrade an old one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.upgrade import Upgrade
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.tables import HISTORY, METADATA, SCHEMA

__all__ = ["MIGRATIONS", "require_current", "upgrade"]

MIGRATIONS = Path(__file__).parent / "migrations"


def require_current(engine: Engine, dialect: Dialect, *, history: Sequence[str] = HISTORY) -> None:
    """Lay out an empty database; refuse one whose schema is not today's.

    Raises
    ------
    Unavailable
        The schema is older, newer, or another program's; ``data`` holds what was found.
    """
    found = _look(engine, dialect)
    if found is None:
        dialect.lay_out(engine)
        found = _look(engine, dialect)
    if found == history[-1]:
        return
    if found not in history:
        raise _unknown(dialect, found, history)
    raise Unavailable(
        f"the store {dialect.place} has schema {found}, this version of jupyter-mlops needs {history[-1]}",
        remedy="Run: jupyter mlops upgrade",
        data={"found": found, "needed": history[-1]},
    )


def upgrade(
    engine: Engine, dialect: Dialect, *, history: Sequence[str] = HISTORY, scripts: Path = MIGRATIONS
) -> Upgrade:
    """Bring a database to today's schema: all of it or nothing, a backup made first.

    Raises
    ------
    Unavailable
        The schema is newer than this version knows, or another program's.
    """
    before = _look(engine, dialect)
    if before is None:
        dialect.lay_out(engine)
        return Upgrade(store=dialect.place, before=None, after=history[-1])
    with engine.connect().execution_options(mlops_write=True) as connection, connection.begin():
        before = _revision(connection)  # again: somebody else may have been upgrading
        if before == history[-1]:
            return Upgrade(store=dialect.place, before=before, after=before)
        if before not in history:
            raise _unknown(dialect, before, history)
        backup = dialect.back_up(connection, before)
        _migrate(connection, scripts, history[-1])
    return Upgrade(store=dialect.place, before=before, after=history[-1], backup=backup)


def _migrate(connection: Connection, scripts: Path, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    # A percent sign in a path would be read as an interpolation.
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    command.upgrade(config, revision)


def _look(engine: Engine, dialect: Dialect) -> str | None:
    """Return the revision; None for a database without tables."""
    with engine.connect() as connection, connection.begin():
        tables = set(inspect(connection).get_table_names())
        if SCHEMA.name in tables:
            return _revision(connection)
    strange = tables if dialect.name == "sqlite" else tables & set(METADATA.tables)
    if strange:
        raise Unavailable(
            f"{dialect.place} holds another program's tables ({', '.join(sorted(strange)[:5])})",
            remedy="Give a file or database of its own with JUPYTER_MLOPS_STORE.",
            data={"tables": sorted(strange)},
        )
    return None


def _revision(connection: Connection) -> str:
    return str(connection.execute(select(SCHEMA.c.version_num)).scalar_one_or_none())


def _unknown(dialect: Dialect, found: str | None, history: Sequence[str]) -> Unavailable:
    return Unavailable(
        f"the store {dialect.place} has schema {found}, which this version of jupyter-mlops does not know",
        remedy="Install the version that wrote it, or a newer one: in its checkout, say pip install .",
        data={"found": found, "needed": history[-1]},
    )
