"""The server extension: what is configured arrives, the clock turns only where it is wound up, stopping closes everything."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

import jupyter_mlops
from jupyter_mlops.records.job import Job, JobSpec, JobStatus
from jupyter_mlops.records.run import Lease
from jupyter_mlops.server.app import MlopsApp
from jupyter_mlops.server.clock import ACTIVITY
from jupyter_mlops.tracking import find_runs, start_run
from jupyter_mlops.workspace import Workspace, open_workspace

pytest_plugins = ["pytest_jupyter.jupyter_server"]


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A workspace that lies outside of what the server shows."""
    folder = tmp_path / "team"
    ws = open_workspace(folder, environ={})
    start_run(ws, name="of the team")
    ws.store.close()
    return folder


@pytest.fixture
def configured() -> dict[str, Any]:
    return {}


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], configured: dict[str, Any]) -> dict[str, Any]:
    jp_server_config["MlopsApp"] |= configured
    return jp_server_config


def at_work(ws: Workspace, *, lease: Lease | None = None) -> Job:
    """A job that says it is at work; without a lease nobody holds it any more."""
    spec = JobSpec(notebook="n.ipynb", content=ws.blobs.put(io.BytesIO(b"{}")))
    at = ws.now() if lease else ws.now() - timedelta(days=1)
    job = Job(
        id=ws.new_id(),
        spec=spec,
        status=JobStatus.RUNNING,
        queued=at,
        started=at,
        heartbeat=at,
        lease=lease,
        actor=ws.actor,
    )
    with ws.store.write() as tx:
        tx.jobs.add(job)
    return job


def test_the_package_tells_a_server_which_extension_is_its_own() -> None:
    (point,) = jupyter_mlops._jupyter_server_extension_points()

    assert point == {"module": "jupyter_mlops", "app": MlopsApp}
    assert MlopsApp.name == "jupyter_mlops"


def test_every_setting_says_what_it_is_for_and_keeps_its_default() -> None:
    settings = MlopsApp.class_own_traits(config=True)

    assert {name: trait.default_value for name, trait in settings.items()} == {
        "workspace": "", "tick_seconds": 15.0, "most_threads": 8,
    }  # fmt: skip
    assert all(trait.help.endswith(".") for trait in settings.values())


@pytest.mark.parametrize("configured", [{"most_threads": 2}])
def test_no_more_operations_are_under_way_than_are_allowed(app: MlopsApp) -> None:
    assert app.threads._max_workers == 2


def test_one_workspace_may_be_named_for_every_notebook(
    team: Path, jp_server_config: dict[str, Any], jp_root_dir: Path, request: pytest.FixtureRequest
) -> None:
    open_workspace(jp_root_dir, environ={}).store.close()  # what would be found upward
    jp_server_config["MlopsApp"]["workspace"] = str(team)
    app: MlopsApp = request.getfixturevalue("app")

    for path in ("", "notebooks/train.ipynb"):
        assert [run.name for run in find_runs(app.places.at(path, write=False))] == ["of the team"]


async def test_the_clock_stands_where_no_seconds_are_set(app: MlopsApp, jp_serverapp: Any) -> None:
    await app._start_jupyter_server_extension(jp_serverapp)

    assert app.tick_seconds == 0
    assert app.clock is None
    assert app.current_activity() is None  # it says nothing, so that others decide


async def test_a_wound_up_clock_turns_in_the_servers_root_and_stops_with_it(
    app: MlopsApp, jp_serverapp: Any, jp_root_dir: Path
) -> None:
    ws = open_workspace(jp_root_dir, environ={})
    job = at_work(ws)
    app.tick_seconds = 3600.0

    await app._start_jupyter_server_extension(jp_serverapp)
    assert app.clock is not None
    await app.clock.tick()

    with ws.store.read() as tx:
        assert tx.jobs.get(job.id).status is JobStatus.LOST
    assert app.current_activity() is False
    await app.stop_extension()
    assert app.clock._task is None
    ws.store.close()


async def test_a_job_at_work_keeps_the_server_awake(
    app: MlopsApp, jp_serverapp: Any, jp_root_dir: Path
) -> None:
    ws = open_workspace(jp_root_dir, environ={})
    app.tick_seconds = 3600.0
    await app._start_jupyter_server_extension(jp_serverapp)
    assert app.clock is not None
    await app.clock.tick()
    assert ACTIVITY not in jp_serverapp.web_app.settings

    alive = psutil.Process()
    until = ws.now() + timedelta(hours=1)
    at_work(
        ws,
        lease=Lease(
            host=socket.gethostname(), pid=alive.pid, process_started=alive.create_time(), until=until
        ),
    )
    await app.clock.tick()

    assert app.current_activity() is True
    assert ACTIVITY in jp_serverapp.web_app.settings
    ws.store.close()


async def test_stopping_closes_what_requests_have_opened_and_may_be_done_twice(
    app: MlopsApp, ask: Any, project: Any
) -> None:
    status, _ = await ask("GET", "runs")
    assert status == 200
    assert len(app.places.opened()) == 1

    await app.stop_extension()
    await app.stop_extension()

    assert app.places._open == {}
    with pytest.raises(RuntimeError):
        app.threads.submit(print)


def test_a_server_starts_without_the_libraries_that_only_verbs_need() -> None:
    code = """
import json, sys
from jupyter_mlops.server.app import MlopsApp
print(json.dumps(sorted(name for name in sys.modules)))
"""
    house = str(Path(jupyter_mlops.__file__).parents[1])
    ran = subprocess.run([sys.executable, "-c", code], cwd=house, capture_output=True, text=True, check=True)
    loaded = set(json.loads(ran.stdout))

    heavy = {
        "numpy",
        "pandas",
        "sklearn",
        "sqlalchemy",
        "papermill",
        "nbclient",
        "IPython",
        "skops",
        "uvicorn",
        "starlette",
    }
    rooms = {
        f"jupyter_mlops.{name}"
        for name in ("tracking", "jobs", "review", "automation", "serving", "registry", "formats")
    }
    assert loaded & (heavy | rooms) == set()
