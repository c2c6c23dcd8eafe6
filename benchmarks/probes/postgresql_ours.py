"""Metric points on PostgreSQL, beside binary COPY of the same rows into a plain indexed table: one server for both."""

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

n, BATCH = int(sys.argv[1]), 50_000
clock = time.perf_counter
numbers = np.arange(1, n + 1)
values = 1.0 / numbers
with server() as address:
    execute(address.format("postgres"), "CREATE DATABASE ours", "CREATE DATABASE theirs")
    execute(address.format("ours"), "ALTER DATABASE ours SET synchronous_commit = on")
    store = open_store(address.format("ours"))
    begun = clock()
    for start in range(0, n, BATCH):
        part = slice(start, start + BATCH)
        times = 1_767_600_000_000_000 + 3 * numbers[part]
        with store.write() as tx:
            tx.metrics.extend([Curve("r1", "loss", numbers[part], numbers[part], times, values[part])])
    ours = clock() - begun
    begun = clock()
    with store.read() as tx:
        assert len(tx.metrics.history("r1", "loss", most=400)) <= 400
    thin = clock() - begun
    store.close()
    with psycopg.connect(address.format("theirs"), autocommit=True) as db:
        db.execute("CREATE TABLE points (run int, key int, step bigint, at bigint, value float8)")
        db.execute("CREATE INDEX ON points (run, key, step)")
        begun = clock()
        for start in range(0, n, BATCH):
            with db.cursor().copy("COPY points FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["int4", "int4", "int8", "int8", "float8"])
                for i in range(start, min(n, start + BATCH)):
                    copy.write_row((1, 1, i, 1_767_600_000_000_000 + 3 * i, 1.0 / (i + 1)))
        theirs = clock() - begun
        held = db.execute("SELECT pg_total_relation_size('points')").fetchone()[0]
    with psycopg.connect(address.format("ours")) as db:
        kept = db.execute("SELECT pg_total_relation_size('metric_chunks')").fetchone()[0]
print(
    json.dumps(
        {
            "points_per_s": n / ours,
            "copy_points_per_s": n / theirs,
            "bytes_a_point": kept / n,
            "copy_bytes_a_point": held / n,
            "thin_ms": thin * 1e3,
        }
    )
)
