"""A deployment of a model whose training data are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_mlops.records.deployment import Deployment
from jupyter_mlops.registry import move_alias
from jupyter_mlops.workspace import Workspace
from tests.monitoring.live import rows
from tests.registry.books import manifest_of, registered


@pytest.fixture(autouse=True)
def _no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked in this test"
    )


@pytest.fixture
def served(ws: Workspace) -> Workspace:
    """pm25@champion, trained on the rows of seed 0, and a deployment of it that nobody has asked yet."""
    from jupyter_mlops.capture.dataset import profile
    from tests.registry.books import fitted

    manifest = replace(manifest_of(ws, fitted()), profile=profile(rows(2000, 0)))
    registered(ws, manifest=manifest)
    move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    with ws.store.write() as tx:
        tx.deployments.add(Deployment(id="here", model="pm25", alias="champion", version=1, started=ws.now()))
    return ws
