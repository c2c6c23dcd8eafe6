"""Metric points on PostgreSQL, beside binary COPY of the same rows into a plain indexed table: one server for both.

COPY gets its rows as finished buffers, packed by NumPy: what it costs is the server's work and not Python's. One run alone, and a
hundred at once.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
import numpy as np
import psycopg
from store.sql.postgres import execute, server

from jupyter_mlops.store import open_store
from jupyter_mlops.store.curves import Curve
from jupyter_mlops.store.protocol import Store

n, BATCH = int(sys.argv[1]), 50_000
AT = 1_767_600_000_000_000
clock = time.perf_counter
# As https://www.postgresql.org/docs/current/sql-copy.html describes the format: a row is the number of its fields, and each
# field is led by its length.
ROW = np.dtype(
    [("fields", ">i2"), ("run_bytes", ">i4"), ("run", ">i4"), ("key_bytes", ">i4"), ("key", ">i4")]
    + [("step_bytes", ">i4"), ("step", ">i8"), ("at_bytes", ">i4"), ("at", ">i8")]
    + [("value_bytes", ">i4"), ("value", ">f8")]
)
HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def ours(store: Store, name: str, runs: int) -> float:
    """Return points a second into our store."""
    begun = clock()
    for start in range(0, n, BATCH):
        count = min(n, start + BATCH) - start
        steps = np.arange(start // runs, (start + count) // runs)
        values, times = 1.0 / (steps + 1), AT + 3 * steps
        curves = [Curve(f"{name}{run}", "loss", steps + 1, steps, times, values) for run in range(runs)]
        with store.write() as tx:
            tx.metrics.extend(curves)
    return n / (clock() - begun)


def theirs(db: psycopg.Connection, table: str, runs: int) -> tuple[float, float]:
    """Return points a second by COPY, and bytes a point."""
    db.execute(f"CREATE TABLE {table} (run int, key int, step bigint, at bigint, value float8)")
    db.execute(f"CREATE INDEX ON {table} (run, key, step)")
    begun = clock()
    for start in range(0, n, BATCH):
        numbers = np.arange(start, min(n, start + BATCH))
        rows = np.zeros(len(numbers), ROW)
        rows["fields"], rows["key"] = 5, 1
        for name, size in {"run": 4, "key": 4, "step": 8, "at": 8, "value": 8}.items():
            rows[f"{name}_bytes"] = size
        rows["run"], rows["step"] = numbers % runs, numbers // runs
        rows["at"], rows["value"] = AT + 3 * numbers, 1.0 / (numbers + 1)
        with db.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(HEAD + rows.tobytes() + TAIL)
    took = clock() - begun
    assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (n,)
    held = db.execute(f"SELECT pg_total_relation_size('{table}')").fetchone()[0]
    return n / took, held / n


with server() as address:
    execute(address.format("postgres"), "CREATE DATABASE ours", "CREATE DATABASE theirs")
    execute(address.format("ours"), "ALTER DATABASE ours SET synchronous_commit = on")
    store = open_store(address.format("ours"))
    one = ours(store, "one", 1)
    with psycopg.connect(address.format("ours")) as db:
        kept = db.execute("SELECT pg_total_relation_size('metric_chunks')").fetchone()[0]
    begun = clock()
    with store.read() as tx:
        assert len(tx.metrics.history("one0", "loss", most=400)) <= 400
    thin = clock() - begun
    hundred = ours(store, "hundred", 100)
    with store.read() as tx:
        assert sum(tx.metrics.summaries(f"hundred{run}")["loss"].count for run in range(100)) == n
    store.close()
    with psycopg.connect(address.format("theirs"), autocommit=True) as db:
        copied, held = theirs(db, "one", 1)
        copied_hundred, _ = theirs(db, "hundred", 100)
print(
    json.dumps(
        {
            "points_per_s": one,
            "copy_points_per_s": copied,
            "hundred_points_per_s": hundred,
            "hundred_copy_points_per_s": copied_hundred,
            "bytes_a_point": kept / n,
            "copy_bytes_a_point": held,
            "thin_ms": thin * 1e3,
        }
    )
)
