"""Fixtures every test may use: workspaces with a fixed clock and counted ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clocks import Clock, counted_ids
from wheels import beside_lab, elsewhere, wheel
from xdist.scheduler import LoadScopeScheduling

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.workspace import Workspace, open_workspace

__all__ = ["beside_lab", "elsewhere", "wheel"]  # fixtures of their own module


TOGETHER = ("tests/browser/", "tests/architecture/test_wheel.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes longest first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER))


class ByFile(LoadScopeScheduling):
    """Shares files among workers; one of them has the browser, and the wheel that both browser and builds need."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return "together" if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]

    def _reschedule(self, node: Any) -> None:
        """A worker runs a test when it knows the one behind it: who takes over from a lost one may be left with a single one."""
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) < 3:
            super()._reschedule(node)

    def remove_node(self, node: Any) -> str | None:
        """A test that took its worker with it has failed: given to the next worker it would take that too, without end."""
        given = self.assigned_work[node].values()
        crashed = next(((scope, item) for scope in given for item, done in scope.items() if not done), None)
        if crashed is not None:
            crashed[0][crashed[1]] = True
        # Files that are done would be handed out again, empty: whoever gets one has nothing to report, and asks for no more.
        self.assigned_work[node] = type(self.assigned_work[node])(
            (name, scope) for name, scope in self.assigned_work[node].items() if not all(scope.values())
        )
        super().remove_node(node)
        return crashed[1] if crashed is not None else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


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
