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
    """Return the deployment with this id, with this unique tail of one, or the newest of ``model@alias``."""
    if "@" not in deployment:
        return by_id(tx.deployments, "deployment", deployment)
    model, _, alias = deployment.partition("@")
    found = tx.deployments.find(query(order="started desc", limit=1, also=where(model=model, alias=alias)))
    if not found.total:
        raise NotFound(
            f"{deployment} was never served, so there are no live rows",
            remedy=f"Serve it: jupyter mlops serve {deployment}.",
        )
    return found[0]
