"""What is served: one record for each process that answers for an alias."""

from __future__ import annotations

from dataclasses import replace

from jupyter_mlops.errors import Conflict
from jupyter_mlops.records.deployment import DEPLOYMENT_STEPS, Deployment, DeploymentStatus
from jupyter_mlops.records.query import Page
from jupyter_mlops.records.query import query as asked
from jupyter_mlops.registry import resolve
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.tracking.lease import holder_gone, renewed, take_lease
from jupyter_mlops.workspace import Workspace

__all__ = ["deploy", "find_deployments", "get_deployment", "renew", "settle", "swap", "undeploy"]

_AT_WORK = frozenset({DeploymentStatus.STARTING, DeploymentStatus.LIVE})
_ENDED = frozenset({DeploymentStatus.STOPPED, DeploymentStatus.FAILED})


def deploy(ws: Workspace, reference: str) -> Deployment:
    """Open the record of a deployment of *reference*; whoever answers for it settles its state.

    Parameters
    ----------
    reference
        ``model@alias``, which is followed when it moves, or ``model:2``, which stays.
    """
    found = resolve(ws, reference)
    deployment = Deployment(
        id=ws.new_id(),
        model=found.model,
        alias=found.alias or "",
        version=found.version,
        started=ws.now(),
        lease=take_lease(ws.now(), ws.settings.lease_seconds),
    )
    with ws.store.write() as tx:
        tx.deployments.add(deployment)
        told = {"reference": reference, "version": found.version}
        tx.events.append([ws.event("deployment.started", deployment.id, **told)])
    return deployment


def settle(
    ws: Workspace, deployment: str, status: DeploymentStatus, *, url: str = "", reason: str = ""
) -> Deployment:
    """Take a deployment to *status*; ``Conflict`` where that is not a legal step from where it stands."""
    with ws.store.write() as tx:
        held = tx.deployments.get(deployment)
        if status not in DEPLOYMENT_STEPS[held.status]:
            raise Conflict(
                f"deployment {deployment} is {held.status} and cannot become {status}",
                remedy=f"Look at it: jupyter mlops deployment show {deployment[-6:]}.",
            )
        return _settled(tx, ws, held, status, url=url, reason=reason)


def _settled(
    tx: Transaction, ws: Workspace, held: Deployment, status: DeploymentStatus, *, url: str = "", reason: str
) -> Deployment:
    ended = ws.now() if status in _ENDED else None
    settled = replace(held, status=status, url=url or held.url, ended=ended)
    tx.deployments.replace(settled)
    told = {"url": settled.url, "reason": reason} if reason else {"url": settled.url}
    tx.events.append([ws.event(f"deployment.{status}", held.id, **told)])
    return settled


def renew(ws: Workspace, deployment: str) -> Deployment:
    """Say that the process that answers is still there, also where somebody has given it up meanwhile."""
    with ws.store.write() as tx:
        held = tx.deployments.get(deployment)
        if held.lease is None or held.status is DeploymentStatus.STOPPED:
            return held
        lease = renewed(held.lease, ws.now(), ws.settings.lease_seconds)
        back = held.status is DeploymentStatus.FAILED
        kept = replace(held, lease=lease, status=DeploymentStatus.LIVE, ended=None)
        tx.deployments.replace(kept)
        if back:
            told = {"url": kept.url, "reason": "its process was there all the time"}
            tx.events.append([ws.event("deployment.live", deployment, **told)])
    return kept


def _settle_gone(ws: Workspace) -> None:
    """Write down the end of deployments whose process is gone: killed, it could not say so itself."""
    with ws.store.read() as tx:
        held = tx.deployments.find(asked("status in ('starting', 'live')", limit=1000))
        gone = [one.id for one in held if one.lease is not None and holder_gone(one.lease, ws.now())]
    if not gone:
        return
    with ws.store.write() as tx:
        for key in gone:
            one = tx.deployments.get(key)
            # Again: meanwhile it may have ended, or its process said that it is there.
            if one.status in _AT_WORK and one.lease is not None and holder_gone(one.lease, ws.now()):
                _settled(tx, ws, one, DeploymentStatus.FAILED, reason="its process is gone")


def swap(ws: Workspace, deployment: str, version: int) -> Deployment:
    """Record that a deployment answers with another version from now on."""
    with ws.store.write() as tx:
        held = tx.deployments.get(deployment)
        swapped = replace(held, version=version)
        tx.deployments.replace(swapped)
        told = {"version": version, "was": held.version}
        tx.events.append([ws.event("deployment.swapped", deployment, **told)])
    return swapped


def undeploy(ws: Workspace, deployment: str) -> Deployment:
    """Ask a deployment to stop; its process sees it within seconds and ends.

    Parameters
    ----------
    deployment
        Its id, the last characters of it, or ``model@alias`` for the newest that serves it.
    """
    with ws.store.read() as tx:
        meant = deployment_of(tx, deployment)
    return settle(ws, meant.id, DeploymentStatus.STOPPED, reason="undeployed")


def get_deployment(ws: Workspace, deployment: str) -> Deployment:
    """Show a deployment: what it serves, where it answers and since when.

    Parameters
    ----------
    deployment
        Its id, the last characters of it, or ``model@alias`` for the newest that serves it.
    """
    _settle_gone(ws)
    with ws.store.read() as tx:
        return deployment_of(tx, deployment)


def find_deployments(
    ws: Workspace, query: str = "", *, order: str = "", limit: int = 100, cursor: str | None = None
) -> Page[Deployment]:
    """Find deployments, the newest first."""
    _settle_gone(ws)
    with ws.store.read() as tx:
        return tx.deployments.find(
            asked(query, order=order, limit=limit, cursor=cursor, now=ws.now(), of=Deployment)
        )
