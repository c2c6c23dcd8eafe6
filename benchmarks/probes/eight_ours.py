"""Eight processes with 10,000 points each on one SQLite store, beside raw sqlite3 doing the same in batches of 1,000."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

EACH, PROCESSES = 10_000, 8

OURS = f"""
import sys, time
import jupyter_mlops as mlops
ws = mlops.workspace(".")
with mlops.track("warm", experiment="warm", workspace=ws) as run:
    run.log_metric("loss", 1.0)
print("ready", flush=True)
sys.stdin.readline()
with mlops.track("p" + sys.argv[1], experiment="eight", workspace=ws) as run:
    for i in range({EACH}):
        run.log_metric("loss", 1.0 / (i + 1), step=i)
print(time.time())
"""
RAW = f"""
import sqlite3, sys, time
db = sqlite3.connect("raw.db", isolation_level=None, timeout=30)
db.execute("pragma synchronous=normal")
print("ready", flush=True)
sys.stdin.readline()
for start in range(0, {EACH}, 1000):
    db.execute("begin immediate")
    db.executemany("insert into points values (?,?,?,?,?)", [(int(sys.argv[1]), 1, i, 3 * i, 1.0 / (i + 1)) for i in range(start, start + 1000)])
    db.execute("commit")
print(time.time())
"""


def together(program: str) -> tuple[float, list[str]]:
    """Return seconds from the common start to the last end, and what went to standard error."""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(n)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    begun = time.time()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    done = [child.communicate() for child in children]
    assert all(child.returncode == 0 for child in children), done
    return max(float(out) for out, _ in done) - begun, [said for _, said in done if said.strip()]


import jupyter_mlops as mlops

ws = mlops.workspace(".")
mlops.find_runs(ws)
took, errors = together(OURS)
with ws.store.read() as tx:
    runs = mlops.find_runs(ws, "experiment = 'eight'")
    kept = sum(tx.metrics.summaries(run.id)["loss"].count for run in runs)
db = sqlite3.connect("raw.db", isolation_level=None)
db.execute("pragma journal_mode=wal")
db.execute("create table points (run integer, key integer, step integer, at integer, value real)")
db.execute("create index points_by_run on points (run, key, step)")
raw, _ = together(RAW)
print(
    json.dumps(
        {
            "points_per_s": kept / took,
            "raw_points_per_s": EACH * PROCESSES / raw,
            "lost": EACH * PROCESSES - kept,
            "errors": len(errors),
        }
    )
)
