"""Processes that a job's cells started are found wherever they went, and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.jobs import leftovers as module
from jupyter_mlops.jobs.leftovers import MARK, end_leftovers, kernel_process, leftovers
from tests.jobs.running import until

RUN = "01jq0000000000000000000001"
SLEEP = "import time; time.sleep(1000)"
# A grandchild in a session of its own whose parent ends at once: out of the tree, the group and the session.
DAEMON = f"""
import os, sys, subprocess
child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True, stdin=subprocess.DEVNULL)
open(sys.argv[1], 'w').write(str(child.pid))
"""


@pytest.fixture
def begun() -> Iterator[list[int]]:
    pids: list[int] = []
    yield pids
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def start(begun: list[int], script: str, *args: str, run: str = "", **how: object) -> subprocess.Popen[bytes]:
    environ = {**os.environ, **({MARK: run} if run else {})}
    process = subprocess.Popen([sys.executable, "-c", script, *args], env=environ, **how)  # type: ignore[call-overload]
    begun.append(process.pid)
    return process


def lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def daemon(begun: list[int], tmp_path: Path, run: str) -> int:
    file = tmp_path / "pid"
    start(begun, DAEMON, str(file), run=run).wait()
    begun.append(int(file.read_text()))
    return begun[-1]


def test_a_process_that_left_tree_and_session_is_known_by_what_it_inherited(begun, tmp_path) -> None:
    pid = daemon(begun, tmp_path, RUN)
    other = start(begun, SLEEP, run=RUN[:-1] + "2")
    until(lambda: pid in set(leftovers(RUN)))
    assert set(leftovers(RUN)) == {pid}
    assert end_leftovers(RUN) == 1
    until(lambda: not lives(pid))
    assert lives(other.pid)
    assert end_leftovers(RUN) == 0


@pytest.mark.skipif(not module.LINUX, reason="sessions of other processes can be seen on Linux only")
def test_the_kernels_session_is_ended_also_after_the_kernel(begun, tmp_path) -> None:
    file = tmp_path / "pid"
    script = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}], env={{}}); open(sys.argv[1], 'w').write(str(p.pid)); {SLEEP}"
    kernel = start(begun, script, str(file), start_new_session=True)
    until(lambda: file.exists() and file.read_text())
    told = kernel_process(kernel.pid)
    child = int(file.read_text())
    begun.append(child)
    assert set(leftovers("", told)) == {kernel.pid, child}
    kernel.kill()
    kernel.wait()
    assert set(leftovers("", told)) == {child}
    end_leftovers("", told)
    until(lambda: not lives(child))


def test_a_number_that_another_process_has_by_now_is_left_alone(begun) -> None:
    process = start(begun, SLEEP, start_new_session=True)
    pid, began = kernel_process(process.pid)
    assert set(leftovers("", (pid, began + 1))) == set()
    assert set(leftovers("", (pid, began))) == {pid}


def test_who_looks_is_not_among_what_is_ended(monkeypatch) -> None:
    monkeypatch.setenv(MARK, RUN)
    assert os.getpid() not in set(leftovers(RUN, kernel_process(os.getpid())))


def warden() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", module.__file__], stdin=subprocess.PIPE)


def test_a_warden_ends_what_is_left_once_nobody_holds_its_pipe(begun, tmp_path) -> None:
    pid = daemon(begun, tmp_path, RUN)
    kernel = start(begun, SLEEP, start_new_session=True)
    number, started = kernel_process(kernel.pid)
    guard = warden()
    guard.stdin.write(f"{RUN}\n{RUN} {number} {started}\n".encode())
    guard.stdin.flush()
    assert lives(pid)
    guard.stdin.close()
    guard.wait()
    until(lambda: not lives(pid))
    assert kernel.wait() == -signal.SIGKILL


def test_a_warden_that_is_told_that_all_is_well_ends_nothing(begun, tmp_path) -> None:
    pid = daemon(begun, tmp_path, RUN)
    guard = warden()
    guard.communicate(f"{RUN}\n\n".encode())
    assert lives(pid)
    assert guard.returncode == 0
