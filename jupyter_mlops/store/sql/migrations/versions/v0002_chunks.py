"""Metric points as packed stretches of a curve, in place of a row each.

Revision: 0002
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from jupyter_mlops.store.curves import Curve
from jupyter_mlops.store.packing import pack

revision = "0002"
down_revision = "0001"

_FULL = 8192
_BATCH = 64  # chunks in one statement


def words() -> Any:
    """Text that compares by code point in every database."""
    return sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Pack the points of each curve, and drop their rows."""
    owners = op.create_table(
        "metric_owners",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True),
        sa.Column("run", words(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_metric_owners"),
    )
    op.create_index("ix_metric_owners_run", "metric_owners", ["run"], unique=True)
    chunks = op.create_table(
        "metric_chunks",
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("key", words(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "key", "last", name="pk_metric_chunks"),
    )
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "INSERT INTO metric_owners (run, last) SELECT owner, max(sequence) FROM metric_points GROUP BY owner"
        )
    )
    numbers = {row[0]: row[1] for row in connection.execute(sa.select(owners.c.run, owners.c.number))}
    batch: list[dict[str, Any]] = []
    for row in _chunks(connection, numbers):
        batch.append(row)
        if len(batch) == _BATCH:
            connection.execute(sa.insert(chunks), batch)
            batch = []
    if batch:
        connection.execute(sa.insert(chunks), batch)
    op.drop_table("metric_points")


def _chunks(connection: sa.Connection, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    for owner, number in numbers.items():
        rows = connection.execute(
            sa.text(
                'SELECT "key", sequence, step, at, value FROM metric_points WHERE owner = :owner '
                'ORDER BY "key", sequence'
            ),
            {"owner": owner},
        )
        for key, points in groupby(rows, key=lambda row: row[0]):
            kept = list(points)
            for start in range(0, len(kept), _FULL):
                yield _chunk(number, key, kept[start : start + _FULL])


def _chunk(number: int, key: str, rows: list[Any]) -> dict[str, Any]:
    sequences, steps, times = (np.array([row[place] for row in rows], np.int64) for place in (1, 2, 3))
    values = np.array([math.nan if row[4] is None else row[4] for row in rows], np.float64)
    curve = Curve("", key, sequences, steps, times, values)
    return {
        "owner": number,
        "key": key,
        "last": int(curve.sequences[-1]),
        "first": int(curve.sequences[0]),
        "count": len(curve),
        "body": pack(curve),
    }
