"""Fixtures every test may use: workspaces with a fixed clock and counted ids."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.workspace import Workspace, open_workspace

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def counted_ids(prefix: str = "id") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers):022d}00"[:26]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _no_ambient_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WORKSPACE", "STORE", "BLOBS", "DISABLED", "RUN", "JOB"):
        monkeypatch.delenv(f"JUPYTER_MLOPS_{name}", raising=False)


def fixed(ws: Workspace, clock: Clock, name: str = "ana") -> Workspace:
    return replace(ws, now=clock, new_id=counted_ids(), actor=Actor(name=name, via=Door.PYTHON))


@pytest.fixture
def memory_ws(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A workspace in memory."""
    ws = open_workspace("memory://", start=tmp_path, environ={})
    yield fixed(ws, clock)
    ws.store.close()


@pytest.fixture
def sql_ws(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    """A workspace in a folder: SQLite and a blob folder."""
    ws = open_workspace(tmp_path, start=tmp_path, environ={})
    yield fixed(ws, clock)
    ws.store.close()


@pytest.fixture(params=["memory", "sql"])
def ws(request: pytest.FixtureRequest) -> Workspace:
    """Both, one after the other."""
    return request.getfixturevalue(f"{request.param}_ws")
