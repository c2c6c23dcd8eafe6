"""Fixtures of the tests that carry things from place to place."""

from __future__ import annotations

import pytest


@pytest.fixture
def no_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the child process a registration starts: it has tests of its own."""
    monkeypatch.setattr("jupyter_mlops.registry.versions.admit", lambda ws, manifest: "not asked here")
