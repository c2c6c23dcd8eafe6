"""Runs whose process is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace

import pytest

from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking import find_runs, finish_run, get_run, metric_history, settle_lost, start_run
from jupyter_mlops.tracking.lease import holder_gone, host, take_lease
from jupyter_mlops.tracking.live import find_live
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.workspace import open_workspace


def in_another_process(folder, body: str, **environment: str) -> subprocess.Popen:
    env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_MLOPS")} | environment
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(body)], cwd=folder, stdout=subprocess.PIPE, text=True, env=env
    )


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def test_a_killed_script_is_found_lost_with_every_point_it_had_logged(project):
    child = in_another_process(
        project,
        """
        import jupyter_mlops as mlops
        with mlops.track("doomed", experiment="air") as run:
            run.log_params(alpha=0.5)
            run.log_artifact(b"half", "notes.txt")
            print(run.id, flush=True)
            for step in range(10**9):
                run.log_metric("loss", step * 1.0)
                print(step, flush=True)
        """,
    )
    key = child.stdout.readline().strip()
    accepted = -1
    while accepted < 3000:
        accepted = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    for line in child.stdout:
        accepted = int(line) if line.endswith("\n") else accepted
    child.wait()
    ws = open_workspace(project, environ={})
    run = get_run(ws, key)
    assert run.status is RunStatus.LOST
    last = metric_history(ws, run=key, key="loss", most=4)[-1]
    assert run.started < last.at <= run.ended  # it was heard of then, whatever its lease says
    assert "its process is gone" in run.grade_reason
    assert run.params == {"alpha": 0.5}
    values = [p.value for p in metric_history(ws, run=key, key="loss", limit=10**6)]
    assert values == [float(step) for step in range(len(values))]
    assert len(values) > accepted
    assert list(journal_folder(ws.settings).iterdir()) == []
    with ws.store.read() as tx:
        assert [e.kind for e in tx.events.read(subject=key)] == ["run.started", "run.lost"]
    assert settle_lost(ws) == ()
    ws.store.close()


def test_two_openers_fold_the_same_journal_and_every_point_is_there_once(project):
    child = in_another_process(
        project,
        """
        import os, jupyter_mlops as mlops
        with mlops.track("doomed") as run:
            for step in range(20_000):
                run.log_metric("loss", step * 1.0)
            print(run.id, flush=True)
            os.kill(os.getpid(), 9)
        """,
    )
    key = child.stdout.readline().strip()
    child.wait()
    look = f"""
        import jupyter_mlops as mlops
        ws = mlops.workspace()
        run = mlops.get_run(ws, "{key}")
        print(run.status, len(mlops.metric_history(ws, run=run.id, key="loss", limit=10**6)))
        """
    lookers = [in_another_process(project, look) for _ in range(3)]
    for looker in lookers:
        assert looker.wait() == 0
    ws = open_workspace(project, environ={})
    assert len(metric_history(ws, run=key, key="loss", limit=10**6)) == 20_000
    assert get_run(ws, key).status is RunStatus.LOST
    ws.store.close()


def test_a_run_of_a_living_process_is_never_called_lost_however_long_it_is_silent(sql_ws, clock):
    run = start_run(sql_ws)
    clock.advance(10**6)
    assert settle_lost(sql_ws) == ()
    assert get_run(sql_ws, run.id).status is RunStatus.RUNNING
    finish_run(sql_ws, run=run.id)


def test_a_run_of_another_host_is_lost_once_its_lease_has_run_out(ws, clock):
    run = start_run(ws)
    finish_run(ws, run=run.id)
    away = replace(take_lease(clock(), 30), host="elsewhere", pid=1)
    with ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), status=RunStatus.RUNNING, ended=None, lease=away))
    clock.advance(29)
    assert settle_lost(ws) == ()
    clock.advance(2)
    (lost,) = settle_lost(ws)
    assert (lost.id, lost.status) == (run.id, RunStatus.LOST)
    assert find_runs(ws, "status = 'lost'").total == 1


def test_a_number_given_to_another_process_since_does_not_keep_a_run_alive(clock):
    mine = take_lease(clock(), 30)
    assert mine.host == host()
    assert not holder_gone(mine, clock())
    assert holder_gone(replace(mine, process_started=mine.process_started - 100), clock())
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert holder_gone(replace(mine, pid=gone.pid), clock())


def test_a_run_called_lost_goes_on_when_its_own_process_says_so(sql_ws, clock):
    run = start_run(sql_ws)
    with sql_ws.store.write() as tx:
        tx.runs.replace(replace(tx.runs.get(run.id), status=RunStatus.LOST, ended=clock()))
    live = find_live(sql_ws, run.id)
    clock.advance(25)  # near the end of the lease: time to renew
    live.beat()
    kept = get_run(sql_ws, run.id)
    assert (kept.status, kept.ended) == (RunStatus.RUNNING, None)
    assert kept.lease.until > run.lease.until
    finish_run(sql_ws, run=run.id)


def test_the_end_of_a_run_waits_in_the_journal_while_the_store_is_away(project):
    """The whole run: nobody had told the store of it."""
    child = in_another_process(
        project,
        """
        import jupyter_mlops as mlops
        from jupyter_mlops.tracking.here import here
        from jupyter_mlops.tracking.handle import ActiveRun
        from jupyter_mlops.tracking.live import begin_unseen
        from jupyter_mlops.tracking.runs import draft_run, finish_run
        from jupyter_mlops.errors import Unavailable
        import os, pathlib
        ws = here()
        pathlib.Path(".mlops").mkdir(mode=0o700)
        pathlib.Path(".mlops/store.db").mkdir()  # nothing can be opened there
        run = ActiveRun(begin_unseen(ws, draft_run(ws, name="away")))
        run.log_metric("loss", 1.0)
        run.log_params(alpha=2)
        try:
            finish_run(ws, run=run.id)
        except Unavailable:
            print(run.id, flush=True)
        os._exit(0)
        """,
    )
    key = child.stdout.readline().strip()
    assert child.wait() == 0
    (project / ".mlops" / "store.db").rmdir()
    ws = open_workspace(project, environ={})
    run = find_runs(ws)[0]
    assert (run.id, run.name, run.status, run.params, run.metrics) == (
        key, "away", RunStatus.FINISHED, {"alpha": 2}, {"loss": 1.0},
    )  # fmt: skip
    ws.store.close()


def test_points_of_forked_children_belong_to_the_run_too(project):
    child = in_another_process(
        project,
        """
        import json, os, jupyter_mlops as mlops
        with mlops.track("pool") as run:
            children = []
            for number in range(3):
                pid = os.fork()
                if pid == 0:
                    for step in range(100):
                        run.log_metric(f"child{number}", step * 1.0, step=step)
                    os._exit(0)
                children.append(pid)
            run.log_metric("parent", 1.0)
            assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
        ws = mlops.workspace()
        counts = {k: len(mlops.metric_history(ws, run=run.id, key=k)) for k in mlops.get_run(ws, run.id).metrics}
        print(json.dumps(counts))
        """,
    )
    assert json.loads(child.stdout.read()) == {"child0": 100, "child1": 100, "child2": 100, "parent": 1}
    assert child.wait() == 0


def test_many_processes_log_into_one_store_at_once_and_nobody_waits_or_loses(project):
    body = """
        import sys, jupyter_mlops as mlops
        with mlops.track("worker", experiment="crowd") as run:
            for step in range(3000):
                run.log_metric("loss", step * 1.0)
        """
    children = [in_another_process(project, body) for _ in range(6)]
    assert [child.wait() for child in children] == [0] * 6
    ws = open_workspace(project, environ={})
    page = find_runs(ws, "experiment = 'crowd'")
    assert [run.status for run in page] == [RunStatus.FINISHED] * 6
    assert {len(metric_history(ws, run=run.id, key="loss", limit=10**5)) for run in page} == {3000}
    ws.store.close()
