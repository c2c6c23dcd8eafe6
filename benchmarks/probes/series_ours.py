"""Metric points through the front door and through the store, beside raw sqlite3 with the same rows.

Prints one JSON object: points a second, bytes a point, opening a long curve.
"""

import json
import os
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np

import jupyter_mlops as mlops
from jupyter_mlops.store import open_store
from jupyter_mlops.store.curves import Curve

n = int(sys.argv[1])
BATCH = 10_000
clock = time.perf_counter
ws = mlops.workspace(".")


def table(path: str) -> sqlite3.Connection:
    """A plain table with an index, as one would write it: a number for the run, a number for the metric."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("pragma journal_mode=wal")
    db.execute("pragma synchronous=normal")
    db.execute("create table points (run integer, key integer, step integer, at integer, value real)")
    db.execute("create index points_by_run on points (run, key, step)")
    return db


def raw(path: str, runs: int, n: int) -> tuple[float, float]:
    """Return points a second and bytes a point: batches of 10,000, the runs one after the other in each."""
    db = table(path)
    begun = clock()
    for start in range(0, n, BATCH):
        db.execute("begin immediate")
        db.executemany(
            "insert into points values (?,?,?,?,?)",
            (
                (i % runs, 1, i // runs, 1_767_600_000_000_000 + 3 * i, 1.0 / (i + 1))
                for i in range(start, min(n, start + BATCH))
            ),
        )
        db.execute("commit")
    took = clock() - begun
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()
    return n / took, os.path.getsize(path) / n


def size() -> int:
    with sqlite3.connect(".mlops/store.db") as db:
        db.execute("pragma wal_checkpoint(truncate)")
    return os.path.getsize(".mlops/store.db")


def door(runs: int, n: int) -> float:
    """Return points a second from the first call until all runs are closed and every point can be asked for."""
    from contextlib import ExitStack

    begun = clock()
    with ExitStack() as stack:
        handles = [
            stack.enter_context(mlops.track(f"r{k}", experiment=f"bench{runs}", workspace=ws))
            for k in range(runs)
        ]
        for i in range(n // runs):
            for handle in handles:
                handle.log_metric("loss", 1.0 / (i + 1), step=i)
    page = mlops.find_runs(ws, f"experiment = 'bench{runs}'", limit=1000)
    took = clock() - begun
    with ws.store.read() as tx:
        kept = sum(tx.metrics.summaries(run.id)["loss"].count for run in page)
    assert kept == n // runs * runs, (kept, n)
    return kept / took


def opened(points: int) -> tuple[float, float]:
    """Return milliseconds to open a curve: all of its columns, and thinned out to 400 points; medians of 5."""
    numbers = np.arange(1, points + 1)
    curve = Curve(
        f"long{points}",
        "loss",
        numbers,
        numbers,
        1_767_600_000_000_000 + 1000 * numbers,
        np.sin(numbers / 999),
    )
    with ws.store.write() as tx:
        tx.metrics.extend([curve])
    whole, thin = [], []
    for _ in range(5):
        begun = clock()
        with ws.store.read() as tx:
            assert len(tx.metrics.curve(curve.owner, "loss")) == points
        whole.append(clock() - begun)
        begun = clock()
        with ws.store.read() as tx:
            assert len(tx.metrics.history(curve.owner, "loss", most=400)) <= 400
        thin.append(clock() - begun)
    return sorted(whole)[2] * 1e3, sorted(thin)[2] * 1e3


with mlops.track("warm", experiment="bench", workspace=ws) as run:
    run.log_metric("loss", 1.0)
mlops.find_runs(ws, "name = 'warm'")
before = size()
one = door(1, n)
after = size()
raw_one, raw_bytes = raw("one.db", 1, n)
hundred = door(100, 4 * n)
raw_hundred, _ = raw("hundred.db", 100, 4 * n)
told = {
    "points_per_s": one,
    "raw_points_per_s": raw_one,
    "hundred_points_per_s": hundred,
    "raw_hundred_points_per_s": raw_hundred,
    "bytes_a_point": (after - before) / n,
    "raw_bytes_a_point": raw_bytes,
}
told["curve_200k_ms"], told["thin_200k_ms"] = opened(200_000)
told["curve_1m_ms"], told["thin_1m_ms"] = opened(1_000_000)
times = []
with mlops.track("calls", experiment="calls", workspace=ws) as run:
    run.log_metric("loss", 1.0, step=0)
    for i in range(200_000):
        begun = time.perf_counter_ns()
        run.log_metric("loss", 1.0, step=i)
        times.append(time.perf_counter_ns() - begun)
told["call_p50_us"], told["call_p99_us"] = (float(np.percentile(times, part)) / 1e3 for part in (50, 99))
record, file = b"x" * 45, os.open("limit.bin", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
begun = clock()
for _ in range(100_000):
    os.write(file, record)
told["write_us"] = (clock() - begun) * 10
print(json.dumps(told))
