"""The background thread: what it does, when it stands still, and what it does not lose as the process ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from jupyter_mlops.tracking import pulse as module
from jupyter_mlops.tracking.pulse import TICK, Pulse, in_background, quiet, this_pulse


def test_a_task_that_fails_is_passed_over_and_the_next_is_done():
    done = threading.Event()

    def fails() -> None:
        raise RuntimeError

    in_background(fails)
    in_background(done.set)
    assert done.wait(30)


def test_a_watcher_is_called_again_and_again_until_it_is_taken_off():
    beats = threading.Semaphore(0)
    pulse: Pulse = Pulse()
    pulse.watch(beats.release)
    pulse.start()
    for _ in range(2):
        pulse.wake(urgent=True)
        assert beats.acquire(timeout=30)
    pulse.unwatch(beats.release)
    pulse.unwatch(beats.release)  # one that is not there is passed over
    assert pulse.watchers == []


def test_a_hook_has_the_background_stand_still_and_lets_it_go_whatever_happens():
    pulse = this_pulse()
    with pytest.raises(KeyboardInterrupt), quiet():
        assert not pulse.loud.is_set()
        raise KeyboardInterrupt
    assert pulse.loud.is_set()


class Held:
    """A run whose beat hangs, as where another process holds the store."""

    ended, closing = False, False

    def __init__(self, patient_since: float | None = None) -> None:
        self.patient_since = patient_since
        self.synced, self.beaten, self.freed = threading.Semaphore(0), threading.Event(), threading.Event()

    def sync(self) -> None:
        self.synced.release()

    def beat(self) -> None:
        self.beaten.set()
        self.freed.wait(60)

    def fold(self) -> None:
        """Nothing waits."""


def often() -> Pulse:
    pulse: Pulse = Pulse()
    pulse.syncs.seconds = 0.001  # which makes of minutes what they are here: a count
    return pulse


def test_journals_are_synced_in_time_while_a_fold_waits_for_the_store():
    pulse, live = often(), Held()
    pulse.hold(live)
    assert live.beaten.wait(30)  # and does not come back
    assert all(live.synced.acquire(timeout=30) for _ in range(20))
    live.freed.set()
    pulse.drop(live)


def test_journals_are_synced_in_time_while_a_cell_holds_back_the_fold():
    pulse, live = often(), Held(patient_since=time.monotonic() + 3600)
    pulse.in_cell = True
    pulse.hold(live)
    assert all(live.synced.acquire(timeout=30) for _ in range(20))
    assert not live.beaten.is_set()
    pulse.drop(live)


def test_one_journal_that_cannot_be_synced_keeps_no_other_from_it(monkeypatch):
    pulse, broken, live = often(), Held(), Held()
    monkeypatch.setattr(broken, "sync", lambda: 1 / 0)
    pulse.hold(broken)
    pulse.hold(live)
    assert all(live.synced.acquire(timeout=30) for _ in range(2))
    for one in (broken, live):
        one.freed.set()
        pulse.drop(one)


def test_a_sync_with_a_hook_in_its_way_is_begun_within_what_is_promised():
    assert Pulse().syncs.seconds + module._LONGEST_HOOK < TICK == 1.0


def test_settling_does_what_a_task_leaves_of_itself():
    pulse: Pulse = Pulse()
    left = [3]

    def piece() -> None:
        left[0] -= 1
        if left[0]:
            pulse.tasks.append(piece)

    pulse.tasks.append(piece)
    pulse.settle()
    assert left == [0]


def test_a_process_that_ends_waits_for_the_task_the_background_is_at():
    code = (
        "import threading\n"
        "from jupyter_mlops.tracking.pulse import in_background\n"
        "begun = threading.Event()\n"
        "def task():\n"
        "    begun.set()\n"
        "    import time\n"
        "    time.sleep(0.5)\n"
        "    print('done', flush=True)\n"
        "in_background(task)\n"
        "begun.wait(30)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "done\n"
