"""The deployment that somebody means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.deployment import Deployment, DeploymentStatus
from jupyter_mlops.registry.served import deployment_of
from jupyter_mlops.workspace import Workspace


def test_an_alias_names_its_newest_deployment_and_an_id_or_its_tail_its_own(ws: Workspace) -> None:
    ids = {name: f"01kb{'0' * 16}{name:0>6}" for name in ("old", "new", "other")}
    with ws.store.write() as tx:
        for place, (name, alias) in enumerate(
            [("old", "champion"), ("new", "champion"), ("other", "challenger")]
        ):
            at = ws.now() + timedelta(hours=place)
            tx.deployments.add(Deployment(id=ids[name], model="pm25", alias=alias, version=1, started=at))
    with ws.store.read() as tx:
        assert deployment_of(tx, "pm25@champion").id == ids["new"]
        assert deployment_of(tx, "pm25@challenger").id == ids["other"]
        assert deployment_of(tx, ids["old"]).id == ids["old"]
        assert deployment_of(tx, "00old").id == ids["old"]
    with ws.store.write() as tx:
        stopped = tx.deployments.get(ids["new"])
        tx.deployments.replace(replace(stopped, status=DeploymentStatus.STOPPED))
    with ws.store.read() as tx:
        assert deployment_of(tx, "pm25@champion").id == ids["old"]  # it is the one at work
    with ws.store.write() as tx:
        failed = tx.deployments.get(ids["old"])
        tx.deployments.replace(replace(failed, status=DeploymentStatus.FAILED))
    with ws.store.read() as tx:
        assert deployment_of(tx, "pm25@champion").id == ids["new"]  # of those that have ended the newest
        with pytest.raises(NotFound, match="pm25@nobody was never served") as refusal:
            deployment_of(tx, "pm25@nobody")
        assert "jupyter mlops serve pm25@nobody" in refusal.value.remedy
        with pytest.raises(NotFound, match="no deployment ends in 'nowhere'"):
            deployment_of(tx, "nowhere")
