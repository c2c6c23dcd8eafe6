"""Five schedulers race through the two months in which clocks are changed, and some are killed: each time fires once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from contracts.samples import ANA, SPEC

from jupyter_mlops.automation.moments import next_fire
from jupyter_mlops.records.query import Query, equal
from jupyter_mlops.records.schedule import (
    CatchUp,
    Cron,
    FireStatus,
    Interval,
    JobDefinition,
    Overlap,
    Rules,
)
from jupyter_mlops.store import open_store

MONTHS = {
    "spring": (datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)),
    "autumn": (datetime(2026, 10, 10, tzinfo=UTC), datetime(2026, 11, 6, tzinfo=UTC)),
}
SCHEDULER = """
import random, sys
from dataclasses import replace
from datetime import datetime, timedelta
from jupyter_mlops.automation.firing import fire_due
from jupyter_mlops.store import open_store
from jupyter_mlops.workspace import open_workspace

url, seed, at, end = sys.argv[1], int(sys.argv[2]), *map(datetime.fromisoformat, sys.argv[3:5])
chance = random.Random(seed)
ws = replace(open_workspace("memory://", environ={}), store=open_store(url), now=lambda: at)
while at < end:
    at = min(end, at + timedelta(minutes=chance.randint(60, 480)))
    assert not (problems := fire_due(ws).problems), problems
    print(at.isoformat(), flush=True)
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return request.getfixturevalue("database")


def schedules(start: datetime) -> list[JobDefinition]:
    berlin, york = "Europe/Berlin", "America/New_York"
    whens = {
        "night": (Cron(expression="30 2 * * *", timezone=berlin), Rules()),
        "along": (Cron(expression="0 */6 * * *", timezone=berlin), Rules(jitter=1800.0)),
        "york": (Cron(expression="30 1,2 * * *", timezone=york), Rules(overlap=Overlap.ALLOW)),
        "often": (Interval(seconds=11 * 3600.0, first=start), Rules(blackout=("12:00-13:00",))),
    }
    made = []
    for name, (when, rules) in whens.items():
        ruled = replace(rules, catch_up=CatchUp.ALL)
        first = next_fire(when, ruled, start, salt=name)
        assert first is not None
        made.append(
            JobDefinition(
                id=name, name=name, spec=SPEC, when=when, rules=ruled, created=start, actor=ANA,
                moment=first.at, due=first.due,
            )
        )  # fmt: skip
    return made


def expected(made: JobDefinition, end: datetime) -> list[str]:
    """Every time that has come due by the end, walked one by one."""
    assert made.moment is not None
    found, moment = [], next_fire(made.when, made.rules, made.moment - timedelta(seconds=1), salt=made.id)
    while moment.due <= end:
        found.append(moment.at.isoformat())
        moment = next_fire(made.when, made.rules, moment.at, salt=made.id)
    return found


@pytest.mark.parametrize("month", MONTHS)
def test_each_time_fires_once_however_many_schedulers_race_and_die(url, month) -> None:
    start, end = MONTHS[month]
    store, made = open_store(url), schedules(start)
    with store.write() as tx:
        for definition in made:
            tx.definitions.add(definition)

    def begin(seed: int) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", SCHEDULER, url, str(seed), start.isoformat(), end.isoformat()]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    racing = [begin(seed) for seed in range(5)]
    for victim in range(3):
        killed = racing[victim]
        for _ in range(5 + 8 * victim):
            assert killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        racing[victim] = begin(10 + victim)
    said = [process.communicate(timeout=240)[1] for process in racing]

    assert [process.returncode for process in racing] == [0] * 5, said
    with store.read() as tx:
        fires = [
            fire
            for each in made
            for fire in tx.fires.find(Query(where=equal(definition=each.id), limit=1_000))
        ]
        jobs = [job.id for job in tx.jobs.find(Query(limit=1_000))]
        told = Counter(event.subject for event in tx.events.read(kind="job.submitted", limit=5_000))
    store.close()
    assert {fire.status for fire in fires} == {FireStatus.STARTED}
    for each in made:
        assert sorted(fire.cause for fire in fires if fire.definition == each.id) == expected(each, end), (
            each.name
        )
    assert len(fires) > 200
    assert sorted(fire.job for fire in fires) == sorted(jobs)
    assert told == dict.fromkeys(jobs, 1)
