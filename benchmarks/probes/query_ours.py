"""100,000 runs with 20 metrics each: filter, order and page; milliseconds a question, the exact total included."""

import json
import random
import sqlite3
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
from contracts.samples import run

from jupyter_mlops.records.query import Comparison, Field, Operator, Page, Scope, query
from jupyter_mlops.records.run import Run
from jupyter_mlops.store import open_store
from jupyter_mlops.store.shelves import SHELVES
from jupyter_mlops.store.sql.mapping import param_rows, row_of, tag_rows

n = int(sys.argv[1])
QUESTIONS = {
    "newest": ("", ""),
    "filter": ("metrics.m3 < 0.5", ""),
    "filter_order": ("metrics.m3 < 0.5", "metrics.m3"),
    "filter_other_order": ("metrics.m3 < 0.5", "metrics.m7 desc"),
    "narrow_order": ("metrics.m3 < 0.01", "metrics.m7 desc"),
    "experiment_order": ("experiment = 'e3' and metrics.m3 < 0.5", "metrics.m3"),
    "tag_order": ("tags.team = 'risk'", "metrics.m1"),
    "two_metrics": ("metrics.m3 < 0.5 and metrics.m5 > 0.5", "metrics.m3"),
    "three_kinds": ("metrics.m3 < 0.1 and params.alpha > 0.5 and tags.team = 'risk'", "metrics.m3 desc"),
    "or_not_like_since": (
        "not (metrics.m3 > 0.5 or params.alpha < 0.2) and name like 'run-9%' and started > 2026-01-05T12:30 and grade = 'clean'",
        "metrics.m3",
    ),
    "reductions": ("metrics.m3.max < 0.5 and metrics.m5.mean > 0.5", "metrics.m3.min"),
}
# So many runs stand before the page that is asked for.
BEFORE = {"newest": 100, "filter_order": 100, "filter_other_order": 40_000}
open_store("sqlite:///store.db").close()
db = sqlite3.connect("store.db", isolation_level=None)
db.execute("pragma synchronous = off")
db.execute("begin")
chance = random.Random(7)
noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
for number in range(n):
    one = run(
        f"01k{number:023x}",
        experiment=f"e{number % 10}",
        name=f"run-{number}",
        started=noon + timedelta(seconds=number),
        archived=number % 50 == 0,
        params={"alpha": chance.random(), "depth": number % 9},
        tags={"team": "risk" if number % 3 else "ops"},
    )
    row = row_of(SHELVES["runs"], one)
    db.execute(f"insert into runs ({','.join(row)}) values ({','.join('?' * len(row))})", tuple(row.values()))
    db.executemany(
        "insert into run_params (run, key, number, text, flag) values (:run, :key, :number, :text, :flag)",
        [*param_rows(one)],
    )
    db.executemany("insert into run_tags (run, key, value) values (:run, :key, :value)", [*tag_rows(one)])
    values = [(one.id, f"m{place}", v := chance.random(), place + 1, v, v, v) for place in range(20)]
    db.executemany(
        'insert into metric_summaries (run, "key", "last", sequence, step, minimum, maximum, total, numbers, "count") '
        "values (?, ?, ?, ?, 0, ?, ?, ?, 1, 1)",
        values,
    )
db.execute("commit")
db.close()
store = open_store("sqlite:///store.db")
unarchived = Comparison(Field(Scope.ATTRIBUTE, "archived"), Operator.EQUAL, False)
told = {}


def asked(where: str, order: str, limit: int = 100, cursor: str | None = None) -> Page[Run]:
    with store.read() as tx:
        return tx.runs.find(query(where, order=order, limit=limit, cursor=cursor, also=unarchived))


def timed(name: str, where: str, order: str, cursor: str | None = None) -> None:
    wall, cpu = [], []
    for _ in range(5):
        begun, worked = time.perf_counter(), time.process_time()
        asked(where, order, cursor=cursor)
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - worked)
    told[f"{name}_ms"] = statistics.median(wall) * 1e3
    told[f"{name}_cpu_ms"] = statistics.median(cpu) * 1e3


for name, (where, order) in QUESTIONS.items():
    timed(name, where, order)
for name, before in BEFORE.items():
    cursor, turned = None, 0
    while turned < before:
        page = asked(*QUESTIONS[name], limit=min(10_000, before - turned), cursor=cursor)
        cursor, turned = page.cursor, turned + len(page)
    timed(f"{name}_behind_{before}", *QUESTIONS[name], cursor=cursor)
print(json.dumps(told))
