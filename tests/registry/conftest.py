"""Fixtures of the registry's tests."""

from __future__ import annotations

import pytest


@pytest.fixture
def no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the child process, which has tests of its own and costs two seconds a time."""
    monkeypatch.setattr(
        "jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked in this test"
    )
