"""A lock that says that its holder lives."""

import errno
import gc
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


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not there")
def test_where_the_file_system_knows_no_flock_the_librarys_way_is_taken_at_once(tmp_path, monkeypatch):
    import fcntl

    def unknown(*_given):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", unknown)
    monkeypatch.setattr(writer_lock, "_PATIENCE", 0.5)
    path = tmp_path / "run.0.lock"
    taken = []
    monkeypatch.setattr(
        writer_lock, "_waited_for", lambda asked: taken.append(asked.exists()) or (lambda: None)
    )
    WriterLock(path)
    assert taken == [False]  # nothing of ours lies there that it could take for another's


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not there")
def test_a_file_that_was_taken_away_between_making_and_locking_is_no_lock(tmp_path, monkeypatch):
    import fcntl

    path, lock = tmp_path / "run.0.lock", fcntl.flock

    def late(file, how):
        if how != fcntl.LOCK_UN and path.exists():
            path.unlink()
            monkeypatch.setattr(fcntl, "flock", lock)
        return lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    held = WriterLock(path)
    assert not is_free(path)  # of the file that stands there now
    held.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_lets_nothing_of_its_parents_go(way, tmp_path):
    path = tmp_path / "run.0.lock"
    lock = WriterLock(path)
    child = os.fork()
    if child == 0:
        lock.leave()
        del lock
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)
    assert not is_free(path)
    lock.release()
    assert is_free(path)


def test_letting_go_a_second_time_closes_nothing_of_others(tmp_path):
    lock = WriterLock(tmp_path / "run.0.lock")
    lock.release()
    with (tmp_path / "innocent").open("w") as file:  # under the number that has become free
        lock.release()
        file.write("kept")
    assert (tmp_path / "innocent").read_text() == "kept"


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
