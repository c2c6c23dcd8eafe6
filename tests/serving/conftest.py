"""A registered model, and a service that answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops.capture.dataset import profile, signature_of
from jupyter_mlops.registry import move_alias
from jupyter_mlops.serving.service import Service
from jupyter_mlops.workspace import Workspace
from tests.registry.books import fitted, manifest_of, registered, small_data


@pytest.fixture(autouse=True)
def _no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked in this test"
    )


def register(ws: Workspace, *, alpha: float = 1.0, name: str = "baseline", arrays: bool = False) -> Any:
    X, y = small_data()
    model = fitted(alpha)
    if arrays:
        model = model.fit(X.to_numpy(), y)
        X = X.to_numpy()
    manifest = replace(
        manifest_of(ws, model), signature=signature_of(X, model.predict(X)), profile=profile(X)
    )
    return registered(ws, name=name, manifest=manifest)


def promoted(ws: Workspace) -> Workspace:
    """Register two versions, the first of them champion."""
    register(ws)
    register(ws, alpha=50.0, name="two")
    move_alias(ws, model="pm25", alias="champion", version=1, reason="because")
    return ws


@pytest.fixture
def champion(memory_ws: Workspace) -> Workspace:
    return promoted(memory_ws)


@pytest.fixture
def service(champion: Workspace) -> Iterator[Service]:
    running = Service(champion, "pm25@champion", interval=0.02)
    running.start("http://here")
    yield running
    running.close()
