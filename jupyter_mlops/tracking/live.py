"""The runs this process holds open: their journals, folded and kept alive by one background thread."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from jupyter_mlops.errors import NotFound
from jupyter_mlops.records.captured import End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import Run, RunStatus
from jupyter_mlops.settings import Settings
from jupyter_mlops.store import pending
from jupyter_mlops.store.journal import Journal
from jupyter_mlops.store.journal_records import Said, parse, read_segment
from jupyter_mlops.tracking.folding import put_down, with_blobs
from jupyter_mlops.tracking.lease import renewed, take_lease
from jupyter_mlops.tracking.masking import masked_end
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.tracking.pulse import TICK, this_pulse
from jupyter_mlops.workspace import Workspace, utc_now

__all__ = ["Live", "begin", "begin_unseen", "find_live", "flush", "hold", "leased"]

_BLINK = 0.0005  # seconds between two looks
_LONGEST_WAIT = 10.0  # seconds a reader waits for a fold that goes on in another thread
_LONGEST_PAUSE = 60.0  # seconds between tries while the store is away
_HELD = 2.0  # seconds that the store may let others go first before somebody is told


class Live:
    """One run of this process: its journal, and how far the store has it.

    Parameters
    ----------
    opener
        Returns the workspace; called at the first need, so that arming a run opens no store.
    run
        The run as it began.
    journal
        Where it writes.
    """

    def __init__(
        self,
        opener: Callable[[], Workspace],
        run: Run,
        journal: Journal,
        settings: Settings,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.run, self.journal, self.settings, self.now = run, journal, settings, now
        self._opener = opener
        self._workspace: Workspace | None = None
        self._opening = threading.Lock()
        self.folding = threading.RLock()
        self._segment, self._offset = journal.segment, 0
        self._names: Mapping[int, str] = {}  # of metrics, as far as the segment was read
        self._pause = 0.0
        self._failure = ""
        self._next_try = 0.0
        self.ended = False
        self._folder: int | None = None  # the thread that folds now
        self.settled = threading.Event()  # the store has all of it, or could not be reached
        self._closing = False
        self.patient_since: float | None = None  # it waits for a moment without a cell to be brought home

    @property
    def workspace(self) -> Workspace:
        """The workspace, opened now if it was not yet."""
        with self._opening:
            if self._workspace is None:
                self._workspace = self._opener()
            return self._workspace

    def is_in(self, ws: Workspace) -> bool:
        """Tell whether this run is kept in the same store as *ws*."""
        if self._workspace is not None and self._workspace.store is ws.store:
            return True
        return self.settings.store == ws.settings.store and not ws.settings.store.startswith("memory:")

    def pending(self) -> Iterator[Said]:
        """Go through what the store has not yet; each step is taken as done when the next is asked for.

        What is said meanwhile is left for the next time: two threads after each other's heels get nowhere.
        """
        place = self.journal.place
        while (self._segment, self._offset) < place:
            path, complete = self.journal.path(self._segment), self._segment < self.journal.segment
            said = read_segment(path, self.run.id, offset=self._offset, names=self._names)
            if said:
                yield said
                self._offset, self._names = said.end, said.names
            elif complete:
                # A live writer's finished segment has no torn end: all of it is in the store.
                path.unlink(missing_ok=True)
                self._segment, self._offset, self._names = self._segment + 1, 0, {}
            else:
                break
        kept = self.journal.kept()
        if kept:
            yield parse(kept, self.run.id, most=1 << 62, names=self.journal.names)
            self.journal.forget(len(kept))

    def bring_home(self) -> None:
        """Fold what is waiting, before somebody reads; never from inside a fold of this thread's own."""
        elsewhere = self.journal.pid != os.getpid()  # a forked child has the parent's list, but not its part
        away = time.monotonic() < self._next_try
        if elsewhere or away or self._folder == threading.get_ident() or not self.waiting:
            return
        if self.folding.acquire(timeout=_LONGEST_WAIT):
            try:
                self.fold()
            finally:
                self.folding.release()

    @property
    def failure(self) -> str:
        """What became of the last try to tell the store; empty where that went well."""
        return self._failure

    @property
    def trouble(self) -> str:
        """Why the store could not be told until now; empty where it could, or has only just been asked."""
        if self._failure or self._workspace is None or not self.waiting:
            return self._failure
        # Whoever of this process it is that waits: the background is one thread for all.
        seconds = self._workspace.store.waited()
        return "" if seconds < _HELD else f"another writer has held it for {seconds:.0f} seconds"

    @property
    def waiting(self) -> bool:
        """True where the store does not know all yet."""
        return not self.ended and (self._closing or self.journal.beyond(self._segment, self._offset))

    def wait_known(self, seconds: float) -> bool:
        """Wait until the store knows what was said so far, but no longer than *seconds*, nor where it cannot be reached."""
        deadline = time.monotonic() + seconds
        while self.waiting and not self.failure and time.monotonic() < deadline:
            time.sleep(_BLINK)
        return not self.waiting

    def fold(self) -> None:
        """Bring everything that was said into the store, in one transaction a stretch."""
        with self.folding:
            if self.ended:
                return
            self._folder = threading.get_ident()
            try:
                self._take()
                if self._closing:
                    self._let_go()
            finally:
                self._folder = None

    def _take(self) -> None:
        for said in self.pending():
            ready = with_blobs(self.workspace, said)
            with self.workspace.store.write() as tx:
                put_down(self.workspace, tx, self.run.id, ready)

    def end_soon(self, end: End) -> None:
        """Write the end down; the background brings it into the store."""
        self.journal.note({"end": encode(masked_end(end))}, self.now().timestamp())
        self._closing = True
        this_pulse().wake()

    @property
    def closing(self) -> bool:
        """True once the run's end has been said."""
        return self._closing

    def end(self, end: End) -> None:
        """Write the end down and bring it into the store; where that is away, the background tries again."""
        with self.folding:
            self.journal.note({"end": encode(masked_end(end))}, self.now().timestamp())
            self._closing = True
            try:
                self.fold()
            except Exception:
                if not self.journal.beyond_files:
                    raise  # it waits in the journal
                # It lies in memory, and the background tries again: whoever lets go of it last knows what became of it.
                self.journal.put_aside()
                this_pulse().wake()

    def _let_go(self) -> None:
        self.journal.seal()
        self._take()  # what other threads said meanwhile
        self.ended = True
        self.settled.set()
        this_pulse().drop(self)
        pending.forget(self.bring_home)
        self.journal.remove()

    def sync(self) -> None:
        """Make what was said survive a loss of power; a thread of its own comes with it, and waits for no fold."""
        self.journal.sync()

    def beat(self) -> None:
        """Do what is due: fold, renew. A failure is said once and tried again later."""
        try:
            if time.monotonic() < self._next_try:
                return
            self.fold()
            self._renew()
        except Exception as failure:  # noqa: BLE001 - the background must outlive whatever the store does
            self._failure = str(failure)  # whoever ends the run says it, once
            self.settled.set()
            if self._closing:  # the process may go now: nothing of it should wait in memory alone
                with suppress(Exception):
                    self.journal.put_aside()
            self._pause = min(max(2 * self._pause, TICK), _LONGEST_PAUSE)
            self._next_try = time.monotonic() + self._pause
        else:
            self._failure, self._pause = "", 0.0

    def _renew(self) -> None:
        lease, ws = self.run.lease, self.workspace
        if lease is None or self.ended or self._closing:
            return
        seconds, now = ws.settings.lease_seconds, ws.now()
        if (lease.until - now).total_seconds() > seconds * 2 / 3:
            return
        longer = renewed(lease, now, seconds)
        with ws.store.write() as tx:
            kept = tx.runs.get(self.run.id)
            if kept.status is RunStatus.LOST:
                # Somebody could not see us for a while (a laptop slept); we are here.
                kept = replace(kept, status=RunStatus.RUNNING, ended=None)
                tx.events.append([ws.event("run.resumed", kept.id)])
            if kept.status is RunStatus.RUNNING:
                tx.runs.replace(replace(kept, lease=longer))
        self.run = replace(self.run, lease=longer)


def hold(live: Live) -> Live:
    """Take care of *live* until it is released."""
    pending.remember(live.bring_home)
    this_pulse().hold(live)
    return live


def find_live(ws: Workspace, run: str) -> Live | None:
    """Return this process's hold on *run*, if it has one."""
    return next((live for live in this_pulse().lives if live.run.id == run and live.is_in(ws)), None)


def flush(ws: Workspace, run: str | None = None) -> None:
    """Fold what this process's runs (or one of them) have said, so that a reader sees it."""
    for live in tuple(this_pulse().lives):
        if live.is_in(ws) and run in {None, live.run.id}:
            with suppress(NotFound):
                live.fold()


def begin(ws: Workspace, run: Run, *, first: int = 1) -> Live:
    """Open the journal of *run*, which the store has already, and hold it."""
    journal = Journal(journal_folder(ws.settings), run.id, first=first)
    live = Live(lambda: ws, run, journal, ws.settings, now=ws.now)
    assert live.workspace is ws  # opened already: it tells two stores in memory apart
    return hold(live)


def begin_unseen(ws: Workspace, run: Run, *, patient: bool = False) -> Live:
    """Hold a run that the store knows nothing of yet: the journal says it first, the background brings it home.

    So a tracked cell waits neither for the store to open nor for its lock, and a store that is away costs nothing.
    A *patient* one is brought home when no cell runs, or some seconds later.
    """
    if ws.settings.folder is not None and not ws.settings.folder.is_dir():
        ws.settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal = Journal(journal_folder(ws.settings), run.id, new=True)
    journal.note({"run": encode(run)}, run.started.timestamp())
    live = Live(lambda: ws, run, journal, ws.settings, now=ws.now)
    assert live.workspace is ws
    live.patient_since = time.monotonic() if patient else None
    return hold(live)


def leased(ws: Workspace, run: Run) -> Run:
    """Return *run* with a lease of this process."""
    return replace(run, lease=take_lease(ws.now(), ws.settings.lease_seconds))
