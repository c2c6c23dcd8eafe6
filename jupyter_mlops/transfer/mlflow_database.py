"""MLflow's database, read and never written: SQLite by its path, PostgreSQL by its URL.

The tables are those of MLflow's tracking store, the same names and columns since MLflow 1.
"""

from __future__ import annotations

import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_mlops.errors import Invalid, NotFound, Unavailable
from jupyter_mlops.transfer.foreign import ForeignModel, ForeignPoint, ForeignRun

__all__ = ["MlflowDatabase"]

_RUNS = """
    SELECT r.run_uuid, e.name, e.experiment_id, r.name, r.status, r.start_time, r.end_time, r.user_id,
           r.lifecycle_stage, e.lifecycle_stage, r.artifact_uri
    FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY r.start_time, r.run_uuid
"""
_MODELS = """
    SELECT name, version, run_id, storage_location, source, current_stage FROM model_versions ORDER BY name, version
"""


class MlflowDatabase:
    """One database, held open for reading."""

    def __init__(self, source: str) -> None:
        self._mark = "?"
        try:
            self._connection: Any = self._connect(source)
            self._rows("SELECT version_num FROM alembic_version")
            self._rows("SELECT run_uuid FROM runs LIMIT 1")
        except sqlite3.DatabaseError as failure:
            raise Invalid(
                f"{source} is no MLflow database ({failure})",
                remedy="Name MLflow's mlflow.db, its mlruns folder, or the URL of its PostgreSQL database.",
            ) from None

    def _connect(self, source: str) -> Any:
        if source.startswith(("postgresql://", "postgres://")):
            self._mark = "%s"
            return _postgresql(source)
        path = Path(source.removeprefix("sqlite:///"))
        if not path.is_file():
            raise NotFound(f"there is no file {path}", remedy="Check the path of MLflow's database.")
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def runs(self) -> Iterator[ForeignRun]:
        """Return every run, the earliest first."""
        params, tags = self._by_run("params"), self._by_run("tags")
        for uuid, experiment, number, name, status, started, ended, user, stage, shelf, uri in self._rows(
            _RUNS
        ):
            yield ForeignRun(
                uuid=uuid,
                experiment=experiment,
                experiment_id=str(number),
                name=name or "",
                status=status or "",
                started=int(started or 0),
                ended=None if ended is None else int(ended),
                user=user or "",
                deleted="deleted" in {stage, shelf},
                artifacts=uri or "",
                params=params.get(uuid, {}),
                tags=tags.get(uuid, {}),
            )

    def points(self, run: ForeignRun) -> Iterator[ForeignPoint]:
        """Return the points of a run in the order of their times."""
        rows = self._rows(
            "SELECT key, value, timestamp, step, is_nan FROM metrics "  # noqa: S608 - the mark is the driver's own
            f"WHERE run_uuid = {self._mark} ORDER BY timestamp, step, key",
            run.uuid,
        )
        for key, value, moment, step, is_nan in rows:
            yield ForeignPoint(key, _number(value, is_nan=bool(is_nan)), int(moment), int(step))

    def models(self) -> Iterator[ForeignModel]:
        """Return every model version, by name and number."""
        aliases: dict[tuple[str, int], list[str]] = defaultdict(list)
        for alias, version, name in self._optional(
            "SELECT alias, version, name FROM registered_model_aliases"
        ):
            aliases[name, int(version)].append(alias)
        for name, version, run, location, source, _stage in self._optional(_MODELS):
            named = tuple(sorted(aliases[name, int(version)]))
            yield ForeignModel(
                name=name, version=int(version), run=run, location=location or source or "", aliases=named
            )

    def _by_run(self, table: str) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for run, key, value in self._rows(f"SELECT run_uuid, key, value FROM {table}"):  # noqa: S608 - ours
            found[run][key] = value or ""
        return found

    def _optional(self, statement: str) -> list[Any]:
        """Rows of a table that older stores have not."""
        try:
            return list(self._rows(statement))
        except Exception:  # noqa: BLE001 - each driver has its own class for a missing table
            self._connection.rollback()
            return []

    def _rows(self, statement: str, *values: object) -> Iterator[Any]:
        cursor = self._connection.cursor()
        cursor.execute(statement, values)
        return iter(cursor.fetchall())


def _postgresql(source: str) -> Any:
    try:
        import psycopg
    except ImportError:
        raise Unavailable(
            "reading PostgreSQL needs psycopg, which is not installed",
            remedy='Install it: pip install "psycopg[binary]".',
        ) from None
    try:
        connection = psycopg.connect(source)
    except psycopg.OperationalError as failure:
        raise Unavailable(
            f"MLflow's database does not answer ({type(failure).__name__})",  # its text may hold the password
            remedy="Check host, name and password of the URL.",
        ) from None
    connection.read_only = True
    return connection


def _number(value: float | None, *, is_nan: bool) -> float:
    if is_nan or value is None:
        return float("nan")
    # A column of doubles that takes no infinity: MLflow writes the largest number instead.
    return float("inf") * (1 if value > 0 else -1) if abs(value) >= sys.float_info.max else float(value)
