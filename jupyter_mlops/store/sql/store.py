"""SqlStore: records in a SQL database."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from jupyter_mlops.errors import Conflict, Unavailable
from jupyter_mlops.records.upgrade import Upgrade
from jupyter_mlops.store.pending import bring_home
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.sql.dialect import Dialect
from jupyter_mlops.store.sql.migrate import require_current, upgrade
from jupyter_mlops.store.sql.session import Session
from jupyter_mlops.store.sql.sqlite import Sqlite
from jupyter_mlops.store.sql.transaction import SqlTransaction
from jupyter_mlops.store.turns import Turns

__all__ = ["SqlStore", "open_sql", "upgrade_sql"]


def open_sql(url: str) -> SqlStore:
    """Open the database at *url*: an empty one gets today's schema, another schema is refused."""
    dialect = dialect_of(url)
    with translated(dialect), _disposed_on_failure(dialect.engine()) as engine:
        require_current(engine, dialect)
    return SqlStore(engine, dialect)


def upgrade_sql(url: str) -> Upgrade:
    """Bring the database at *url* to today's schema."""
    dialect = dialect_of(url)
    with translated(dialect), _disposed_on_failure(dialect.engine()) as engine:
        done = upgrade(engine, dialect)
        engine.dispose()
    return done


@contextmanager
def _disposed_on_failure(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    except BaseException:
        engine.dispose()
        raise


def dialect_of(url: str) -> Dialect:
    """Return what knows the database at *url*."""
    if url.startswith("sqlite:///"):
        return Sqlite(Path(url.removeprefix("sqlite:///")).absolute())
    from jupyter_mlops.store.sql.postgresql import PostgreSql  # what it needs of SQLAlchemy takes a while

    return PostgreSql(url)


class SqlStore:
    """Records in a SQL database; rows never leave it."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self._engine = engine
        self._dialect = dialect
        self._process = os.getpid()
        self._writing = threading.local()
        self._turns = Turns()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a view that sees one moment."""
        if not getattr(self._writing, "now", False):
            bring_home()
        with translated(self._dialect), self._begun(write=False) as connection:
            yield cast("Transaction", SqlTransaction(Session(connection, self._dialect, writable=False)))

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a serialised transaction: all or nothing."""
        if getattr(self._writing, "now", False):
            raise Conflict(
                "this thread is already writing to the store", remedy="Pass the open transaction on instead."
            )
        self._own_engine()  # in a forked child this begins a new note of who writes: before anything stands on it
        self._writing.now = True
        try:
            with translated(self._dialect):
                with self._begun(write=True) as connection:
                    transaction = SqlTransaction(Session(connection, self._dialect, writable=True))
                    yield cast("Transaction", transaction)
                if transaction.events.decided:
                    self._dialect.secure()
        finally:
            self._writing.now = False

    @contextmanager
    def _begun(self, *, write: bool) -> Iterator[Connection]:
        options = {"mlops_write": write}
        with ExitStack() as stack:
            connection = self._own_engine().connect().execution_options(**options)
            stack.enter_context(connection)
            with self._turns.asked() if write else nullcontext():
                stack.enter_context(connection.begin())
            yield connection

    def waited(self) -> float:
        """Return for how many seconds a writer of this process has been waiting for its turn; 0 where none is."""
        return self._turns.waited()

    def close(self) -> None:
        """Give back connections and files; the next use opens them anew."""
        self._engine.dispose()

    def _own_engine(self) -> Engine:
        if self._process != os.getpid():
            # A forked child must neither use nor close its parent's connections.
            self._engine.dispose(close=False)
            self._process = os.getpid()
            self._writing = threading.local()
            self._turns = Turns()
        return self._engine


@contextmanager
def translated(dialect: Dialect) -> Iterator[None]:
    """Let no error of the database's library out."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as failure:  # the latter from where a transaction begins
        said = str(getattr(failure, "orig", None) or failure).strip()
        reason = said.splitlines()[0] if said else type(failure).__name__
        raise Unavailable(
            f"the store {dialect.place} did not do its part: {reason}", remedy=_remedy(reason)
        ) from failure


def _remedy(reason: str) -> str:
    known = {
        "connect": "See that the server runs, and check address, name and password.",
        "lock timeout": "Another process holds the store: find and end the one that hangs.",
        "locked": "Another process holds it: find and end the one that hangs (jupyter mlops doctor).",
        "readonly": "Make the file and its folder writable for this account.",
        "full": "Free some space.",
        "not a database": "Give the path of a jupyter-mlops store, or of a file that is not there yet.",
        "permission denied": "Have it done by an account that owns the database.",
        "malformed": "Keep a copy of the file, then restore a backup.",
    }
    return next((remedy for word, remedy in known.items() if word in reason), "Run: jupyter mlops doctor")
