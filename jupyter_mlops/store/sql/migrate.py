"""Which schema a database has: make the newest in an empty one, refuse a strange one, upgrade an old one."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, select

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.tables import HISTORY, METADATA, REVISION, SCHEMA

__all__ = ["require_current"]


def require_current(engine: Engine, dialect: Dialect) -> None:
    """Lay out an empty database; refuse one whose schema is not today's.

    Raises
    ------
    Unavailable
        The schema is older, newer, or another program's; ``data`` holds what was found.
    """
    found = _revision(engine, dialect)
    if found is None:
        dialect.lay_out(engine)
        found = _revision(engine, dialect)
    if found == REVISION:
        return
    if found in HISTORY:
        raise Unavailable(
            f"the store {dialect.place} has schema {found}, this version of jupyter-mlops needs {REVISION}",
            remedy="Run: jupyter mlops upgrade",
            data={"found": found, "needed": REVISION},
        )
    raise Unavailable(
        f"the store {dialect.place} has schema {found}, which this version of jupyter-mlops does not know yet",
        remedy="Install the version that wrote it, or a newer one: pip install --upgrade jupyter-mlops",
        data={"found": found, "needed": REVISION},
    )


def _revision(engine: Engine, dialect: Dialect) -> str | None:
    """Return the revision; None for a database without tables."""
    with engine.connect() as connection, connection.begin():
        tables = set(inspect(connection).get_table_names())
        if SCHEMA.name in tables:
            return str(connection.execute(select(SCHEMA.c.version_num)).scalar_one_or_none())
        strange = tables if dialect.name == "sqlite" else tables & set(METADATA.tables)
    if strange:
        raise Unavailable(
            f"{dialect.place} holds another program's tables ({', '.join(sorted(strange)[:5])})",
            remedy="Give a file or database of its own with JUPYTER_MLOPS_STORE.",
            data={"tables": sorted(strange)},
        )
    return None
