"""A lock that says that its holder lives."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import Timeout

from jupyter_mlops.store import writer_lock
from jupyter_mlops.store.writer_lock import WriterLock, lock_file


def is_free(path: Path) -> bool:
    lock = lock_file(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    return True


@pytest.fixture(params=["native", "library"])
def way(request, monkeypatch):
    if request.param == "library":
        monkeypatch.setattr(writer_lock, "_locked_anew", lambda _path: None)
    elif sys.platform == "win32":
        pytest.skip("flock is not there")
    return request.param


def test_what_is_held_is_seen_until_it_is_let_go(way, tmp_path):
    path = tmp_path / "run.0.lock"
    lock = WriterLock(path)
    assert not is_free(path)
    lock.release()
    assert is_free(path)
    lock.release()  # a second time: nothing happens
    assert is_free(path)


def test_the_folder_is_made_where_it_is_missing_and_is_for_nobody_else(way, tmp_path):
    folder = tmp_path / "deep" / "journal"
    WriterLock(folder / "run.0.lock").release()
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0


def test_a_file_left_by_an_earlier_life_is_taken_over(way, tmp_path):
    path = tmp_path / "run.0.lock"
    path.touch()
    lock = WriterLock(path)
    assert not is_free(path)
    lock.release()


def test_one_that_another_holds_is_waited_for(way, tmp_path, monkeypatch):
    monkeypatch.setattr(writer_lock, "_PATIENCE", 0.1)
    path = tmp_path / "run.0.lock"
    other = lock_file(path)
    other.acquire()
    with pytest.raises(Timeout):
        WriterLock(path)
    other.release()
    WriterLock(path).release()


def test_where_the_folder_cannot_be_written_the_system_says_so(way, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's word
        WriterLock(tmp_path / "file" / "run.0.lock")


def test_a_killed_holder_holds_nothing_though_a_program_it_has_started_lives_on(way, tmp_path):
    path = tmp_path / "run.0.lock"
    program = (
        "import subprocess, sys, time\n"
        "from pathlib import Path\n"
        "from jupyter_mlops.store import writer_lock\n"
        f"if {way == 'library'}: writer_lock._locked_anew = lambda path: None\n"
        f"lock = writer_lock.WriterLock(Path({str(path)!r}))\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(30)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(holder.stdout.readline())
    try:
        assert not is_free(path)
        holder.kill()
        holder.wait()
        deadline = time.monotonic() + 5
        while not is_free(path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_free(path)
    finally:
        os.kill(child, 9)
        holder.stdout.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_that_lives_longer_does_not_hold_its_parents_lock(tmp_path):
    path = tmp_path / "run.0.lock"
    program = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from jupyter_mlops.store.journal import Journal\n"
        f"journal = Journal(Path({str(tmp_path)!r}), 'run', new=True)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    time.sleep(30)\n"
        "print(child, flush=True)\n"
        "time.sleep(30)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = int(holder.stdout.readline())
    try:
        time.sleep(0.2)
        assert not is_free(path)
        holder.kill()
        holder.wait()
        deadline = time.monotonic() + 5
        while not is_free(path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_free(path)
    finally:
        os.kill(child, 9)
        holder.stdout.close()
