"""Measure what many schedules cost: a turn in which none is due, and one in which a thousand are.

    python benchmarks/schedules.py [--schedules 10000]

Each figure stands beside one measured in the same run: the same turn with ten schedules, the same question put to
SQLite itself, and as many bare transactions of the same rows.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from jupyter_mlops.automation.firing import fire_due  # noqa: E402
from jupyter_mlops.automation.moments import next_fire  # noqa: E402
from jupyter_mlops.records.job import JobSpec  # noqa: E402
from jupyter_mlops.records.schedule import Cron, JobDefinition, Rules  # noqa: E402
from jupyter_mlops.workspace import Workspace, open_workspace  # noqa: E402

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DUE = 1_000
REPEAT = 15
ASKED = "SELECT body FROM definitions WHERE active = 1 AND due <= ? ORDER BY due, id LIMIT 501"


def filled(folder: Path, number: int) -> Workspace:
    """Return a workspace with schedules: the first thousand are due at one, the others tomorrow."""
    ws = replace(open_workspace(folder, start=folder, environ={}), now=lambda: NOON)
    spec, rules = JobSpec(notebook="train.ipynb", content="0" * 64), Rules()
    with ws.store.write() as tx:
        for place in range(number):
            when = Cron(expression="0 13 * * *" if place < DUE else f"{place % 60} 11 * * *", timezone="UTC")
            first = next_fire(when, rules, NOON)
            assert first is not None
            made = JobDefinition(
                id=f"d{place:025}", name=f"n{place}", spec=spec, when=when, rules=rules, created=NOON,
                actor=ws.actor, moment=first.at, due=first.due,
            )  # fmt: skip
            tx.definitions.add(made)
    return ws


def seconds(act: Callable[[], object], times: int = REPEAT) -> float:
    """Return the median of what a call takes."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return median(taken)


def bare(path: Path) -> float:
    """Return what as many transactions take that only write four rows each, as long as ours."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        for table in "abcd":
            connection.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, body TEXT)")
        begun = time.perf_counter()
        for number in range(DUE):
            connection.execute("BEGIN IMMEDIATE")
            for table in "abcd":
                connection.execute(f"INSERT INTO {table} VALUES (?, ?)", (f"{number:026}", "x" * 600))
            connection.execute("COMMIT")
        return time.perf_counter() - begun


def main() -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--schedules", type=int, default=10_000)
    many = parser.parse_args().schedules
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in ("few", "many")]
        for folder in folders:
            folder.mkdir()
        few, full = filled(folders[0], 10), filled(folders[1], many)
        idle_few, idle = seconds(lambda: fire_due(few)), seconds(lambda: fire_due(full))
        with sqlite3.connect(folders[1] / ".mlops" / "store.db") as connection:
            now = (NOON.isoformat(),)
            asked = seconds(lambda: connection.execute(ASKED, now).fetchall())
        later = replace(full, now=lambda: NOON + timedelta(hours=1, minutes=1))
        begun = time.perf_counter()
        fired = len(fire_due(later).submitted)
        fire = time.perf_counter() - begun
        limit = bare(Path(place) / "bare.db")
        for ws in (few, full):
            ws.store.close()
    print(
        f"a turn, none due       {many:,} schedules {idle * 1e3:8.2f} ms   10 schedules {idle_few * 1e3:8.2f} ms   ratio {idle / idle_few:.2f}"
    )
    print(f"the question alone     in SQLite {asked * 1e3:8.3f} ms")
    print(
        f"a turn, {fired:,} due      {fire:8.2f} s    bare transactions {limit:8.2f} s    ratio {fire / limit:.1f}"
    )


if __name__ == "__main__":
    main()
