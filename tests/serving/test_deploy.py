"""What is served: one record for each process that answers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from clocks import Clock

from jupyter_mlops.errors import Conflict, Invalid, NotFound
from jupyter_mlops.ledger import history
from jupyter_mlops.records.deployment import DEPLOYMENT_STEPS, Deployment, DeploymentStatus
from jupyter_mlops.serving.deploy import (
    deploy,
    find_deployments,
    get_deployment,
    renew,
    settle,
    swap,
    undeploy,
)
from jupyter_mlops.workspace import Workspace
from tests.serving.conftest import promoted

STARTING, LIVE, STOPPED, FAILED = DeploymentStatus


@pytest.fixture
def ready(ws: Workspace) -> Workspace:
    return promoted(ws)


def test_an_alias_is_followed_and_a_version_stays(ready: Workspace) -> None:
    by_alias, by_version = deploy(ready, "pm25@champion"), deploy(ready, "pm25:2")
    assert (by_alias.model, by_alias.alias, by_alias.version) == ("pm25", "champion", 1)
    assert (by_version.alias, by_version.version, by_version.status) == ("", 2, STARTING)
    assert get_deployment(ready, by_alias.id) == by_alias
    (told,) = history(ready, subject=by_alias.id)
    assert (told.kind, dict(told.data)) == (
        "deployment.started",
        {"reference": "pm25@champion", "version": 1},
    )


@pytest.mark.parametrize(
    ("reference", "error"),
    [("pm25@nobody", NotFound), ("none:1", NotFound), ("pm25:x", Invalid), ("pm25", Invalid)],
)
def test_what_names_no_version_is_not_deployed(
    ready: Workspace, reference: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        deploy(ready, reference)
    assert find_deployments(ready).total == 0


@pytest.mark.parametrize("before", DeploymentStatus)
@pytest.mark.parametrize("after", DeploymentStatus)
def test_every_step_is_taken_where_it_is_legal_and_refused_where_not(
    memory_ws: Workspace, clock: Clock, before: DeploymentStatus, after: DeploymentStatus
) -> None:
    ws = promoted(memory_ws)
    held = deploy(ws, "pm25:1")
    if before is not STARTING:
        held = settle(ws, held.id, before)
    clock.advance(5)
    if after in DEPLOYMENT_STEPS[before]:
        moved = settle(ws, held.id, after, url="http://here", reason="so")
        assert (moved.status, moved.url) == (after, "http://here")
        assert moved.ended == (None if after is LIVE else clock())
        assert dict(history(ws, subject=held.id)[-1].data) == {"url": "http://here", "reason": "so"}
    else:
        lines = len(history(ws))
        with pytest.raises(Conflict, match=f"is {before} and cannot become {after}") as refusal:
            settle(ws, held.id, after)
        assert refusal.value.remedy
        assert get_deployment(ws, held.id) == held
        assert len(history(ws)) == lines


def test_a_url_once_told_is_kept(ready: Workspace) -> None:
    held = deploy(ready, "pm25:1")
    settle(ready, held.id, LIVE, url="http://here")
    assert settle(ready, held.id, STOPPED).url == "http://here"


def test_a_swap_is_told_with_what_was_before(ready: Workspace) -> None:
    held = deploy(ready, "pm25@champion")
    assert swap(ready, held.id, 2).version == get_deployment(ready, held.id).version == 2
    assert dict(history(ready, subject=held.id)[-1].data) == {"version": 2, "was": 1}


def test_what_is_undeployed_stays_so(ready: Workspace) -> None:
    held = deploy(ready, "pm25:1")
    assert undeploy(ready, held.id).status is STOPPED
    with pytest.raises(Conflict):
        undeploy(ready, held.id)
    for act in (undeploy, get_deployment):
        with pytest.raises(NotFound):
            act(ready, "nowhere")


def test_deployments_are_found_the_newest_first_and_by_what_they_are(ready: Workspace, clock: Clock) -> None:
    first = deploy(ready, "pm25:1")
    clock.advance(60)
    second = deploy(ready, "pm25:2")
    undeploy(ready, first.id)
    assert [d.id for d in find_deployments(ready)] == [second.id, first.id]
    assert [d.id for d in find_deployments(ready, "status = 'stopped'")] == [first.id]
    assert [d.id for d in find_deployments(ready, order="version", limit=1)] == [first.id]


def held_by(ws: Workspace, deployment: Deployment, **lease: object) -> None:
    """Have another process hold it."""
    assert deployment.lease is not None
    with ws.store.write() as tx:
        tx.deployments.replace(replace(deployment, lease=replace(deployment.lease, **lease)))  # type: ignore[arg-type]


def test_a_deployment_whose_process_was_killed_is_found_failed_and_one_at_work_is_not(
    ready: Workspace,
) -> None:
    mine, theirs = (settle(ready, deploy(ready, "pm25:1").id, LIVE) for _ in range(2))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    held_by(ready, theirs, pid=dead.pid, process_started=1.0)

    assert {one.id: one.status for one in find_deployments(ready)} == {mine.id: LIVE, theirs.id: FAILED}
    failed = get_deployment(ready, theirs.id)
    assert failed.ended is not None
    assert history(ready, subject=theirs.id)[-1].data["reason"] == "its process is gone"
    assert undeploy(ready, theirs.id).status is STOPPED  # should it be there all the same, it is to stop


def test_a_silent_process_of_another_machine_is_given_up_and_comes_back(
    memory_ws: Workspace, clock: Clock
) -> None:
    ws = promoted(memory_ws)
    far = settle(ws, deploy(ws, "pm25:1").id, LIVE, url="http://far")
    held_by(ws, far, host="elsewhere")
    clock.advance(ws.settings.lease_seconds - 1)
    assert get_deployment(ws, far.id).status is LIVE
    renew(ws, far.id)
    clock.advance(ws.settings.lease_seconds - 1)
    assert get_deployment(ws, far.id).status is LIVE

    clock.advance(2)
    assert get_deployment(ws, far.id).status is FAILED
    back = renew(ws, far.id)
    assert (back.status, back.ended, back.url) == (LIVE, None, "http://far")
    assert [event.kind for event in history(ws, subject=far.id)][-2:] == [
        "deployment.failed",
        "deployment.live",
    ]

    undeploy(ws, far.id)
    assert renew(ws, far.id).status is STOPPED


def test_a_deployment_is_named_by_its_tail_or_by_the_alias_it_serves(ready: Workspace) -> None:
    old, new = deploy(ready, "pm25@champion"), deploy(ready, "pm25@champion")
    assert get_deployment(ready, old.id[-8:].upper()) == old
    assert undeploy(ready, "pm25@champion").id == new.id
    with pytest.raises(NotFound, match="no deployment ends in 'zzzz'"):
        undeploy(ready, "zzzz")
