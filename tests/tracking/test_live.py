"""A run this process holds: what it says reaches the store once, soon or late, and never at the price of the user's cell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.captured import Captured, End
from jupyter_mlops.records.codec import encode
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.store import pending
from jupyter_mlops.store.journal import Journal
from jupyter_mlops.tracking import find_runs, finish_run, get_run, metric_history, start_run
from jupyter_mlops.tracking.live import Live, begin_unseen, find_live, flush, leased
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.tracking.pulse import this_pulse
from jupyter_mlops.tracking.runs import draft_run
from jupyter_mlops.workspace import Workspace, open_workspace


class Opener:
    """A workspace that cannot be reached until it is there again."""

    def __init__(self, ws: Workspace) -> None:
        self.ws, self.away, self.asked = ws, True, 0

    def __call__(self) -> Workspace:
        self.asked += 1
        if self.away:
            raise Unavailable("the store is away", remedy="Plug it in.")
        return self.ws


def unheld(ws, run, opener, **journal) -> Live:
    """A live run that no background thread cares for: each step is taken by the test."""
    return Live(opener, run, Journal(journal_folder(ws.settings), run.id, **journal), ws.settings, now=ws.now)


def files(ws, run: str) -> list[str]:
    return sorted(path.name for path in journal_folder(ws.settings).glob(f"{run}.*.journal"))


def ended(ws) -> End:
    return End(status=RunStatus.FINISHED, at=ws.now(), captured=Captured(notes=("seen",)))


def test_a_run_the_store_knows_nothing_of_is_there_for_whoever_reads(ws):
    begun = draft_run(ws, name="unseen", experiment="air")
    live = begin_unseen(ws, begun)
    live.journal.points({"loss": 1.0}, 0, ws.now().timestamp())
    with ws.store.read() as tx:  # a reader who knows nothing of this module
        assert (tx.runs.get(begun.id).name, tx.runs.get(begun.id).metrics) == ("unseen", {"loss": 1.0})
    finish_run(ws, run=begun.id)
    with ws.store.read() as tx:
        assert [event.kind for event in tx.events.read(subject=begun.id)] == ["run.started", "run.finished"]


def test_an_end_said_soon_is_in_the_store_for_the_next_reader_and_leaves_no_file(ws):
    live = begin_unseen(ws, draft_run(ws, name="soon"))
    live.end_soon(ended(ws))
    assert live.closing
    kept = get_run(ws, live.run.id)
    assert (kept.status, kept.notes, kept.lease) == (RunStatus.FINISHED, ("seen",), None)
    assert (live.ended, live.settled.is_set(), live.waiting) == (True, True, False)
    assert find_live(ws, live.run.id) is None
    assert files(ws, live.run.id) == []


def test_what_was_said_is_synced_once_and_without_the_store(ws, monkeypatch):
    opener, synced = Opener(ws), []
    monkeypatch.setattr(os, "fsync", synced.append)
    live = unheld(ws, draft_run(ws, name="synced"), opener)
    for value in (1.0, 2.0):
        live.journal.points({"loss": value}, 0, ws.now().timestamp())
        live.sync()
        live.sync()  # nothing new: the disk is left alone
    assert (len(synced), opener.asked) == (2, 0)


def test_while_the_store_is_away_nothing_is_lost_and_nobody_is_kept_waiting(ws):
    opener = Opener(ws)
    live = unheld(ws, leased(ws, draft_run(ws, name="away")), opener)
    live.journal.note({"run": encode(live.run)}, 0)
    live.journal.points({"loss": 1.0}, 0, ws.now().timestamp())
    live.beat()
    assert ("the store is away" in live.trouble, live.settled.is_set(), opener.asked) == (True, True, 1)
    for _ in range(20):
        live.bring_home()  # as a reader does
        live.beat()
    assert opener.asked < 10  # each try makes the pause to the next one longer
    live.journal.points({"loss": 0.5}, 1, ws.now().timestamp())
    opener.away = False
    live.end(ended(ws))
    assert live.ended
    assert get_run(ws, live.run.id).status is RunStatus.FINISHED
    assert [point.value for point in metric_history(ws, run=live.run.id, key="loss")] == [1.0, 0.5]


def test_an_end_that_the_store_could_not_take_is_raised_and_taken_at_the_next_try(ws):
    opener = Opener(ws)
    run = leased(ws, draft_run(ws, name="end"))
    with ws.store.write() as tx:
        tx.runs.add(run)
    live = unheld(ws, run, opener)
    with pytest.raises(Unavailable, match="the store is away"):
        live.end(ended(ws))
    assert (live.ended, live.waiting) == (False, True)
    opener.away = False
    live.fold()
    assert live.ended
    assert get_run(ws, run.id).notes == ("seen",)


def test_segments_that_are_full_are_deleted_once_the_store_has_them(ws):
    run = leased(ws, draft_run(ws, name="long"))
    with ws.store.write() as tx:
        tx.runs.add(run)
    live = unheld(ws, run, lambda: ws, segment_bytes=2048)
    for step in range(500):
        live.journal.points({"loss": float(step)}, step, ws.now().timestamp())
    before = files(ws, run.id)
    assert len(before) > 5
    live.fold()
    assert files(ws, run.id) == before[-1:]
    live.journal.points({"loss": 500.0}, 500, ws.now().timestamp())
    live.end(ended(ws))
    assert [point.step for point in metric_history(ws, run=run.id, key="loss")] == list(range(501))


def test_what_is_said_during_a_fold_waits_for_the_next(ws):
    run = leased(ws, draft_run(ws, name="chatty"))
    live = unheld(ws, run, lambda: ws)
    for number in range(3):
        live.journal.note({"note": str(number)}, 0)
    stretches = 0
    for said in live.pending():
        stretches += 1
        assert [note["note"] for note in said.notes] == ["0", "1", "2"]
        live.journal.note({"note": "late"}, 0)
    assert stretches == 1
    assert live.waiting
    assert [[note["note"] for note in said.notes] for said in live.pending()] == [["late"]]
    assert not live.waiting
    live.journal.remove()


def test_a_fold_that_fails_in_the_middle_takes_nothing_for_said(ws):
    """The run itself is not in the store yet: what speaks of it cannot be put down."""
    run = leased(ws, draft_run(ws, name="early"))
    live = unheld(ws, run, lambda: ws)
    live.journal.points({"loss": 1.0}, 0, ws.now().timestamp())
    live.beat()
    assert (live.trouble != "", live.waiting) == (True, True)
    with ws.store.write() as tx:
        tx.runs.add(run)
    live.end(ended(ws))
    assert get_run(ws, run.id).metrics == {"loss": 1.0}


def test_a_run_is_held_for_its_own_store_only(ws, tmp_path):
    other = replace(
        open_workspace(tmp_path / "other", start=tmp_path, environ={}), new_id=ws.new_id, actor=ws.actor
    )
    memory = replace(
        open_workspace("memory://", start=tmp_path, environ={}), new_id=ws.new_id, actor=ws.actor
    )
    run = start_run(ws, name="held")
    assert find_live(ws, run.id) is not None
    assert find_live(replace(ws, actor=replace(ws.actor, name="bo")), run.id) is find_live(ws, run.id)
    assert find_live(other, run.id) is None
    assert find_live(memory, run.id) is None
    flush(other, run.id)  # which concerns nobody here
    finish_run(ws, run=run.id)
    other.store.close()


def test_a_lease_is_renewed_near_its_end_and_never_wakes_a_run_that_somebody_ended(ws, clock):
    run = start_run(ws, name="held")
    live = find_live(ws, run.id)
    clock.advance(9)
    live.beat()
    assert get_run(ws, run.id).lease == run.lease
    clock.advance(2)
    live.beat()
    assert get_run(ws, run.id).lease.until > run.lease.until
    with ws.store.write() as tx:  # as another process does that cancels it
        kept = tx.runs.get(run.id)
        tx.runs.replace(replace(kept, status=RunStatus.CANCELLED, ended=clock(), lease=None))
    clock.advance(25)
    live.beat()
    kept = get_run(ws, run.id)
    assert (kept.status, kept.lease) == (RunStatus.CANCELLED, None)
    live.end(ended(ws))
    assert get_run(ws, run.id).status is RunStatus.CANCELLED


def test_a_run_that_was_removed_from_the_store_troubles_nobody_but_its_own_background(ws):
    run = start_run(ws, name="removed")
    live = find_live(ws, run.id)
    with ws.store.write() as tx:
        tx.runs.remove(run.id)
    live.journal.points({"loss": 1.0}, 0, ws.now().timestamp())
    flush(ws)
    assert find_runs(ws).total == 0
    live.beat()
    assert live.trouble
    this_pulse().drop(live)
    pending.forget(live.bring_home)
    live.journal.remove()


def test_the_folder_of_a_workspace_is_made_for_its_owner_only(sql_ws, tmp_path):
    settings = replace(
        sql_ws.settings, folder=tmp_path / "deep" / ".mlops", journal=tmp_path / "deep" / ".mlops" / "journal"
    )
    live = begin_unseen(replace(sql_ws, settings=settings), draft_run(sql_ws, name="first"))
    assert os.stat(tmp_path / "deep" / ".mlops").st_mode & 0o777 == 0o700
    finish_run(replace(sql_ws, settings=settings), run=live.run.id)


def test_whoever_waits_until_the_store_knows_waits_no_longer_than_told_or_than_it_helps(ws):
    begun = draft_run(ws, name="unseen", experiment="air")
    live = unheld(ws, begun, lambda: ws)
    live.journal.note({"run": encode(begun)}, ws.now().timestamp())
    assert not live.wait_known(0.01)
    held = threading.Event()
    let_go = threading.Event()

    def hold_on() -> None:
        with ws.store.write():
            held.set()
            let_go.wait(60)

    somebody = threading.Thread(target=hold_on)
    somebody.start()
    held.wait(60)
    background = threading.Thread(target=live.beat)
    background.start()
    until = time.monotonic() + 60
    while not live.trouble:
        assert time.monotonic() < until
        assert not live.wait_known(0.01)
    assert re.fullmatch(r"another writer has held it for \d+ seconds", live.trouble)
    let_go.set()
    background.join(60)
    somebody.join(60)
    assert live.trouble == ""
    assert live.wait_known(3600)
    assert get_run(ws, begun.id).name == "unseen"
    live.end(ended(ws))


SOON = """
import os, resource, sys
from pathlib import Path
from jupyter_mlops.records.captured import End
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.tracking.live import begin_unseen
from jupyter_mlops.tracking.runs import draft_run
from jupyter_mlops.workspace import open_workspace

ws = open_workspace(sys.argv[1], environ={})
live = begin_unseen(ws, draft_run(ws, name="soon"))
live.fold()
ws.store.close()
store = Path(sys.argv[1], ".mlops", "store.db")
store.rename(store.with_name("store.away"))
store.write_bytes(b"it takes nothing any more" * 1000)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # of each file
for step in range(600):
    live.journal.points({"loss": step / 2}, step, ws.now().timestamp())
live.end_soon(End(status=RunStatus.FINISHED, at=ws.now()))
live.beat()
os._exit(0)  # killed: no last words
"""


def test_an_end_said_soon_on_a_full_disk_is_put_aside_by_the_background_and_survives_a_kill(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SOON, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    store = tmp_path / ".mlops" / "store.db"
    store.with_name("store.away").replace(store)
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws, "name = 'soon'")
    assert run.status is RunStatus.FINISHED
    assert [point.value for point in metric_history(ws, run=run.id, key="loss")] == [
        n / 2 for n in range(600)
    ]
    ws.store.close()
