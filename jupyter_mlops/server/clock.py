"""What keeps work turning while the server lives: due jobs are started, ended ones followed up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime
from logging import Logger
from typing import Any

from jupyter_mlops.records.actor import Actor, Door
from jupyter_mlops.server.places import Places
from jupyter_mlops.settings import account
from jupyter_mlops.workspace import Workspace

__all__ = ["Clock"]

ACTIVITY = "jupyter_mlops_last_activity"  # read by the server before it shuts itself down for idleness
_ROOT = "the server's root"
_MOST_TROUBLES = 20  # told of one place; a text that changes at every turn must not fill the log
_AT_WORK = "status in ('queued', 'claimed', 'starting', 'running')"
_ACTIVE = "active = true"

Tick = Callable[[Workspace], object]


class Clock:
    """Ticks every workspace the server has opened, in a thread, for as long as it runs.

    Parameters
    ----------
    places
        Where the workspaces are.
    threads
        Where a tick runs; the event loop must stay free.
    settings
        The web application's own, where activity is noted.
    seconds
        Between two ticks.
    """

    def __init__(
        self, places: Places, *, threads: Executor, settings: dict[str, Any], log: Logger, seconds: float
    ) -> None:
        self.places, self.threads, self.settings, self.log, self.seconds = (
            places,
            threads,
            settings,
            log,
            seconds,
        )
        self.busy = False
        self._task: asyncio.Task[None] | None = None
        self._troubles: dict[str, set[str]] = {}  # by place: what was told and has not cleared

    def start(self) -> None:
        """Begin; the event loop must be running."""
        self._task = asyncio.get_running_loop().create_task(self._turn())

    async def stop(self) -> None:
        """End after the tick that is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def tick(self) -> None:
        """Do one turn now."""
        self.busy = await asyncio.get_running_loop().run_in_executor(self.threads, self._tick_all)
        if self.busy:
            self.settings[ACTIVITY] = datetime.now(UTC)

    async def _turn(self) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(self.seconds)

    def _tick_all(self) -> bool:
        """One workspace's trouble is told once until a turn there succeeds, and keeps no other from its turn."""
        busy = False
        try:
            opened = self.places.opened()
        except Exception as failure:  # noqa: BLE001  (the clock must not stop)
            self._tell(_ROOT, failure)
            return False
        self._troubles.pop(_ROOT, None)
        for ws in opened:
            place = str(ws.settings.folder or ws.settings.store)
            try:
                busy = self._tick_one(ws) or busy
            except Exception as failure:  # noqa: BLE001  (the clock must not stop)
                self._tell(place, failure)
            else:
                self._troubles.pop(place, None)
        return busy

    def _tick_one(self, ws: Workspace) -> bool:
        # Imported at the first tick, so that a server starts without them.
        from jupyter_mlops.automation import find_schedules, tick
        from jupyter_mlops.jobs import find_jobs

        turning = ws.acting_as(Actor(name=account(), via=Door.AUTOMATION))
        tick(turning)
        if len(find_jobs(turning, _AT_WORK, limit=1)):
            return True
        # Where nothing else turns, a server that is shut down for idleness takes the schedules with it.
        return len(find_schedules(turning, _ACTIVE, limit=1)) > 0

    def _tell(self, where: str, failure: Exception) -> None:
        told = self._troubles.setdefault(where, set())
        trouble = str(failure)
        if trouble not in told and len(told) < _MOST_TROUBLES:
            told.add(trouble)
            self.log.warning("jupyter_mlops: a turn of the clock failed at %s: %s", where, trouble)
