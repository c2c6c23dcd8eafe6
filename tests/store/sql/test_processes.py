"""Many processes, one file: first use at once, writing at once, killed in the middle, forked."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from contextlib import closing
from pathlib import Path

import pytest
from contracts.samples import NOON, event, point, run

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.event import chain_digest
from jupyter_mlops.records.query import Query
from jupyter_mlops.store import open_store
from jupyter_mlops.store.sql import sqlite
from jupyter_mlops.store.sql.sqlite import APPLICATION

HEAD = """
import os, sys
from datetime import UTC, datetime
from jupyter_mlops.records.actor import Actor
from jupyter_mlops.records.event import Event
from jupyter_mlops.records.run import MetricPoint, Run
from jupyter_mlops.store import open_store
url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = datetime(2026, 1, 5, 12, tzinfo=UTC)
ana = Actor(name="ana")
def wait():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def spawn(script: str, url: str, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + script, url, name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def together(script: str, url: str, processes: int, count: int) -> None:
    """Start *processes*, let them go at the same moment, and see all of them end well."""
    started = [spawn(script, url, f"p{number}", count) for number in range(processes)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * processes, said


def test_any_number_of_processes_may_use_a_new_file_first(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/folder/store.db"
    together(
        """
wait()
store = open_store(url)
with store.write() as tx:
    tx.runs.add(Run(id=name, experiment="e", name=name, started=now, actor=ana))
""",
        url,
        6,
        0,
    )
    with open_store(url).read() as tx:
        assert tx.runs.find(Query()).total == 6


def test_eight_writers_meet_no_lock_and_lose_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    open_store(url).close()
    together(
        """
store = open_store(url)
wait()
for number in range(count):
    with store.write() as tx:
        tx.runs.add(Run(id=f"{name}-{number}", experiment="e", name=name, started=now, actor=ana))
        tx.metrics.append([MetricPoint(owner=name, sequence=number + 1, key="loss", value=1.0, at=now)])
        tx.events.append([Event(at=now, actor=ana, kind="run.started", subject=f"{name}-{number}")])
    with store.read() as tx:
        assert tx.runs.get(f"{name}-{number}").name == name
""",
        url,
        8,
        25,
    )
    with open_store(url).read() as tx:
        assert tx.runs.find(Query()).total == 200
        assert [tx.metrics.summaries(f"p{number}")["loss"].count for number in range(8)] == [25] * 8
        events = tx.events.read()
    assert [one.sequence for one in events] == list(range(1, 201))
    assert [chain_digest(one) for one in events] == [one.digest for one in events]
    assert [one.previous for one in events[1:]] == [one.digest for one in events[:-1]]


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    process = spawn(
        """
store = open_store(url)
for number in range(1, 1_000_000):
    with store.write() as tx:
        tx.metrics.append([MetricPoint(owner="r1", sequence=number, key="loss", value=float(number), at=now)])
        tx.events.append([Event(at=now, actor=ana, kind="alias.moved" if number % 7 == 0 else "x.y", subject="r1")])
    print(number, flush=True)
""",
        url,
        "r1",
        0,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 60:
            break
    process.kill()
    acknowledged = max([60, *map(int, process.communicate()[0].split())])
    with open_store(url).read() as tx:
        points = tx.metrics.read("r1", limit=10_000)
        summary = tx.metrics.summaries("r1")["loss"]
        events = tx.events.read(limit=10_000)
    assert len(points) in {acknowledged, acknowledged + 1}
    assert [one.sequence for one in points] == list(range(1, len(points) + 1))
    assert summary.count == len(points) == len(events)


def test_a_kill_in_the_middle_of_a_transaction_leaves_no_half_and_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    process = spawn(
        """
store = open_store(url)
with store.write() as tx:
    tx.runs.add(Run(id="half", experiment="e", name=name, started=now, actor=ana))
    print("inside", flush=True)
    sys.stdin.readline()
""",
        url,
        "x",
        0,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"
    process.kill()
    process.communicate()
    store = open_store(url)
    with store.write() as tx:
        assert tx.runs.find(Query()).total == 0
        tx.runs.add(run())


def test_a_kill_while_the_file_is_made_leaves_one_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()  # what a kill before the first commit leaves
    store = open_store(f"sqlite:///{path}")
    with store.read() as tx:
        assert tx.runs.find(Query()).total == 0


LOOK = """
from jupyter_mlops.records.query import Query
store = open_store(url)
with store.read() as tx:
    print(sorted(run.id for run in tx.runs.find(Query())))
store.close()
"""


def test_opening_a_store_twice_lets_go_of_no_lock_so_that_nothing_written_after_is_lost(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"

    def look() -> str:
        child = spawn(LOOK, url, "look", 0)
        told, wrong = child.communicate(timeout=60)
        assert child.returncode == 0, wrong
        return told.strip()

    with closing(open_store(url)) as first:
        with first.write() as tx:
            tx.runs.add(run("r1"))
        # In one process: each close of the file would let go of the locks of all.
        with closing(open_store(url)):
            assert look() == "['r1']"  # it closes the store, too, and is the last one as far as it can see
            with first.write() as tx:
                tx.runs.add(run("r2"))
            assert look() == "['r1', 'r2']"


def test_a_forked_child_uses_connections_of_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            HEAD
            + """
store = open_store(url)
with store.write() as tx:
    tx.runs.add(Run(id="parent", experiment="e", name=name, started=now, actor=ana))
with store.read() as view:
    child = os.fork()
    if child == 0:
        with store.write() as tx:
            tx.runs.add(Run(id="child", experiment="e", name=name, started=now, actor=ana))
        store.close()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
with store.write() as tx:
    tx.runs.add(Run(id="after", experiment="e", name=name, started=now, actor=ana))
with store.read() as tx:
    print(sorted(run.id for run in tx.runs.find(__import__("jupyter_mlops").records.query.Query())))
""",
            url,
            "x",
            "0",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "['after', 'child', 'parent']", done.stderr


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_and_its_folder_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "hidden" / "store.db"
    old = os.umask(0)
    try:
        store = open_store(f"sqlite:///{path}")
        with store.write() as tx:
            tx.runs.add(run())
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (path.parent, *path.parent.iterdir())}
    finally:
        os.umask(old)
    assert modes["hidden"] == 0o700
    assert {mode for name, mode in modes.items() if name != "hidden"} == {0o600}


def test_the_file_says_what_it_is_and_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/store.db").close()
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_odd_characters_in_a_path_are_taken_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "100% ?x=1 #ü" / "store.db"
    with open_store(f"sqlite:///{path}").write() as tx:
        tx.runs.add(run())
    assert path.exists()


def test_a_moved_folder_opens(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/a/store.db")
    with store.write() as tx:
        tx.runs.add(run())
    store.close()
    (tmp_path / "a").rename(tmp_path / "b")
    with open_store(f"sqlite:///{tmp_path}/b/store.db").read() as tx:
        assert tx.runs.get("r1").id == "r1"


def test_a_place_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be opened") as caught:
        open_store(f"sqlite:///{tmp_path}/file/store.db")
    assert "JUPYTER_MLOPS_STORE" in caught.value.remedy


def test_a_damaged_file_is_unavailable_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = open_store(f"sqlite:///{path}")
    with store.write() as tx:
        tx.runs.add(run(notes=("x" * 100_000,)))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(Unavailable) as caught, open_store(f"sqlite:///{path}").read() as tx:
        tx.runs.get("r1")
    assert "backup" in caught.value.remedy or "doctor" in caught.value.remedy


def test_no_error_of_the_database_gets_out_of_a_transaction(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    with sqlite3.connect(tmp_path / "store.db") as other:
        other.execute("DROP TABLE run_tags")
    with pytest.raises(Unavailable, match="run_tags"), store.write() as tx:
        tx.runs.add(run(tags={"a": "b"}))


def test_a_writer_that_hangs_is_named_as_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_mlops.store.sql.sqlite._PATIENCE", 0.05)
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked") as caught, store.write():
            pass
        with store.read() as tx:  # a reader waits for nobody
            assert tx.runs.find(Query()).total == 0
        # Waited for in vain once, it is not waited for as long again, until it is free.
        assert sqlite._Patience(other, str(tmp_path / "store.db")).short
        with pytest.raises(Unavailable, match="locked"), store.write():
            pass
    assert "Another process" in caught.value.remedy
    with store.write() as tx:
        tx.runs.add(run())
        assert not sqlite._Patience(other, str(tmp_path / "store.db")).short
    with store.read() as tx:
        assert tx.runs.find(Query()).total == 1


def test_promotions_and_decisions_are_brought_to_the_disk_before_they_are_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        fsync(descriptor)

    store = open_store(f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setattr(os, "fsync", watched)
    with store.write() as tx:
        tx.metrics.append([point("r1", 1, 1.0)])
        tx.events.append([event(kind="run.finished")])
    assert synced == []
    with store.write() as tx:
        tx.events.append([event(kind="alias.moved")])
    with store.write() as tx:
        tx.events.append([event(kind="review.decided")])
    assert synced == ["store.db-wal", "store.db-wal"]


# ── network file systems ─────────────────────────────────────────────────────────────────────────────


def test_on_a_network_file_system_the_log_is_given_up_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path.as_posix()} nfs4 rw 0 0\n")
    monkeypatch.setattr("jupyter_mlops.store.mounts.MOUNTS", mounts)
    with pytest.warns(RuntimeWarning, match="nfs4"):
        store = open_store(f"sqlite:///{tmp_path}/net/store.db")
    with store.write() as tx:
        tx.events.append([event(kind="alias.moved")])
        tx.metrics.append([point("r1", 1, 1.0)])
    with sqlite3.connect(tmp_path / "net" / "store.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert not (tmp_path / "net" / "store.db-wal").exists()
    assert NOON


def test_on_a_local_file_system_nothing_is_warned(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_store(f"sqlite:///{tmp_path}/store.db").close()
