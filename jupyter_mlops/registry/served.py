"""The deployment that somebody means."""

from __future__ import annotations

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.records.query import equal as where
from jupyter_mlops.records.query import query
from jupyter_mlops.store.protocol import Transaction
from jupyter_mlops.store.short_ids import by_id

__all__ = ["deployment_of"]


def deployment_of(tx: Transaction, deployment: str) -> Deployment:
    """Return the deployment with this id, with this unique tail of one, or the newest of ``model@alias``: of those at work, else of all."""
    if "@" not in deployment:
        return by_id(tx.deployments, "deployment", deployment)
    model, _, alias = deployment.partition("@")
    of_alias = where(model=model, alias=alias)
    at_work = query("status in ('starting', 'live')", order="started desc", limit=1, also=of_alias)
    found = tx.deployments.find(at_work) or tx.deployments.find(
        query(order="started desc", limit=1, also=of_alias)
    )
    if not len(found):
        raise NotFound(
            f"{deployment} was never served, so there are no live rows",
            remedy=f"Serve it: jupyter mlops serve {deployment}.",
        )
    return found[0]
