"""The limit: raw sqlite3, batches of 10,000 in one transaction each, write-ahead log, synchronous NORMAL."""

import json
import sqlite3
import sys
import time

n = int(sys.argv[1])
db = sqlite3.connect("raw.db", isolation_level=None)
db.execute("pragma journal_mode=wal")
db.execute("pragma synchronous=normal")
db.execute(
    "create table points (run text, sequence integer, key text, value real, step integer, at real, primary key (run, sequence)) without rowid"
)
begun = time.perf_counter()
for start in range(0, n, 10_000):
    db.execute("begin immediate")
    db.executemany(
        "insert into points values (?,?,?,?,?,?)",
        (("r", i, "loss", 1.0 / (i + 1), i, 0.0) for i in range(start, min(n, start + 10_000))),
    )
    db.execute("commit")
print(json.dumps({"points_per_s": n / (time.perf_counter() - begun)}))
