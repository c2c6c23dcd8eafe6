"""Who holds a run, and when that process is believed to be gone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from jupyter_mlops.records.codec import decode, encode
from jupyter_mlops.records.run import Lease
from jupyter_mlops.tracking import lease as lease_module
from jupyter_mlops.tracking.lease import holder_gone, host, renewed, take_lease
from tests.magics.kernels import Kernel

FORKING = """
import json, os
from datetime import UTC, datetime
from jupyter_mlops.tracking.lease import take_lease
mine = take_lease(datetime.now(UTC), 30)
read, write = os.pipe()
if not os.fork():
    child = take_lease(datetime.now(UTC), 30)
    os.write(write, json.dumps([child.host, child.pid, os.getpid()]).encode())
    os._exit(0)
os.wait()
print(json.dumps([[mine.host, mine.pid], json.loads(os.read(read, 10000))]))
"""


def test_a_lease_names_this_process_and_a_renewed_one_only_lasts_longer(clock):
    lease = take_lease(clock(), 30)
    assert (lease.pid, lease.host, lease.until) == (os.getpid(), host(), clock() + timedelta(seconds=30))
    clock.advance(20)
    longer = renewed(lease, clock(), 30)
    assert longer == replace(lease, until=clock() + timedelta(seconds=30))


ASKED = """
from datetime import UTC, datetime
from jupyter_mlops.tracking.lease import take_lease
print(take_lease(datetime.now(UTC), 30).kernel)
"""


class Behind(Kernel):
    """A kernel behind a connection file of that name."""

    def __init__(self, folder: Path, file: str) -> None:
        self.manager = KernelManager(kernel_name="python3", connection_file=str(folder / file))
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)


@pytest.mark.kernel
def test_a_lease_says_which_kernel_holds_it_and_names_none_in_a_script(tmp_path):
    script = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert script.stdout == "None\n"
    with Behind(tmp_path, "kernel-0a1b2c3d-4e5f.json") as kernel:  # as a server has it
        assert kernel.execute(ASKED).stdout == "0a1b2c3d-4e5f\n"
    with Behind(tmp_path, "kernel.json") as kernel:  # as a job has it
        session = kernel.execute("print(get_ipython().kernel.session.session)").stdout
        assert kernel.execute(ASKED).stdout == session


def test_a_lease_of_before_kernels_were_named_is_read(clock):
    lease = replace(take_lease(clock(), 30), kernel=None)
    old = {name: value for name, value in encode(lease).items() if name != "kernel"}
    assert decode(Lease, old) == lease


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system whose starts have no names."""
    monkeypatch.setattr(lease_module, "_BOOTS_HAVE_NAMES", False)
    monkeypatch.setattr(lease_module, "_own", {})


@pytest.mark.usefixtures("elsewhere")
def test_where_the_start_of_the_machine_has_no_name_a_process_is_told_by_the_clock(clock):
    lease = take_lease(clock(), 30)
    assert lease.process_started == pytest.approx(psutil.Process().create_time())
    assert not holder_gone(lease, clock())
    assert holder_gone(replace(lease, process_started=lease.process_started + 5), clock())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert holder_gone(replace(lease, pid=ended.pid), clock())


@pytest.mark.skipif(not os.path.exists("/proc/sys/kernel/random/boot_id"), reason="told by the clock here")
def test_a_clock_that_is_set_makes_nobody_gone(clock, monkeypatch):
    """The system tells when a process began by the clock as it stands: a step of it moves every start."""
    lease = take_lease(clock(), 30)
    began = psutil.Process().create_time()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _self: began + 3600)
    monkeypatch.setattr(lease_module, "_own", {})
    assert not holder_gone(lease, clock())
    assert take_lease(clock(), 30).process_started == lease.process_started


def test_another_process_reads_the_same_start_and_a_later_process_has_another(clock):
    lease = take_lease(clock(), 30)
    asked = "import sys; from jupyter_mlops.tracking.lease import _started; print(_started(int(sys.argv[1])))"
    theirs = subprocess.run(
        [sys.executable, "-c", asked, str(os.getpid())], capture_output=True, text=True, check=True
    )
    assert float(theirs.stdout) == pytest.approx(lease.process_started, abs=0.05)
    later = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        started = lease_module._started(later.pid)
        assert started is not None
        assert started > lease.process_started
    finally:
        later.communicate(b"\n")


def test_the_name_of_a_machine_tells_containers_apart_where_the_system_can():
    assert host().startswith(socket.gethostname())
    if os.path.exists("/proc/self/ns/pid"):
        assert host().endswith(os.readlink("/proc/self/ns/pid"))


def test_a_child_has_a_lease_of_its_own_on_the_same_machine():
    told = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True)
    (parent_host, parent), (child_host, child, child_pid) = json.loads(told.stdout)
    assert parent_host == child_host == host()
    assert child == child_pid != parent


def test_on_this_machine_time_alone_makes_nobody_gone(clock):
    lease = take_lease(clock(), 30)
    clock.advance(10**7)
    assert not holder_gone(lease, clock())


def test_another_machine_is_believed_until_the_very_end_of_its_lease(clock):
    away = replace(take_lease(clock(), 30), host="elsewhere")
    clock.advance(30)
    assert not holder_gone(away, clock())
    clock.advance(0.001)
    assert holder_gone(away, clock())


def test_a_process_that_has_ended_and_was_not_yet_waited_for_is_gone(clock):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    started = lease_module._started(ended.pid) or 0.0
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # until it has ended, and it stays a zombie
    lease = replace(take_lease(clock(), 30), pid=ended.pid, process_started=started)
    assert psutil.Process(ended.pid).status() == psutil.STATUS_ZOMBIE
    assert holder_gone(lease, clock())
    ended.wait()


def test_a_start_that_two_readings_tell_a_little_differently_is_one_start(clock):
    lease = take_lease(clock(), 30)
    assert not holder_gone(replace(lease, process_started=lease.process_started + 1.9), clock())
    assert holder_gone(replace(lease, process_started=lease.process_started + 2.1), clock())


@pytest.mark.parametrize("by", ["proc", "clock"])
def test_a_process_one_may_not_look_at_is_believed_while_its_lease_lasts(clock, monkeypatch, by):
    """As on a shared machine whose /proc hides the processes of other accounts."""
    if by == "clock":
        monkeypatch.setattr(lease_module, "_BOOTS_HAVE_NAMES", False)
        monkeypatch.setattr(lease_module, "_own", {})
    lease = take_lease(clock(), 30)

    def refused(self: psutil.Process) -> str:
        raise psutil.AccessDenied(self.pid)

    def closed(self: Path, **_how: object) -> str:
        raise PermissionError(self)

    monkeypatch.setattr(psutil.Process, "status", refused)
    monkeypatch.setattr(Path, "read_text", closed)
    assert not holder_gone(lease, clock())
    clock.advance(31)
    assert holder_gone(lease, clock())
    monkeypatch.undo()
    unread = replace(lease, process_started=0.0)  # as that process would write it of itself
    assert holder_gone(unread, clock())
    assert not holder_gone(renewed(unread, clock(), 30), clock())


@pytest.mark.skipif(not lease_module._BOOTS_HAVE_NAMES, reason="told by the clock here")
@pytest.mark.parametrize("trouble", [OSError(24, "too many open files"), FileNotFoundError()])
def test_that_nobody_can_look_does_not_make_a_process_dead(clock, monkeypatch, trouble):
    """No file descriptor is left; or processes of other accounts are hidden, as if they were not there."""
    lease = take_lease(clock(), 30)

    def refused(self: Path, **_how: object) -> str:
        raise trouble

    monkeypatch.setattr(Path, "read_text", refused)
    assert not holder_gone(lease, clock())
    monkeypatch.setattr(lease_module, "_own", {})
    assert take_lease(clock(), 30).process_started == 0.0
    monkeypatch.undo()
    monkeypatch.setattr(lease_module, "_own", lease_module._own)
    assert take_lease(clock(), 30).process_started == lease.process_started  # it was not kept
