"""A full disk, a lock, a damaged store, a server that goes away: nothing accepted is lost or doubled, one warning."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from jupyter_mlops.errors import Unavailable
from jupyter_mlops.records.artifact import ENVIRONMENT
from jupyter_mlops.records.run import RunStatus
from jupyter_mlops.store import upgrade_store
from jupyter_mlops.store.sql import postgresql
from jupyter_mlops.tracking import find_artifacts, find_runs, metric_history, track
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.workspace import Workspace, open_workspace
from store.sql.postgres import execute

POINTS = 3000


def log(run: object, points: int = POINTS) -> None:
    for step in range(points):
        run.log_metric("loss", float(step), step=step)


def assert_all_there(ws: Workspace, name: str, points: int = POINTS) -> None:
    """Every point once, and nothing left behind in the journal."""
    (run,) = find_runs(ws, f"name = '{name}'")
    history = metric_history(ws, run=run.id, key="loss", limit=10**6)
    assert [point.value for point in history] == [float(step) for step in range(points)]
    assert not list(journal_folder(ws.settings).glob("*.journal"))


@contextmanager
def locked(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds SQLite's one lock until it is told to let go."""
    program = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "db.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.readline()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        let_go(holder)


def let_go(holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    holder.stdin.close()
    assert holder.wait() == 0


def test_while_another_process_holds_the_lock_points_are_taken_and_come_home_after(sql_ws: Workspace) -> None:
    with track("warm", workspace=sql_ws):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with (
            track("waits", workspace=sql_ws) as run,
            locked(Path(sql_ws.settings.store.removeprefix("sqlite:///"))) as holder,
        ):
            log(run)
            # Whoever reads waits for the lock; the other process lets go meanwhile.
            reading = threading.Thread(target=lambda: run.record)
            reading.start()
            let_go(holder)
            reading.join()
    assert_all_there(sql_ws, "waits")


def test_a_store_cut_short_costs_no_point_once_its_copy_is_back(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path, environ={})
    with track("warm", workspace=ws):
        pass
    path = Path(ws.settings.store.removeprefix("sqlite:///"))
    with pytest.warns(UserWarning, match="waits in the journal") as said, track("cut", workspace=ws) as run:
        ws.store.close()  # the log goes into the file: the copy is whole
        shutil.copy(path, tmp_path / "copy.db")
        path.write_bytes(path.read_bytes()[:6000])
        log(run)
    assert len([one for one in said if issubclass(one.category, UserWarning)]) == 1
    ws.store.close()
    for leftover in (path.with_name("store.db-wal"), path.with_name("store.db-shm")):
        leftover.unlink(missing_ok=True)
    shutil.copy(tmp_path / "copy.db", path)
    assert_all_there(ws, "cut")
    ws.store.close()


FULL = """
import resource, sys, warnings
from pathlib import Path
from jupyter_mlops.tracking import find_runs, metric_history, track
from jupyter_mlops.tracking.places import journal_folder
from jupyter_mlops.workspace import open_workspace

ws = open_workspace(sys.argv[1], environ={})
with track("warm", workspace=ws) as run:
    run.log_metric("loss", 1.0)
free = resource.getrlimit(resource.RLIMIT_FSIZE)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    with track("full", workspace=ws) as run:
        run.log_metric("loss", 0.0, step=0)
        written = max(path.stat().st_size for path in journal_folder(ws.settings).glob("*.journal"))
        # No file of this process may grow beyond this: neither the journal nor the store.
        resource.setrlimit(resource.RLIMIT_FSIZE, (written + int(sys.argv[2]), free[1]))
        for step in range(1, 3000):
            run.log_metric("loss", float(step), step=step)
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
assert len(said) == 1, [str(one.message) for one in said]
assert "kept in memory" in str(said[0].message)
(run,) = find_runs(ws, "name = 'full'")
history = metric_history(ws, run=run.id, key="loss", limit=10**6)
assert [point.value for point in history] == [float(step) for step in range(3000)], len(history)
assert not list(journal_folder(ws.settings).glob("*.journal"))
"""


@pytest.mark.parametrize("room", [0, 20, 9_000])
def test_a_full_disk_costs_no_point_and_one_warning(tmp_path: Path, room: int) -> None:
    """*room*: bytes that are still free; in the middle of a record, and behind the first mapping."""
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


TO_THE_END = """
import resource, sys
from pathlib import Path
from jupyter_mlops.tracking import track
from jupyter_mlops.workspace import open_workspace

ws = open_workspace(sys.argv[1], environ={})
books = Path(sys.argv[1], ".mlops")
with track("full", workspace=ws) as run:
    run.log_params(alpha=0.5)
    run.log_metric("loss", 0.0, step=0)
    run.record  # all of it is in the store
    ws.store.close()
    (books / "store.db").rename(books / "store.away")
    (books / "store.db").write_bytes(b"it takes nothing any more" * 1000)
    if sys.argv[3:]:  # nor does the folder take another file
        (books / "journal").rename(books / "journal.away")
    # No file of this process may grow beyond this, until it ends.
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    for step in range(1, 20_000):
        run.log_metric("loss", float(step), step=step)
    run.log_params(beta=2)
"""


def to_the_end(workspace: Path, room: int, *more: str) -> list[str]:
    """The warnings of a script that logs 20,000 points on a disk that takes *room* bytes a file until it has ended.

    Then there is room again.
    """
    done = subprocess.run(
        [sys.executable, "-c", TO_THE_END, str(workspace), str(room), *more],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "waits in the journal" not in done.stderr
    books = workspace / ".mlops"
    (books / "store.away").replace(books / "store.db")
    if more:
        shutil.copytree(books / "journal.away", books / "journal", dirs_exist_ok=True)
    return [line for line in done.stderr.splitlines() if "UserWarning" in line]


def test_a_disk_that_is_full_until_the_process_ends_costs_no_point(tmp_path: Path) -> None:
    """The journal takes half of them; the other half, and the run's end, become a file of their own."""
    (said,) = to_the_end(tmp_path, 600_000)
    assert "kept in memory until the store has taken them" in said
    assert len([*(tmp_path / ".mlops" / "journal").glob("*.journal")]) == 2
    ws = open_workspace(tmp_path, environ={})
    assert_all_there(ws, "full", 20_000)
    (run,) = find_runs(ws, "name = 'full'")
    assert (run.status, dict(run.params)) == (RunStatus.FINISHED, {"alpha": 0.5, "beta": 2})
    ws.store.close()


def test_where_its_folder_takes_nothing_more_they_wait_elsewhere_and_whoever_looks_next_finds_them(
    tmp_path: Path,
) -> None:
    first, then = to_the_end(tmp_path, 600_000, "no more files")
    assert "kept in memory until the store has taken them" in first
    (waits,) = [Path(word.removesuffix(".")) for word in then.split() if word.endswith(".journal.")]
    assert waits.is_file()
    assert tmp_path not in waits.parents
    ws = open_workspace(tmp_path, environ={})
    assert_all_there(ws, "full", 20_000)
    (run,) = find_runs(ws, "name = 'full'")
    assert (run.status, dict(run.params)) == (RunStatus.FINISHED, {"alpha": 0.5, "beta": 2})
    assert not waits.parent.exists()
    ws.store.close()


def test_where_no_file_at_all_can_be_written_one_warning_says_what_is_lost(tmp_path: Path) -> None:
    first, last = to_the_end(tmp_path, 0)
    assert "kept in memory until the store has taken them" in first
    ws = open_workspace(tmp_path, environ={})
    (run,) = find_runs(ws, "name = 'full'")
    kept = metric_history(ws, run=run.id, key="loss", limit=10**6)
    assert f"run {run.id[-6:]}: {20_000 - len(kept):,} points and what was said of it last" in last
    assert (run.status, dict(run.params)) == (RunStatus.LOST, {"alpha": 0.5})
    ws.store.close()


Server = tuple[Workspace, Callable[[bool], None]]


@pytest.fixture
def server(tmp_path: Path, database: str, postgres: str) -> Iterator[Server]:
    """A workspace on a real server, and what lets connections to it in or throws them out."""
    name = database.partition("?")[0].rpartition("/")[2]

    def allow(yes: bool) -> None:
        told = [f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(yes).lower()}"]
        if not yes:
            told.append(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        execute(postgres.format("postgres"), *told)

    upgrade_store(database)
    ws = open_workspace(tmp_path, environ={"JUPYTER_MLOPS_STORE": database})
    with track("warm", workspace=ws):
        pass
    yield ws, allow
    ws.store.close()


def test_a_server_that_goes_away_and_comes_back_has_every_point_once(server: Server) -> None:
    ws, allow = server
    with pytest.warns(UserWarning, match="waits in the journal") as said, track("away", workspace=ws) as run:
        log(run, 1000)
        allow(False)
        for step in range(1000, POINTS):
            run.log_metric("loss", float(step), step=step)
    assert len([one for one in said if issubclass(one.category, UserWarning)]) == 1
    allow(True)
    assert_all_there(ws, "away")


def test_a_run_begun_while_the_server_is_away_comes_home_with_its_files(server: Server) -> None:
    ws, allow = server
    allow(False)
    with (
        pytest.warns(UserWarning, match="waits in the journal") as said,
        track("begun away", workspace=ws) as run,
    ):
        log(run)
        assert run.log_artifact(b"{}", "small.json").size == 2
        assert run.log_artifact(bytes(1 << 20), "large.bin").size == 1 << 20
    told = [str(one.message) for one in said if issubclass(one.category, UserWarning)]
    assert "waits in the journal" in told[0]
    assert len(told) == 1
    allow(True)
    assert_all_there(ws, "begun away")
    (kept,) = find_runs(ws, "name = 'begun away'")
    assert kept.status == "finished"
    assert {one.name: one.size for one in find_artifacts(ws, run=kept.id) if one.name != ENVIRONMENT} == {
        "small.json": 2,
        "large.bin": 1 << 20,
    }


def test_a_lock_that_somebody_keeps_costs_no_point(
    server: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, _ = server
    monkeypatch.setattr(postgresql, "_PATIENCE", 0.2)
    with (
        psycopg.connect(database) as other,
        pytest.warns(UserWarning, match="waits in the journal"),
        track("held", workspace=ws) as run,
    ):
        other.execute(f"SELECT pg_advisory_xact_lock({postgresql._LOCK})")
        log(run)
    assert_all_there(ws, "held")
    (kept,) = find_runs(ws, "name = 'held'")
    assert kept.status == "finished"


def as_somebody(act: Callable[[Path], None], place: Path, elsewhere: Path) -> None:
    """Call *act* in a process that may not do what root may: a new one, for a fork of this one has locks that nobody frees.

    It imports first: whoever it becomes need not be allowed to read what is imported.
    """
    program = (
        f"import os, sys; from pathlib import Path; from {act.__module__} import {act.__name__} as act\n"
        "from tests.store.sql.test_hardship import warm; warm(Path(sys.argv[2]))\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "act(Path(sys.argv[1]))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program, str(place), str(elsewhere)],
        env=environ, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def warm(folder: Path) -> None:
    """Have all imported that a run takes, while it may be read."""
    ws = open_workspace(folder, environ={})
    with track("imports", workspace=ws) as run:
        run.log_metric("loss", 1.0)
    find_runs(ws)
    ws.store.close()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the child owns."""
    folder = Path(tempfile.mkdtemp(prefix="mlops-place-", dir="/tmp"))
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
    yield folder
    for path in (folder / ".mlops").rglob("*"):
        path.chmod(0o700)
    (folder / ".mlops").chmod(0o700)
    shutil.rmtree(folder)


def read_only_in_the_middle(place: Path) -> None:
    ws = open_workspace(place, environ={})
    with track("warm", workspace=ws) as run:
        run.log_metric("loss", 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with track("closed", workspace=ws) as run:
            log(run, 100)
            for folder in (journal_folder(ws.settings), ws.settings.folder):
                assert folder is not None
                folder.chmod(0o500)
            for step in range(100, POINTS):
                run.log_metric("loss", float(step), step=step)
    ws.store.close()
    for folder in (ws.settings.folder, journal_folder(ws.settings)):
        assert folder is not None
        folder.chmod(0o700)
    assert_all_there(open_workspace(place, environ={}), "closed")


def test_a_folder_that_becomes_read_only_costs_no_point(place: Path, tmp_path: Path) -> None:
    as_somebody(read_only_in_the_middle, place, tmp_path)


def read_only_from_the_start(place: Path) -> None:
    ws = open_workspace(place, environ={})
    with track("warm", workspace=ws):
        pass
    ws.store.close()
    for path in (*(place / ".mlops").rglob("*"), place / ".mlops"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    done = []
    os.chdir(place)
    with (
        pytest.warns(UserWarning, match="waits in the journal|this block is not recorded") as said,
        track("refused") as run,
    ):
        run.log_metric("loss", 1.0)
        run.log_artifact(b"x", "x.txt")
        done.append(run.name)
    assert done == ["refused"]
    assert len([one for one in said if issubclass(one.category, UserWarning)]) == 1
    with pytest.raises(Unavailable, match="cannot be opened|is not recorded"):
        _ = run.record


def test_where_nothing_may_be_written_the_block_goes_on_and_one_warning_says_so(
    place: Path, tmp_path: Path
) -> None:
    as_somebody(read_only_from_the_start, place, tmp_path)
