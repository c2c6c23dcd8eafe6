"""The server's clock: it settles, keeps awake, tells trouble once, and stops."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from jupyter_mlops.server.clock import ACTIVITY, Clock
from jupyter_mlops.server.places import Places
from jupyter_mlops.workspace import open_workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]


@contextmanager
def clock_at(root, log, seconds=3600.0):
    from concurrent.futures import ThreadPoolExecutor

    places, settings = Places(root), {}
    with ThreadPoolExecutor(1) as threads:
        yield Clock(places, threads=threads, settings=settings, log=log, seconds=seconds), settings
    places.close()


async def test_a_turn_where_there_is_no_workspace_makes_none(tmp_path, app):
    empty = tmp_path / "empty"
    empty.mkdir()

    with clock_at(empty, app.log) as (clock, settings):
        await clock.tick()

    assert list(empty.iterdir()) == []
    assert settings == {}


async def test_a_turn_settles_what_was_lost_while_nobody_looked(tmp_path, app):
    from dataclasses import replace
    from datetime import timedelta

    from jupyter_mlops.records.job import Job, JobSpec, JobStatus

    ws = open_workspace(tmp_path, environ={})
    spec = JobSpec(notebook="gone.ipynb", content=ws.blobs.put(__import__("io").BytesIO(b"{}")))
    long_ago = ws.now() - timedelta(days=1)
    job = Job(id=ws.new_id(), spec=spec, queued=long_ago, actor=ws.actor)
    with ws.store.write() as tx:
        tx.jobs.add(replace(job, status=JobStatus.RUNNING, started=long_ago, heartbeat=long_ago))

    with clock_at(tmp_path, app.log) as (clock, _):
        await clock.tick()

    with ws.store.read() as tx:
        assert tx.jobs.get(job.id).status is JobStatus.LOST
    ws.store.close()


async def test_jobs_at_work_keep_the_server_from_going_idle(tmp_path, app):
    import os
    import socket
    from dataclasses import replace
    from datetime import timedelta

    import psutil

    from jupyter_mlops.records.job import Job, JobSpec, JobStatus
    from jupyter_mlops.records.run import Lease

    ws = open_workspace(tmp_path, environ={})
    spec = JobSpec(notebook="x.ipynb", content=ws.blobs.put(__import__("io").BytesIO(b"{}")))
    lease = Lease(
        host=socket.gethostname(), pid=os.getpid(), process_started=psutil.Process().create_time(),
        until=ws.now() + timedelta(hours=1),
    )  # fmt: skip
    job = Job(id=ws.new_id(), spec=spec, queued=ws.now(), actor=ws.actor)
    with ws.store.write() as tx:
        tx.jobs.add(replace(job, status=JobStatus.RUNNING, started=ws.now(), heartbeat=ws.now(), lease=lease))

    with clock_at(tmp_path, app.log) as (clock, settings):
        await clock.tick()

    assert settings[ACTIVITY].tzinfo is not None
    assert clock.busy
    ws.store.close()


async def test_trouble_in_one_workspace_is_logged_and_does_not_stop_the_clock(tmp_path, app, caplog):
    (tmp_path / ".mlops").mkdir()
    (tmp_path / ".mlops" / "config.toml").write_text("nonsense", encoding="utf-8")

    with clock_at(tmp_path, app.log) as (clock, _), caplog.at_level("WARNING"):
        await clock.tick()
        await clock.tick()

    assert sum("a turn of the clock failed" in line for line in caplog.messages) == 1


async def test_the_clock_turns_by_itself_and_stops(tmp_path, app):
    import asyncio

    turned = asyncio.Event()

    class Watched(Clock):
        async def tick(self):
            await super().tick()
            turned.set()

    with clock_at(tmp_path, app.log) as (made, settings):
        clock = Watched(made.places, threads=made.threads, settings=settings, log=app.log, seconds=3600)
        clock.start()
        await asyncio.wait_for(turned.wait(), 30)
        await clock.stop()

    assert clock._task is None


async def test_two_troubles_that_take_turns_are_each_told_once_until_they_clear(tmp_path, app, caplog):
    config = tmp_path / ".mlops" / "config.toml"
    config.parent.mkdir(mode=0o700)
    told = []
    with clock_at(tmp_path, app.log) as (clock, _), caplog.at_level("WARNING"):
        for text in ("nonsense", "unheard_of = 1", "nonsense", "unheard_of = 1", "", "nonsense"):
            config.write_text(text, encoding="utf-8")
            caplog.clear()
            await clock.tick()
            told.append(sum("a turn of the clock failed" in line for line in caplog.messages))

    assert told == [1, 1, 0, 0, 0, 1]


@pytest.mark.parametrize(("paused", "awake"), [(False, True), (True, False)], ids=["active", "paused"])
async def test_an_active_schedule_keeps_a_server_from_being_culled(tmp_path, jp_serverapp, paused, awake):
    from jupyter_mlops.automation import add_schedule, pause_schedule

    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "n.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    ws = open_workspace(tmp_path, environ={})
    add_schedule(ws, name="yearly", notebook=str(tmp_path / "n.ipynb"), cron="0 0 1 1 *")
    if paused:
        pause_schedule(ws, "yearly")
    web_app, places = jp_serverapp.web_app, Places(tmp_path)
    before = web_app.last_activity()

    with ThreadPoolExecutor(1) as threads:
        clock = Clock(
            places, threads=threads, settings=web_app.settings, log=jp_serverapp.log, seconds=3600.0
        )
        await clock.tick()

    assert clock.busy is awake
    assert (web_app.last_activity() > before) is awake
    places.close()
    ws.store.close()
