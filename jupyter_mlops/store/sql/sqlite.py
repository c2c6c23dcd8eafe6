"""SQLite: one file, any number of processes."""

from __future__ import annotations

import errno
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Boolean,
    ColumnElement,
    Connection,
    Engine,
    Float,
    FromClause,
    Table,
    case,
    cast,
    create_engine,
    event,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.store.fields import Kind
from jupyter_mlops.store.mounts import network_kind
from jupyter_mlops.store.notices import notice
from jupyter_mlops.store.sql.dialect import in_place
from jupyter_mlops.store.sql.tables import METADATA, REVISION, SCHEMA
from jupyter_mlops.store.sql.words import Words, hide

__all__ = ["APPLICATION", "Sqlite"]

APPLICATION = 0x4A4D4C4F  # "JMLO" in the file's header
_PATIENCE = 30.0  # seconds SQLite itself waits for a lock
_RETRIES = 3  # further waits of our own: SQLite's queue is not fair
_HELD = 60.0  # seconds for which a store that was waited for in vain is thought to be held still
_IN_VAIN = 0.5  # seconds it is waited for meanwhile: a cell that ends must not stand still for minutes
_given_up: dict[str, float] = {}  # path of a store to when its writers' lock was last waited for in vain


class Sqlite:
    """One database file.

    Writers take SQLite's one lock at the start of their transaction, so that no reader can turn into a writer
    that must fail; readers see the moment they began in.
    """

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._network = network_kind(path.parent)
        self._log = self._network is None  # a write-ahead log needs memory shared between processes

    @property
    def place(self) -> str:
        """The file."""
        return str(self.path)

    def engine(self) -> Engine:
        """Make the file, for its owner only, and an engine on it."""
        _make(self.path)
        if self._network:
            notice(
                f"{self.path} lies on a network file system ({self._network}): writing is slower there and safe "
                "from one host at a time; a team is better served by PostgreSQL"
            )
        engine = create_engine(
            URL.create("sqlite", database=str(self.path)),
            connect_args={"timeout": _PATIENCE, "isolation_level": None, "check_same_thread": False},
            max_overflow=-1,  # one connection a thread; a queue here could not tell who waits for whom
        )
        event.listen(engine, "connect", self._prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def _prepare(self, connection: sqlite3.Connection, _record: object) -> None:
        # NORMAL loses nothing to a killed process; what a power cut must not take is secured by itself.
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if self._log else 'FULL'}")
        connection.execute("PRAGMA cache_size = -65536")
        if not self._log:
            with suppress(
                sqlite3.OperationalError
            ):  # the file was moved here and somebody holds it: as it is then
                connection.execute("PRAGMA journal_mode = DELETE")

    def lay_out(self, engine: Engine) -> None:
        """Make the tables unless somebody did so meanwhile."""
        self._begin_log(engine)
        with engine.connect().execution_options(mlops_write=True) as connection, connection.begin():
            if connection.execute(text("SELECT count(*) FROM sqlite_schema")).scalar_one():
                return
            METADATA.create_all(connection, checkfirst=False)
            connection.execute(SCHEMA.insert().values(version_num=REVISION))
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")

    def _begin_log(self, engine: Engine) -> None:
        if not self._log:
            return
        raw = engine.raw_connection()
        try:
            driver = raw.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            _Patience(driver, str(self.path)).wait(lambda: driver.execute("PRAGMA journal_mode = WAL"))
        finally:
            raw.close()

    def back_up(self, connection: Connection, revision: str) -> str:  # noqa: ARG002 - it has written nothing yet
        """Copy the file as it was last committed, beside itself."""
        number = 1
        while True:
            copy = self.path.with_name(f"{self.path.name}.schema-{revision}.{number}")
            try:
                os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
                break
            except FileExistsError:
                number += 1
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return str(copy)

    def secure(self) -> None:
        """Bring the write-ahead log to the disk: a commit in the NORMAL mode leaves that to the system."""
        if not self._log:
            return
        try:
            descriptor = os.open(f"{self.path}-wal", os.O_RDONLY)
        except FileNotFoundError:  # already brought into the file, which syncs
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def inside(self, body: ColumnElement[Any], path: Sequence[str], kind: Kind) -> ColumnElement[Any]:
        """Look into JSON."""
        found = func.json_extract(body, "$" + "".join(f'."{name}"' for name in path))
        if kind is Kind.NUMBER:
            # JSON has no name for these, so the codec spells them.
            named = {"nan": None, "inf": float("inf"), "-inf": float("-inf")}
            return type_coerce(case(named, value=found, else_=found), Float)
        return type_coerce(found, Boolean() if kind is Kind.FLAG else Words())

    def each(self, body: ColumnElement[Any], field: str) -> ColumnElement[Any]:
        """Go through the items."""
        items: ColumnElement[Any] = func.json_each(body, f'$."{field}"').table_valued("value").c.value
        return items

    def entry(self, body: ColumnElement[Any], field: str, key: str) -> ColumnElement[Any]:
        """Look a key up; a path could not name every key."""
        entries = func.json_each(body, f'$."{field}"').table_valued("key", "value")
        return type_coerce(
            select(entries.c.value).where(entries.c.key == hide(key)).scalar_subquery(), Words()
        )

    def like(self, held: ColumnElement[Any], pattern: str) -> ColumnElement[bool]:
        """Compare by GLOB, which minds case; its own special characters are put in brackets."""
        glob = "".join("*" if c == "%" else (f"[{c}]" if c in "*?[" else c) for c in pattern)
        return held.op("GLOB", is_comparison=True, return_type=Boolean())(glob)

    def numbers(self, found: Mapping[str, float]) -> FromClause:
        """Hand the numbers over as one JSON text; infinities as the greatest numbers, which are as far away as they."""
        # JSON has no infinity: 9e999 is read as one.
        text = json.dumps(found).replace("Infinity", "9e999")
        entries = func.json_each(text).table_valued("key", "value")
        pairs = select(
            type_coerce(entries.c.key, Words()).label("run"), cast(entries.c.value, Float()).label("value")
        )
        return pairs.cte(nesting=True)

    def walked(self, held: ColumnElement[Any]) -> ColumnElement[Any]:
        """Put a plus before it, which takes it out of the planner's sight."""
        return UnaryExpression(held, operator=custom_op("+"), type_=held.type)

    def put(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert or update."""
        connection.execute(in_place(insert(table)), list(rows))


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One that is there is not opened here: closing it would let go of every lock that this process holds on it, and the
        # next process that closes the store would take the write-ahead log away from under us.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except OSError as failure:
        raise Unavailable(
            f"the store {path} cannot be opened: {failure.strerror}",
            remedy="Give another place with --workspace or JUPYTER_MLOPS_STORE.",
        ) from failure


def _begin(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    path = str(connection.engine.url.database)
    if connection.get_execution_options().get("mlops_write"):
        _Patience(raw, path).wait(lambda: raw.execute("BEGIN IMMEDIATE"))
        return
    raw.execute("BEGIN")
    # The moment that a reader sees is that of its first look.
    _Patience(raw, f"{path} read").wait(lambda: raw.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall())


class _Patience:
    """How long a lock is waited for: minutes, but not again for a store that somebody holds and does not let go."""

    def __init__(self, raw: sqlite3.Connection, path: str) -> None:
        self._raw, self._path = raw, path
        gone = time.monotonic() - _given_up.get(path, -_HELD)
        self.short = gone < _HELD

    def wait(self, act: Callable[[], object]) -> None:
        if not self.short:
            self._wait(act, _RETRIES)
            return
        self._raw.execute(f"PRAGMA busy_timeout = {int(1000 * _IN_VAIN)}")
        try:
            self._wait(act, 0)
        finally:
            self._raw.execute(f"PRAGMA busy_timeout = {int(1000 * _PATIENCE)}")
        _given_up.pop(self._path, None)

    def _wait(self, act: Callable[[], object], retries: int) -> None:
        """Wait beyond SQLite's own patience, each time for another while."""
        for attempt in range(retries + 1):
            try:
                act()
            except sqlite3.OperationalError as failure:
                if failure.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                    raise
                if attempt == retries:
                    _given_up[self._path] = time.monotonic()
                    raise
                time.sleep((1 + secrets.randbelow(100)) / 1000)
            else:
                return
