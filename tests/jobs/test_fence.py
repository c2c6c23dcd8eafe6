"""What a job's kernel may use, and that nothing of it stays behind. Real processes in place of kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from jupyter_mlops.jobs.fence import Fence, thread_variables
from tests.jobs.running import until

RUN = "01jq0000000000000000000003"


@pytest.fixture
def fence() -> Iterator[Fence]:
    made = Fence(RUN)
    yield made
    made.close()


def start(script: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)


def hold(fence: Fence, script: str, cpus: float | None = None) -> subprocess.Popen[bytes]:
    process = start(script)
    assert process.stdout is not None
    process.stdout.readline()
    fence.hold(process.pid, cpus)
    return process


def test_memory_is_that_of_the_kernel_and_of_all_it_started(fence: Fence) -> None:
    assert fence.memory() == 0
    hold(
        fence,
        "import subprocess, sys, time\n"
        "held = bytearray(b'x' * 40_000_000)\n"
        "child = subprocess.Popen([sys.executable, '-c', \"held = bytearray(b'x' * 60_000_000); print(1, flush=True); import time; time.sleep(1000)\"], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(1, flush=True); time.sleep(1000)",
    )
    assert 100e6 < fence.memory() < 180e6


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system knows no affinity")
def test_a_kernel_is_kept_to_its_processors_with_all_that_it_starts(fence: Fence) -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor cannot be divided")
    kernel = hold(fence, "print(1, flush=True); import time; time.sleep(1000)", cpus=1.5)
    assert len(os.sched_getaffinity(kernel.pid)) == 1
    other = Fence(RUN + "b")
    try:
        second = hold(other, "print(1, flush=True); import time; time.sleep(1000)", cpus=1)
        # The next one gets a processor that nobody is kept to.
        assert os.sched_getaffinity(second.pid) != os.sched_getaffinity(kernel.pid)
    finally:
        other.close()


def test_numerical_libraries_are_told_how_many_threads_they_may_have() -> None:
    assert thread_variables(None) == {}
    assert set(thread_variables(2.9).values()) == {"2"}
    assert thread_variables(0.5)["OMP_NUM_THREADS"] == "1"


def test_closing_ends_the_kernel_and_the_warden(fence: Fence) -> None:
    kernel = hold(fence, "print(1, flush=True); import time; time.sleep(1000)")
    guard = fence._warden
    assert guard is not None
    assert guard.poll() is None
    fence.close()
    assert kernel.wait() < 0
    assert guard.poll() == 0


def test_where_the_holder_is_killed_its_kernel_ends(tmp_path) -> None:
    file = tmp_path / "pid"
    script = (
        "import subprocess, sys, os, signal\n"
        "from jupyter_mlops.jobs.fence import Fence\n"
        "kernel = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'], start_new_session=True)\n"
        f"fence = Fence({RUN!r}); fence.hold(kernel.pid)\n"
        f"open({str(file)!r}, 'w').write(str(kernel.pid))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script], check=False)
    kernel = int(file.read_text())
    until(lambda: not psutil.pid_exists(kernel) or psutil.Process(kernel).status() == psutil.STATUS_ZOMBIE)


def test_a_machine_that_starts_no_warden_runs_the_kernel_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    fence = Fence(RUN)
    monkeypatch.undo()
    kernel = hold(fence, "print(1, flush=True); import time; time.sleep(1000)")
    fence.close()
    assert kernel.wait() < 0
