"""The background thread: what it does, when it stands still, and what it does not lose as the process ends."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from jupyter_mlops.tracking.pulse import Pulse, in_background, quiet, this_pulse


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
